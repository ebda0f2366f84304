/* SPDX-License-Identifier: BSD-3-Clause
 * rank_test.c: Mann and Whitney's U, its distribution, correlation of neighbours, Holm's correction. */
#include "harness/timing/rank_test.h"

#include "harness/timing/stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- the distribution of U */

/* Up to here the counts of orders are whole numbers that a double holds. */
enum { EXACT = 50 };

/* P(U >= u) without ties. The number of orders with U = k is the coefficient of q^k in the Gaussian binomial
 * [a+b over a] = product of (1 - q^(b+i)) / (1 - q^i) for i = 1 .. a. */
static double exact_tail(size_t a, size_t b, double u)
{
    const size_t last = a * b;
    double *orders = calloc(last + 1, sizeof *orders);
    if (!orders) return NAN;
    orders[0] = 1;
    for (size_t i = 1; i <= a; i++) {
        for (size_t k = last; k >= b + i && k <= last; k--)
            orders[k] -= orders[k - b - i];
        for (size_t k = i; k <= last; k++)
            orders[k] += orders[k - i];
    }
    double above = 0, all = 0;
    for (size_t k = 0; k <= last; k++) {
        all += orders[k];
        if ((double)k >= u) above += orders[k];
    }
    free(orders);
    return above / all;
}

/* `ties`: sum of t^3 - t over groups of t equal values. */
static double normal_tail(double a, double b, double ties, double u)
{
    const double n = a + b, variance = a * b / 12 * (n + 1 - ties / (n * (n - 1)));
    if (variance <= 0) return 1; /* all are equal */
    return 0.5 * erfc((u - a * b / 2 - 0.5) / sqrt(2 * variance));
}

/* ---------------------------------------------------------------- ranks */

typedef struct ranked {
    double value;
    bool of_b;
} ranked;

static int by_value(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* U of b: pairs in which b is the larger one, ties counting half. */
static double count_pairs(ranked *all, size_t n, size_t count_b, double *ties)
{
    double rank_sum = 0;
    *ties = 0;
    qsort(all, n, sizeof *all, by_value);
    for (size_t i = 0; i < n;) {
        size_t j = i, of_b = 0;
        for (; j < n && all[j].value == all[i].value; j++)
            of_b += all[j].of_b;
        const double group = (double)(j - i);
        rank_sum += (double)of_b * ((double)(i + j + 1) / 2);
        *ties += group * group * group - group;
        i = j;
    }
    return rank_sum - (double)count_b * (double)(count_b + 1) / 2;
}

double lw_rank_test_larger(const double *a, size_t count_a, double scale, const double *b, size_t count_b)
{
    const size_t n = count_a + count_b;
    if (count_a == 0 || count_b == 0) return 1;
    ranked *all = malloc(n * sizeof *all);
    if (!all) return NAN;
    for (size_t i = 0; i < count_a; i++)
        all[i] = (ranked){scale * a[i], false};
    for (size_t i = 0; i < count_b; i++)
        all[count_a + i] = (ranked){b[i], true};
    double ties;
    const double u = count_pairs(all, n, count_b, &ties);
    free(all);
    if (ties == 0 && n <= EXACT) return exact_tail(count_a, count_b, u);
    return normal_tail((double)count_a, (double)count_b, ties, u);
}

/* ---------------------------------------------------------------- samples that are not independent */

/* Of ranks, so that one interruption neither hides a correlation nor feigns one. */
static double neighbour_correlation(const double *in_order, size_t count)
{
    double square = 0, product = 0, before = 0;
    for (size_t i = 0; i < count; i++) {
        double rank = 0; /* from the middle */
        for (size_t j = 0; j < count; j++)
            rank += (in_order[j] < in_order[i]) - (in_order[j] > in_order[i]);
        square += rank * rank;
        product += rank * before;
        before = rank;
    }
    return square > 0 ? product / square : 0;
}

size_t lw_declump(const double *in_order, size_t count, double *out)
{
    memcpy(out, in_order, count * sizeof *out);
    /* Few samples show less correlation than there is, by (1 + 3 r) / n (Kendall, 1954). */
    const double seen = neighbour_correlation(in_order, count), r = seen + (1 + 3 * seen) / (double)count;
    if (r * sqrt((double)count) < 1) return count; /* within one deviation of none */
    /* The mean of n such samples, were it an autoregression of first order, is worth n (1 - r) / (1 + r). */
    const size_t worth = (size_t)(r < 1 ? (double)count * (1 - r) / (1 + r) : 1),
                 groups = worth < 1 ? 1 : worth;
    for (size_t g = 0; g < groups; g++) {
        const size_t begin = g * count / groups, end = (g + 1) * count / groups;
        lw_sort(out + begin, end - begin);
        out[g] = lw_quantile(out + begin, end - begin, 0.5);
    }
    return groups;
}

/* ---------------------------------------------------------------- many rows */

typedef struct indexed {
    double p;
    size_t place;
} indexed;

static int by_p(const void *a, const void *b)
{
    const indexed *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

bool lw_holm(double *p, size_t count)
{
    indexed *order = malloc((count + 1) * sizeof *order);
    if (!order) return false;
    size_t asked = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(p[i])) order[asked++] = (indexed){p[i], i};
    qsort(order, asked, sizeof *order, by_p);
    double least = 0;
    for (size_t i = 0; i < asked; i++) {
        const double adjusted = fmin(1, order[i].p * (double)(asked - i));
        least = fmax(least, adjusted);
        p[order[i].place] = least;
    }
    free(order);
    return true;
}

double lw_student3_above(double t)
{
    const double pi = 3.14159265358979323846, x = t / sqrt(3);
    return 0.5 - (x / (1 + x * x) + atan(x)) / pi;
}

double lw_student3_quantile(double above)
{
    double low = 0, high = 1e6;
    for (int i = 0; i < 100; i++) {
        const double middle = (low + high) / 2;
        *(lw_student3_above(middle) > above ? &low : &high) = middle;
    }
    return high;
}
