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
    l.side = 2 * places * LINE;
    return l;
}

size_t lw_winograd_workspace(const lw_winograd *g, int team_size)
{
    const lw_winograd_layout l = lw_winograd_layout_of(g);
    return (size_t)(l.u + team_size * (l.v + l.m + l.patch + l.side)) * sizeof(float);
}

/* ---------------------------------------------------------------- cost */

/* FLOP of one row of a transform over `count` operands: 1 and -1 are additions, other factors fused multiply-adds. */
static int row_flop(const float *row, int count)
{
    int flop = -1; /* the first term is not added to anything */
    for (int i = 0; i < count; i++)
        if (row[i] != 0) flop += (row[i] == 1 || row[i] == -1) ? 1 : 2;
    return flop;
}

/* Rows of opposite points, which a larger form does as sum and difference of two halves. */
static bool are_paired(const float *a, const float *b, int count)
{
    int same[2] = {0, 0}, opposite[2] = {0, 0}; /* exceptions, of even and odd coefficients */
    for (int i = 0; i < count; i++) {
        same[i % 2] += a[i] != b[i];
        opposite[i % 2] += a[i] != -b[i];
    }
    return (!same[0] && !opposite[1]) || (!same[1] && !opposite[0]);
}

static int pair_flop(const float *row, int count)
{
    float half[2][LW_WINOGRAD_MOST] = {{0}};
    for (int i = 0; i < count; i++) half[i % 2][i] = row[i];
    return row_flop(half[0], count) + row_flop(half[1], count) + 2;
}

/* A row that takes operands 1 and 2, 3 and 4 together where their factors allow. `shared`: which sums and differences
 * some row wants. */
static int folded_flop(const float *row, int count, bool shared[2][LW_WINOGRAD_MOST])
{
    float folded[LW_WINOGRAD_MOST];
    for (int i = 0; i < count; i++) folded[i] = row[i];
    for (int i = 1; i + 1 < count; i += 2) {
        if (row[i] == 0 || (row[i + 1] != row[i] && row[i + 1] != -row[i])) continue;
        shared[row[i + 1] == row[i]][i] = true;
        folded[i + 1] = 0;
    }
    return row_flop(folded, count);
}

static int side_flop(const float (*rows)[LW_WINOGRAD_MOST], int count, int operands, bool held)
{
    bool shared[2][LW_WINOGRAD_MOST] = {{false}};
    int flop = 0;
    for (int i = 0; i < count; i++) {
        const bool paired = !held && i + 1 < count && are_paired(rows[i], rows[i + 1], operands);
        flop += held     ? row_flop(rows[i], operands)
                : paired ? pair_flop(rows[i], operands)
                         : folded_flop(rows[i], operands, shared);
        i += paired;
    }
    for (int i = 0; i < operands; i++) flop += shared[0][i] + shared[1][i];
    return flop;
}

static double flop(const lw_winograd *g)
{
    const lw_winograd_form *f = g->form;
    const double tiles = (double)g->mb * (double)(lw_ceil_div(g->write_h, f->m) * lw_ceil_div(g->write_w, f->m));
    const double weights = (double)g->read_c * g->write_c;
    const bool held = f->n <= LW_WINOGRAD_HELD;
    const int input = 2 * f->n * side_flop(f->bt, f->n, f->n, held);
    const int output = (f->n + f->m) * side_flop(f->at, f->m, f->n, held);
    const int filter = (f->n + LW_WINOGRAD_TAPS) * side_flop(f->g, f->n, LW_WINOGRAD_TAPS, held);
    return tiles * (2.0 * f->n * f->n * weights + (double)input * g->read_c + (double)output * g->write_c) +
           filter * weights;
}

#define X(ENUM, stem, make, form, rounds)                                      \
    double lw_##stem##_winograd_##form##_flop(const lw_##stem##_args *args)    \
    {                                                                          \
        const lw_winograd g = lw_winograd_##make(args, &lw_winograd_##form, NULL); \
        return flop(&g);                                                       \
    }
LW_FOR_EACH_WINOGRAD(X)
#undef X
