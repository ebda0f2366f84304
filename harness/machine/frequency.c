/* SPDX-License-Identifier: BSD-3-Clause
 * frequency.c: timed dependency chains. Register to register: some CPUs do additions of a constant for
 * nothing while they rename registers. */
#include "harness/machine/frequency.h"

#include "harness/timing/timing.h"

#include <math.h>
#include <stdlib.h>

enum { LINKS = 100, CHAIN = 100 * LINKS, TRIES = 7 };

#if defined(__x86_64__)
#define CHAIN_OF(instruction)                                                                                \
    __asm__ volatile(".rept 100\n\t" instruction " %1, %0\n\t.endr" : "+r"(x) : "r"(y) : "cc")
#define ADD CHAIN_OF("add")
#define MULTIPLY CHAIN_OF("imul")
#elif defined(__aarch64__)
#define CHAIN_OF(instruction)                                                                                \
    __asm__ volatile(".rept 100\n\t" instruction " %0, %0, %1\n\t.endr" : "+r"(x) : "r"(y))
#define ADD CHAIN_OF("add")
#define MULTIPLY CHAIN_OF("mul")
#endif

#ifdef ADD
static volatile uint64_t operand = 3; /* volatile, or the compiler would know what it adds */

static double seconds_of_additions(void)
{
    uint64_t x = operand, y = operand;
    double start = lw_seconds();
    for (int i = 0; i < CHAIN / LINKS; i++)
        ADD;
    return lw_seconds() - start;
}

static double seconds_of_multiplications(void)
{
    uint64_t x = operand, y = operand;
    double start = lw_seconds();
    for (int i = 0; i < CHAIN / LINKS; i++)
        MULTIPLY;
    return lw_seconds() - start;
}

static double best_of(double (*chain)(void))
{
    double best = INFINITY;
    for (int i = 0; i < TRIES; i++) {
        double seconds = chain();
        if (seconds < best) best = seconds;
    }
    return best;
}

double lw_effective_ghz(void)
{
    double seconds = best_of(seconds_of_additions);
    return seconds > 0 ? CHAIN / seconds * 1e-9 : NAN;
}

double lw_multiply_latency(void)
{
    double add = best_of(seconds_of_additions), multiply = best_of(seconds_of_multiplications);
    return add > 0 ? multiply / add : NAN;
}
#else
double lw_effective_ghz(void)
{
    return NAN;
}

double lw_multiply_latency(void)
{
    return NAN;
}
#endif

static void member_ghz(void *context, const lw_team *team)
{
    double *ghz = context;
    lw_team_sync(team);
    ghz[team->id] = lw_effective_ghz();
}

double lw_workers_ghz(const lw_workers *w)
{
    double *ghz = calloc((size_t)w->size, sizeof *ghz), lowest = NAN;
    if (ghz) lw_workers_run(w, member_ghz, ghz);
    for (int i = 0; ghz && i < w->size; i++)
        lowest = fmin(lowest, ghz[i]);
    free(ghz);
    return lowest;
}
