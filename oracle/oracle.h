/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle.h: what it means for a kernel to be right, and what a call costs. For every op: its problems
 * (text <-> sizes), operands, an fp64 reference with its error bound, a sweep of awkward shapes, and
 * FLOP and bytes. Tests, `bench check` and `bench kernels` all stand on it, so no kernel exists
 * untested or unmeasured. One file per op family; the engine (buffers, fills, comparison) is shared.
 */
#ifndef LW_ORACLE_H
#define LW_ORACLE_H

#include "kernels/kernels.h"

#define LW_PROBLEM_TEXT 160

/* A problem: an op with its sizes and scalars; what `--problem` names. */
typedef struct lw_problem {
    lw_op op;
    char text[LW_PROBLEM_TEXT]; /* canonical spelling; parses back to the same problem */
    bool inplace;               /* the output stands where an input stood, where the contract allows it */
    unsigned without;           /* operands left out (NULL), a bit each by its place in the op's list */
    lw_args args;               /* sizes and scalars; pointers in here are not used */
} lw_problem;

/* benchdnn's spelling where it has one: conv "mb64ic32ih13oc64oh11kh3ph0" (missing w copies h; missing
 * stride 1, padding 0), pool "mb64ic32ih26oh13kh2sh2", gemm "MxK:KxN" with optional "_nt", "_beta1" ...
 * (see lw_problem_syntax). On false `err` holds one line: what is wrong, where, what would be right. */
bool lw_problem_parse(lw_op op, const char *text, lw_problem *out, char *err, size_t err_size);
const char *lw_problem_syntax(lw_op op); /* one line for --help */

/* Problems that `bench kernels` runs by default; NULL-terminated. `quick`: the first few. */
const char *const *lw_problem_defaults(lw_op op, bool quick);

/* FLOP are nominal (the op's contract says how they are counted). An op that leaves some out executes fewer, on the
 * operands that a case makes. Bytes: each operand once. */
typedef struct lw_cost {
    double flop, executed, bytes;
} lw_cost;
lw_cost lw_problem_cost(const lw_problem *p);
lw_cost lw_kernel_cost(const lw_kernel *k, const lw_problem *p); /* executed by `k` */

/* The sweep: shape i of the awkward ones (each dimension from 1 past twice the tile mr x nr, K around
 * unroll and block edges, ld > columns, beta and flags), then `extra` random ones from `seed`.
 * false past the end. */
bool lw_problem_sweep(lw_op op, int mr, int nr, size_t i, size_t extra, uint64_t seed, lw_problem *out);

typedef enum lw_fill {
    LW_FILL_EXACT,        /* small integers: sums stay below 2^24, every ISA must agree bit for bit */
    LW_FILL_RANDOM,       /* signed, bounded by the derived error */
    LW_FILL_PATHOLOGICAL, /* signed zero, denormals, huge and tiny, NaN and infinity */
    LW_FILL_COUNT
} lw_fill;

typedef enum lw_placement {
    LW_PLACE_ALIGNED,   /* 64-byte aligned; what the benchmark times */
    LW_PLACE_OFFSET,    /* base pointers at `offset` floats past alignment */
    LW_PLACE_END_GUARD, /* each buffer ends at a protected page */
    LW_PLACE_BEGIN_GUARD
} lw_placement;

/* How the operands of a case are filled and placed. */
typedef struct lw_setting {
    lw_fill fill;
    lw_placement placement;
    int offset; /* floats, for LW_PLACE_OFFSET */
} lw_setting;

extern const lw_setting lw_setting_plain; /* random values in aligned buffers: what the benchmark times */

/* Every fill in every placement; the offset, 1 .. 15, takes its turn with the number of the problem. */
enum { LW_SETTINGS = 4 * LW_FILL_COUNT };
lw_setting lw_setting_at(size_t i, size_t problem);

/* "random values, a protected page after each buffer"; returns `text`. */
const char *lw_setting_describe(lw_setting s, char *text, size_t size);

/* A case: a problem with operands in memory. NULL when there is no memory. */
typedef struct lw_case lw_case;
lw_case *lw_case_new(const lw_problem *p, lw_setting setting, uint64_t seed);
void lw_case_free(lw_case *c);

/* Another set of operands for the problem of `c`, filled from `seed`, for runs only: it has no reference, and uses the
 * workspace of `c`, which outlives it. `weights_only`: all but its weights are those of `c`. NULL: no memory. */
lw_case *lw_case_sibling(lw_case *c, uint64_t seed, bool weights_only);

/* Other values, dense, for an operand by name, for runs only: a reference that was asked for before knows nothing of
 * them. Nothing where this problem leaves the operand out. */
void lw_case_put(lw_case *c, const char *operand, const void *values);

/* Bytes of the operands; of the weights among them: the filter or its gradient, B of a matrix product. */
size_t lw_case_bytes(const lw_case *c, bool weights_only);

/* Workspace for runs of `k` by teams of `team_size`; keeps the larger of this and earlier calls. For a kernel
 * with a prepare hook, what that makes; several kernels may be prepared side by side. false: no memory, or
 * the kernel does not serve this problem (lw_case_check tells the two apart). */
bool lw_case_prepare(lw_case *c, const lw_kernel *k, int team_size);

/* One call of the kernel on the case's operands. Every member of the team calls. In-place operands
 * drift over repeated runs; lw_case_check restores them first. */
void lw_case_run(lw_case *c, const lw_kernel *k, const lw_team *team);

/* Whether `k` is for this problem, as far as its row says; a prepare hook may still decline. */
bool lw_kernel_serves(const lw_kernel *k, const lw_problem *p);

typedef struct lw_verdict {
    bool pass;
    double worst;      /* worst |err| / bound; <= 1 passes; 0 where exact */
    bool declined;     /* the kernel does not serve this problem: it neither passes nor is wrong */
    char detail[320];  /* on failure: operand, element, got, want, bound, or "input x changed" ... */
} lw_verdict;

/* Restore the operands, fill outputs with NaN, run `k` once (team of one), compare every element with
 * the fp64 reference inside the bound, and check inputs, row padding and margins for changes. Where the row says that
 * one member does the call, once more as a member of a team without the others. */
lw_verdict lw_case_check(lw_case *c, const lw_kernel *k);

/* Runs `job` on all members of a team of `size` at once. */
typedef void lw_team_runner(int size, void (*job)(void *context, const lw_team *team), void *context);

/* As lw_case_check, then the same on a team: it must leave the same bits. A fault there ends the process. */
lw_verdict lw_case_check_team(lw_case *c, const lw_kernel *k, int team_size, lw_team_runner *runner);

#endif
