/* SPDX-License-Identifier: BSD-3-Clause
 * net_plan.c: from the sizes of layers to rows, so that a step looks nothing up. */
#include "nn/net_plan.h"

#include <stdio.h>
#include <string.h>

static bool happens(const lw_net *net, const lw_layer *l, lw_part part)
{
    if (part == LW_FORWARD) return true;
    if (net->answers || !l->learns) return false;
    return part == LW_BACKWARD_WEIGHTS ? !l->frozen : net->tensors[l->index].diff_src != NULL;
}

/* The last pass of an epoch is a smaller one: a row that is not for every size up to the largest is not
 * taken. */
static const lw_kernel *row_of(const lw_net *net, const lw_layer *l, lw_part part)
{
    lw_call call;
    if (!l->type->call || !happens(net, l, part) || !l->type->call(l, part, net->micro_batch, &call)) return NULL;
    const lw_kernel *row = lw_dispatch_row(net->kernels, &call);
    for (int mb = net->micro_batch; mb > 0; mb--) {
        l->type->call(l, part, mb, &call);
        if (!lw_row_serves(row, &call.args)) return net->kernels->op[call.op];
    }
    return row;
}

void lw_net_plan(lw_net *net)
{
    for (int i = 0; i < net->model->layers; i++)
        for (int part = 0; part < LW_LAYER_PARTS; part++)
            net->tensors[i].kernel[part] = row_of(net, &net->model->layer[i], (lw_part)part);
}

/* ---------------------------------------------------------------- workspace */

static size_t workspace_at(const lw_net *net, const lw_layer *l, int mb, int team_size)
{
    size_t most = l->type->workspace ? l->type->workspace(l, net->kernels, mb, team_size) : 0;
    for (int part = 0; part < LW_LAYER_PARTS; part++) {
        const lw_kernel *row = net->tensors[l->index].kernel[part];
        lw_call call;
        if (!row || !l->type->call(l, (lw_part)part, mb, &call)) continue;
        const size_t need = lw_row_workspace(row, &call.args, team_size);
        if (most < need) most = need;
    }
    return most;
}

/* In whole cache lines. A smaller batch may want more than a larger one where the team is shared out differently, and a
 * part of the team may do a pass alone. */
static size_t workspace_of(const lw_net *net, const lw_layer *l, int team_size)
{
    size_t most = 0;
    for (int mb = 1; mb <= net->micro_batch; mb++)
        for (int size = 1; size <= team_size; size++) {
            const size_t need = workspace_at(net, l, mb, size);
            if (most < need) most = need;
        }
    return (most + 63) / 64 * 64;
}

size_t lw_net_place_workspaces(lw_net *net, int team_size)
{
    size_t most = 0, sum = 0;
    for (int i = 0; i < net->model->layers; i++) {
        const size_t bytes = workspace_of(net, &net->model->layer[i], team_size);
        if (net->answers) net->own[i] = sum;
        if (most < bytes) most = bytes;
        sum += bytes;
    }
    return net->answers ? sum : most;
}

/* ---------------------------------------------------------------- what was planned */

bool lw_net_calls(const lw_net *net, const lw_kernel *row)
{
    for (int i = 0; i < net->model->layers; i++)
        for (int part = 0; part < LW_LAYER_PARTS; part++)
            if (net->tensors[i].kernel[part] == row) return true;
    return false;
}

const char *lw_net_variants(const lw_net *net, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (int i = 0; i < net->model->layers; i++)
        for (int part = 0; part < LW_LAYER_PARTS; part++) {
            const lw_kernel *row = net->tensors[i].kernel[part];
            if (!row || row == net->kernels->op[row->op] || n >= size) continue;
            n += (size_t)snprintf(text + n, size - n, "%s%s %s %s", n ? "; " : "", net->model->layer[i].name,
                                  lw_part_name((lw_part)part), row->name);
        }
    if (n >= size && size > 3) strcpy(text + size - 4, "...");
    return text;
}
