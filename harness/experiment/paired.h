/* SPDX-License-Identifier: BSD-3-Clause
 * paired.h: tests of two variants that were trained with the same seeds and tested on the same images. Each returns the
 * two-sided probability of a difference at least as large if there were none; NaN: it cannot be said. */
#ifndef LW_PAIRED_H
#define LW_PAIRED_H

/* Student's t over `n` differences. NaN for fewer than two, and where all are the same but not zero. */
double lw_paired_t(const double *difference, int n);

/* McNemar's test in its exact form: of the images on which the two disagree, `b` are right only in one and `c` only in
 * the other. McNemar (1947). */
double lw_mcnemar(long b, long c);

#endif
