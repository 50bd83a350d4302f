"""Gradient, Jacobian and Hessian put together by structure equal the program's own differences."""

from __future__ import annotations

import casadi as ca
import numpy as np
import pytest

from formats.description import RunnerDescription
from simulations.collocation import elements, triplets
from simulations.collocation import objective as costs
from simulations.collocation.assembly import Program as Written
from simulations.collocation.by_parameters import ByParameters
from simulations.collocation.scheme import scheme
from simulations.collocation.transcription import free_motion
from simulations.problems.problem import node_bounds
from simulations.solving.friction_continuation import FIRST

STEP = 1e-5


@pytest.fixture(scope="module")
def rigid_pair(runner: RunnerDescription) -> RunnerDescription:
    """The planar runner with one pair of rigid tendons: F has fewer entries than a."""
    muscles = [
        m.model_copy(update={"compliant_tendon": not m.name.startswith("tibant")})
        for m in runner.muscles
    ]
    return runner.model_copy(update={"muscles": muscles})


CASES = [
    ("trapezoidal", True, False),
    ("trapezoidal", False, False),
    ("hermite_simpson", True, False),
    ("hermite_simpson", False, False),
    ("trapezoidal", True, True),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, case)))
def program(
    request: pytest.FixtureRequest, rigid_pair: RunnerDescription
) -> tuple[Written, RunnerDescription]:
    """The program on three intervals, for half a stride (True) and a whole one; with the ground's
    force among the unknowns (True) and without."""
    name, mirrored, grounded = request.param
    mesh = scheme(name, 3)
    return free_motion(rigid_pair, mesh, mirrored=mirrored, grounded=grounded), rigid_pair


