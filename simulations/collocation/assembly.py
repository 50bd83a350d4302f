"""A stride as a nonlinear program with exact derivatives, put together from elements.

Unknowns x: duration D of the simulated span (s), then the scaled unknowns of node 0, 1, .. N
(collocation.layout). Constraints g, all zero but the last:

path         the rows of every node
collocation  A S + h B dS = 0 for the states S = (q, u, a, F) on every interval
boundary     where the motion is free: the last node is the (mirrored) first, and speed x D is the
             forward travel; where it is given: activation = excitation at the first node
limits       inequalities between unknowns (collocation.limits), where there are any: not zero

Jacobian and Hessian are gathered from the elements' functions: only D couples all nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from simulations.collocation import elements as parts
from simulations.collocation import objective as costs
from simulations.collocation.elements import DYNAMICS_SCALE, Element
from simulations.collocation.layout import RATES, Layout
from simulations.collocation.limits import NONE, Limits
from simulations.collocation.parameters import Parameters
from simulations.collocation.scheme import Scheme


@dataclass(frozen=True)
class Linear:
    """Linear rows: sum of value x[column] over the entries of a row = 0.

    travel: rows from which forward speed x D is taken.
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    count: int
    travel: np.ndarray


@dataclass(frozen=True)
class Program:
    """The program's functions, as CasADi's nlpsol takes them, and where things stand in x and g."""

    layout: Layout
    scheme: Scheme
    spans: int
    """Simulated spans in a stride: 2 for half a stride and its mirror image."""
    parameters: Parameters
    skeleton: parts.Functions | None
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


def periodic(runner: RunnerDescription, layout: Layout, nodes: int, *, mirrored: bool) -> Linear:
    """Last node = (mirrored) first node for q, u, a, F, e, c; forward travel = speed x D."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    last = 1 + layout.size * (nodes - 1)

    def image(names: list[str], mirrors: list[str], signs: list[int], block: str) -> None:
        own = layout.block(block)
        for i, name in enumerate(names):
            j = names.index(mirrors[i]) if mirrored else i
            sign = signs[i] if mirrored else 1
            row = len(rows) // 2
            rows.extend([row, row])
            columns.extend([last + own[i], 1 + own[j]])
            values.extend([1.0, -float(sign)])
            if name == "pelvis_tx" and block == "q":
                travel.append(row)

    travel: list[int] = []
    coordinates = runner.coordinates
    for block in ("q", "u"):
        image(
            [c.name for c in coordinates],
            [c.mirror for c in coordinates],
            [c.mirror_sign for c in coordinates],
            block,
        )
    muscles = runner.muscles
    compliant = [muscles[i] for i in layout.compliant]
    for block, group in (("a", muscles), ("e", muscles), ("F", compliant)):
        image([m.name for m in group], [m.mirror for m in group], [1] * len(group), block)
    actuators = runner.actuators
    image(
        [a.name for a in actuators],
        [a.mirror for a in actuators],
        [a.mirror_sign for a in actuators],
        "c",
    )
    count = len(rows) // 2
    row, column, taken = (np.array(part, dtype=int) for part in (rows, columns, travel))
    return Linear(row, column, np.array(values), count, taken)


def limited(boundary: Linear, limits: Limits) -> Linear:
    """Boundary rows with those of the limits after them."""
    return Linear(
        np.concatenate([boundary.rows, boundary.count + limits.rows]),
        np.concatenate([boundary.columns, limits.columns]),
        np.concatenate([boundary.values, limits.values]),
        boundary.count + limits.count,
        boundary.travel,
    )


def begun(layout: Layout) -> Linear:
    """Activation = excitation at the first node: no muscle starts on what nothing has paid for."""
    nm = layout.nm
    columns = 1 + np.concatenate([layout.block("a"), layout.block("e")])
    rows, values = np.tile(np.arange(nm), 2), np.repeat([1.0, -1.0], nm)
    return Linear(rows, columns, values, nm, np.array([], dtype=int))


def shapes(
    runner: RunnerDescription,
    layout: Layout,
    nodes: int,
    groups: Sequence[parts.MuscleGroup],
    skeleton_numbers: int,
) -> Parameters:
    """The program's parameters; free and given motion differ in what a node is given."""
    moving = layout.nq > 0
    named: dict[str, tuple[int, int]] = {}
    if moving:
        named["reference"] = (layout.nq + layout.ng, nodes)
        named["skeleton"] = (skeleton_numbers, 1)
        named["rounding"] = (1, 1)
    else:
        named["asked"] = (len(layout.balanced), nodes)
    for group in groups:
        count = len(group.muscles)
        named[group.numbers] = (len(parts.numbers.MUSCLE_NUMBERS), count)
        if moving:
            named[group.path] = (len(parts.group_terms(runner, group)), count)
        else:
            named[group.path] = ((2 + len(group.coordinates)) * count, nodes)
    named["time_constants"] = (2, layout.nm)
    named["shared"] = (len(parts.SHARED_NUMBERS), 1)
    named["actuators"] = (2, layout.nc)
    named["costs"] = (costs.cost_numbers(layout), 1)
    named["weights"] = (len(costs.TERMS), 1)
    named |= dict.fromkeys(("speed", "stride_time", "stride_time_weight"), (1, 1))
    return Parameters(named)


