"""From which fibre length on a muscle of a measured stride counts as slack."""

LEAST_FIBRE = 0.15
"""Optimal lengths: what a fibre along a slack tendon keeps where it would be shorter."""
BLEND = 0.05
"""Optimal lengths around it within which what is given and what is kept go over into each other."""
SLACK_FORCE = 0.05
"""Of maximal isometric force: no more is borne by a muscle that counts as slack."""
