/* SPDX-License-Identifier: BSD-3-Clause
 *
 * conv2d_pool_fwd.c: convolution, bias and ReLU into a strip of rows that stays in cache, pooled from there.
 *
 *   weights packed by the team
 *   for this member's strips: some pooled rows of an image
 *     the rows and columns of the convolution that their windows cover; others are never computed
 *     max-pool of the strip
 */
#include "kernels/conv2d_gather.h"
#include "kernels/conv2d_pool.h"

enum { STRIP = 10 << 10 }; /* floats: 40 KiB, in L2 beside the packed weights; at least one pooled row */

typedef struct strips {
    const lw_conv2d_pool_shape *shape;
    int rows, cols;    /* of the convolution, in a strip of full height */
    int pooled, count; /* pooled rows in a strip; strips in an image */
} strips;

static int clip(int value, int most)
{
    return value < most ? value : most;
}

static strips strips_of(const lw_conv2d_pool_shape *s)
{
    const lw_pool_shape *p = &s->pool;
    strips t = {.shape = s, .cols = clip((p->ow - 1) * p->sw - p->pw + p->kw, p->iw)};
    const ptrdiff_t room = STRIP / ((ptrdiff_t)t.cols * p->c);
    t.pooled = room > p->kh ? clip((int)((room - p->kh) / p->sh) + 1, p->oh) : 1;
    t.rows = clip((t.pooled - 1) * p->sh + p->kh, p->ih);
    t.count = (int)lw_ceil_div(p->oh, t.pooled);
    return t;
}

static size_t strip_floats(const strips *t)
{
    return ((size_t)t->rows * t->cols * t->shape->pool.c + 15) / 16 * 16;
}

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

size_t lw_conv2d_pool_fwd_tiled_workspace(const lw_conv2d_pool_fwd_args *args, int team_size, const lw_tile_kernel *tile)
{
    const lw_gather g = lw_gather_of(&args->shape.conv, false, tile);
    const strips t = strips_of(&args->shape);
    return aligned(lw_gather_workspace(&g, team_size)) + (size_t)team_size * strip_floats(&t) * sizeof(float);
}

/* Pooled rows [lo, hi) of image n. */
static void strip(const lw_conv2d_pool_fwd_args *args, const lw_gather *whole, const strips *t, ptrdiff_t n, int lo, int hi,
                  void *ws, float *map, int member, lw_maxpool_fwd_fn *maxpool)
{
    const lw_pool_shape *p = &args->shape.pool;
    const int above = lo * p->sh - p->ph, first = above > 0 ? above : 0, last = clip((hi - 1) * p->sh - p->ph + p->kh, p->ih);
    lw_gather g = *whole;
    g.mb = 1;
    g.read += n * g.read_h * g.read_w * g.read_c;
    g.write = map;
    g.write_h = g.y.dst = last - first;
    g.write_w = g.x.dst = t->cols;
    g.y.pad -= first * g.y.stride; /* so that position 0 is row `first` */
    lw_gather_run(&g, ws, member, &lw_team_solo);

    const ptrdiff_t at = (n * p->oh + lo) * p->ow * p->c;
    lw_maxpool_fwd_args pool = {*p, map, args->dst + at, args->argmax + at};
    pool.shape.mb = 1;
    pool.shape.ih = last - first;
    pool.shape.iw = t->cols;
    pool.shape.oh = hi - lo;
    pool.shape.ph = first - above;
    maxpool(&pool, NULL, &lw_team_solo);
}

void lw_conv2d_pool_fwd_tiled(const lw_conv2d_pool_fwd_args *args, void *ws, const lw_team *team, const lw_tile_kernel *tile,
                              lw_maxpool_fwd_fn *maxpool)
{
    lw_gather g = lw_gather_of(&args->shape.conv, false, tile);
    const strips t = strips_of(&args->shape);
    lw_conv2d_pool_assert(&args->shape);
    g.read = args->src;
    g.wei = args->wei;
    g.bias = args->bias;
    g.relu = args->relu;
    g.packed = args->packed;
    float *map = (float *)((char *)ws + aligned(lw_gather_workspace(&g, team->size))) + (size_t)team->id * strip_floats(&t);
    lw_gather_pack(&g, ws, team);
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)args->shape.pool.mb * t.count, 1, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) {
        const int first = (int)(i % t.count) * t.pooled;
        strip(args, &g, &t, i / t.count, first, clip(first + t.pooled, args->shape.pool.oh), ws, map, team->id, maxpool);
    }
}
