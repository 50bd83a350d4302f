"""Which rounding of friction's corner comes next, as a solve goes from a round one to a sharp one.

Continuation with a step that adapts itself: Newton's method ends in a dozen iterations where the
corner moved little, and oscillates where it moved too far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Roundings (N, see equations.contact): where a solve begins, and the finest that is tried.
FIRST, FINEST = 5.0, 0.001
# Factor between one rounding and the next, and the smallest one worth a try.
_STEP, _LEAST_STEP = 5.0, 1.2


@dataclass
class Descent:
    """corner: the rounding to solve with (N). reached: the sharpest that a solve has ended on.
    step: factor to the next. rising: still looking for one that is round enough to begin with.
    """

    corner: float
    reached: float | None = None
    step: float = _STEP
    rising: bool = True

    @staticmethod
    def begin(found_with: float) -> Descent:
        """From one step rounder than a guess was found with, for its contacts are about to move."""
        return Descent(min(_STEP * found_with, FIRST))

    def go_on(self, converged: bool) -> bool:
        """Set the next rounding after a solve at this one; False when there is none left to try.

        Sharper after one that ended. After one that did not: less sharp than that, between it and
        the last that ended, and in small steps from there on; before any has ended, rounder, and
        from the roundest on sharper.
        """
        self.rising = self.rising and self.corner < FIRST and not converged
        if converged:
            self.reached = self.corner
        elif self.reached is not None:
            self.step = math.sqrt(self.step)
        elif self.rising:
            self.corner = min(_STEP * self.corner, FIRST)
            return True
        self.corner = (self.reached or self.corner) / self.step
        return self.step > _LEAST_STEP and self.corner >= FINEST
