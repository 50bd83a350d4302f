"""How the conditions of optimality change with the program's parameters, all of them at once.

At a solution the Lagrangian's gradient by x and the constraints g are zero whatever the parameters
p are. What an adjoint solve needs of them is one number's gradient by p,

    v . (grad f + lam J) + y . g,

for vectors v (as x) and y (as g). It is gathered from the elements, as first and second derivatives
are; what no element holds (collocation, boundary, objective) CasADi differentiates itself.
"""

from __future__ import annotations

import casadi as ca
import numpy as np

from simulations.collocation import cached
from simulations.collocation.assembly import Assembly
from simulations.collocation.differentiated import Functions
from simulations.collocation.elements import DYNAMICS_SCALE

KIND = "by_numbers"


def by_parameters(assembly: Assembly) -> ca.Function:
    """Function (x, p, lam, v, y) -> gradient (np) of v . (grad f + lam J) + y . g by p."""
    x, p = assembly.x, assembly.p
    count = assembly.n_path + assembly.n_collocation + assembly.boundary.count
    lam, y, v = ca.MX.sym("lam", count), ca.MX.sym("y", count), ca.MX.sym("v", x.numel())
    total = _rest(assembly, lam, v, y)
    for element in assembly.elements:
        arguments = assembly.arguments(element)
        at, places = assembly.row_places(element.rows), assembly.places(element.columns)
        at = np.where(at < 0, count, at)

        def of_rows(values: ca.MX, at: np.ndarray = at) -> ca.MX:
            padded = ca.vertcat(values, ca.MX.zeros(1))  # a row that is none counts nothing
            return ca.reshape(padded[at.ravel(order="F").tolist()], *at.shape)

        along = ca.reshape(v[places.ravel(order="F").tolist()], *places.shape)
        slopes = by_numbers(element.functions).mapped(KIND, places.shape[1], assembly.threads)
        found = slopes(*arguments, of_rows(lam), along, of_rows(y))
        _, data, numbers = arguments
        held = ca.vertcat(numbers, data)
        if ca.depends_on(held, p):
            total += ca.jtimes(held, p, found, True)
    return ca.Function("by_parameters", [x, p, lam, v, y], [ca.densify(total)])


def _rest(assembly: Assembly, lam: ca.MX, v: ca.MX, y: ca.MX) -> ca.MX:
    """The same of what no element holds: collocation, boundary, objective, given moments."""
    x, p, first = assembly.x, assembly.p, assembly.n_path
    rows = ca.vertcat(assembly.collocation(), assembly.boundary_rows())
    number = ca.dot(v, assembly.gradient()) + ca.dot(y[first:], rows)
    number += ca.dot(lam[first:], ca.jtimes(rows, x, v))
    if "asked" in assembly.parameters.shapes:
        asked = assembly.parameter("asked") / DYNAMICS_SCALE
        of_path = ca.reshape(y[:first], assembly.layout.row_count, assembly.n)
        number += ca.dot(of_path[: asked.shape[0], :], asked)
    return ca.gradient(number, p)


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
