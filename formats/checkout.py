"""Where this project's files stand."""

from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
