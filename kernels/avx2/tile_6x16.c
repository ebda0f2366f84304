/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tile_6x16.c: the 6 x 16 register tile, AVX2 + FMA.
 *
 * Registers   12 accumulators (6 rows x 2 vectors), 2 of B, 1 broadcast of A: 15 of 16 ymm.
 *             6 row pointers, the offset common to them, B, what is asked for ahead, two steps and a counter: 12 of 15
 *             general.
 * Per k       12 FMA, 2 loads, 6 broadcasts (load ports only); 4 steps of k per turn, any of which may be the last.
 *             Two FMA ports take 6 cycles for it, two load ports 4: FMA-bound.
 * Per tile    6 cycles pass without FMAs on Zen 4: its 12 stores and FMAs wait for each other. Sums set to zero first
 *             would be 4 more, so the first step multiplies; what is moved about besides, up to 20. So what a pass asks
 *             for is known when its form is compiled: how sums end, whether in part of a vector, and whether K is one
 *             stretch. Only then do sums stay in their registers from the first step to the store.
 * Fewer rows  each count of rows is a kernel of its own, so a partial tile costs only its rows; up to 8 columns are
 *             tiles of one vector, whose odd steps are summed in the registers of the other one: 6 chains would not
 *             hide an FMA's latency. Their 7 loads a step then take longer than the FMAs, 3.5 cycles for 3.
 * Source      tile shape as in BLIS' haswell sgemm (Van Zee & van de Geijn, 2015).
 */
#include "kernels/avx2/tile_6x16.h"
#include "kernels/avx2/tile_8x1.h"
#include "kernels/vec/vec.h"

#include <assert.h>
#include <math.h>

#define MR 6
#define NR 16

/* acc += a * b in the form that overwrites acc. Left the choice, gcc overwrites a or b, moves accumulators
 * about and ends up spilling two of them. */
VEC_INLINE void fma_into(__m256 *acc, __m256 a, __m256 b)
{
    __asm__("vfmadd231ps %2, %1, %0" : "+x"(*acc) : "x"(a), "x"(b));
}

/* One vector of columns of all rows. Two of them, rather than an array of pairs: clang promotes these to registers. */
typedef struct column {
    __m256 row[MR];
} column;

/* ---------------------------------------------------------------- the end of a tile */

/* acc = act(alpha * acc + beta * C + bias) from column v of vectors, of which `lanes` lanes are there. */
VEC_INLINE void evaluate(const lw_tile_pass *pass, column *acc, float *const c[MR], const int v, const int rows,
                         const int lanes)
{
    if (pass->beta != 0.0f || pass->alpha != 1.0f) {
        const __m256 alpha = _mm256_set1_ps(pass->alpha), beta = _mm256_set1_ps(pass->beta);
        VEC_UNROLL
        for (int i = 0; i < rows; i++) {
            if (pass->beta == 0.0f) {
                acc->row[i] = _mm256_mul_ps(alpha, acc->row[i]);
                continue;
            }
            const __m256 old = vf_load_n(c[i] + pass->column + 8 * v, lanes);
            acc->row[i] = _mm256_fmadd_ps(alpha, acc->row[i], _mm256_mul_ps(beta, old));
        }
    }
    /* Without bias or ReLU the same two instructions do nothing. */
    const __m256 floor = _mm256_set1_ps(pass->relu ? 0.0f : -INFINITY);
    const __m256 bias = pass->bias ? vf_load_n(pass->bias + 8 * v, lanes) : _mm256_setzero_ps();
    VEC_UNROLL
    for (int i = 0; i < rows; i++) /* max(floor, x) in this order of operands is x when x is NaN */
        acc->row[i] = _mm256_max_ps(floor, _mm256_add_ps(acc->row[i], bias));
}

/* What a form of the tile is compiled for. */
typedef struct form {
    int vectors; /* of columns */
    lw_tile_ending how;
    bool partial; /* the last vector is */
    bool one;     /* K is one stretch */
} form;

