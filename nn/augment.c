/* SPDX-License-Identifier: BSD-3-Clause
 * augment.c: draws what happens to an image, and has the kernels do it: a warp, and for elastic distortion two small
 * matrix products that bring the grid's displacements to every pixel. */
#include "nn/augment.h"

#include "nn/rng.h"
#include "nn/settings.h"

#include <math.h>
#include <string.h>

static const lw_setting settings[] = {
    [LW_AUGMENT_ROTATE] = {"rotate", 0, 180, 0, false},   [LW_AUGMENT_TRANSLATE] = {"translate", 0, 1, 0, false},
    [LW_AUGMENT_SCALE] = {"scale", 0, 0.9, 0, false},     [LW_AUGMENT_SHEAR] = {"shear", 0, 60, 0, false},
    [LW_AUGMENT_ELASTIC] = {"elastic", 0, 100, 0, false}, [LW_AUGMENT_GRID] = {"grid", 2, 100, 6, false},
    [LW_AUGMENT_ERASE] = {"erase", 0, 1, 0, false},       [LW_AUGMENT_ERASE_SIZE] = {"erase-size", 0.01, 1, 0.4, false},
    [LW_AUGMENT_FLIP] = {"flip", 0, 1, 0, false},
    [LW_AUGMENT_SETTINGS] = {.name = NULL}};

/* ---------------------------------------------------------------- settings */

bool lw_augment_parse(lw_augment *a, const char *text, lw_error *err)
{
    return lw_settings_read(text, settings, a->value, "augmentation", err);
}

void lw_augment_text(const lw_augment *a, char text[LW_AUGMENT_TEXT])
{
    lw_settings_write(settings, a->value, text, LW_AUGMENT_TEXT);
}

static bool warps(const lw_augment *a)
{
    const double *v = a->value;
    return v[LW_AUGMENT_ROTATE] > 0 || v[LW_AUGMENT_TRANSLATE] > 0 || v[LW_AUGMENT_SCALE] > 0 || v[LW_AUGMENT_SHEAR] > 0 ||
           v[LW_AUGMENT_ELASTIC] > 0 || v[LW_AUGMENT_FLIP] > 0;
}

bool lw_augment_is_on(const lw_augment *a)
{
    return warps(a) || a->value[LW_AUGMENT_ERASE] > 0;
}

/* ---------------------------------------------------------------- memory */

