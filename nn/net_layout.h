/* SPDX-License-Identifier: BSD-3-Clause
 * net_layout.h: where a network's tensors lie. Each allocates its arenas and sets the pointers of net->tensors; false:
 * out of memory. In this order. */
#ifndef LW_NET_LAYOUT_H
#define LW_NET_LAYOUT_H

#include "nn/net.h"

bool lw_net_lay_params(lw_net *net);
bool lw_net_lay_activations(lw_net *net);
bool lw_net_lay_diffs(lw_net *net);

/* Floats, rounded up so that the next tensor is aligned as well. */
static inline ptrdiff_t lw_net_padded(ptrdiff_t floats)
{
    return (floats + 15) / 16 * 16;
}

#endif
