/* SPDX-License-Identifier: BSD-3-Clause
 * conv2d_winograd.c: shapes, memory and cost of the Winograd convolutions; vec/conv2d_winograd.h computes them. */
#include "kernels/conv2d_winograd.h"

/* ---------------------------------------------------------------- which problems */

static bool is_3x3(const lw_conv2d_shape *s)
{
    return s->kh == LW_WINOGRAD_TAPS && s->kw == LW_WINOGRAD_TAPS && s->sh == 1 && s->sw == 1;
}

bool lw_conv2d_fwd_winograd_serves(const lw_conv2d_fwd_args *args)
{
    return is_3x3(&args->shape);
}

bool lw_conv2d_bwd_data_winograd_serves(const lw_conv2d_bwd_data_args *args)
{
    return is_3x3(&args->shape);
}

bool lw_conv2d_pool_fwd_winograd_serves(const lw_conv2d_pool_fwd_args *args)
{
    const lw_pool_shape *p = &args->shape.pool;
    return is_3x3(&args->shape.conv) && p->kh == 2 && p->kw == 2 && p->sh == 2 && p->sw == 2 && p->ph == 0 &&
           p->pw == 0 && 2 * p->oh <= p->ih && 2 * p->ow <= p->iw;
}

/* ---------------------------------------------------------------- as one convolution */

static lw_winograd gather(const lw_conv2d_shape *s, bool backward, const lw_winograd_form *form,
                          const lw_tile_kernel *tile)
{
    return (lw_winograd){
        .form = form,
        .tile = tile,
        .backward = backward,
        .mb = s->mb,
        .read_h = backward ? s->oh : s->ih,
        .read_w = backward ? s->ow : s->iw,
        .read_c = backward ? s->oc : s->ic,
        .write_h = backward ? s->ih : s->oh,
        .write_w = backward ? s->iw : s->ow,
        .write_c = backward ? s->ic : s->oc,
        .ph = backward ? s->kh - 1 - s->ph : s->ph,
        .pw = backward ? s->kw - 1 - s->pw : s->pw,
    };
}

lw_winograd lw_winograd_fwd(const lw_conv2d_fwd_args *args, const lw_winograd_form *form, const lw_tile_kernel *tile)
{
    lw_winograd g = gather(&args->shape, false, form, tile);
    g.read = args->src;
    g.wei = args->wei;
    g.bias = args->bias;
    g.relu = args->relu;
    g.packed = args->packed;
    g.write = args->dst;
    return g;
}

lw_winograd lw_winograd_bwd_data(const lw_conv2d_bwd_data_args *args, const lw_winograd_form *form,
                                 const lw_tile_kernel *tile)
{
    lw_winograd g = gather(&args->shape, true, form, tile);
    g.read = args->diff_dst;
    g.wei = args->wei;
    g.write = args->diff_src;
    return g;
}

lw_winograd lw_winograd_pool_fwd(const lw_conv2d_pool_fwd_args *args, const lw_winograd_form *form,
                                 const lw_tile_kernel *tile)
{
    const lw_conv2d_fwd_args conv = {args->shape.conv, args->src, args->wei, args->bias, args->dst, args->relu, args->packed};
    lw_winograd g = lw_winograd_fwd(&conv, form, tile);
    g.argmax = args->argmax;
    g.write_h = args->shape.pool.oh * args->shape.pool.sh;
    g.write_w = args->shape.pool.ow * args->shape.pool.sw;
    return g;
}

/* ---------------------------------------------------------------- memory */

enum { LINE = 16 };

lw_winograd_layout lw_winograd_layout_of(const lw_winograd *g)
{
    const ptrdiff_t m = g->form->m, places = (ptrdiff_t)g->form->n * g->form->n, nr = g->tile->nr;
    lw_winograd_layout l = {.rows = lw_ceil_div(g->write_h, m),
                            .cols = lw_ceil_div(g->write_w, m),
                            .panels = lw_ceil_div(g->write_c, nr),
                            .channels = lw_ceil_div(g->read_c, LINE) * LINE};
    l.v_place = LW_WINOGRAD_TILES * l.channels + LINE;
    l.m_place = LW_WINOGRAD_TILES * nr + LINE;
    l.u = lw_ceil_div(l.panels * places * g->read_c * nr, LINE) * LINE;
    l.v = places * l.v_place;
    l.m = places * l.m_place;
    l.patch = places * l.channels;
    return l;
}

size_t lw_winograd_workspace(const lw_winograd *g, int team_size)
{
    const lw_winograd_layout l = lw_winograd_layout_of(g);
    return (size_t)(l.u + team_size * (l.v + l.m + l.patch)) * sizeof(float);
}

/* ---------------------------------------------------------------- cost */

/* FLOP of one row of a transform over `count` operands: 1 is an addition, other factors are fused multiply-adds. */
static int row_flop(const float *row, int count)
{
    int flop = -1; /* the first term is not added to anything */
    for (int i = 0; i < count; i++)
        if (row[i] != 0) flop += row[i] == 1 || row[i] == -1 ? 1 : 2;
    return flop;
}

static int rows_flop(const float *rows, int stride, int count, int operands)
{
    int flop = 0;
    for (int i = 0; i < count; i++) flop += row_flop(rows + i * stride, operands);
    return flop;
}

static double flop(const lw_winograd *g)
{
    const lw_winograd_form *f = g->form;
    const double tiles = (double)g->mb * (double)(lw_ceil_div(g->write_h, f->m) * lw_ceil_div(g->write_w, f->m));
    const double weights = (double)g->read_c * g->write_c;
    const int input = 2 * f->n * rows_flop(f->bt[0], LW_WINOGRAD_MOST, f->n, f->n);
    const int output = (f->n + f->m) * rows_flop(f->at[0], LW_WINOGRAD_MOST, f->m, f->n);
    const int filter = (f->n + LW_WINOGRAD_TAPS) * rows_flop(f->g[0], LW_WINOGRAD_TAPS, f->n, LW_WINOGRAD_TAPS);
    return tiles * (2.0 * f->n * f->n * weights + (double)input * g->read_c + (double)output * g->write_c) +
           filter * weights;
}

double lw_conv2d_fwd_winograd_2x2_flop(const lw_conv2d_fwd_args *args)
{
    const lw_winograd g = lw_winograd_fwd(args, &lw_winograd_2x2, NULL);
    return flop(&g);
}

double lw_conv2d_bwd_data_winograd_2x2_flop(const lw_conv2d_bwd_data_args *args)
{
    const lw_winograd g = lw_winograd_bwd_data(args, &lw_winograd_2x2, NULL);
    return flop(&g);
}

double lw_conv2d_pool_fwd_winograd_2x2_flop(const lw_conv2d_pool_fwd_args *args)
{
    const lw_winograd g = lw_winograd_pool_fwd(args, &lw_winograd_2x2, NULL);
    return flop(&g);
}
