/* SPDX-License-Identifier: BSD-3-Clause
 * ceilings_asm.c: an independent measurement of what `bench roofline --kernel avx2` reports, written in
 * assembly so that no compiler decides what runs, and sharing no code with harness/: its own clock, its own
 * buffers, its own choice of samples. Prints a line per ceiling: name, value.
 *     ceilings_asm L1BYTES L2BYTES L3BYTES DRAMBYTES */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Fourteen chains: latency 4 times two units need eight, but where a unit is picked before the operands are there, ten
 * left a Zen 4 5 % short of what its units can do. 224 FLOP a round. */
static void fma_rounds(uint64_t rounds)
{
    __asm__ volatile("vxorps %%ymm0, %%ymm0, %%ymm0\n\t"
                     "vmovaps %%ymm0, %%ymm1\n\tvmovaps %%ymm0, %%ymm2\n\tvmovaps %%ymm0, %%ymm3\n\t"
                     "vmovaps %%ymm0, %%ymm4\n\tvmovaps %%ymm0, %%ymm5\n\tvmovaps %%ymm0, %%ymm6\n\t"
                     "vmovaps %%ymm0, %%ymm7\n\tvmovaps %%ymm0, %%ymm8\n\tvmovaps %%ymm0, %%ymm9\n\t"
                     "vmovaps %%ymm0, %%ymm10\n\tvmovaps %%ymm0, %%ymm11\n\tvmovaps %%ymm0, %%ymm12\n\t"
                     "vmovaps %%ymm0, %%ymm13\n\tvmovaps %%ymm0, %%ymm14\n\tvmovaps %%ymm0, %%ymm15\n\t"
                     ".p2align 5\n"
                     "1:\n\t"
                     "vfmadd231ps %%ymm14, %%ymm15, %%ymm0\n\tvfmadd231ps %%ymm14, %%ymm15, %%ymm1\n\t"
                     "vfmadd231ps %%ymm14, %%ymm15, %%ymm2\n\tvfmadd231ps %%ymm14, %%ymm15, %%ymm3\n\t"
                     "vfmadd231ps %%ymm14, %%ymm15, %%ymm4\n\tvfmadd231ps %%ymm14, %%ymm15, %%ymm5\n\t"
                     "vfmadd231ps %%ymm14, %%ymm15, %%ymm6\n\tvfmadd231ps %%ymm14, %%ymm15, %%ymm7\n\t"
                     "vfmadd231ps %%ymm14, %%ymm15, %%ymm8\n\tvfmadd231ps %%ymm14, %%ymm15, %%ymm9\n\t"
                     "vfmadd231ps %%ymm14, %%ymm15, %%ymm10\n\tvfmadd231ps %%ymm14, %%ymm15, %%ymm11\n\t"
                     "vfmadd231ps %%ymm14, %%ymm15, %%ymm12\n\tvfmadd231ps %%ymm14, %%ymm15, %%ymm13\n\t"
                     "dec %0\n\t"
                     "jnz 1b\n\t"
                     "vzeroupper"
                     : "+r"(rounds)
                     :
                     : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                       "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

/* Sixteen loads, 512 bytes, a round; after `bytes`, a multiple of 512, from the start again without a branch, which
 * would be mispredicted once a pass: a pass over L1 is a few hundred cycles. */
static void read_rounds(const char *begin, size_t bytes, uint64_t rounds)
{
    const char *p = begin, *end = begin + bytes;
    __asm__ volatile(".p2align 5\n"
                     "1:\n\t"
                     "vmovaps (%0), %%ymm0\n\tvmovaps 32(%0), %%ymm1\n\tvmovaps 64(%0), %%ymm2\n\t"
                     "vmovaps 96(%0), %%ymm3\n\tvmovaps 128(%0), %%ymm4\n\tvmovaps 160(%0), %%ymm5\n\t"
                     "vmovaps 192(%0), %%ymm6\n\tvmovaps 224(%0), %%ymm7\n\tvmovaps 256(%0), %%ymm0\n\t"
                     "vmovaps 288(%0), %%ymm1\n\tvmovaps 320(%0), %%ymm2\n\tvmovaps 352(%0), %%ymm3\n\t"
                     "vmovaps 384(%0), %%ymm4\n\tvmovaps 416(%0), %%ymm5\n\tvmovaps 448(%0), %%ymm6\n\t"
                     "vmovaps 480(%0), %%ymm7\n\t"
                     "add $512, %0\n\t"
                     "cmp %2, %0\n\t"
                     "cmovae %3, %0\n\t"
                     "dec %1\n\t"
                     "jnz 1b\n\t"
                     "vzeroupper"
                     : "+&r"(p), "+&r"(rounds)
                     : "r"(end), "r"(begin)
                     : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
}

/* a = b + s * c, 64 bytes of each a round; `bytes` of each stream. */
static void triad_once(char *a, size_t bytes)
{
    const char *b = a + bytes, *c = b + bytes;
    size_t at = 0; /* one index for all three, as a compiler has it */
    __asm__ volatile("vxorps %%ymm15, %%ymm15, %%ymm15\n\t"
                     ".p2align 5\n"
                     "1:\n\t"
                     "vmovaps (%2,%0), %%ymm0\n\tvfmadd231ps (%3,%0), %%ymm15, %%ymm0\n\tvmovaps %%ymm0, (%1,%0)\n\t"
                     "vmovaps 32(%2,%0), %%ymm1\n\tvfmadd231ps 32(%3,%0), %%ymm15, %%ymm1\n\tvmovaps %%ymm1, 32(%1,%0)\n\t"
                     "vmovaps 64(%2,%0), %%ymm2\n\tvfmadd231ps 64(%3,%0), %%ymm15, %%ymm2\n\tvmovaps %%ymm2, 64(%1,%0)\n\t"
                     "vmovaps 96(%2,%0), %%ymm3\n\tvfmadd231ps 96(%3,%0), %%ymm15, %%ymm3\n\tvmovaps %%ymm3, 96(%1,%0)\n\t"
                     "add $128, %0\n\t"
                     "cmp %4, %0\n\t"
                     "jb 1b\n\t"
                     "vzeroupper"
                     : "+&r"(at)
                     : "r"(a), "r"(b), "r"(c), "r"(bytes)
                     : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm15");
}

/* Best rate of 40 samples, each about a millisecond or one pass, over eight places in the buffer. All are taken twice and
 * the first time does not count: on fresh pages a Zen 5's L3 was a fifth faster for two milliseconds, and never again. */
static double best_rate(char *begin, size_t all, size_t bytes, int triad)
{
    double best = 0;
    int places = (int)(all / bytes < 8 ? all / bytes : 8);
    size_t each = triad ? bytes / 3 / 512 * 512 : bytes / 512 * 512;
    if (triad && each / 512 % 2 == 0) each -= 512; /* the streams must not meet at one offset in a page */
    double moved = triad ? 3.0 * (double)each : (double)each;
    int passes = moved < 60e6 ? (int)(60e6 / moved) + 1 : 1, samples = moved > 60e6 ? 8 : 40;
    for (int i = -samples; i < samples; i++) {
        char *buffer = begin + (size_t)((i + samples) % samples * places / samples) * bytes;
        double start = seconds();
        if (!triad) read_rounds(buffer, each, (uint64_t)passes * each / 512);
        for (int p = 0; triad && p < passes; p++) triad_once(buffer, each);
        double rate = moved * passes / (seconds() - start) * 1e-9;
        if (i >= 0 && rate > best) best = rate;
    }
    return best;
}

int main(int argc, char **argv)
{
    static const char *const levels[] = {"L1", "L2", "L3", "DRAM"};
    size_t most = 0;
    if (argc != 5 || !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
        fprintf(stderr, "usage: ceilings_asm L1BYTES L2BYTES L3BYTES DRAMBYTES, on a CPU with AVX2 and FMA\n");
        return 2;
    }
    cpu_set_t set; /* the first CPU that we may use, as bench does with one thread */
    sched_getaffinity(0, sizeof set, &set);
    for (int cpu = 0, found = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set) && found++) CPU_CLR(cpu, &set);
    }
    sched_setaffinity(0, sizeof set, &set);
    double best = 0;
    for (int i = 0; i < 40; i++) {
        double start = seconds();
        fma_rounds(100000);
        double rate = 224 * 1e5 / (seconds() - start) * 1e-9;
        if (rate > best) best = rate;
    }
    printf("peak %.2f\n", best);
    for (int i = 0; i < 4; i++) {
        size_t bytes = strtoull(argv[i + 1], NULL, 10);
        if (bytes > most) most = bytes;
    }
    char *buffer = aligned_alloc(4096, (most / 4096 + 1) * 4096);
    if (!buffer) return 1;
    memset(buffer, 0, most);
    for (int i = 0; i < 4; i++) {
        size_t bytes = strtoull(argv[i + 1], NULL, 10);
        if (bytes < 4096) continue;
        printf("%s.read %.2f\n%s.triad %.2f\n", levels[i], best_rate(buffer, most, bytes, 0), levels[i],
               best_rate(buffer, most, bytes, 1));
    }
    free(buffer);
    return 0;
}
#else
int main(void)
{
    fprintf(stderr, "ceilings_asm: written for x86-64\n");
    return 77;
}
#endif
