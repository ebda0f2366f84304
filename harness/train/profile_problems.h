/* SPDX-License-Identifier: BSD-3-Clause
 * profile_problems.h: the kernel calls behind a part of a training step, as problems that can be measured
 * alone. */
#ifndef LW_PROFILE_PROBLEMS_H
#define LW_PROFILE_PROBLEMS_H

#include "nn/optimizer.h"
#include "oracle/oracle.h"

enum { LW_PART_PROBLEMS = 3 };

/* Fills out[0 .. result - 1] for `part` of profile.h, in the order in which the calls are made; 0: that
 * part is no kernel call (statistics, flatten). `layer` is NULL for parts that belong to no layer. */
int lw_part_problems(const lw_net *net, const lw_optimizer *o, const lw_layer *layer, int part,
                     lw_problem out[LW_PART_PROBLEMS]);

#endif
