/* SPDX-License-Identifier: BSD-3-Clause
 * peak.h: the FMA peak that this machine reaches here and now, with the threads that will be timed. */
#ifndef LW_PEAK_H
#define LW_PEAK_H

#include "harness/machine/workers.h"

/* A loop of multiply-adds, long enough to be timed. */
typedef struct lw_peak_loop {
    lw_isa isa;
    int64_t iterations;
    double flop; /* of one thread */
} lw_peak_loop;

/* So long that one thread takes at least `seconds`. flop NaN: no loop for `isa`. */
lw_peak_loop lw_peak_calibrate(lw_isa isa, double seconds);

/* GFLOP/s of the workers together in one run of it. */
double lw_peak_once(const lw_workers *w, const lw_peak_loop *loop);

/* GFLOP/s of the workers together, for the widest multiply-add that a kernel set may use; `autovec` may
 * use what the hand-written set of this CPU uses. Best of several short samples. NAN: no loop for it. */
double lw_peak_gflops(const lw_workers *w, lw_isa isa);

/* Short runs, at most `most`, until the peak is `enough`; returns the best of them and of `known`. */
double lw_peak_raise(const lw_workers *w, lw_isa isa, double known, double enough, int most);

/* The set whose loop serves for `isa`. */
lw_isa lw_peak_isa(lw_isa isa);

#endif