/* The four uniform cubic B-splines that are not zero at `part` of the way between two points. */
static void bspline(double part, double weight[4])
{
    const double t = part, u = 1 - part;
    weight[0] = u * u * u / 6;
    weight[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
    weight[2] = (3 * u * u * u - 6 * u * u + 4) / 6;
    weight[3] = t * t * t / 6;
}

static int grid_points(int pixels, double spacing)
{
    return (int)((pixels - 1) / spacing) + 4;
}

/* Element (pixel, point) of a basis lies at pixel * by_pixel + point * by_point. */
static void fill_basis(float *basis, int pixels, double spacing, ptrdiff_t by_pixel, ptrdiff_t by_point)
{
    for (int i = 0; i < pixels; i++) {
        double weight[4], at = i / spacing;
        bspline(at - floor(at), weight);
        for (int j = 0; j < 4; j++)
            basis[i * by_pixel + ((int)at + j) * by_point] = (float)weight[j];
    }
}

/* Columns first: product = grid * basis_w; then displacement = basis_h * product. */
static lw_sgemm_args across(const lw_augmenter *g, const float *grid, float *product)
{
    return (lw_sgemm_args){.M = g->grid_h, .N = g->w, .K = g->grid_w, .alpha = 1, .A = grid, .lda = g->grid_w,
                           .B = g->basis_w, .ldb = g->w, .C = product, .ldc = g->w};
}

static lw_sgemm_args down(const lw_augmenter *g, const float *product, float *displacement)
{
    return (lw_sgemm_args){.M = g->h, .N = g->w, .K = g->grid_h, .alpha = 1, .A = g->basis_h, .lda = g->grid_h,
                           .B = product, .ldb = g->w, .C = displacement, .ldc = g->w};
}

static size_t workspace_bytes(const lw_augmenter *g)
{
    const lw_affine_warp_args warp = {.h = g->h, .w = g->w};
    const lw_sgemm_args product[2] = {across(g, NULL, NULL), down(g, NULL, NULL)};
    lw_affine_warp_ws_fn *of_warp = g->kernels->op[LW_OP_AFFINE_WARP]->workspace.affine_warp;
    lw_sgemm_ws_fn *of_sgemm = g->kernels->op[LW_OP_SGEMM]->workspace.sgemm;
    size_t most = of_warp ? of_warp(&warp, 1) : 0;
    for (int i = 0; of_sgemm && i < 2; i++)
        if (most < of_sgemm(&product[i], 1)) most = of_sgemm(&product[i], 1);
    return (most + 63) / 64 * 64;
}

bool lw_augmenter_init(lw_augmenter *g, const lw_augment *a, const lw_dispatch *kernels, int h, int w, int threads,
                       lw_error *err)
{
    const double spacing = a->value[LW_AUGMENT_GRID];
    *g = (lw_augmenter){.settings = *a, .kernels = kernels, .h = h, .w = w, .grid_h = grid_points(h, spacing),
                        .grid_w = grid_points(w, spacing)};
    if ((h + 3.0) * (w + 7.0) > 0x1p24)
        return lw_refuse(err, LW_ERROR_SETTING, "images of %dx%d are too large to be augmented", h, w);
    ptrdiff_t pixels = (ptrdiff_t)h * w;
    g->scratch_floats = (g->grid_h * (ptrdiff_t)g->grid_w + g->grid_h * (ptrdiff_t)w + 2 * pixels + 15) / 16 * 16;
    g->workspace_bytes = workspace_bytes(g);
    g->basis_h = lw_alloc((size_t)h * (size_t)g->grid_h * sizeof(float));
    g->basis_w = lw_alloc((size_t)w * (size_t)g->grid_w * sizeof(float));
    g->scratch = lw_alloc((size_t)threads * (size_t)g->scratch_floats * sizeof(float));
    g->workspace = lw_alloc((size_t)threads * g->workspace_bytes + 1);
    if (!g->basis_h || !g->basis_w || !g->scratch || !g->workspace) {
        lw_augmenter_free(g);
        return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the augmentation");
    }
    memset(g->basis_h, 0, (size_t)h * (size_t)g->grid_h * sizeof(float));
    memset(g->basis_w, 0, (size_t)w * (size_t)g->grid_w * sizeof(float));
    fill_basis(g->basis_h, h, spacing, g->grid_h, 1);
    fill_basis(g->basis_w, w, spacing, 1, w);
    return true;
}

void lw_augmenter_free(lw_augmenter *g)
{
    lw_free(g->basis_h);
    lw_free(g->basis_w);
    lw_free(g->scratch);
    lw_free(g->workspace);
    *g = (lw_augmenter){0};
}

/* ---------------------------------------------------------------- an image */

static double around_zero(lw_rng *rng, double range)
{
    return range * (2 * (double)lw_rng_unit(rng) - 1);
}

/* From a pixel of the result to where it comes from: turned and sheared about the centre. All is drawn, also what has
 * no range, so that one setting does not change what another one draws. */
static void draw_map(const lw_augmenter *g, lw_rng *rng, float m[6])
{
    const double degree = 3.14159265358979323846 / 180, *v = g->settings.value;
    const double turn = around_zero(rng, v[LW_AUGMENT_ROTATE]) * degree, shear = tan(around_zero(rng, v[LW_AUGMENT_SHEAR]) * degree);
    const double zoom = 1 / (1 + around_zero(rng, v[LW_AUGMENT_SCALE]));
    const double ty = around_zero(rng, v[LW_AUGMENT_TRANSLATE]) * g->h, tx = around_zero(rng, v[LW_AUGMENT_TRANSLATE]) * g->w;
    const double cy = (g->h - 1) / 2.0, cx = (g->w - 1) / 2.0, c = cos(turn) * zoom, s = sin(turn) * zoom;
    const double xx = c, xy = c * shear - s, yx = s, yy = s * shear + c;
    m[0] = (float)xx;
    m[1] = (float)xy;
    m[2] = (float)(cx - xx * (cx + tx) - xy * (cy + ty));
    m[3] = (float)yx;
    m[4] = (float)yy;
    m[5] = (float)(cy - yx * (cx + tx) - yy * (cy + ty));
}

/* Column x of the source becomes w - 1 - x. */
static void mirror(const lw_augmenter *g, float m[6])
{
    m[0] = -m[0];
    m[1] = -m[1];
    m[2] = (float)(g->w - 1) - m[2];
}

static void draw_displacement(const lw_augmenter *g, lw_rng *rng, float *grid, void *workspace, float *displacement)
{
    const float range = (float)g->settings.value[LW_AUGMENT_ELASTIC];
    const int points = g->grid_h * g->grid_w;
    float *product = grid + points;
    for (int i = 0; i < points; i++)
        grid[i] = range * (2 * lw_rng_unit(rng) - 1);
    const lw_sgemm_args first = across(g, grid, product), second = down(g, product, displacement);
    lw_sgemm_fn *sgemm = g->kernels->op[LW_OP_SGEMM]->fn.sgemm;
    sgemm(&first, workspace, &lw_team_solo);
    sgemm(&second, workspace, &lw_team_solo);
}

/* Zhong et al., Random erasing data augmentation (2020). */
static void erase(const lw_augmenter *g, lw_rng *rng, float black, float *dst)
{
    const double *v = g->settings.value, most = v[LW_AUGMENT_ERASE_SIZE];
    if ((double)lw_rng_unit(rng) >= v[LW_AUGMENT_ERASE]) return;
    const int h = 1 + (int)((double)lw_rng_unit(rng) * (most * g->h - 1)), w = 1 + (int)((double)lw_rng_unit(rng) * (most * g->w - 1));
    const uint32_t y = lw_rng_below(rng, (uint32_t)(g->h - h + 1)), x = lw_rng_below(rng, (uint32_t)(g->w - w + 1));
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            dst[((ptrdiff_t)y + i) * g->w + x + j] = black;
}

void lw_augmenter_image(const lw_augmenter *g, int thread, uint64_t seed, uint64_t epoch, uint64_t index,
                        const uint8_t *src, float scale, float shift, float *dst)
{
    lw_rng rng = lw_rng_at(seed, LW_PURPOSE_AUGMENT, epoch, index);
    void *workspace = g->workspace + (size_t)thread * g->workspace_bytes;
    lw_affine_warp_args warp = {.h = g->h, .w = g->w, .src = src, .scale = scale, .shift = shift, .dst = dst};
    draw_map(g, &rng, warp.m);
    lw_rng of_flip = lw_rng_at(seed, LW_PURPOSE_FLIP, epoch, index);
    if ((double)lw_rng_unit(&of_flip) < g->settings.value[LW_AUGMENT_FLIP]) mirror(g, warp.m);
    if (g->settings.value[LW_AUGMENT_ELASTIC] > 0) {
        float *grid = g->scratch + thread * g->scratch_floats;
        float *dx = grid + g->grid_h * (g->grid_w + g->w), *dy = dx + (ptrdiff_t)g->h * g->w;
        lw_rng of_grid = lw_rng_at(seed, LW_PURPOSE_ELASTIC, epoch, index);
        draw_displacement(g, &of_grid, grid, workspace, dx);
        draw_displacement(g, &of_grid, grid, workspace, dy);
        warp.dx = dx;
        warp.dy = dy;
    }
    g->kernels->op[LW_OP_AFFINE_WARP]->fn.affine_warp(&warp, workspace, &lw_team_solo);
    if (g->settings.value[LW_AUGMENT_ERASE] > 0) erase(g, &rng, shift, dst);
}
