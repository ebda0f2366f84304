/* SPDX-License-Identifier: BSD-3-Clause
 * train_profile.h: `bench train --profile`: the same problems hot, cold, and inside training steps. */
#ifndef LW_TRAIN_PROFILE_H
#define LW_TRAIN_PROFILE_H

#include "harness/train/train.h"

/* Measures the parts of `p` alone, prints the table and writes OUT/profile.csv (rows of earlier runs stay).
 * Prints its refusal; returns an exit code. */
int lw_train_profile(const lw_train *t, const lw_train_run *run, const lw_trainer *trainer, const lw_profile *p);

#endif
