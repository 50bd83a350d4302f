"""C source of CasADi expressions that evaluates many instances at once.

CasADi's own generator writes a function of some hundred thousand operations as one C function,
which compilers take minutes for, and evaluates one instance after the other. Here the operations
are cut into short functions that share a work vector, and each works on several instances.
Operations and their order are CasADi's, so the numbers are, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import casadi as ca

LANES = 4
_CHUNK = 400

_INFIX = {ca.OP_ADD: "+", ca.OP_SUB: "-", ca.OP_MUL: "*", ca.OP_DIV: "/"}
_VECTOR = {
    ca.OP_ASSIGN: "{0}",
    ca.OP_NEG: "-{0}",
    ca.OP_SQ: "{0} * {0}",
    ca.OP_TWICE: "2.0 * {0}",
    ca.OP_INV: "1.0 / {0}",
}
_LANEWISE = {
    ca.OP_SQRT: "sqrt({0})",
    ca.OP_SIN: "sin({0})",
    ca.OP_COS: "cos({0})",
    ca.OP_TAN: "tan({0})",
    ca.OP_ASIN: "asin({0})",
    ca.OP_ACOS: "acos({0})",
    ca.OP_ATAN: "atan({0})",
    ca.OP_SINH: "sinh({0})",
    ca.OP_COSH: "cosh({0})",
    ca.OP_TANH: "tanh({0})",
    ca.OP_ASINH: "asinh({0})",
    ca.OP_EXP: "exp({0})",
    ca.OP_LOG: "log({0})",
    ca.OP_FABS: "fabs({0})",
    ca.OP_SIGN: "({0} < 0 ? -1.0 : {0} > 0 ? 1.0 : {0})",
    ca.OP_NOT: "!{0}",
    ca.OP_POW: "pow({0}, {1})",
    ca.OP_CONSTPOW: "pow({0}, {1})",
    ca.OP_FMIN: "fmin({0}, {1})",
    ca.OP_FMAX: "fmax({0}, {1})",
    ca.OP_LT: "{0} < {1}",
    ca.OP_LE: "{0} <= {1}",
    ca.OP_EQ: "{0} == {1}",
    ca.OP_NE: "{0} != {1}",
    ca.OP_AND: "{0} && {1}",
    ca.OP_OR: "{0} || {1}",
    ca.OP_IF_ELSE_ZERO: "{0} ? {1} : 0.0",
}

_HEAD = f"""#include <math.h>
typedef double v __attribute__((vector_size({8 * LANES})));
#define LANES {LANES}
#define EACH(i, x) {{ v r_; for (int l = 0; l < LANES; ++l) r_[l] = (x); w[i] = r_; }}
#define IN(i, k, j) {{ v r_; for (int l = 0; l < LANES; ++l) \\
    r_[l] = arg[k] ? arg[k][at[l] * N##k + j] : 0.0; w[i] = r_; }}
#define OUT(k, j, i) if (res[k]) for (int l = 0; l < LANES; ++l) res[k][at[l] * M##k + j] = w[i][l];
"""


class UnknownOperationError(ValueError):
    """An operation that the generator does not know: the expression is left to CasADi."""


def source(functions: Mapping[str, ca.Function]) -> str:
    """C source with, for each function, void name(arg, res, n): n instances, column by column.

    arg, res: as in CasADi's C interface, dense inputs and outputs of all instances; a null input is
    zero, a null output not wanted. The work vector is the thread's own, on its stack.
    """
    return "".join([_HEAD, *(text for name, f in functions.items() for text in _one(name, f))])


def _one(name: str, function: ca.Function) -> Iterator[str]:
    for i in range(function.n_in()):
        yield f"#undef N{i}\n#define N{i} {function.numel_in(i)}\n"
    for i in range(function.n_out()):
        yield f"#undef M{i}\n#define M{i} {function.numel_out(i)}\n"
    count, start = function.n_instructions(), 0
    head = "(v *restrict w, const double **arg, double **res, const int *at)"
    chunks = []
    while start < count:
        end = min(start + _CHUNK, count)
        chunks.append(f"{name}_{start}")
        yield f"__attribute__((noinline)) void {chunks[-1]}{head} {{\n"
        for k in range(start, end):
            yield _statement(function, k)
        yield "}\n"
        start = end
    calls = "".join(f"    {chunk}(w, arg, res, at);\n" for chunk in chunks)
    yield (
        f"void {name}(const double **arg, double **res, int n) {{\n"
        f"  v w[{max(function.sz_w(), 1)}];\n"
        "  for (int first = 0; first < n; first += LANES) {\n"
        "    int at[LANES];\n"
        "    for (int l = 0; l < LANES; ++l) at[l] = first + l < n ? first + l : n - 1;\n"
        f"{calls}  }}\n}}\n"
    )


def _statement(function: ca.Function, k: int) -> str:
    operation = function.instruction_id(k)
    inputs, outputs = function.instruction_input(k), function.instruction_output(k)
    if operation == ca.OP_CONST:
        value = function.instruction_constant(k)
        return f"w[{outputs[0]}] = (v){{0}} + {value!r};\n"
    if operation == ca.OP_INPUT:
        return f"IN({outputs[0]}, {inputs[0]}, {inputs[1]})\n"
    if operation == ca.OP_OUTPUT:
        return f"OUT({outputs[0]}, {outputs[1]}, {inputs[0]})\n"
    if operation in _INFIX:
        a, b = inputs
        return f"w[{outputs[0]}] = w[{a}] {_INFIX[operation]} w[{b}];\n"
    if operation in _VECTOR:
        return f"w[{outputs[0]}] = {_VECTOR[operation].format(f'w[{inputs[0]}]')};\n"
    if operation in _LANEWISE:
        each = _LANEWISE[operation].format(*(f"w[{i}][l]" for i in inputs))
        return f"EACH({outputs[0]}, {each})\n"
    raise UnknownOperationError(f"{function.name()}: operation {operation} is not known")
