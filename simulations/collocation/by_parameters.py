"""How the conditions of optimality change with the program's parameters, all of them at once.

At a solution the Lagrangian's gradient by x and the constraints g are zero whatever the parameters
p are. What an adjoint solve needs of them is one number's gradient by p,

    v . (grad f + lam J) + y . g,

for vectors v (as x) and y (as g). It is linear in both, so for many of them what depends on the
solution alone is computed once. The elements' part comes from their own functions; activation
dynamics, the objective and what else no element holds are few sparse matrices.
"""

from __future__ import annotations

from functools import cached_property

import casadi as ca
import numpy as np
import scipy.sparse as sp

from simulations.collocation import elements as parts
from simulations.collocation import objective as costs
from simulations.collocation.assembly import Assembly
from simulations.collocation.buffered import buffered
from simulations.collocation.by_numbers import KIND, by_numbers
from simulations.collocation.differentiated import nonzeros
from simulations.collocation.elements import DYNAMICS_SCALE, Element


class ByParameters:
    """At one solution: x (n_x), parameters p (np), multipliers lam (n_g) of g."""

    def __init__(self, assembly: Assembly, x: np.ndarray, p: np.ndarray, lam: np.ndarray) -> None:
        self.symbols, self.path, self.defects = assembly.symbols, assembly.path, assembly.defects
        self.boundary, self.cost = assembly.boundary, assembly.cost
        self.layout, self.places = self.symbols.layout, self.symbols.parameters
        self.x, self.p, self.lam = x, p, lam
        self.z = x[1:].reshape(self.symbols.n, self.layout.size).T

    def slopes(self, v: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Gradients (np x k) of v . (grad f + lam J) + y . g for v (n_x x k) and y (n_g x k)."""
        found = np.zeros((self.places.size, v.shape[1]))
        for element, given in zip(self.path.elements, self._arguments, strict=True):
            self._add_element(found, element, given, v, y)
        self._add_activation(found, v, y)
        found += self._costs @ v
        self._add_task(found, v, y)
        return found

    # Elements

    @cached_property
    def _arguments(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Unknowns, data and numbers of all elements' instances."""
        path, x, p = self.path, self.symbols.x, self.symbols.p
        dense = [ca.densify(part) for e in path.elements for part in path.arguments(e)]
        values = buffered(ca.Function("arguments", [x, p], dense))(self.x, self.p)
        return list(zip(values[::3], values[1::3], values[2::3], strict=True))

    def _add_element(
        self,
        found: np.ndarray,
        element: Element,
        given: tuple[np.ndarray, np.ndarray, np.ndarray],
        v: np.ndarray,
        y: np.ndarray,
    ) -> None:
        """Adds the gradient by an element's numbers and by what its data are made of."""
        symbols, k = self.symbols, v.shape[1]
        places, at = symbols.places(element.columns), symbols.row_places(element.rows)
        padded = np.concatenate([y, np.zeros((1, k))])  # a row that is none counts nothing
        slopes = self._by_own(element, given, v[places], padded[at])
        own = self.path.numbers(element)
        numbers, each = own.shape
        if ca.depends_on(own, symbols.p):
            of_all = slopes[:numbers].reshape(numbers, -1, each, k).sum(axis=1)
            found += self._by_p(own).T @ of_all.transpose(1, 0, 2).reshape(-1, k)
        data, polynomials = slopes[numbers:], element.polynomials
        if polynomials is not None:
            table = buffered(polynomials.monomials.map(symbols.n))
            (monomials,) = table(self.z[polynomials.columns])
            monomials = monomials.reshape(data.shape[0], symbols.n, -1)
            by = data.reshape(data.shape[0], symbols.n, -1)
            summed = np.tensordot(monomials, by, axes=((0, 1), (0, 1)))  # terms x (instances and k)
            of_terms = summed.reshape(len(summed), -1, k).transpose(1, 0, 2)
            found[self.places.place(polynomials.coefficients)] += of_terms.reshape(-1, k)
            return
        held = self.path.arguments(element)[1]
        if ca.depends_on(held, symbols.p):
            found += self._by_p(held).T @ data.transpose(1, 0, 2).reshape(-1, k)

    def _by_own(
        self,
        element: Element,
        given: tuple[np.ndarray, np.ndarray, np.ndarray],
        along: np.ndarray,
        rows: np.ndarray,
    ) -> np.ndarray:
        """Gradients by the numbers and data of each instance (np + nd x instances x k).

        along (nx x instances x k), rows (ny x ..): v and y of the instances. With more of them than
        an instance has unknowns and rows, unit vectors take their place.
        """
        (nx, count, k), ny = along.shape, len(rows)
        slopes = buffered(by_numbers(element.functions).mapped(KIND, count, self.path.threads))
        lam = np.append(self.lam, 0.0)[self.symbols.row_places(element.rows)]
        if k <= nx + ny:
            values = [slopes(*given, lam, along[..., i], rows[..., i])[0] for i in range(k)]
            return np.stack(values, axis=2)
        none = np.zeros((nx, count)), np.zeros((ny, count))
        units = []
        for which, size in enumerate((nx, ny)):
            for i in range(size):
                vectors = [*none]
                vectors[which] = np.zeros((size, count))
                vectors[which][i] = 1.0
                units.append(slopes(*given, lam, *vectors)[0])
        by_unit = np.array(units).transpose(2, 1, 0)  # instances x (np + nd) x (nx + ny)
        found: np.ndarray = by_unit @ np.concatenate([along, rows]).transpose(1, 0, 2)
        return found.transpose(1, 0, 2)

    def _by_p(self, held: ca.MX) -> sp.csc_matrix:
        """Derivative of a few of the program's expressions, stacked, by the parameters."""
        x, p = self.symbols.x, self.symbols.p
        slopes = ca.Function("by_p", [x, p], [ca.jacobian(ca.vec(held), p)])
        found: sp.csc_matrix = slopes(self.x, self.p).sparse()
        return found

    # What no element holds

    def _add_activation(self, found: np.ndarray, v: np.ndarray, y: np.ndarray) -> None:
        """Time constants, in the collocation of activation dynamics."""
        symbols, layout, nm = self.symbols, self.layout, self.layout.nm
        if not nm:
            return
        shape = self.defects.n_mesh_rows, layout.states.size, -1
        mesh = slice(self.defects.start, self.defects.start + self.defects.count)
        own = np.flatnonzero(np.isin(layout.states, layout.block("a")))
        share = symbols.scheme.h_share * symbols.scheme.B.T.tocsr()

        def at_nodes(rows: np.ndarray) -> np.ndarray:
            """Weights of the rates at the nodes (nodes x nm x k), per second of duration."""
            of_states = rows[mesh].reshape(shape)[:, own]
            summed = share @ of_states.reshape(len(of_states), -1)
            return np.asarray(summed).reshape(symbols.n, nm, -1)

        lam = at_nodes(self.lam[:, None])
        weight = self.x[0] * at_nodes(y) + v[0] * lam
        along = [v[symbols.places(layout.block(b)[None])[0]] for b in ("a", "e")]
        by_rate, by_slopes = self._activation_slopes
        slopes = [part.reshape(weight.shape) for part in along]
        start = self.places.place("time_constants").start
        for i in range(2):
            number = weight * by_rate[i].reshape(symbols.n, nm, 1)
            for j, part in enumerate(slopes):
                number += self.x[0] * lam * by_slopes[j, i].reshape(symbols.n, nm, 1) * part
            found[start + i + 2 * np.arange(nm)] += number.sum(axis=0)

    @cached_property
    def _activation_slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """By time constant: da/dt (2 x nodes nm), and its slopes by a and e (2 x 2 x nodes nm)."""
        x, constants = ca.SX.sym("x", 2), ca.SX.sym("p", 2)
        functions = parts.activation_functions()
        told = ca.vertcat(functions.value(x, constants), functions.jacobian(x, constants))
        by = ca.Function("by", [x, constants], [ca.densify(ca.jacobian(told, constants).T)])
        nm, n = self.layout.nm, self.symbols.n
        state = np.stack([self.z[self.layout.block(b)].T.ravel() for b in ("a", "e")])
        held = self.p[self.places.place("time_constants")].reshape(nm, 2).T
        (values,) = buffered(by.map(n * nm))(state, np.tile(held, n))
        table = values.reshape(2, n * nm, 3)  # constant, instance, (rate, by a, by e)
        return table[..., 0], table[..., 1:].transpose(2, 0, 1)

    @cached_property
    def _costs(self) -> sp.csr_matrix:
        """Derivative of the objective's gradient by the parameters (np x n_x)."""
        symbols, layout, n = self.symbols, self.layout, self.symbols.n
        z = ca.SX.sym("z", layout.size)
        reference = ca.SX.sym("reference", layout.nq + layout.ng)
        numbers, weights = (
            ca.SX.sym("p", costs.cost_numbers(layout)),
            ca.SX.sym("w", len(costs.TERMS)),
        )
        given = ca.vertcat(reference, numbers, weights)
        slopes = ca.jacobian(self.cost.nodes.gradient(z, reference, numbers, weights), given)
        row, column = (np.array(part) for part in slopes.sparsity().get_triplet())
        nodes = ca.Function("slopes", [z, given], [nonzeros(slopes)]).map(n)

        size = self.places.size
        own = np.arange(size)
        of_all = np.concatenate([own[self.places.place(name)] for name in ("costs", "weights")])
        at = np.tile(of_all, (n, 1))
        if layout.nq:
            at = np.hstack([own[self.places.place("reference")].reshape(n, -1), at])
        values = buffered(nodes)(self.z, self.p[at].T)[0] * symbols.scheme.weights
        rows = at[:, column].T
        columns = 1 + row[:, None] + layout.size * np.arange(n)
        triplets = values.ravel(), (rows.ravel(), columns.ravel())
        return sp.csr_matrix(triplets, shape=(size, self.x.size))

    def _add_task(self, found: np.ndarray, v: np.ndarray, y: np.ndarray) -> None:
        """Speed in the boundary, stride time in the objective, moments that are asked for."""
        k = v.shape[1]
        speed, time, weight = (
            self.places.place(name).start for name in ("speed", "stride_time", "stride_time_weight")
        )
        travel = self.path.count + self.defects.count + self.boundary.travel
        found[speed] -= self.x[0] * y[travel].sum(axis=0) + self.lam[travel].sum() * v[0]
        per_second = 2 * self.cost.spans / costs.DURATION_SD_S
        late = (self.x[0] * self.cost.spans - self.p[time]) / costs.DURATION_SD_S
        found[weight] += per_second * late * v[0]
        found[time] -= per_second * self.p[weight] / costs.DURATION_SD_S * v[0]
        if "asked" in self.places.shapes:
            rows = y[: self.path.count].reshape(self.symbols.n, self.layout.row_count, k)
            asked = rows[:, : self.places.shapes["asked"][0]]
            found[self.places.place("asked")] += asked.reshape(-1, k) / DYNAMICS_SCALE
