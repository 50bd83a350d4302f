"""What a measured stride is held to, wherever it is asked: its time, reserves, slack muscles."""

from __future__ import annotations

STRIDE_TIME_RANGE_S = (0.4, 1.5)
"""How long a running stride lasts, s."""
RESERVE_SHARE = 0.10
"""Of its joint's peak moment: a stride in which a reserve of a leg gives more is no result."""
STRENGTH_RANGE_PERCENT = (20.0, 400.0)
"""Of the model's own: what all muscles together may be set to."""
LEAST_FIBRE = 0.15
"""Optimal lengths: what a fibre along a slack tendon keeps where it would be shorter."""
BLEND = 0.05
"""Optimal lengths around it within which what is given and what is kept go over into each other."""
SLACK_FORCE = 0.05
"""Of maximal isometric force: no more is borne by a muscle that counts as slack."""