@pytest.fixture(scope="module")
def point(
    program: tuple[Written, RunnerDescription],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Unknowns x within the bounds, feet in the ground; parameters; multipliers; direction."""
    transcription, runner = program
    layout, nodes = transcription.layout, transcription.scheme.nodes
    generator = np.random.default_rng(3)
    lower, upper = node_bounds(runner, layout)
    middle = 0.5 * (lower + upper)
    z = generator.uniform(
        (middle + 0.3 * (lower - middle))[:, None],
        (middle + 0.3 * (upper - middle))[:, None],
        (layout.size, nodes),
    )
    z[layout.block("F")] = generator.uniform(0.1, 1.0, (len(layout.compliant), nodes))
    z[layout.block("R")] = generator.uniform(0.1, 2.0, nodes)
    names = [c.name for c in runner.coordinates]
    z[names.index("pelvis_ty")] = generator.uniform(0.6, 0.9, nodes)
    x = transcription.pack(0.35, z)
    held, nc = layout.nq + layout.ng, layout.nc
    p = transcription.parameters.pack(
        elements.runner_values(runner, elements.muscle_groups(runner), moving=True)
        | {
            "reference": generator.normal(0, 0.3, (held, nodes)),
            "rounding": FIRST,
            "weights": generator.uniform(0.5, 2.0, len(costs.TERMS)),
            "costs": np.concatenate(
                [
                    generator.uniform(0.0, 0.1, layout.nm),
                    generator.uniform(0.5, 1.0, layout.nm),
                    generator.uniform(0.0, 10.0, held),
                    generator.uniform(0.5, 2.0, nc),
                    [3.5, -0.1, 0.05],
                ]
            ),
            "speed": 3.5,
            "stride_time": 0.7,
            "stride_time_weight": 0.8,
        }
    )
    n_g = transcription.n_path + transcription.n_collocation + transcription.n_boundary
    direction = generator.normal(0, 1, x.size)
    return x, p, generator.normal(0, 1, n_g), direction / np.linalg.norm(direction)


Point = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Program = tuple[Written, RunnerDescription]


def difference(function, x: np.ndarray, direction: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Derivative along the direction by fourth-order central differences."""
    near = function(x + STEP * direction) - function(x - STEP * direction)
    far = function(x + 2 * STEP * direction) - function(x - 2 * STEP * direction)
    return np.asarray(8 * near - far) / (12 * STEP)


def close(exact: np.ndarray, differences: np.ndarray) -> None:
    """Equal within 1e-6 of the largest, and not all zero."""
    size = np.max(np.abs(differences))
    assert size > 0
    np.testing.assert_allclose(exact, differences, rtol=0, atol=1e-6 * size)


def test_sizes(program: Program, point: Point) -> None:
    transcription, _ = program
    x, p, multipliers, _ = point
    f, g = transcription.nlp(x, p)
    assert g.numel() == multipliers.size
    assert transcription.n_x == x.size
    _, jacobian = transcription.jac_g(x, p)
    assert jacobian.shape == (g.numel(), x.size)
    assert float(f) == pytest.approx(float(transcription.grad_f(x, p)[0]), rel=1e-14)
    assert float(f) == pytest.approx(np.sum(np.array(transcription.terms(x, p))), rel=1e-13)


def test_gradient(program: Program, point: Point) -> None:
    transcription, _ = program
    x, p, _, direction = point
    gradient = np.array(transcription.grad_f(x, p)[1]).ravel()
    slope = difference(lambda at: np.array(transcription.nlp(at, p)[0]), x, direction)
    close(np.array([[gradient @ direction]]), slope)


def test_jacobian(program: Program, point: Point) -> None:
    """Row by row, each scaled by itself: no row hides behind a larger one."""
    transcription, _ = program
    x, p, _, direction = point
    jacobian = transcription.jac_g(x, p)[1].sparse()
    slope = difference(lambda at: np.array(transcription.nlp(at, p)[1]).ravel(), x, direction)
    size = abs(jacobian) @ np.abs(direction)
    assert np.all(size > 0)
    assert np.max(np.abs(jacobian @ direction - slope) / size) < 1e-6


def test_hessian(program: Program, point: Point) -> None:
    """Of the Lagrangian, against differences of gradient and Jacobian; upper triangle only."""
    transcription, _ = program
    x, p, multipliers, direction = point
    sigma = 0.7
    upper = transcription.hess_lag(x, p, sigma, multipliers).sparse().tocsc()
    assert (upper != upper.multiply(np.ones(upper.shape))).nnz == 0
    rows, columns = upper.nonzero()
    assert np.all(rows <= columns)
    product = upper @ direction + upper.T @ direction - upper.diagonal() * direction

    def gradient(at: np.ndarray) -> np.ndarray:
        of_f = np.array(transcription.grad_f(at, p)[1]).ravel()
        return np.asarray(sigma * of_f + transcription.jac_g(at, p)[1].sparse().T @ multipliers)

    slope = difference(gradient, x, direction)
    full = abs(upper) + abs(upper).T
    size = full @ np.abs(direction)
    assert np.max(np.abs(product - slope) / np.maximum(size, 1e-3 * size.max())) < 1e-6
    close(product, slope)


def test_scattered_values_are_summed() -> None:
    """Two entries at one place add up."""
    x = ca.MX.sym("x", 3)
    rows, columns = [np.array([0, 1]), np.array([1])], [np.array([0, 1]), np.array([1])]
    matrix = triplets.scatter((2, 2), rows, columns, [x[:2], x[2]])
    found = np.array(ca.Function("f", [x], [matrix])([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(found, [[1, 0], [0, 5]])


def test_by_parameters(program: Program, point: Point) -> None:
    """Of v . (grad f + lam J) + y . g, by every parameter, along random relative changes."""
    transcription, _ = program
    x, p, lam, v = point
    generator = np.random.default_rng(8)
    y = generator.normal(0, 1, lam.size)
    at = ByParameters(transcription.assembly, x, p, lam)
    slopes = at.slopes(v[:, None], y[:, None])[:, 0]
    assert slopes.size == transcription.parameters.size
    # Of many at once, more than any element has unknowns and rows, the same.
    shares = generator.normal(0, 1, 200)
    several = at.slopes(np.outer(v, shares), np.outer(y, shares))
    room = 1e-9 * np.abs(slopes).max() * np.abs(shares).max()
    np.testing.assert_allclose(several, np.outer(slopes, shares), rtol=1e-9, atol=room)

    def number(given: np.ndarray) -> np.ndarray:
        gradient = np.array(transcription.grad_f(x, given)[1]).ravel()
        g, jacobian = transcription.jac_g(x, given)
        along = jacobian.sparse() @ v
        return np.array([v @ gradient + lam @ along + y @ np.array(g).ravel()])

    # What a difference of two such numbers, as large as they are, is sure of.
    rounding = 100 * np.finfo(float).eps * abs(number(p)[0]) / STEP
    for name in transcription.parameters.shapes:
        place = transcription.parameters.place(name)
        direction = np.zeros_like(p)
        direction[place] = p[place] * generator.uniform(-1, 1, p[place].size)
        if name == "rounding":
            direction[place] = 1.0
        expected = difference(number, p, direction)
        size = np.linalg.norm(slopes[place]) * np.linalg.norm(direction)
        room = 1e-6 * size + rounding
        np.testing.assert_allclose(slopes @ direction, expected[0], rtol=0, atol=room)
