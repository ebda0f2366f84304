/* SPDX-License-Identifier: BSD-3-Clause
 * gbench_name.h: what a kernel on a problem is called as a benchmark. */
#ifndef LW_GBENCH_NAME_H
#define LW_GBENCH_NAME_H

#include "oracle/oracle.h"

enum { LW_GBENCH_NAME = LW_PROBLEM_TEXT + 128 };

/* "sgemm/512x512:512x512/avx2/threads:1", with "/cache:cold" behind where it is not hot; returns `text`. The variant
 * stands behind its set where the set has several for that op. */
const char *lw_gbench_name(const lw_problem *p, const lw_kernel *k, int threads, const char *cache, char *text,
                           size_t size);

#endif
