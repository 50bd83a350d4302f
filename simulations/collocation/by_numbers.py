"""How an element's rows, and their change along its unknowns, change with its numbers and data."""

from __future__ import annotations

import casadi as ca
import numpy as np

from simulations.collocation import cached
from simulations.collocation.differentiated import Functions

KIND = "by_numbers"


def by_numbers(functions: Functions) -> Functions:
    """An element's function (x, d, p, lam, v, y) -> gradient of y . rows + lam . (rows' change
    along v) by the numbers p and, below them, by the data d."""
    if not functions.structure:
        return build_by_numbers(functions)
    key = f"{KIND} {functions.structure}"
    return cached.functions(key, lambda: build_by_numbers(functions), (KIND,))


def build_by_numbers(functions: Functions) -> Functions:
    """The function of `by_numbers`, built."""
    value, jacobian = functions.of("value"), functions.of("jacobian")
    x, d, p = (ca.SX.sym(name, value.size1_in(i)) for i, name in enumerate("xdp"))
    lam, y = (ca.SX.sym(name, value.size1_out(0)) for name in ("lam", "y"))
    v = ca.SX.sym("v", x.numel())
    rows, (row, column) = value(x, d, p), functions.first.tolist()
    if set(column) <= set(value.jac_sparsity(0, 0).get_triplet()[1]):
        change = ca.dot(lam, ca.jtimes(rows, x, v))
    else:  # rows at a fixed place of some unknowns: only the Jacobian knows how they change
        change = ca.dot(jacobian(x, d, p), lam[row] * v[column])
    number = ca.dot(y, rows) + change
    gradient = ca.vertcat(ca.gradient(number, p), ca.gradient(number, d))
    name = f"{value.name().removesuffix('_value')}_{KIND}"
    found = ca.Function(name, [x, d, p, lam, v, y], [ca.densify(gradient)], {"cse": True})
    none = np.zeros((2, 0), dtype=int)
    return Functions({KIND: found}.__getitem__, none, none)
