"""Symmetric indefinite systems [[H, J'], [J, 0]] by MUMPS, as CasADi ships it.

CasADi gives MUMPS some 20 % more memory than it expects to need, and does not hear of it when that
is too little: the right side comes back as it went in. So each answer is put to the test. Where
MUMPS had to postpone too many pivots (the diagonal of J's rows is zero), the rows are exchanged
first so that every row of J has one of its own large entries on the diagonal; that takes more
memory and three times as long, and has always gone through.
"""

from __future__ import annotations

import casadi as ca
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import maximum_bipartite_matching

from simulations.collocation.buffered import buffered

# Largest residual relative to the right side, in the equilibrated system.
_ACCURATE = 1e-5
_SWEEPS = 5
# Entries (of the equilibrated system) large enough for the diagonal, in the order of trial.
_LARGE = (0.1, 0.03, 0.01, 1e-3, 1e-5)


def solve(system: sp.csc_matrix, unknowns: int, right: np.ndarray) -> np.ndarray:
    """Solutions (columns) for all right sides (columns) with one factorisation.

    unknowns: size of H. Raises ValueError where the system is singular, or nearly so.
    """
    scaled, scale = equilibrated(system)
    wanted = scale[:, None] * right
    size = np.maximum(np.abs(wanted).max(axis=0), np.finfo(float).tiny)
    residual = np.inf
    for order in (np.arange(len(scale)), None):
        if order is None:
            order = _exchanged(scaled, unknowns)
        found = _mumps(scaled[order], wanted[order])
        if np.isfinite(found).all():
            residual = float(np.max(np.abs(scaled @ found - wanted).max(axis=0) / size))
            if residual <= _ACCURATE:
                return scale[:, None] * found
    raise ValueError(
        f"the KKT system is not solved accurately (residual {residual:.1e} of the right side): "
        "the solution is no strict minimum"
    )


def equilibrated(system: sp.csc_matrix) -> tuple[sp.csc_matrix, np.ndarray]:
    """A symmetric system scaled so that no row's largest entry is far from one, and its scale."""
    scale = np.ones(system.shape[0])
    for _ in range(_SWEEPS):
        largest = abs(sp.diags(scale) @ system @ sp.diags(scale)).max(axis=0).toarray().ravel()
        scale /= np.sqrt(np.where(largest > 0, largest, 1.0))
    return (sp.diags(scale) @ system @ sp.diags(scale)).tocsc(), scale


def _mumps(matrix: sp.spmatrix, right: np.ndarray) -> np.ndarray:
    held = matrix.tocsc()
    held.sort_indices()
    count, columns = right.shape
    sparsity = ca.Sparsity(count, count, held.indptr.tolist(), held.indices.tolist())
    a, b = ca.MX.sym("a", sparsity), ca.MX.sym("b", count, columns)
    (found,) = buffered(ca.Function("kkt", [a, b], [ca.solve(a, b, "mumps", {})]))(held.data, right)
    return found


def _exchanged(system: sp.csc_matrix, unknowns: int) -> np.ndarray:
    """Order of the rows that puts a large entry of each row of J on the diagonal.

    Raises ValueError where J's rows depend on each other by structure.
    """
    slopes = system[unknowns:, :unknowns].tocsr()
    rows = np.arange(slopes.shape[0])
    for least in _LARGE:
        large = slopes.copy()
        large.data = (np.abs(large.data) >= least).astype(float)
        large.eliminate_zeros()
        own = maximum_bipartite_matching(large, perm_type="column")
        if (own >= 0).all():
            order = np.arange(system.shape[0])
            order[own], order[unknowns + rows] = unknowns + rows, own
            return order
    raise ValueError("the KKT system is singular: constraints depend on each other")
