/* SPDX-License-Identifier: BSD-3-Clause
 *
 * winograd.h: Winograd's minimal filtering, F(m x m, 3 x 3): m x m outputs of a 3 x 3 convolution from a tile of
 * n x n inputs, n = m + 2, with n*n products where the direct sum has 9*m*m.
 *
 *   Y = AT * [ (G g GT) . (BT d B) ] * A     d the n x n inputs, g the 3 x 3 weights, . element by element
 *
 * Sums over channels are taken between the brackets, so that for each of the n*n places there is one matrix product.
 *
 * Source    Winograd, Arithmetic complexity of computations (1980); Lavin & Gray, Fast algorithms for convolutional
 *           neural networks (2016). Matrices by Toom and Cook's construction: rows of BT are the products of (x - q)
 *           over all points q but one. Factors are moved between BT and G so that BT and AT are exact in fp32 and
 *           need few multiplications.
 */
#ifndef LW_WINOGRAD_H
#define LW_WINOGRAD_H

enum { LW_WINOGRAD_TAPS = 3, LW_WINOGRAD_MOST = 6 }; /* taps of a side; the largest n */
enum { LW_WINOGRAD_HELD = 4 };                       /* the largest n whose n * n vectors fit the registers */

typedef struct lw_winograd_form {
    int m, n;
    float bt[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST]; /* n x n */
    float g[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST];  /* n x 3 */
    float at[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST]; /* m x n */
} lw_winograd_form;

/* Points 0, 1, -1 and infinity: halves and sums only, so small integers stay exact. */
static const lw_winograd_form lw_winograd_2x2 = {
    .m = 2, .n = 4,
    .bt = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, 1, -1, 0}, {0, 1, 0, -1}},
    .g = {{1, 0, 0}, {.5f, .5f, .5f}, {-.5f, .5f, -.5f}, {0, 0, -1}},
    .at = {{1, 1, 1, 0}, {0, 1, -1, 1}},
};

/* Points 0, 1, -1, 2 and infinity: a fourth finite point of 1/2, -1/2 or -2 errs as much. */
static const lw_winograd_form lw_winograd_3x3 = {
    .m = 3, .n = 5,
    .bt = {{1, -.5f, -1, .5f, 0}, {0, 1, .5f, -.5f, 0}, {0, 1, -1.5f, .5f, 0}, {0, 1, 0, -1, 0}, {0, 1, -.5f, -1, .5f}},
    .g = {{1, 0, 0},
          {1, 1, 1},
          {-1.0f / 3, 1.0f / 3, -1.0f / 3},
          {-1.0f / 6, -1.0f / 3, -2.0f / 3},
          {0, 0, 2}},
    .at = {{1, 1, 1, 1, 0}, {0, 1, -1, 2, 0}, {0, 1, 1, 4, 1}},
};

/* Points 0, 3/4, -3/4, 3/2, -3/2 and infinity: 0.6 of the mean error and a third of the largest of 0, 1, -1, 2, -2. */
static const lw_winograd_form lw_winograd_4x4 = {
    .m = 4, .n = 6,
    .bt = {{81.0f / 64, 0, -45.0f / 16, 0, 1, 0},
           {0, -27.0f / 16, -9.0f / 4, 3.0f / 4, 1, 0},
           {0, 27.0f / 16, -9.0f / 4, -3.0f / 4, 1, 0},
           {0, -27.0f / 32, -9.0f / 16, 3.0f / 2, 1, 0},
           {0, 27.0f / 32, -9.0f / 16, -3.0f / 2, 1, 0},
           {0, 81.0f / 64, 0, -45.0f / 16, 0, 1}},
    .g = {{64.0f / 81, 0, 0},
          {-128.0f / 243, -32.0f / 81, -8.0f / 27},
          {-128.0f / 243, 32.0f / 81, -8.0f / 27},
          {32.0f / 243, 16.0f / 81, 8.0f / 27},
          {32.0f / 243, -16.0f / 81, 8.0f / 27},
          {0, 0, 1}},
    .at = {{1, 1, 1, 1, 1, 0},
           {0, 3.0f / 4, -3.0f / 4, 3.0f / 2, -3.0f / 2, 0},
           {0, 9.0f / 16, 9.0f / 16, 9.0f / 4, 9.0f / 4, 0},
           {0, 27.0f / 64, -27.0f / 64, 27.0f / 8, -27.0f / 8, 1}},
};

#endif