def free_motion(
    runner: RunnerDescription,
    scheme: Scheme,
    *,
    mirrored: bool = True,
    threads: int = 1,
    limits: Limits = NONE,
    grounded: bool = False,
) -> Program:
    """The program of a runner whose motion is free: over half a stride (mirrored) or a whole one.

    grounded: the feet's ground force is an unknown too, for the habit to hold.

    Runners of one structure, and all speeds, objectives and weights, have the same program.
    """
    layout, groups = Layout.of(runner, grounded=grounded), parts.muscle_groups(runner)
    skeleton = parts.skeleton_functions(runner)
    elements = [parts.skeleton(runner, layout, skeleton), *_driven(runner, layout, groups)]
    if grounded:
        elements.append(parts.ground(runner, layout, parts.ground_functions(runner)))
    count = len(parts.numbers.skeleton_values(runner))
    parameters = shapes(runner, layout, scheme.nodes, groups, count)
    boundary = limited(periodic(runner, layout, scheme.nodes, mirrored=mirrored), limits)
    cost = costs.build(layout, costs.trunk(runner))
    assembly = Assembly(
        layout, scheme, parameters, elements, cost, boundary, 2 if mirrored else 1, threads
    )
    return assembly.build(skeleton, limits)


def given_motion(
    runner: RunnerDescription,
    scheme: Scheme,
    balanced: np.ndarray,
    *,
    rated: bool,
    threads: int = 1,
) -> Program:
    """The program of muscles that share the moments of a given motion over a whole stride.

    balanced: indices of the coordinates that muscles and actuators move. rated: whether the
    metabolic rate costs something.
    """
    layout = Layout.of(runner, balanced, rated=rated)
    groups = parts.muscle_groups(runner)
    parameters = shapes(runner, layout, scheme.nodes, groups, 0)
    cost = costs.build(layout, costs.trunk(runner))
    elements = _driven(runner, layout, groups)
    boundary = begun(layout)
    assembly = Assembly(layout, scheme, parameters, elements, cost, boundary, 1, threads)
    return assembly.build(None)


def _driven(
    runner: RunnerDescription, layout: Layout, groups: list[parts.MuscleGroup]
) -> list[Element]:
    """The elements that move the skeleton: muscles, actuators, and what they cost."""
    built: dict[tuple[int, bool, bool], parts.Functions] = {}
    found = [parts.rate(layout)] if layout.rated else []
    for group in groups:
        like, crossed = runner.muscles[group.muscles[0]], len(group.coordinates)
        key = (crossed, like.compliant_tendon, like.ignore_passive_fiber_force)
        if key not in built:
            built[key] = parts.muscle_functions(
                like, crossed, moving=layout.nq > 0, rated=layout.rated
            )
        found.append(parts.muscles(runner, layout, group, built[key]))
    return [*found, parts.actuators(runner, layout)] if layout.nc else found


