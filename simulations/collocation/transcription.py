"""The program of a runner: which elements, parameters and boundary make it up, and what it costs.

Two programs: of free motion (prediction, tracking) and of given motion (load sharing).
"""

from __future__ import annotations

from collections.abc import Sequence

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from simulations.collocation import elements as parts
from simulations.collocation import objective as costs
from simulations.collocation.assembly import Assembly, Program
from simulations.collocation.boundary import Linear, begun, limited, periodic
from simulations.collocation.defects import Defects
from simulations.collocation.elements import DYNAMICS_SCALE, Element
from simulations.collocation.layout import Layout
from simulations.collocation.limits import NONE, Limits
from simulations.collocation.parameters import Parameters
from simulations.collocation.path_constraints import PathConstraints
from simulations.collocation.running_cost import RunningCost
from simulations.collocation.scheme import Scheme
from simulations.collocation.symbols import Symbols


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
    symbols, spans = Symbols(layout, scheme, parameters), 2 if mirrored else 1
    assembly = _assembly(runner, symbols, elements, boundary, spans=spans, threads=threads)
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
    elements = _driven(runner, layout, groups)
    symbols = Symbols(layout, scheme, parameters)
    asked = symbols.parameter("asked") / DYNAMICS_SCALE
    assembly = _assembly(
        runner, symbols, elements, begun(layout), spans=1, threads=threads, asked=asked
    )
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


def _assembly(
    runner: RunnerDescription,
    symbols: Symbols,
    elements: Sequence[Element],
    boundary: Linear,
    *,
    spans: int,
    threads: int,
    asked: ca.MX | None = None,
) -> Assembly:
    """The program's parts, of the same symbols."""
    path = PathConstraints(symbols, elements, asked, threads)
    defects = Defects(symbols, parts.activation_functions(), path.count)
    nodes = costs.build(symbols.layout, costs.trunk(runner))
    return Assembly(symbols, path, defects, boundary, RunningCost(symbols, nodes, spans))
