/* SPDX-License-Identifier: BSD-3-Clause
 * frequency.h: the clock that a core really runs at, measured: a chain of additions, each waiting for
 * the one before it, takes one cycle per addition on every CPU that these kernels know. No counter, no
 * privilege, no file of the system; it works in a virtual machine. */
#ifndef LW_FREQUENCY_H
#define LW_FREQUENCY_H

#include "harness/machine/workers.h"

/* Cycles per second of the calling thread's core, in GHz; about 0.2 ms. The best of a few short chains,
 * so that an interruption does not look like a low clock. NaN: no chain for this CPU. */
double lw_effective_ghz(void);

/* The lowest of the team's clocks while all of them run a chain. */
double lw_workers_ghz(const lw_workers *w);

/* The same chain with multiplications, in cycles by the first one's clock: 3 on x86-64, a whole number
 * elsewhere. It is how `bench roofline` shows that additions do take one cycle here. */
double lw_multiply_latency(void);

#endif
