"""What to run: the study's configuration, its cases, and the command that starts it."""

from formats.imports import checkout_last

checkout_last()
