"""A function of many instances with its exact first and second derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import casadi as ca
import numpy as np

KINDS = ("value", "jacobian", "hessian")


@dataclass(frozen=True)
class Functions:
    """Rows y of scaled unknowns x, data d and numbers p of an instance, and their derivatives.

    of(kind), one of KINDS: value(x, d, p) -> y; jacobian(x, d, p) -> nonzeros of dy/dx at `first`;
    hessian(x, d, p, multipliers of y) -> nonzeros at `second` of its upper triangle.
    first, second: row and column of each nonzero (2 x count).
    """

    of: Callable[[str], ca.Function]
    first: np.ndarray
    second: np.ndarray
    compiled: Callable[[str, int], ca.Function] | None = None
    """Compiled evaluation of many instances, by kind and their number; None: interpreted."""
    structure: str = ""
    """What they were built for, where they are kept under it (collocation.cached)."""

    def mapped(self, kind: str, count: int, threads: int = 1) -> ca.Function:
        """One of its kinds for `count` instances, their columns beside each other."""
        if self.compiled is not None:
            return self.compiled(kind, count)
        function = self.of(kind)
        return function.map(count, "thread", threads) if threads > 1 else function.map(count)


def nonzeros(matrix: ca.SX) -> ca.SX:
    """The structural nonzeros of a matrix as a dense column."""
    elements: Any = matrix.nonzeros()  # scalars of a type that CasADi's stubs do not know
    return ca.densify(ca.vertcat(ca.SX(0, 1), *elements))


def differentiate(name: str, x: ca.SX, d: ca.SX, p: ca.SX, y: ca.SX, fixed: int = 0) -> Functions:
    """Build an element's functions. fixed: as many of the first x are zero wherever evaluated."""
    multipliers = ca.SX.sym("lam", y.numel())
    jacobian, hessian = ca.jacobian(y, x), ca.triu(ca.hessian(ca.dot(multipliers, y), x)[0])
    options = {"cse": True}
    if fixed:
        whole = ca.Function("whole", [x, d, p, multipliers], [y, jacobian, hessian], options)
        at = ca.vertcat(ca.SX(fixed, 1), x[fixed:])
        y, jacobian, hessian = whole(ca.densify(at), d, p, multipliers)
    # What the structure makes zero is known here, once for all instances.
    jacobian, hessian = ca.sparsify(jacobian), ca.sparsify(hessian)

    value = ca.densify(y)
    functions = {
        "value": ca.Function(f"{name}_value", [x, d, p], [value], options),
        "jacobian": ca.Function(f"{name}_jacobian", [x, d, p], [nonzeros(jacobian)], options),
        "hessian": ca.Function(
            f"{name}_hessian", [x, d, p, multipliers], [nonzeros(hessian)], options
        ),
    }
    return Functions(
        functions.__getitem__,
        np.array(jacobian.sparsity().get_triplet(), dtype=int),
        np.array(hessian.sparsity().get_triplet(), dtype=int),
    )
