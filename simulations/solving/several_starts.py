"""One problem solved from several starts, all at a time where there is more than one processor.

Three starts on two processors: two and then one take 11.7 s, three that share both 9.2 s.
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

    processes: how many processors there are for it.
    log: Ipopt's, of all starts one after the other. Raises RuntimeError where a process dies.
    """
    logs = [None if log is None else log.with_name(f"{log.name}.{i}") for i in range(len(starts))]
    if processes > 1 and len(starts) > 1 and "fork" in multiprocessing.get_all_start_methods():
        found = _side_by_side(solve, starts, logs)
    else:
        found = [solve(start, place) for start, place in zip(starts, logs, strict=True)]
    if log is not None:
        _join(log, [place for place in logs if place is not None])
    return found


def _side_by_side(
    solve: Solve[Start], starts: Sequence[Start], logs: Sequence[Path | None]
) -> list[Stop]:
    """A process for each start; this one takes the first."""
    context = multiprocessing.get_context("fork")
    helpers = []
    for start, log in list(zip(starts, logs, strict=True))[1:]:
        receiving, sending = context.Pipe(duplex=False)

        def work(
            start: Start = start, log: Path | None = log, sending: Connection = sending
        ) -> None:
            sending.send(solve(start, log))

        helper = context.Process(target=work, daemon=True)
        helper.start()
        sending.close()
        helpers.append((receiving, helper))
    found = [solve(starts[0], logs[0])]
    for receiving, helper in helpers:
        try:
            found.append(receiving.recv())
        except EOFError:
            raise RuntimeError("a process that solved from another start has died") from None
        helper.join()
    return found


def _join(log: Path, parts: Sequence[Path]) -> None:
    """One log of several, which are removed."""
    texts = [part.read_text() for part in parts if part.exists()]
    log.write_text("".join(texts))
    for part in parts:
        part.unlink(missing_ok=True)
