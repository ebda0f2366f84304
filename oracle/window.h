/* SPDX-License-Identifier: BSD-3-Clause
 * window.h: problem texts of windowed ops, "mb64ic32ih13oc64oh11kh3ph0", shared by convolution and pooling. */
#ifndef LW_ORACLE_WINDOW_H
#define LW_ORACLE_WINDOW_H

#include "oracle/spec.h"

#define LW_CONV_SYNTAX "mbNicNihN[iwN]ocN[ohN[owN]]khN[kwN][shN][swN][phN][pwN]"
#define LW_POOL_SYNTAX "mbNicNihN[iwN][ohN[owN]]khN[kwN][shN][swN][phN][pwN]"

/* A missing width copies its height; a missing stride is 1, padding 0; a missing output is what padding on both
 * sides gives. Pooling has no oc. Refuses windows that the contract excludes. */
bool lw_window_parse(lw_scan *s, lw_conv2d_shape *shape, bool pool);
int lw_window_print(const lw_conv2d_shape *shape, bool pool, char *text, size_t size);

/* Window positions inside the input along one axis, summed over the outputs. */
double lw_window_positions(int in, int out, int taps, int stride, int pad);

/* The i-th of the awkward windows: sizes around the tile in every dimension, strides, padding, gaps. */
bool lw_window_awkward(lw_conv2d_shape *shape, int mr, int nr, size_t i);
void lw_window_any(lw_conv2d_shape *shape, uint64_t *random);

#endif
