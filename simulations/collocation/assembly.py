"""A stride as a nonlinear program with exact derivatives, put together from its parts.

Unknowns x: duration D of the simulated span (s), then the scaled unknowns of node 0, 1, .. N
(collocation.layout). Constraints g, all zero but the last:

path         the rows of every node (collocation.path_constraints)
collocation  A S + h B dS = 0 for the states S = (q, u, a, F) on every interval
             (collocation.defects)
boundary     where the motion is free: the last node is the (mirrored) first, and speed x D is the
             forward travel; where it is given: activation = excitation at the first node
             (collocation.boundary)
limits       inequalities between unknowns (collocation.limits), where there are any: not zero

Jacobian and Hessian are gathered from the parts': only D couples all nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import casadi as ca
import numpy as np

from simulations.collocation.layout import Layout
from simulations.collocation.limits import NONE, Limits
from simulations.collocation.parameters import Parameters
from simulations.collocation.scheme import Scheme
from simulations.collocation.triplets import Triplets

if TYPE_CHECKING:
    from simulations.collocation.boundary import Linear
    from simulations.collocation.defects import Defects
    from simulations.collocation.differentiated import Functions
    from simulations.collocation.path_constraints import PathConstraints
    from simulations.collocation.running_cost import RunningCost
    from simulations.collocation.symbols import Symbols


@dataclass(frozen=True)
class Program:
    """The program's functions, as CasADi's nlpsol takes them, and where things stand in x and g."""

    layout: Layout
    scheme: Scheme
    spans: int
    """Simulated spans in a stride: 2 for half a stride and its mirror image."""
    parameters: Parameters
    skeleton: Functions | None
    nlp: ca.Function
    grad_f: ca.Function
    jac_g: ca.Function
    hess_lag: ca.Function
    terms: ca.Function
    n_path: int
    n_collocation: int
    n_boundary: int
    """Boundary rows and, after them, those of the limits."""
    limits: Limits
    assembly: Assembly
    """What the functions were gathered from."""

    @property
    def n_x(self) -> int:
        """Number of unknowns."""
        return 1 + self.layout.size * self.scheme.nodes

    def pack(self, duration: float, z: np.ndarray) -> np.ndarray:
        """x from the duration (s) and the scaled node unknowns (nz x nodes)."""
        return np.concatenate([[duration], z.T.ravel()])

    def unpack(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Duration (s) and scaled node unknowns (nz x nodes) from x."""
        return float(x[0]), x[1:].reshape(self.scheme.nodes, self.layout.size).T


class Assembly:
    """Gathers the parts, made of the same symbols, into the program's functions."""

    def __init__(
        self,
        symbols: Symbols,
        path: PathConstraints,
        defects: Defects,
        boundary: Linear,
        cost: RunningCost,
    ) -> None:
        self.symbols, self.path, self.defects = symbols, path, defects
        self.boundary, self.cost = boundary, cost

    def build(self, skeleton: Functions | None, limits: Limits = NONE) -> Program:
        """The program's functions; skeleton and limits (among the boundary's rows): kept beside."""
        symbols = self.symbols
        x, p = symbols.x, symbols.p
        g = ca.vertcat(ca.vec(self.path.rows()), self.defects.rows(), self.boundary.of(symbols))
        f, terms = self.cost.value()
        sigma, lam = ca.MX.sym("sigma"), ca.MX.sym("lam", g.numel())
        return Program(
            symbols.layout,
            symbols.scheme,
            self.cost.spans,
            symbols.parameters,
            skeleton,
            ca.Function("nlp", [x, p], [f, g], ["x", "p"], ["f", "g"]),
            ca.Function("nlp_grad_f", [x, p], [f, self.cost.gradient()]),
            ca.Function("nlp_jac_g", [x, p], [g, self._jacobian()]),
            ca.Function("nlp_hess_l", [x, p, sigma, lam], [self._hessian(sigma, lam)]),
            ca.Function("terms", [x, p], [terms]),
            self.path.count,
            self.defects.count,
            self.boundary.count,
            limits,
            self,
        )

    def _jacobian(self) -> ca.MX:
        entries, start = Triplets(), self.path.count + self.defects.count
        self.path.add_jacobian(entries)
        self.defects.add_jacobian(entries)
        self.boundary.add_jacobian(entries, self.symbols, start)
        return entries.matrix((start + self.boundary.count, self.symbols.x.numel()))

    def _hessian(self, sigma: ca.MX, lam: ca.MX) -> ca.MX:
        """Upper triangle of the Lagrangian's Hessian."""
        entries, n_x = Triplets(), self.symbols.x.numel()
        self.path.add_hessian(entries, lam)
        self.defects.add_hessian(entries, lam)
        self.cost.add_hessian(entries, sigma)
        return entries.matrix((n_x, n_x))
