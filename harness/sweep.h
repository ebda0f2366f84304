/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sweep.h: one text, many problems.
 *
 *     NxN:NxN N=16..2048*2            16x16:16x16, 32x32:32x32 ... 2048x2048:2048x2048
 *     MxK:KxN M=64 K=64..512+64 N=10,100
 *     M=16..64*2 K=576 N=64           without a template, MxK:KxN is meant
 *     64x64:64x10                     no axis: the problem itself
 *
 * Axes are words of capital letters, which no spelling of a problem contains. Values: A..B*F multiplies by F,
 * A..B+S adds S, A..B adds 1, commas separate several. The first axis varies slowest.
 */
#ifndef LW_SWEEP_H
#define LW_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

enum { LW_SWEEP_MOST = 10000 };

/* Calls `visit` with each problem, until it returns false. false: `visit` did, or the text is refused and
 * `err` says why in one line; an error is found before the first visit. */
bool lw_sweep_each(const char *text, bool (*visit)(void *context, const char *problem), void *context,
                   char *err, size_t err_size);

#endif
