"""How the iliopsoas tendon is read where it crosses the hip: suffixes of columns."""

from __future__ import annotations

BRACKET = ("", "_tendon_on_head")
"""The tendon's wrap carried by the pelvis, or by the head."""
READINGS = (*BRACKET, "_tendon_shared")
"""The same, and by both, the best estimate (socket.tendon.share_on_head)."""
