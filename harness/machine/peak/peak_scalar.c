/* SPDX-License-Identifier: BSD-3-Clause
 * peak_scalar.c: peak of one multiplication and one addition at a time, as the scalar kernels do them:
 * built with the vectoriser off and without fused operations. */
#include "harness/machine/peak/loops.h"

float lw_peak_loop_scalar(int64_t iterations, float a, float b)
{
    float x[LW_PEAK_CHAINS];
    /* Different starts, or the compiler may keep one chain for all. */
    for (int c = 0; c < LW_PEAK_CHAINS; c++)
        x[c] = a + (float)c;
    for (int64_t i = 0; i < iterations; i++) {
        x[0] = x[0] * a + b;
        x[1] = x[1] * a + b;
        x[2] = x[2] * a + b;
        x[3] = x[3] * a + b;
        x[4] = x[4] * a + b;
        x[5] = x[5] * a + b;
        x[6] = x[6] * a + b;
        x[7] = x[7] * a + b;
        x[8] = x[8] * a + b;
        x[9] = x[9] * a + b;
        x[10] = x[10] * a + b;
        x[11] = x[11] * a + b;
    }
    float sum = 0;
    for (int c = 0; c < LW_PEAK_CHAINS; c++)
        sum += x[c];
    return sum;
}
