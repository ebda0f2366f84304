/* SPDX-License-Identifier: BSD-3-Clause
 *
 * callers.h: the same timing for kernels that our team runs and for kernels of libraries that have threads of
 * their own. Those are called once, from a thread that may use all CPUs (or, where they open OpenMP regions, from
 * the one whose pool our team is), while nothing else of this process runs.
 */
#ifndef LW_CALLERS_H
#define LW_CALLERS_H

#include "harness/timing/timing.h"

/* Starts the thread that calls libraries with threads of their own. Call before lw_workers_init binds this
 * thread: it inherits the CPUs. false: no thread could be started. */
bool lw_callers_start(void);

/* As lw_time_calls, by the caller that the contestant asks for. */
lw_elapsed lw_callers_time(const lw_workers *w, const lw_contestant *c, int64_t loops, bool warm);

/* Waits until no thread of this process uses a CPU: idle threads of OpenMP and of the libraries spin for
 * milliseconds before they sleep, and would take the CPUs of whoever is timed next. */
void lw_callers_settle(void);

#endif
