/* SPDX-License-Identifier: BSD-3-Clause
 * paired.c: the distributions behind the tests. */
#include "harness/experiment/paired.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* ---------------------------------------------------------------- Student's t */

/* The continued fraction of the incomplete beta function; DLMF 8.17.22, by Lentz's method. */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m < 1000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        const double term[2] = {even, odd};
        double change = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + term[i] * d;
            c = 1 + term[i] / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            if (fabs(c) < tiny) c = tiny;
            change = c * d;
            value *= change;
        }
        if (fabs(change - 1) < 1e-15) break;
    }
    return value;
}

/* The regularised incomplete beta function. */
static double beta(double a, double b, double x)
{
    if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double lw_student_p(double t, double freedom)
{
    return beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double lw_student_t(double p, double freedom)
{
    double low = 0, high = 1;
    while (lw_student_p(high, freedom) > p) high *= 2;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        *(lw_student_p(middle, freedom) > p ? &low : &high) = middle;
    }
    return high;
}

double lw_paired_t(const double *difference, int n)
{
    double sum = 0, squares = 0;
    if (n < 2) return NAN;
    for (int i = 0; i < n; i++)
        sum += difference[i];
    double mean = sum / n;
    for (int i = 0; i < n; i++)
        squares += (difference[i] - mean) * (difference[i] - mean);
    double error = sqrt(squares / (n - 1) / n);
    if (error <= DBL_EPSILON * fabs(mean)) return mean == 0 ? 1 : NAN;
    return lw_student_p(mean / error, n - 1);
}

/* ---------------------------------------------------------------- McNemar */

double lw_mcnemar(long b, long c)
{
    long n = b + c, less = b < c ? b : c;
    double tail = 0;
    for (long k = 0; k <= less; k++)
        tail += exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) - (double)n * log(2));
    return fmin(2 * tail, 1);
}
