"""One problem solved from several starts, as many at a time as there are processors for it.

Each start runs in a process of its own, forked from this one: the program's functions are there
already, and the linear solver, which is not made for threads, is alone in its process.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from simulations.solving.ipopt import Stop

Start = TypeVar("Start")
Solve = Callable[[Start, Path | None], Stop]


def solve_all(
    solve: Solve[Start], starts: Sequence[Start], processes: int, log: Path | None
) -> list[Stop]:
    """Where `solve` stops from each start, in their order.

    log: Ipopt's, of all starts one after the other. Raises RuntimeError where a process dies.
    """
    logs = [None if log is None else log.with_name(f"{log.name}.{i}") for i in range(len(starts))]
    together = min(processes, len(starts))
    if together > 1 and "fork" in multiprocessing.get_all_start_methods():
        found = _side_by_side(solve, starts, together, logs)
    else:
        found = [solve(start, place) for start, place in zip(starts, logs, strict=True)]
    if log is not None:
        _join(log, [place for place in logs if place is not None])
    return found


def _side_by_side(
    solve: Solve[Start], starts: Sequence[Start], together: int, logs: Sequence[Path | None]
) -> list[Stop]:
    """Each process takes every so many-th start; this one is the first of them."""
    context = multiprocessing.get_context("fork")
    helpers = []
    for first in range(1, together):
        chosen = range(first, len(starts), together)
        receiving, sending = context.Pipe(duplex=False)

        def work(sending: Connection = sending, chosen: range = chosen) -> None:
            sending.send([solve(starts[i], logs[i]) for i in chosen])

        helper = context.Process(target=work, daemon=True)
        helper.start()
        sending.close()
        helpers.append((chosen, receiving, helper))
    found = {i: solve(starts[i], logs[i]) for i in range(0, len(starts), together)}
    for chosen, receiving, helper in helpers:
        try:
            found |= dict(zip(chosen, receiving.recv(), strict=True))
        except EOFError:
            raise RuntimeError("a process that solved from another start has died") from None
        helper.join()
    return [found[i] for i in range(len(starts))]


def _join(log: Path, parts: Sequence[Path]) -> None:
    """One log of several, which are removed."""
    texts = [part.read_text() for part in parts if part.exists()]
    log.write_text("".join(texts))
    for part in parts:
        part.unlink(missing_ok=True)
