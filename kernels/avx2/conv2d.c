/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d.c: the convolutions on the 6 x 16 tile, where few channels are written on the 8 x 1,
 * and forward from few weights per channel by vec/ alone. */
#include "kernels/avx2/avx2.h"
#include "kernels/avx2/tile_6x16.h"
#include "kernels/avx2/tile_8x1.h"
#include "kernels/vec/conv2d_fwd_narrow.h"

/* Forward writes oc channels from ic at each tap, backward-data ic from oc. */
static const lw_tile_kernel *tile_for(const lw_conv2d_shape *s, int written, int read)
{
    return lw_tile_dots_pay(written, (ptrdiff_t)s->kh * s->kw * read) ? &lw_tile_8x1_avx2 : &lw_tile_6x16_avx2;
}

size_t lw_conv2d_fwd_workspace_avx2(const lw_conv2d_fwd_args *args, int team_size)
{
    if (vec_conv2d_fwd_narrow_fits(&args->shape)) return 0;
    return lw_conv2d_fwd_tiled_workspace(args, team_size, tile_for(&args->shape, args->shape.oc, args->shape.ic));
}

void lw_conv2d_fwd_avx2(const lw_conv2d_fwd_args *args, void *ws, const lw_team *team)
{
    if (vec_conv2d_fwd_narrow_fits(&args->shape))
        vec_conv2d_fwd_narrow(args, team);
    else
        lw_conv2d_fwd_tiled(args, ws, team, tile_for(&args->shape, args->shape.oc, args->shape.ic));
}

size_t lw_conv2d_bwd_data_workspace_avx2(const lw_conv2d_bwd_data_args *args, int team_size)
{
    return lw_conv2d_bwd_data_tiled_workspace(args, team_size, tile_for(&args->shape, args->shape.ic, args->shape.oc));
}

void lw_conv2d_bwd_data_avx2(const lw_conv2d_bwd_data_args *args, void *ws, const lw_team *team)
{
    lw_conv2d_bwd_data_tiled(args, ws, team, tile_for(&args->shape, args->shape.ic, args->shape.oc));
}

static lw_bias_bwd_args bias_of(const lw_conv2d_bwd_weights_args *args)
{
    const lw_conv2d_shape *s = &args->shape;
    return (lw_bias_bwd_args){.rows = (ptrdiff_t)s->mb * s->oh * s->ow,
                              .cols = s->oc,
                              .diff_dst = args->diff_dst,
                              .diff_bias = args->diff_bias};
}

size_t lw_conv2d_bwd_weights_workspace_avx2(const lw_conv2d_bwd_weights_args *args, int team_size)
{
    const lw_bias_bwd_args bias = bias_of(args);
    return lw_conv2d_bwd_weights_tiled_workspace(args, team_size, &lw_tile_6x16_avx2) +
           lw_bias_bwd_workspace_avx2(&bias, team_size);
}

void lw_conv2d_bwd_weights_avx2(const lw_conv2d_bwd_weights_args *args, void *ws, const lw_team *team)
{
    lw_conv2d_bwd_weights_tiled(args, ws, team, &lw_tile_6x16_avx2);
    if (!args->diff_bias) return;
    const lw_bias_bwd_args bias = bias_of(args);
    const size_t used = lw_conv2d_bwd_weights_tiled_workspace(args, team->size, &lw_tile_6x16_avx2);
    lw_bias_bwd_avx2(&bias, (char *)ws + used, team);
}
