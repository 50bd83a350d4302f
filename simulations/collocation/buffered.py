"""CasADi's functions on numpy's own memory: its matrices take longer to copy than to compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import casadi as ca
import numpy as np

Buffered = Callable[..., list[np.ndarray]]


def buffered(function: ca.Function) -> Buffered:
    """The function of dense arrays, column-major inside; a sparse argument is its nonzeros.

    Raises ValueError for a result that is not dense, and, when called, for arguments that are not
    as large as the function's.
    """
    if any(function.nnz_out(i) != function.numel_out(i) for i in range(function.n_out())):
        raise ValueError(f"{function.name()}: a result is not dense")
    buffer: Any  # CasADi's stubs have another signature than its setters
    buffer, evaluate = function.buffer()

    def call(*given: np.ndarray) -> list[np.ndarray]:
        sizes = [np.size(value) for value in given]
        wanted = [function.nnz_in(i) for i in range(function.n_in())]
        if sizes != wanted:
            raise ValueError(f"{function.name()}: {sizes} numbers given, {wanted} wanted")
        held = [
            np.ascontiguousarray(np.asarray(value, dtype=float).ravel(order="F")) for value in given
        ]
        found = [np.empty(function.size_out(i), order="F") for i in range(function.n_out())]
        for i, value in enumerate(held):
            buffer.set_arg(i, value.data)
        for i, result in enumerate(found):
            buffer.set_res(i, result.reshape(-1, order="F").data)
        evaluate()
        return found

    return call