VEC_INLINE void finish(const lw_tile_pass *pass, column *acc0, column *acc1, float *const c[MR], const form f,
                       const int rows)
{
    const int lanes = f.partial ? pass->cols - 8 * (f.vectors - 1) : 8;
    if (f.how == LW_TILE_GENERAL) {
        evaluate(pass, acc0, c, 0, rows, f.vectors == 1 ? lanes : 8);
        if (f.vectors == 2) evaluate(pass, acc1, c, 1, rows, lanes);
    }
    VEC_UNROLL
    for (int i = 0; i < rows; i++) {
        float *first = c[i] + pass->column, *last = first + 8 * (f.vectors - 1);
        __m256 x = acc0->row[i], y = f.vectors == 2 ? acc1->row[i] : x;
        if (f.how == LW_TILE_ACCUMULATE) {
            if (f.vectors == 2) x = _mm256_add_ps(x, _mm256_loadu_ps(first));
            y = _mm256_add_ps(y, vf_load_n(last, lanes));
        }
        if (f.vectors == 2) _mm256_storeu_ps(first, x);
        vf_store_n(last, y, lanes);
    }
}

/* ---------------------------------------------------------------- a tile */

/* Hides where the offsets come from. Otherwise the compiler keeps an address of its own for every row and
 * unrolled step, and spills them. */
#define OPAQUE(p, b) __asm__("" : "+r"(p), "+r"(b))

/* Where a tile is in a stretch of K. */
typedef struct position {
    const float *b;
    ptrdiff_t p, left;        /* the offset from each row of A; steps */
    ptrdiff_t a_step, b_step; /* copies: clang would read the pass's again at each step */
} position;

VEC_INLINE position begin(const lw_tile_pass *pass, const lw_tile_segment *segment)
{
    return (position){pass->b + segment->b, segment->a, pass->len, pass->a_step, pass->b_step};
}

/* acc = a * b for the first step of a sum, from then on acc += a * b. */
VEC_INLINE void add_product(__m256 *acc, __m256 a, __m256 b, const bool first)
{
    if (first)
        *acc = _mm256_mul_ps(a, b);
    else
        fma_into(acc, a, b);
}

/* Step u of k, the first for u == 0; whether it was the last of its stretch. A tile of one vector sums odd steps in the
 * registers of the other one. */
VEC_INLINE bool step(const float *const a[MR], position *at, column *acc0, column *acc1, const int rows,
                     const int vectors, const int u)
{
    const __m256 b0 = _mm256_loadu_ps(at->b), b1 = vectors == 2 ? _mm256_loadu_ps(at->b + 8) : b0;
    VEC_UNROLL
    for (int i = 0; i < rows; i++) {
        const __m256 ai = _mm256_broadcast_ss(a[i] + at->p);
        add_product(vectors == 1 && u % 2 == 1 ? &acc1->row[i] : &acc0->row[i], ai, b0, u == 0);
        if (vectors == 2) add_product(&acc1->row[i], ai, b1, u == 0);
    }
    at->p += at->a_step;
    at->b += at->b_step;
    OPAQUE(at->p, at->b);
    return --at->left == 0;
}

/* What is left of a stretch. Returns what to ask for next, which is `*bytes` further on each time: no register is left
 * for that. */
VEC_INLINE const float *stretch(position *at, const float *const a[MR], const float *ahead, const ptrdiff_t *bytes,
                                column *acc0, column *acc1, const int rows, const int vectors)
{
    for (;;) {
        _mm_prefetch((const char *)ahead, _MM_HINT_T0);
        __asm__("add %1, %0" : "+r"(ahead) : "m"(*bytes) : "cc");
        if (step(a, at, acc0, acc1, rows, vectors, 1)) return ahead;
        if (step(a, at, acc0, acc1, rows, vectors, 2)) return ahead;
        if (step(a, at, acc0, acc1, rows, vectors, 3)) return ahead;
        if (step(a, at, acc0, acc1, rows, vectors, 4)) return ahead;
    }
}

/* All of K. */
VEC_INLINE void sum(const lw_tile_pass *pass, position at, const float *const a[MR], const float *ahead,
                    const ptrdiff_t *bytes, column *acc0, column *acc1, const form f, const int rows)
{
    const lw_tile_segment *segment = pass->segment, *const end = segment + pass->segments;
    /* Otherwise gcc keeps what follows the first step for the next tile too, and has no registers left for this one. */
    __asm__("" : "+r"(at.p), "+r"(at.b), "+r"(at.left), "+r"(at.a_step), "+r"(at.b_step), "+r"(ahead));
    bool last = step(a, &at, acc0, acc1, rows, f.vectors, 0);
    for (;;) {
        if (!last) ahead = stretch(&at, a, ahead, bytes, acc0, acc1, rows, f.vectors);
        if (f.one || ++segment == end) return;
        at = begin(pass, segment);
        last = false;
    }
}

