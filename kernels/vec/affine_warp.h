/* SPDX-License-Identifier: BSD-3-Clause
 *
 * affine_warp.h: an image under an affine map over vec.h. The image is first copied into a frame of zeros, and
 * coordinates are clamped to that frame, so that no lane needs a mask: outside is where both taps are zero or weigh
 * nothing. A gather of 32 bits brings a pixel and its right neighbour: two gathers a vector, which bound it.
 */
#ifndef LW_VEC_AFFINE_WARP_H
#define LW_VEC_AFFINE_WARP_H

#include "kernels/vec/vec.h"

#include <string.h>

/* One row and column of zeros before, two behind; then what the last gather reads beyond its pixel. */
enum { VEC_WARP_BEFORE = 1, VEC_WARP_AROUND = 3, VEC_WARP_BEYOND = 4 };

VEC_INLINE size_t vec_affine_warp_bytes(const lw_affine_warp_args *args)
{
    return (size_t)(args->h + VEC_WARP_AROUND) * (size_t)(args->w + VEC_WARP_AROUND + VEC_WARP_BEYOND);
}

VEC_INLINE void vec_affine_warp_frame(const lw_affine_warp_args *args, uint8_t *frame, const lw_team *team)
{
    const ptrdiff_t pitch = args->w + VEC_WARP_AROUND + VEC_WARP_BEYOND;
    const vec_range share = vec_share(team, args->h + VEC_WARP_AROUND, 1);
    for (ptrdiff_t y = share.lo; y < share.hi; y++) {
        uint8_t *row = frame + y * pitch;
        memset(row, 0, (size_t)pitch);
        if (y >= VEC_WARP_BEFORE && y < args->h + VEC_WARP_BEFORE)
            memcpy(row + VEC_WARP_BEFORE, args->src + (y - VEC_WARP_BEFORE) * args->w, (size_t)args->w);
    }
}

/* In the frame's coordinates, not below 0 nor above `most`; NaN becomes 0. */
VEC_INLINE vf vec_affine_warp_clamp(vf x, vf most)
{
    return vf_min(vf_max(x, vf_zero()), most);
}

/* From a pixel and its right neighbour in each lane to the value between them. */
VEC_INLINE vf vec_affine_warp_between(vi pair, vf part)
{
    const vf left = vi_to_float(vi_byte0(pair));
    return vf_fma(vf_sub(vi_to_float(vi_byte1(pair)), left), part, left);
}

VEC_INLINE vf vec_affine_warp_at(const uint8_t *frame, ptrdiff_t pitch, vf sy, vf sx)
{
    const vf y = vi_to_float(vi_truncate(sy)), x = vi_to_float(vi_truncate(sx));
    const vf fy = vf_sub(sy, y), fx = vf_sub(sx, x);
    const vi offset = vi_truncate(vf_fma(y, vf_set1((float)pitch), x)); /* exact: below 2^24 */
    const vf top = vec_affine_warp_between(vi_gather_bytes(frame, offset), fx);
    const vf bottom = vec_affine_warp_between(vi_gather_bytes(frame + pitch, offset), fx);
    return vf_fma(vf_sub(bottom, top), fy, top);
}

VEC_INLINE void vec_affine_warp(lw_affine_warp_args args, void *ws, const lw_team *team)
{
    const ptrdiff_t pitch = args.w + VEC_WARP_AROUND + VEC_WARP_BEYOND;
    const vf right = vf_set1((float)(args.w + VEC_WARP_BEFORE)), below = vf_set1((float)(args.h + VEC_WARP_BEFORE));
    const vf a = vf_set1(args.m[0]), d = vf_set1(args.m[3]), scale = vf_set1(args.scale), shift = vf_set1(args.shift);
    const vf before = vf_set1(VEC_WARP_BEFORE);
    vec_affine_warp_frame(&args, ws, team);
    lw_team_sync(team);
    const vec_range share = vec_share(team, args.h, 1);
    for (ptrdiff_t y = share.lo; y < share.hi; y++) {
        const vf row_x = vf_set1(args.m[1] * (float)y + args.m[2]), row_y = vf_set1(args.m[4] * (float)y + args.m[5]);
        for (ptrdiff_t x = 0; x < args.w; x += VF_LANES) {
            const int n = vec_left(args.w, x);
            const ptrdiff_t at = y * args.w + x;
            const vf column = vf_add(vf_set1((float)x), vi_to_float(vi_iota()));
            vf sx = vf_fma(a, column, row_x), sy = vf_fma(d, column, row_y);
            if (args.dx) {
                sx = vf_add(sx, vf_load_n(args.dx + at, n));
                sy = vf_add(sy, vf_load_n(args.dy + at, n));
            }
            sx = vec_affine_warp_clamp(vf_add(sx, before), right);
            sy = vec_affine_warp_clamp(vf_add(sy, before), below);
            vf_store_n(args.dst + at, vf_fma(vec_affine_warp_at(ws, pitch, sy, sx), scale, shift), n);
        }
    }
}

#endif
