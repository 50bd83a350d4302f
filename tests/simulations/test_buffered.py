"""CasADi's functions on numpy's memory: the same numbers, and nothing of another size."""

from __future__ import annotations

import casadi as ca
import numpy as np
import pytest

from simulations.collocation.buffered import buffered


def test_the_numbers_are_casadis() -> None:
    """Matrices in both orders of memory, several results, a sparse argument by its nonzeros."""
    a, b = ca.MX.sym("a", ca.Sparsity.lower(3)), ca.MX.sym("b", 3, 2)
    function = ca.Function("f", [a, b], [ca.densify(ca.mtimes(a, b)), ca.densify(b.T)])
    generator = np.random.default_rng(1)
    lower, right = generator.normal(size=6), generator.normal(size=(3, 2))
    matrix = np.array(ca.DM(ca.Sparsity.lower(3), lower))
    evaluate = buffered(function)
    for given in (right, np.asfortranarray(right)):
        product, turned = evaluate(lower, given)
        np.testing.assert_allclose(product, matrix @ right, rtol=1e-15)
        np.testing.assert_array_equal(turned, right.T)
    again, _ = evaluate(lower, 2 * right)
    np.testing.assert_allclose(again, 2 * product, rtol=1e-15)  # and the first result stays


def test_nothing_of_another_size() -> None:
    x = ca.MX.sym("x", 2)
    with pytest.raises(ValueError, match="numbers given"):
        buffered(ca.Function("f", [x], [x]))(np.zeros(3))
    with pytest.raises(ValueError, match="not dense"):
        buffered(ca.Function("g", [x], [ca.diag(x)]))
