/* SPDX-License-Identifier: BSD-3-Clause
 * test_reference.c: the fp64 references are themselves checked: against values worked out by hand, and against
 * textbook loops that walk in another order. */
#include "oracle/random.h"
#include "oracle/spec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { MOST = 4096 };

static double value[LW_MAX_OPERANDS][MOST], bound[LW_MAX_OPERANDS][MOST];
static float in[LW_MAX_OPERANDS][MOST];

static lw_problem parsed(lw_op op, const char *text)
{
    lw_problem p;
    char err[512];
    if (!lw_problem_parse(op, text, &p, err, sizeof err)) fail_msg("%s", err);
    return p;
}

static void refer(const lw_problem *p, const void *const data[])
{
    lw_want want[LW_MAX_OPERANDS];
    for (int i = 0; i < LW_MAX_OPERANDS; i++) want[i] = (lw_want){value[i], bound[i]};
    lw_spec_of(p->op)->reference(p, data, want);
}

static void fill(void)
{
    uint64_t random = 5;
    for (int i = 0; i < LW_MAX_OPERANDS; i++)
        for (int j = 0; j < MOST; j++) in[i][j] = lw_random_signed(&random);
}

static void assert_close(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * (1 + fabs(want)))) fail_msg("%.17g instead of %.17g", got, want);
}

/* ---------------------------------------------------------------- gemm */

static void gemm_agrees_with_dot_products(void **state)
{
    (void)state;
    const char *const problems[] = {"5x7:7x3", "5x7:7x3_tn_beta0.5", "4x6:6x9_nt_alpha-2_ldb11", "3x8:8x5_tt_lda9_ldc7_beta2"};
    fill();
    for (size_t t = 0; t < sizeof problems / sizeof *problems; t++) {
        const lw_problem p = parsed(LW_OP_SGEMM, problems[t]);
        const lw_sgemm_args *g = &p.args.sgemm;
        refer(&p, (const void *const[]){in[0], in[1], in[2]});
        for (ptrdiff_t j = g->N - 1; j >= 0; j--)
            for (ptrdiff_t i = g->M - 1; i >= 0; i--) {
                double dot = 0;
                for (ptrdiff_t k = g->K - 1; k >= 0; k--)
                    dot += (double)in[0][g->trans_a ? k * g->lda + i : i * g->lda + k] *
                           (double)in[1][g->trans_b ? j * g->ldb + k : k * g->ldb + j];
                assert_close(value[2][i * g->N + j],
                             (double)g->alpha * dot + (double)g->beta * (double)in[2][i * g->ldc + j]);
            }
    }
}

/* ---------------------------------------------------------------- convolution: by definition, output by output */

static double source(const lw_conv2d_shape *s, const float *src, int n, int h, int w, int i)
{
    return h < 0 || h >= s->ih || w < 0 || w >= s->iw ? 0 : (double)src[((n * s->ih + h) * s->iw + w) * s->ic + i];
}

static double weight(const lw_conv2d_shape *s, const float *wei, int r, int c, int i, int o)
{
    return (double)wei[((r * s->kw + c) * s->ic + i) * s->oc + o];
}

static const char *const windows[] = {"mb2ic3ih5iw6oc4oh3ow4kh3kw3ph0pw0", "mb1ic2ih6oc5oh6kh3ph1",
                                      "mb2ic2ih9iw8oc3oh4ow3kh3kw4sh2sw3ph1pw2", "mb1ic1ih4oc2oh2kh1sh3ph0"};
enum { WINDOWS = sizeof windows / sizeof *windows };

static void forward_convolution_agrees_with_its_definition(void **state)
{
    (void)state;
    fill();
    for (int t = 0; t < WINDOWS; t++) {
        const lw_problem p = parsed(LW_OP_CONV2D_FWD, windows[t]);
        const lw_conv2d_shape *s = &p.args.conv2d_fwd.shape;
        refer(&p, (const void *const[]){in[0], in[1], in[2], NULL});
        for (int i = 0; i < s->mb * s->oh * s->ow * s->oc; i++) {
            const int o = i % s->oc, x = i / s->oc % s->ow, y = i / s->oc / s->ow % s->oh, n = i / s->oc / s->ow / s->oh;
            double sum = (double)in[2][o];
            for (int c = 0; c < s->ic; c++)
                for (int r = 0; r < s->kh; r++)
                    for (int k = 0; k < s->kw; k++)
                        sum += source(s, in[0], n, y * s->sh - s->ph + r, x * s->sw - s->pw + k, c) * weight(s, in[1], r, k, c, o);
            assert_close(value[3][i], sum);
        }
    }
}

