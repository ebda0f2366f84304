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
 *           over all points q but one. Each is divided by its first coefficient, which saves a multiplication for
 *           each input and costs the weights nothing.
 */
#ifndef LW_WINOGRAD_H
#define LW_WINOGRAD_H

enum { LW_WINOGRAD_TAPS = 3, LW_WINOGRAD_MOST = 6 }; /* taps of a side; the largest n */

/* The first coefficient that is not zero is 1 in each row of bt and at. */
typedef struct lw_winograd_form {
    int m, n;
    float bt[LW_WINOGRAD_MOST][LW_WINOGRAD_MOST], g[LW_WINOGRAD_MOST][LW_WINOGRAD_TAPS],
        at[LW_WINOGRAD_MOST - 2][LW_WINOGRAD_MOST];
} lw_winograd_form;

/* Points 0, 1, -1 and infinity: halves and sums only, so small integers stay exact. */
static const lw_winograd_form lw_winograd_2x2 = {
    .m = 2, .n = 4,
    .bt = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, 1, -1, 0}, {0, 1, 0, -1}},
    .g = {{1, 0, 0}, {.5f, .5f, .5f}, {-.5f, .5f, -.5f}, {0, 0, -1}},
    .at = {{1, 1, 1, 0}, {0, 1, -1, 1}},
};

#endif
