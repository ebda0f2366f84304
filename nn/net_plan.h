/* SPDX-License-Identifier: BSD-3-Clause
 * net_plan.h: which kernels a network calls, settled before its first step. */
#ifndef LW_NET_PLAN_H
#define LW_NET_PLAN_H

#include "nn/net.h"

/* After the layout: the kernel of each call that a pass will make and that goes by its sizes. */
void lw_net_plan(lw_net *net);

/* After that: where each layer's workspace begins. Returns the bytes of all: for any call of a pass, on any batch up to
 * the largest. */
size_t lw_net_place_workspaces(lw_net *net, int team_size);

/* Whether some call goes to that row. */
bool lw_net_calls(const lw_net *net, const lw_kernel *row);

enum { LW_NET_VARIANTS = 4096 };

/* The calls that go elsewhere than the set's own: "conv2d_1 forward conv2d_fwd_winograd", separated by "; ".
 * Ends with "..." where `size` is too small. Returns `text`. */
const char *lw_net_variants(const lw_net *net, char *text, size_t size);

#endif
