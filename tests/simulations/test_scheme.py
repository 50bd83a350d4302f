"""Order of accuracy and quadrature of the collocation schemes, on problems with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.collocation.scheme import Scheme, scheme

ORDER = {"trapezoidal": 2, "hermite_simpson": 4}
ROW_DEGREES = {"trapezoidal": (2,), "hermite_simpson": (4, 3)}
EXACT_DEGREE = {"trapezoidal": 1, "hermite_simpson": 3}


def end_error(grid: Scheme, matrix: np.ndarray, span: float) -> float:
    """Error at the end of x' = matrix x solved with the scheme's rows, as the engine uses them."""
    n, nodes, h = len(matrix), grid.nodes, span * grid.h_share
    identity = np.eye(n)
    rows = np.kron(grid.A.toarray(), identity) + h * np.kron(grid.B.toarray(), matrix)
    start = np.zeros((n, n * nodes))
    start[:, :n] = identity
    system = np.vstack([start, rows])
    x = np.linalg.solve(system, np.concatenate([[1.0, 0.0], np.zeros(len(rows))]))
    exact = np.exp(-0.1 * span) * np.array([np.cos(2 * span), -np.sin(2 * span)])
    return float(np.abs(x.reshape(nodes, n)[-1] - exact).max())


@pytest.mark.parametrize("name", ORDER)
def test_order_of_accuracy(name: str) -> None:
    """A damped oscillation: halving the interval divides the error by 2^order."""
    matrix = np.array([[-0.1, 2.0], [-2.0, -0.1]])
    errors = [end_error(scheme(name, n), matrix, 1.5) for n in (10, 20, 40)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(ORDER[name], abs=0.05)


@pytest.mark.parametrize("name", ORDER)
def test_rows_are_exact_for_polynomials(name: str) -> None:
    """Each row of an interval vanishes up to its own degree, and not on the next power.

    Hermite-Simpson: the end by Simpson's rule (4), the middle by the cubic Hermite (3).
    """
    grid = scheme(name, 3)
    for kind, limit in enumerate(ROW_DEGREES[name]):
        for degree in range(limit + 2):
            x, rate = grid.phase**degree, degree * grid.phase ** max(degree - 1, 0)
            residual = np.abs(grid.A @ x + grid.h_share * grid.B @ rate)
            of_kind = residual[kind :: len(ROW_DEGREES[name])]
            if degree <= limit:
                assert of_kind.max() < 1e-14
            else:
                assert of_kind.min() > 1e-6


@pytest.mark.parametrize("name", ORDER)
@settings(deadline=None, max_examples=30)
@given(intervals=st.integers(1, 12), degree=st.integers(0, 3))
def test_quadrature(name: str, intervals: int, degree: int) -> None:
    grid = scheme(name, intervals)
    assert grid.weights.sum() == pytest.approx(1, abs=1e-14)
    error = grid.weights @ grid.phase**degree - 1 / (degree + 1)
    if degree <= EXACT_DEGREE[name]:
        assert abs(error) < 1e-14
    else:
        assert abs(error) > 1e-5


@pytest.mark.parametrize(
    ("name", "nodes", "rows"), [("trapezoidal", 6, 5), ("hermite_simpson", 11, 10)]
)
def test_mesh(name: str, nodes: int, rows: int) -> None:
    grid = scheme(name, 5)
    assert (grid.nodes, grid.A.shape, grid.B.shape) == (nodes, (rows, nodes), (rows, nodes))
    assert (grid.phase[0], grid.phase[-1], grid.h_share) == (0, 1, 0.2)


def test_unknown_scheme_is_answered_with_the_known() -> None:
    with pytest.raises(ValueError, match="'radau' is not known; allowed: trapezoidal, hermite_s"):
        scheme("radau", 5)
