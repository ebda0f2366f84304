/* SPDX-License-Identifier: BSD-3-Clause
 * clock.c: the monotonic clock. */
#define _GNU_SOURCE
#include "nn/clock.h"

#include <time.h>

double lw_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