VEC_INLINE void run(const lw_tile_pass *pass, const position at, const lw_tile_rows *tile, const float *ahead,
                    const ptrdiff_t *bytes, const form f, const int rows)
{
    const float *a[MR];
    column acc0, acc1;
    VEC_UNROLL
    for (int i = 0; i < rows; i++) {
        a[i] = tile->a[i];
        if (f.how != LW_TILE_OVERWRITE) _mm_prefetch((const char *)(tile->c[i] + pass->column), _MM_HINT_T0);
    }
    const bool nothing = !f.one && pass->segments == 0;
    if (f.vectors == 1 || nothing) {
        VEC_UNROLL
        for (int i = 0; i < rows; i++) acc0.row[i] = acc1.row[i] = _mm256_setzero_ps();
    }
    if (!nothing) sum(pass, at, a, ahead, bytes, &acc0, &acc1, f, rows);
    if (f.vectors == 1) {
        VEC_UNROLL
        for (int i = 0; i < rows; i++) acc0.row[i] = _mm256_add_ps(acc0.row[i], acc1.row[i]);
    }
    finish(pass, &acc0, &acc1, tile->c, f, rows);
}

/* One loop for all counts of rows: what a call saves and restores is as much as the end of a tile. The pass is copied:
 * what a store to C may overwrite would be read again for each tile, and the next one's addresses would wait for it. */
VEC_INLINE void run_all(const lw_tile_pass *given, const lw_tile_rows *tile, int count, const form f)
{
    const lw_tile_pass copy = *given, *const pass = &copy;
    const lw_tile_rows *const end = tile + count;
    const position at = f.one || pass->segments > 0 ? begin(pass, pass->segment) : (position){0};
    const ptrdiff_t bytes = pass->ahead.step * (ptrdiff_t)sizeof(float);
    const float *ahead = lw_tile_ahead_from(pass);
    for (; tile < end; tile++, ahead += pass->ahead.tile) {
        for (; tile < end && tile->rows == 6; tile++, ahead += pass->ahead.tile)
            run(pass, at, tile, ahead, &bytes, f, 6);
        if (tile == end) return;
        switch (tile->rows) {
        case 5: run(pass, at, tile, ahead, &bytes, f, 5); break;
        case 4: run(pass, at, tile, ahead, &bytes, f, 4); break;
        case 3: run(pass, at, tile, ahead, &bytes, f, 3); break;
        case 2: run(pass, at, tile, ahead, &bytes, f, 2); break;
        default: run(pass, at, tile, ahead, &bytes, f, 1); break;
        }
    }
}

/* ---------------------------------------------------------------- its forms */

#define FORM(name, ...)                                                              \
    static void name(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count) \
    {                                                                                \
        run_all(pass, tiles, count, (form){__VA_ARGS__});                            \
    }
#define FORMS(name, ...)                             \
    FORM(name##_many, __VA_ARGS__, false, false)     \
    FORM(name, __VA_ARGS__, false, true)             \
    FORM(name##_part_many, __VA_ARGS__, true, false) \
    FORM(name##_part, __VA_ARGS__, true, true)
#define LIST(name) {{name##_many, name}, {name##_part_many, name##_part}}

FORMS(tile_6x8, 1, LW_TILE_OVERWRITE)
FORMS(tile_6x8_add, 1, LW_TILE_ACCUMULATE)
FORMS(tile_6x8_general, 1, LW_TILE_GENERAL)
FORMS(tile_6x16, 2, LW_TILE_OVERWRITE)
FORMS(tile_6x16_add, 2, LW_TILE_ACCUMULATE)
FORMS(tile_6x16_general, 2, LW_TILE_GENERAL)

static void tile_any(const lw_tile_pass *pass, const lw_tile_rows *tiles, int count)
{
    static lw_tile_fn *const of[2][3][2][2] = {
        {LIST(tile_6x8), LIST(tile_6x8_add), LIST(tile_6x8_general)},
        {LIST(tile_6x16), LIST(tile_6x16_add), LIST(tile_6x16_general)},
    };
    assert(pass->segments == 0 || pass->len > 0);
    of[pass->cols > 8][lw_tile_ending_of(pass)][pass->cols % 8 > 0][pass->segments == 1](pass, tiles, count);
}

const lw_tile_kernel lw_tile_6x16_avx2 = {
    .mr = MR, .nr = NR, .lanes = 8, .run = tile_any, .pack_rows = lw_pack_rows_avx2,
    .pack_transposed = lw_pack_transposed_avx2, .dots = &lw_tile_8x1_avx2};
