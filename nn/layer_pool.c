/* SPDX-License-Identifier: BSD-3-Clause
 * layer_pool.c: what the layers that pool over windows share. */
#include "nn/layer.h"

bool lw_layer_pool_build(lw_layer *l, const double *value, lw_error *err)
{
    int size = (int)value[0], stride = value[1] > 0 ? (int)value[1] : size, ph = (int)value[2], pw = ph;
    int oh = lw_window_out(l->in.h, size, stride, &ph), ow = lw_window_out(l->in.w, size, stride, &pw);
    if (oh < 1 || ow < 1)
        return lw_refuse(err, LW_ERROR_MODEL, "the %dx%d window is larger than its %dx%d input", size, size, l->in.h,
                         l->in.w);
    if (ph >= size || pw >= size)
        return lw_refuse(err, LW_ERROR_MODEL, "pad=%d wants to be less than the window's %d", ph, size);
    if ((oh - 1) * stride - ph >= l->in.h || (ow - 1) * stride - pw >= l->in.w)
        return lw_refuse(err, LW_ERROR_MODEL, "pad=%d leaves a window without input; a smaller pad or stride would not",
                         ph);
    l->of.pool = (lw_pool_shape){.c = l->in.c, .ih = l->in.h, .iw = l->in.w, .oh = oh, .ow = ow, .kh = size, .kw = size,
                                 .sh = stride, .sw = stride, .ph = ph, .pw = pw};
    l->out = (lw_dims){oh, ow, l->in.c};
    return true;
}

lw_dims lw_layer_pool_reach(const lw_layer *l, lw_dims out)
{
    const lw_pool_shape *s = &l->of.pool;
    return lw_window_reach(l->in, out, s->kh, s->kw, s->sh, s->sw, s->ph, s->pw);
}

void lw_layer_pool_resize(lw_layer *l, lw_dims in, lw_dims out)
{
    l->of.pool.ih = in.h;
    l->of.pool.iw = in.w;
    l->of.pool.oh = out.h;
    l->of.pool.ow = out.w;
}
