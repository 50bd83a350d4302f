"""CasADi functions as tables of instructions, and C source that evaluates many instances of them.

CasADi's own generator writes a function of some hundred thousand operations as one C function,
which compilers take minutes for. Here the operations stay a table, which a small machine of
compiled C (vector_machine.c) works through on several instances at once: compiling takes a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import casadi as ca
import numpy as np

_MACHINE = Path(__file__).with_name("vector_machine.c")
_OPERATIONS = (
    *("CONST", "INPUT", "OUTPUT", "ASSIGN", "ADD", "SUB", "MUL", "DIV", "NEG", "SQ", "TWICE"),
    *("INV", "SQRT", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "SINH", "COSH", "TANH", "ASINH"),
    *("EXP", "LOG", "FABS", "SIGN", "NOT", "POW", "CONSTPOW", "FMIN", "FMAX", "LT", "LE", "EQ"),
    *("NE", "AND", "OR", "IF_ELSE_ZERO", "ATAN2"),
)
CODES = {name: int(getattr(ca, f"OP_{name}")) for name in _OPERATIONS}


class UnknownOperationError(ValueError):
    """An operation that the machine does not know: the function is left to CasADi."""


@dataclass(frozen=True)
class Table:
    """A function's instructions (count x 4: operation, out, a, b) and constants.

    CONST: out, number of the constant. INPUT: out, input, place in it. OUTPUT: output, from, place.
    """

    instructions: np.ndarray
    constants: np.ndarray
    work: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @staticmethod
    def of(function: ca.Function) -> Table:
        """The table of a function. Raises UnknownOperationError."""
        rows = np.zeros((function.n_instructions(), 4), dtype=np.int32)
        constants: list[float] = []
        known = set(CODES.values())
        for k, row in enumerate(rows):
            operation = function.instruction_id(k)
            if operation not in known:
                raise UnknownOperationError(f"{function.name()}: operation {operation}")
            out, given = function.instruction_output(k), function.instruction_input(k)
            if operation == CODES["CONST"]:
                row[:] = operation, out[0], len(constants), 0
                constants.append(function.instruction_constant(k))
            elif operation == CODES["OUTPUT"]:
                row[:] = operation, out[0], given[0], out[1]
            else:
                row[:] = operation, out[0], given[0], given[-1]
        return Table(
            rows,
            np.array(constants, dtype=float),
            max(function.sz_w(), 1),
            tuple(function.numel_in(i) for i in range(function.n_in())),
            tuple(function.numel_out(i) for i in range(function.n_out())),
        )


def source(tables: dict[str, Table], folder: Path) -> str:
    """C source of int name(arg, res, n) for each table: n instances, column by column.

    arg, res: as in CasADi's C interface, dense inputs and outputs of all instances; a null input is
    zero, a null output not wanted. The tables' numbers are written into `folder`, from where the
    compiler takes them.
    """
    text = [f"#define OP_{name} {code}\n" for name, code in CODES.items()]
    text.append(_MACHINE.read_text())
    for name, table in tables.items():
        # Neither may be empty: the compiler takes no empty file.
        constants = table.constants if len(table.constants) else np.zeros(1)
        for part, numbers in (("instructions", table.instructions), ("constants", constants)):
            file = folder / f"{name}.{part}"
            numbers.tofile(file)
            text.append(_included(f"{name}_{part}", file))
        text.append(
            f"extern const instruction {name}_instructions[];\n"
            f"extern const double {name}_constants[];\n"
            f"static const int {name}_in[] = {{{', '.join(map(str, table.inputs))}}};\n"
            f"static const int {name}_out[] = {{{', '.join(map(str, table.outputs))}}};\n"
            f"int {name}(const double **arg, double **res, int n) {{\n"
            f"  const program p = {{{name}_instructions, {name}_constants, "
            f"{len(table.instructions)}, {table.work}, {name}_in, {name}_out}};\n"
            "  return evaluate(&p, arg, res, n);\n}\n"
        )
    return "".join(text)


def _included(symbol: str, file: Path) -> str:
    """A file's content as a symbol, without the compiler reading it as text."""
    return (
        f'__asm__(".section .rodata\\n.balign 64\\n.hidden {symbol}\\n.global {symbol}\\n'
        f'{symbol}:\\n.incbin \\"{file}\\"\\n.text\\n");\n'
    )


def interface(name: str, called: str, function: ca.Function, count: int) -> str:
    """C source of CasADi's interface to a function's compiled table, for `count` instances."""
    inputs = [function.numel_in(i) for i in range(function.n_in())]
    outputs = [function.numel_out(i) for i in range(function.n_out())]

    def sparsity(side: str, sizes: list[int]) -> str:
        shapes = ", ".join(f"{{{size}, {count}, 1}}" for size in sizes)
        return (
            f"static const long long {side}[][3] = {{{shapes}}};\n"
            f"const long long *{name}_sparsity_{side}(long long i) {{ return {side}[i]; }}\n"
            f"long long {name}_n_{side}(void) {{ return {len(sizes)}; }}\n"
        )

    sizes = f"*a = {len(inputs)}; *r = {len(outputs)}; *i = 0; *w = 0; return 0;"
    return (
        f"int {called}(const double **, double **, int);\n"
        f"{sparsity('in', inputs)}{sparsity('out', outputs)}"
        f"int {name}_work(long long *a, long long *r, long long *i, long long *w) {{ {sizes} }}\n"
        f"int {name}(const double **arg, double **res, long long *i, double *w, int m) "
        f"{{ return {called}(arg, res, {count}); }}\n"
    )