/* <f(x), y> == <x, f'(y)>: backward-data and backward-weights are the transposes of forward. */
static void backward_convolutions_are_the_transposes_of_forward(void **state)
{
    (void)state;
    static double forward[MOST];
    fill();
    for (int t = 0; t < WINDOWS; t++) {
        const lw_problem p = parsed(LW_OP_CONV2D_FWD, windows[t]), d = parsed(LW_OP_CONV2D_BWD_DATA, windows[t]),
                         w = parsed(LW_OP_CONV2D_BWD_WEIGHTS, windows[t]);
        const lw_conv2d_shape *s = &p.args.conv2d_fwd.shape;
        const float *src = in[0], *wei = in[1], *diff_dst = in[3];
        const int outs = s->mb * s->oh * s->ow * s->oc, ins = s->mb * s->ih * s->iw * s->ic, weights = s->kh * s->kw * s->ic * s->oc;
        refer(&p, (const void *const[]){src, wei, NULL, NULL});
        double expected = 0, by_data = 0, by_weights = 0;
        for (int i = 0; i < outs; i++) forward[i] = value[3][i];
        for (int i = 0; i < outs; i++) expected += forward[i] * (double)diff_dst[i];
        refer(&d, (const void *const[]){diff_dst, wei, NULL});
        for (int i = 0; i < ins; i++) by_data += value[2][i] * (double)src[i];
        refer(&w, (const void *const[]){src, diff_dst, NULL, NULL});
        for (int i = 0; i < weights; i++) by_weights += value[2][i] * (double)wei[i];
        assert_close(by_data, expected);
        assert_close(by_weights, expected);
        for (int o = 0; o < s->oc; o++) {
            double sum = 0;
            for (int i = o; i < outs; i += s->oc) sum += (double)diff_dst[i];
            assert_close(value[3][o], sum);
        }
    }
}

/* ---------------------------------------------------------------- by hand */

static void max_pooling_by_hand(void **state)
{
    (void)state;
    const float src[16] = {1, 5, 2, 2, 3, 4, 2, 2, -1, -2, NAN, 0, -3, -4, 0, 9}, diff[4] = {1, 2, 3, 4};
    const uint8_t argmax[4] = {1, 0, 0, 2};
    const lw_problem f = parsed(LW_OP_MAXPOOL_FWD, "mb1ic1ih4oh2kh2sh2ph0"), b = parsed(LW_OP_MAXPOOL_BWD, "mb1ic1ih4oh2kh2sh2ph0");
    refer(&f, (const void *const[]){src, NULL, NULL});
    assert_close(value[1][0], 5);
    assert_close(value[2][0], 1);
    assert_close(value[1][1], 2);
    assert_close(value[2][1], 0); /* the first of equals */
    assert_close(value[1][2], -1);
    assert_true(isnan(value[1][3]));
    assert_close(value[2][3], 0);
    refer(&b, (const void *const[]){diff, argmax, NULL});
    const double want[16] = {0, 1, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 4, 0};
    for (int i = 0; i < 16; i++) assert_close(value[2][i], want[i]);
}

static void softmax_by_hand(void **state)
{
    (void)state;
    const float logits[3] = {0, (float)M_LN2, 1000};
    const int32_t label[1] = {1};
    lw_problem p = parsed(LW_OP_SOFTMAX_XENT, "1x2_scale0.5");
    refer(&p, (const void *const[]){logits, label, NULL, NULL, NULL});
    assert_true(fabs(value[2][0] - log(1.5)) < 1e-7);
    assert_true(fabs(value[3][0] - 1.0 / 3) < 1e-7);
    assert_true(fabs(value[4][0] - 1.0 / 6) < 1e-7);
    assert_true(fabs(value[4][1] + 1.0 / 6) < 1e-7);
    p = parsed(LW_OP_SOFTMAX_XENT, "1x3");
    refer(&p, (const void *const[]){logits, label, NULL, NULL, NULL});
    assert_true(value[3][2] == 1 && value[3][0] == 0);
    assert_true(fabs(value[2][0] - (1000 - M_LN2)) < 1e-6);
}

static void optimiser_steps_by_hand(void **state)
{
    (void)state;
    const float grad[1] = {2}, w[1] = {10}, velocity[1] = {4}, m[1] = {0}, v[1] = {0};
    lw_problem p = parsed(LW_OP_SGD, "n1_lr0.5_momentum0.5_wd0.25");
    refer(&p, (const void *const[]){grad, w, velocity}); /* g = 2 + 2.5, v = 2 + 4.5 */
    assert_close(value[2][0], 6.5);
    assert_close(value[1][0], 10 - 0.5 * 6.5);
    p = parsed(LW_OP_SGD, "n1_lr0.5_momentum0.5_wd0.25_nesterov");
    refer(&p, (const void *const[]){grad, w, velocity});
    assert_close(value[1][0], 10 - 0.5 * (4.5 + 0.5 * 6.5));
    p = parsed(LW_OP_ADAM, "n1_lr0.5_beta1_0.5_beta2_0.75_eps0_step1"); /* the first step is lr long */
    refer(&p, (const void *const[]){grad, w, m, v});
    assert_close(value[2][0], 1);
    assert_close(value[3][0], 1);
    assert_close(value[1][0], 9.5);
    p = parsed(LW_OP_ADAM, "n1_lr0.5_beta1_0.5_beta2_0.75_eps0_step1_wd0.5_decoupled");
    refer(&p, (const void *const[]){grad, w, m, v});
    assert_close(value[1][0], 10 - 0.5 * 0.5 * 10 - 0.5);
    p = parsed(LW_OP_RMSPROP, "n1_lr0.5_rho0.75_eps1_wd0.5"); /* g = 2 + 5 */
    refer(&p, (const void *const[]){grad, w, (const float[]){20}});
    assert_close(value[2][0], 0.75 * 20 + 0.25 * 49);
    assert_close(value[1][0], 10 - 0.5 * 7 / sqrt(27.25 + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gemm_agrees_with_dot_products),
        cmocka_unit_test(forward_convolution_agrees_with_its_definition),
        cmocka_unit_test(backward_convolutions_are_the_transposes_of_forward),
        cmocka_unit_test(max_pooling_by_hand),
        cmocka_unit_test(softmax_by_hand),
        cmocka_unit_test(optimiser_steps_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
