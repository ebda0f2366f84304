/* SPDX-License-Identifier: BSD-3-Clause
 * run_process.h: what a process of a sweep does: one run, in its own folder. */
#ifndef LW_RUN_PROCESS_H
#define LW_RUN_PROCESS_H

#include "harness/experiment/sweep.h"

#include <sys/types.h>

/* In the child: trains what `r` says on the CPUs of `slot`, its talk in the folder's log.txt. Returns the exit code. */
int lw_run_process(const lw_sweep *s, const lw_planned_run *r, int slot, pid_t parent);

#endif
