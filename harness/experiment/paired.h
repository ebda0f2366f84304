/* SPDX-License-Identifier: BSD-3-Clause
 * paired.h: tests of two variants that were trained with the same seeds and tested on the same images. Each returns the
 * two-sided probability of a difference at least as large if there were none; NaN: it cannot be said. */
#ifndef LW_PAIRED_H
#define LW_PAIRED_H

/* Student's t over `n` differences. NaN for fewer than two, and where all are the same but not zero. */
double lw_paired_t(const double *difference, int n);

/* Two-sided probability of a t at least as far from zero, and the t > 0 that has it; 0 < p < 1. */
double lw_student_p(double t, double freedom);
double lw_student_t(double p, double freedom);

/* McNemar's test in its exact form: of the images on which the two disagree, `b` are right only in one and `c` only in
 * the other. McNemar (1947). */
double lw_mcnemar(long b, long c);

#endif
