/* Evaluates CasADi's instructions on many instances at once (simulations/collocation/vector_machine.py).

   CasADi's interpreter takes one instance after the other: most of its time goes into finding out what
   to do next. Here each instruction works on LANES instances. Operations and their order are CasADi's,
   and no product is fused with a sum, so the numbers are CasADi's, too. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16
typedef double v __attribute__((vector_size(8 * LANES)));
typedef struct { int operation, out, a, b; } instruction;
typedef struct {
  const instruction *instructions;
  const double *constants;
  int count, work;
  const int *inputs, *outputs; /* numbers in one instance's inputs and outputs */
} program;

#define EACH(x) { v r; for (int l = 0; l < LANES; ++l) r[l] = (x); w[i->out] = r; break; }
#define A w[i->a]
#define B w[i->b]

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
static void block(const program *p, v *w, const double **arg, double **res, const int *at) {
  const instruction *end = p->instructions + p->count;
  for (const instruction *i = p->instructions; i < end; ++i) {
    switch (i->operation) {
      case OP_CONST: EACH(p->constants[i->a])
      case OP_INPUT: {
        v r;
        const double *x = arg[i->a];
        const int n = p->inputs[i->a];
        for (int l = 0; l < LANES; ++l) r[l] = x ? x[(size_t)at[l] * n + i->b] : 0.0;
        w[i->out] = r;
        break;
      }
      case OP_OUTPUT: {
        double *x = res[i->out];
        const int n = p->outputs[i->out];
        if (x) for (int l = 0; l < LANES; ++l) x[(size_t)at[l] * n + i->b] = A[l];
        break;
      }
      case OP_ASSIGN: w[i->out] = A; break;
      case OP_ADD: w[i->out] = A + B; break;
      case OP_SUB: w[i->out] = A - B; break;
      case OP_MUL: w[i->out] = A * B; break;
      case OP_DIV: w[i->out] = A / B; break;
      case OP_NEG: w[i->out] = -A; break;
      case OP_SQ: w[i->out] = A * A; break;
      case OP_TWICE: w[i->out] = 2.0 * A; break;
      case OP_INV: w[i->out] = 1.0 / A; break;
      case OP_SQRT: EACH(sqrt(A[l]))
      case OP_SIN: EACH(sin(A[l]))
      case OP_COS: EACH(cos(A[l]))
      case OP_TAN: EACH(tan(A[l]))
      case OP_ASIN: EACH(asin(A[l]))
      case OP_ACOS: EACH(acos(A[l]))
      case OP_ATAN: EACH(atan(A[l]))
      case OP_SINH: EACH(sinh(A[l]))
      case OP_COSH: EACH(cosh(A[l]))
      case OP_TANH: EACH(tanh(A[l]))
      case OP_ASINH: EACH(asinh(A[l]))
      case OP_EXP: EACH(exp(A[l]))
      case OP_LOG: EACH(log(A[l]))
      case OP_FABS: EACH(fabs(A[l]))
      case OP_SIGN: EACH(A[l] < 0 ? -1.0 : A[l] > 0 ? 1.0 : A[l])
      case OP_NOT: EACH(!A[l])
      case OP_POW: case OP_CONSTPOW: EACH(pow(A[l], B[l]))
      case OP_ATAN2: EACH(atan2(A[l], B[l]))
      case OP_FMIN: EACH(fmin(A[l], B[l]))
      case OP_FMAX: EACH(fmax(A[l], B[l]))
      case OP_LT: EACH(A[l] < B[l])
      case OP_LE: EACH(A[l] <= B[l])
      case OP_EQ: EACH(A[l] == B[l])
      case OP_NE: EACH(A[l] != B[l])
      case OP_AND: EACH(A[l] && B[l])
      case OP_OR: EACH(A[l] || B[l])
      case OP_IF_ELSE_ZERO: EACH(A[l] ? B[l] : 0.0)
    }
  }
}

static int evaluate(const program *p, const double **arg, double **res, int n) {
  v *w = NULL;
  if (posix_memalign((void **)&w, sizeof(v), sizeof(v) * (size_t)p->work)) return 1;
  for (int first = 0; first < n; first += LANES) {
    int at[LANES]; /* the last block repeats the last instance */
    for (int l = 0; l < LANES; ++l) at[l] = first + l < n ? first + l : n - 1;
    block(p, w, arg, res, at);
  }
  free(w);
  return 0;
}
