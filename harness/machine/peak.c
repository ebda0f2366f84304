/* SPDX-License-Identifier: BSD-3-Clause
 * peak.c: runs the peak loops of harness/machine/peak. */
#include "harness/machine/peak.h"

#include "harness/machine/peak/loops.h"
#include "harness/timing/timing.h"

#include <math.h>

enum { SAMPLES = 15 };
#define SAMPLE_SECONDS 4e-3
#define LOOK_SECONDS 5e-4

/* x * factor + addend tends to 1, x + x * growth stays where it is: ordinary numbers for ever. Volatile,
 * or the compiler would compute with their values. */
#if defined(__aarch64__)
static const volatile float growth = 1e-9f;
#endif
static const volatile float factor = 0.999f, addend = 1e-3f;
static volatile float sink[64];

static void run_loop(void *context, const lw_team *team)
{
    const lw_peak_loop *job = context;
    float result = 0;
    switch (job->isa) {
#if defined(__x86_64__)
    case LW_ISA_AVX2:
        result = lw_peak_loop_avx2(job->iterations, factor, addend);
        break;
    case LW_ISA_AVX512:
        result = lw_peak_loop_avx512(job->iterations, factor, addend);
        break;
#endif
#if defined(__aarch64__)
    case LW_ISA_NEON:
        result = lw_peak_loop_neon(job->iterations, growth);
        break;
#endif
    default:
        result = lw_peak_loop_scalar(job->iterations, factor, addend);
        break;
    }
    sink[team->id % 64] = result;
}

static double flop_per_iteration(lw_isa isa)
{
    switch (isa) {
    case LW_ISA_SCALAR:
        return 2.0 * LW_PEAK_CHAINS;
#if defined(__x86_64__)
    case LW_ISA_AVX2:
        return 2.0 * 8 * LW_PEAK_CHAINS;
    case LW_ISA_AVX512:
        return 2.0 * 16 * LW_PEAK_CHAINS;
#endif
#if defined(__aarch64__)
    case LW_ISA_NEON:
        return 2.0 * 4 * LW_PEAK_CHAINS_NEON;
#endif
    default:
        return NAN;
    }
}

lw_isa lw_peak_isa(lw_isa isa)
{
    if (isa != LW_ISA_AUTOVEC) return isa;
    lw_cpu cpu = lw_cpu_detect();
    uint32_t usable = cpu.cpu & cpu.os;
    if (usable & LW_CPU_NEON) return LW_ISA_NEON;
    uint32_t avx2 = LW_CPU_AVX2 | LW_CPU_FMA;
    return (usable & avx2) == avx2 ? LW_ISA_AVX2 : LW_ISA_SCALAR;
}

lw_peak_loop lw_peak_calibrate(lw_isa isa, double seconds)
{
    static const lw_workers solo = {.size = 1};
    lw_peak_loop loop = {lw_peak_isa(isa), 1000, 0};
    const double flop = flop_per_iteration(loop.isa);
    while (!isnan(flop) && loop.iterations < (int64_t)1 << 40) {
        if (lw_time_calls(&solo, run_loop, &loop, 1, true).wall >= seconds) break;
        loop.iterations *= 2;
    }
    loop.flop = flop * (double)loop.iterations;
    return loop;
}

double lw_peak_once(const lw_workers *w, const lw_peak_loop *loop)
{
    lw_peak_loop copy = *loop;
    return loop->flop * w->size / lw_time_calls(w, run_loop, &copy, 1, false).wall * 1e-9;
}

double lw_peak_gflops(const lw_workers *w, lw_isa isa)
{
    const lw_peak_loop loop = lw_peak_calibrate(isa, SAMPLE_SECONDS);
    if (isnan(loop.flop)) return NAN;
    double best = 0;
    for (int i = 0; i < SAMPLES; i++) best = fmax(best, lw_peak_once(w, &loop));
    return best;
}

double lw_peak_raise(const lw_workers *w, lw_isa isa, double known, double enough, int most)
{
    if (!(known < enough)) return known;
    const lw_peak_loop loop = lw_peak_calibrate(isa, LOOK_SECONDS);
    for (int i = 0; i < most && known < enough; i++) known = fmax(known, lw_peak_once(w, &loop));
    return known;
}