class Assembly:
    """Gathers elements into the program's functions. Symbols are made once, used by all."""

    def __init__(
        self,
        layout: Layout,
        scheme: Scheme,
        parameters: Parameters,
        elements: Sequence[Element],
        cost: costs.CostFunctions,
        boundary: Linear,
        spans: int,
        threads: int = 1,
    ) -> None:
        self.layout, self.scheme, self.boundary, self.spans = layout, scheme, boundary, spans
        self.parameters, self.elements, self.cost = parameters, elements, cost
        self.n = scheme.nodes
        self.threads = threads
        self.x = ca.MX.sym("x", 1 + layout.size * self.n)
        self.p = ca.MX.sym("p", parameters.size)
        self.duration = self.x[0]
        self.z = ca.reshape(self.x[1:], layout.size, self.n)

        # For each state: its own block, the block its rate stands in, and the ratio of scales.
        scale = layout.scale
        self.rate_blocks = []
        for state, rate in RATES:
            s, r = layout.block(state), layout.block(rate)
            if len(s):
                self.rate_blocks.append((s, r, scale[r] / scale[s]))
        # Triplets of the scheme: A_rj and B_rj on their common pattern.
        pattern = (abs(scheme.A) + abs(scheme.B)).tocoo()
        self.mesh_rows, self.mesh_nodes = pattern.row, pattern.col
        self.a = np.asarray(scheme.A[pattern.row, pattern.col]).ravel()
        self.hb = np.asarray(scheme.B[pattern.row, pattern.col]).ravel() * scheme.h_share
        self.n_mesh_rows = scheme.A.shape[0]
        self.n_path = layout.row_count * self.n
        self.n_collocation = layout.states.size * self.n_mesh_rows

    def build(self, skeleton: parts.Functions | None, limits: Limits = NONE) -> Program:
        """The program's functions; skeleton and limits (among the boundary's rows): kept beside."""
        g = ca.vertcat(ca.vec(self._path()), self.collocation(), self.boundary_rows())
        f, terms = self._objective()
        sigma, lam = ca.MX.sym("sigma"), ca.MX.sym("lam", g.numel())
        x, p = self.x, self.p
        return Program(
            self.layout,
            self.scheme,
            self.spans,
            self.parameters,
            skeleton,
            ca.Function("nlp", [x, p], [f, g], ["x", "p"], ["f", "g"]),
            ca.Function("nlp_grad_f", [x, p], [f, self.gradient()]),
            ca.Function("nlp_jac_g", [x, p], [g, self._jacobian()]),
            ca.Function("nlp_hess_l", [x, p, sigma, lam], [self._hessian(sigma, lam)]),
            ca.Function("terms", [x, p], [terms]),
            self.n_path,
            self.n_collocation,
            self.boundary.count,
            limits,
            self,
        )

    # Elements

    def parameter(self, name: str) -> ca.MX:
        """A parameter by name, in its shape."""
        return self.parameters.of(self.p, name)

    def arguments(self, element: Element) -> tuple[ca.MX, ca.MX, ca.MX]:
        """Unknowns, data and numbers of all instances at all nodes: instances run fastest."""
        places = self.places(element.columns)
        x = ca.reshape(self.x[places.ravel(order="F").tolist()], places.shape[0], places.shape[1])
        data = element.data(self.z, self.parameter)
        numbers = self.numbers(element)
        count = places.shape[1]
        if data.shape[1] != count:
            data = ca.repmat(data, 1, count // data.shape[1])
        return x, data, ca.repmat(numbers, 1, count // numbers.shape[1])

    def numbers(self, element: Element) -> ca.MX:
        """Numbers of an element's instances at one node, or of one where all have the same."""
        if not element.numbers:
            return ca.MX.zeros(1, 1)
        numbers = self.parameter(element.numbers)
        if element.numbers.startswith("muscles/"):
            shared = ca.repmat(self.parameter("shared"), 1, numbers.shape[1])
            return ca.vertcat(numbers, shared)
        return numbers

    def places(self, columns: np.ndarray) -> np.ndarray:
        """Positions in x of node unknowns (nx x n) at all nodes: (nx x n N)."""
        at = 1 + columns[:, None, :] + self.layout.size * np.arange(self.n)[None, :, None]
        return at.reshape(len(columns), -1)

    def row_places(self, rows: np.ndarray) -> np.ndarray:
        """Positions in g of node rows (ny x n) at all nodes: (ny x n N); -1 for none."""
        at = rows[:, None, :] + self.layout.row_count * np.arange(self.n)[None, :, None]
        return np.where(rows[:, None, :] < 0, -1, at).reshape(len(rows), -1)

    def _path(self) -> ca.MX:
        """The rows of all nodes (row_count x N)."""
        places, values = [], []
        for element in self.elements:
            at = self.row_places(element.rows).ravel(order="F")
            kept = np.flatnonzero(at >= 0)
            count = len(at) // len(element.rows)
            value = element.functions.mapped("value", count, self.threads)
            y = ca.vec(value(*self.arguments(element)))
            places.append(at[kept])
            values.append(y if len(kept) == len(at) else y[kept.tolist()])
        rows = ca.reshape(gather(places, self.n_path, values), self.layout.row_count, self.n)
        if "asked" not in self.parameters.shapes:
            return rows
        asked = self.parameter("asked") / DYNAMICS_SCALE
        rest = ca.MX.zeros(self.layout.row_count - asked.shape[0], self.n)
        return rows + ca.vertcat(asked, rest)

    # Values

    @cached_property
    def _activation(self) -> tuple[ca.MX, ca.MX]:
        """Activation and excitation of all muscles at all nodes (2 x nm N), time constants."""
        columns = np.stack([self.layout.block("a"), self.layout.block("e")])
        places = self.places(columns)
        x = ca.reshape(self.x[places.ravel(order="F").tolist()], *places.shape)
        return x, ca.repmat(self.parameter("time_constants"), 1, self.n)

    def _activation_map(self, function: ca.Function) -> ca.MX:
        """A function of activation dynamics, of all muscles at all nodes."""
        x, constants = self._activation
        return function.map(x.shape[1])(x, constants)

    @cached_property
    def _activation_slopes(self) -> tuple[ca.MX, ca.MX]:
        """Derivatives of da/dt by activation and by excitation (nm x N each)."""
        slopes = self._activation_map(parts.activation_functions().jacobian)
        da, de = (ca.reshape(slopes[i, :], self.layout.nm, self.n) for i in range(2))
        return da, de

    @cached_property
    def _state_rates(self) -> ca.MX:
        """Rates of the states q, u, a, F (ns x nodes), in units of the states' scales."""
        layout, rates = self.layout, {}
        for s, r, ratio in self.rate_blocks:
            rates[int(s[0])] = self.z[r.tolist(), :] * ca.repmat(ca.DM(ratio), 1, self.n)
        if layout.nm:
            activation = self._activation_map(parts.activation_functions().value)
            rates[int(layout.block("a")[0])] = ca.reshape(activation, layout.nm, self.n)
        return ca.vertcat(*[rates[key] for key in sorted(rates)])

    def collocation(self) -> ca.MX:
        """Rows of all states, state running fastest."""
        states = self.z[self.layout.states.tolist(), :]
        h = self.duration * self.scheme.h_share
        rows = ca.mtimes(states, ca.DM(self.scheme.A.T.tocsc()))
        return ca.vec(rows + h * ca.mtimes(self._state_rates, ca.DM(self.scheme.B.T.tocsc())))

    def boundary_rows(self) -> ca.MX:
        linear = self.boundary
        matrix = ca.DM.triplet(
            linear.rows.tolist(),
            linear.columns.tolist(),
            ca.DM(linear.values),
            linear.count,
            self.x.numel(),
        )
        rows = ca.mtimes(matrix, self.x)
        travel = np.zeros(linear.count)
        travel[linear.travel] = 1.0
        return rows - ca.DM(travel) * self.parameter("speed") * self.duration

    # Objective

    def _cost_arguments(self) -> tuple[ca.MX, ca.MX, ca.MX]:
        moving = "reference" in self.parameters.shapes
        reference = self.parameter("reference") if moving else ca.MX(0, self.n)
        return self.z, reference, ca.repmat(self.parameter("costs"), 1, self.n)

    def _objective(self) -> tuple[ca.MX, ca.MX]:
        node_terms = self.cost.terms.map(self.n)(*self._cost_arguments())
        terms = self.parameter("weights") * ca.mtimes(node_terms, ca.DM(self.scheme.weights))
        terms = ca.vertcat(terms, self.parameter("stride_time_weight") * self._late**2)
        return ca.sum1(terms), terms

    @cached_property
    def _late(self) -> ca.MX:
        """The stride's duration less the habit's, in SDs."""
        return (self.duration * self.spans - self.parameter("stride_time")) / costs.DURATION_SD_S

    def _node_costs(self, function: ca.Function) -> ca.MX:
        """A derivative of the costs at all nodes, by the nodes' quadrature weights."""
        weights = ca.repmat(self.parameter("weights"), 1, self.n)
        values = function.map(self.n)(*self._cost_arguments(), weights)
        return ca.vec(values * ca.repmat(ca.DM(self.scheme.weights).T, values.shape[0], 1))

    def gradient(self) -> ca.MX:
        per_second = 2 * self.parameter("stride_time_weight") * self.spans / costs.DURATION_SD_S
        return ca.vertcat(per_second * self._late, self._node_costs(self.cost.gradient))

    # Derivatives of the constraints

    def _columns(self, indices: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """Positions in x of node unknowns `indices` at `nodes`: indices running fastest."""
        return (1 + nodes[:, None] * self.layout.size + indices[None, :]).ravel()

    def _mesh_positions(self, block: np.ndarray) -> np.ndarray:
        """Rows of g for a state block at each entry of the mesh pattern: state running fastest."""
        order = list(self.layout.states)
        own = np.array([order.index(i) for i in block])
        return (self.n_path + self.mesh_rows[:, None] * len(order) + own[None, :]).ravel()

    def _jacobian(self) -> ca.MX:
        layout = self.layout
        rows, columns, values = [], [], []
        for element in self.elements:
            first = element.functions.first
            at, places = self.row_places(element.rows), self.places(element.columns)
            mapped = element.functions.mapped("jacobian", places.shape[1], self.threads)
            found = ca.vec(mapped(*self.arguments(element)))
            row, column = at[first[0]].ravel(order="F"), places[first[1]].ravel(order="F")
            kept = np.flatnonzero(row >= 0)
            rows.append(row[kept])
            columns.append(column[kept])
            values.append(found if len(kept) == len(row) else found[kept.tolist()])

        for s, r, ratio in self.rate_blocks:
            positions = self._mesh_positions(s)
            rows += [positions, positions]
            columns += [self._columns(s, self.mesh_nodes), self._columns(r, self.mesh_nodes)]
            values.append(ca.MX(ca.DM(np.repeat(self.a, len(s)))))
            values.append(self.duration * ca.DM(np.outer(self.hb, ratio).ravel()))
        nm = layout.nm
        if nm:
            da, de = self._activation_slopes
            positions = self._mesh_positions(layout.block("a"))
            nodes = self.mesh_nodes.tolist()
            spread = ca.repmat(self.duration * ca.DM(self.hb).T, nm, 1)
            rows += [positions, positions]
            columns += [self._columns(layout.block(b), self.mesh_nodes) for b in ("a", "e")]
            values.append(ca.vec(ca.repmat(ca.DM(self.a).T, nm, 1) + spread * da[:, nodes]))
            values.append(ca.vec(spread * de[:, nodes]))

        start, linear = self.n_path + self.n_collocation, self.boundary
        rows += [self.n_path + np.arange(self.n_collocation), start + linear.rows]
        columns += [np.zeros(self.n_collocation, dtype=int), linear.columns]
        by_duration = ca.mtimes(self._state_rates, ca.DM(self.scheme.B.T.tocsc()))
        values += [ca.vec(by_duration) * self.scheme.h_share, ca.MX(ca.DM(linear.values))]
        if len(linear.travel):
            rows.append(start + linear.travel)
            columns.append(np.zeros(len(linear.travel), dtype=int))
            values.append(ca.repmat(-self.parameter("speed"), len(linear.travel), 1))
        return scatter((start + linear.count, self.x.numel()), rows, columns, values)

    def _hessian(self, sigma: ca.MX, lam: ca.MX) -> ca.MX:
        """Upper triangle of the Lagrangian's Hessian."""
        layout, n, size = self.layout, self.n, self.layout.size
        rows, columns, values = [], [], []
        padded = ca.vertcat(lam, ca.MX.zeros(1))  # a row that is none has multiplier zero
        for element in self.elements:
            second = element.functions.second
            if not second.size:
                continue
            at, places = self.row_places(element.rows), self.places(element.columns)
            at = np.where(at < 0, lam.numel(), at)
            multipliers = ca.reshape(padded[at.ravel(order="F").tolist()], *at.shape)
            mapped = element.functions.mapped("hessian", places.shape[1], self.threads)
            found = mapped(*self.arguments(element), multipliers)
            pair = places[second[0]].ravel(order="F"), places[second[1]].ravel(order="F")
            rows.append(np.minimum(*pair))
            columns.append(np.maximum(*pair))
            values.append(ca.vec(found))

        # Multiplier of each state's rate at each node, per second of duration.
        mesh = lam[self.n_path : self.n_path + self.n_collocation]
        b = ca.DM(self.scheme.B.tocsc()) * self.scheme.h_share
        pull = ca.mtimes(ca.reshape(mesh, layout.states.size, self.n_mesh_rows), b)
        order = list(layout.states)

        def pulled(block: np.ndarray) -> ca.MX:
            return pull[[order.index(i) for i in block], :]

        cross = [(r, pulled(s) * ca.repmat(ca.DM(ratio), 1, n)) for s, r, ratio in self.rate_blocks]
        if layout.nm:
            own = pulled(layout.block("a"))
            da, de = self._activation_slopes
            cross += [(layout.block("a"), own * da), (layout.block("e"), own * de)]
            curvature = self._activation_map(parts.activation_functions().hessian)
            bent = curvature * ca.repmat(ca.reshape(self.duration * own, 1, -1), 3, 1)
            a, e = (self._columns(layout.block(name), np.arange(n)) for name in ("a", "e"))
            rows += [a, np.minimum(a, e), e]
            columns += [a, np.maximum(a, e), e]
            values += [ca.vec(bent[i, :]) for i in range(3)]
        for indices, value in cross:
            columns.append(self._columns(indices, np.arange(n)))
            rows.append(np.zeros(len(columns[-1]), dtype=int))
            values.append(ca.vec(value))

        second = self.cost.second
        starts = 1 + size * np.arange(n)[:, None]
        rows += [(starts + second[0]).ravel(), np.zeros(1, dtype=int)]
        columns += [(starts + second[1]).ravel(), np.zeros(1, dtype=int)]
        values.append(sigma * self._node_costs(self.cost.hessian))
        square = 2 * (self.spans / costs.DURATION_SD_S) ** 2
        values.append(sigma * square * self.parameter("stride_time_weight"))
        return scatter((self.x.numel(), self.x.numel()), rows, columns, values)


def summed(places: np.ndarray, count: int) -> ca.DM:
    """Matrix that sums a column's entries at their places of a column of `count`."""
    # By columns, one entry each: nothing to be sorted.
    ends = list(range(len(places) + 1))
    pattern = ca.Sparsity(count, len(places), ends, places.tolist())
    return ca.DM(pattern, ca.DM.ones(len(places)))


def gather(places: list[np.ndarray], count: int, values: list[ca.MX]) -> ca.MX:
    """A column of `count` with the values summed at their places."""
    return ca.mtimes(summed(np.concatenate(places), count), ca.vertcat(*values))


def scatter(
    shape: tuple[int, int], rows: list[np.ndarray], columns: list[np.ndarray], values: list[ca.MX]
) -> ca.MX:
    """Sparse matrix with the values summed at their positions."""
    row, column = np.concatenate(rows), np.concatenate(columns)
    key = column.astype(np.int64) * shape[0] + row
    unique, position = np.unique(key, return_inverse=True)
    # Sorted by column, then by row: as CasADi keeps a pattern.
    ends = np.searchsorted(unique, np.arange(shape[1] + 1) * shape[0])
    sparsity = ca.Sparsity(*shape, ends.tolist(), (unique % shape[0]).tolist())
    stacked = ca.vertcat(*values)
    if len(unique) == len(key):
        inverse = np.empty(len(key), dtype=int)
        inverse[position] = np.arange(len(key))
        return ca.MX(sparsity, stacked.nz[inverse.tolist()])
    return ca.MX(sparsity, ca.mtimes(summed(position, len(unique)), stacked))
