/* SPDX-License-Identifier: BSD-3-Clause
 * test_elide.c: what is left out is what cannot reach the loss: the same numbers as the dense computation, and the
 * sizes that follow from the windows. */
#include "nn/elide.h"
#include "support.h"

#include <math.h>

enum { IMAGES = 5 };

static lw_dispatch sets[LW_ISA_COUNT];
static int set_count;

static int find_sets(void **state)
{
    (void)state;
    set_count = usable_sets(sets);
    return 0;
}

/* ---------------------------------------------------------------- the same numbers */

static void run(network *n)
{
    const lw_pass pass = pass_of(n, IMAGES, true);
    network_fill(n, IMAGES, 11);
    lw_net_forward(&n->net, &pass);
    lw_net_backward(&n->net, &pass);
}

/* Sums in another order: relative to the largest of the tensor, as single elements may cancel. */
static void assert_alike(const float *got, const float *want, ptrdiff_t count, const char *text, const char *what)
{
    double most = 0;
    for (ptrdiff_t i = 0; i < count; i++) most = fmax(most, fabs((double)want[i]));
    assert_true(most > 0);
    for (ptrdiff_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - (double)want[i]) <= 2e-5 * most))
            fail_msg("%s: %s %td is %g, densely %g (largest %g)", text, what, i, (double)got[i], (double)want[i], most);
}

static void assert_same_as_dense(const char *text, lw_dims input, const lw_dispatch *kernels)
{
    network dense, elided;
    network_open(&dense, text, input, kernels, IMAGES, 1);
    network_open_elided(&elided, text, input, kernels, IMAGES, 1);
    run(&dense);
    run(&elided);
    assert_alike(elided.net.prob, dense.net.prob, IMAGES * dense.model.classes, text, "probability");
    assert_alike(elided.net.loss, dense.net.loss, IMAGES, text, "loss");
    for (int i = 0; i < dense.model.layers; i++)
        for (int j = 0; j < dense.model.layer[i].params; j++) {
            const lw_param *param = &dense.model.layer[i].param[j];
            const lw_tensors *a = &elided.net.tensors[i], *b = &dense.net.tensors[i];
            assert_alike(param->state ? a->param[j] : a->grad[j], param->state ? b->param[j] : b->grad[j],
                         lw_param_count(param), text, dense.model.layer[i].name);
        }
    network_close(&dense);
    network_close(&elided);
}

static const char *const models[] = {
    LW_MODEL_TUTORIAL,
    "conv(5,3) maxpool(2) conv(7,2) maxpool(2) flatten dense(4)",             /* no ReLU */
    "conv(6,3,pad=same) relu maxpool(3,2,pad=1) conv(9,5,pad=same) relu maxpool(3,2) globalavgpool dense(3)",
    "conv(20,3,stride=2,pad=1) relu maxpool(2) dropout(0) conv(3,2) flatten dense(10)",
    "maxpool(2) conv(4,4,stride=3) relu maxpool(2,1) flatten dense(5)",       /* a pool of the image itself */
    "conv(4,3) relu conv(5,3) relu maxpool(5) conv(40,2,pad=1) relu maxpool(3) flatten dense(6)",
    "conv(3,1) relu maxpool(2) relu maxpool(2) flatten dense(2)",
    "relu conv(4,3,stride=3) relu maxpool(2) flatten dense(3)",               /* a ReLU of the image itself */
    "conv(8,3) relu maxpool(2) residual(conv(8,3,pad=same) relu conv(8,3,pad=same)) relu maxpool(2) conv(9,2) relu "
    "maxpool(2) flatten dense(5)",
    "conv(4,2) relu branches(conv(5,2) relu maxpool(2)|maxpool(3,2) conv(3,1)|relu conv(2,3,stride=2)) "
    "conv(6,2) maxpool(3) flatten dense(4)",
    "conv(5,3) relu batchnorm relu maxpool(2) conv(7,2) relu maxpool(2) batchnorm relu flatten dense(4)",
    "conv(5,3) relu avgpool(2) conv(7,2) avgpool(2,2,pad=1) relu avgpool(2) flatten dense(4)",
    "branches(conv(3,4,stride=2) relu maxpool(2)|maxpool(8,4)) globalavgpool dense(4)",
};

static void numbers_are_those_of_the_dense_computation(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++)
        for (size_t i = 0; i < sizeof models / sizeof *models; i++)
            assert_same_as_dense(models[i], (lw_dims){29, 28, 1}, &sets[k]);
}

static void channels_of_the_image_may_be_many(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++)
        assert_same_as_dense("conv(33,3) relu maxpool(2) conv(17,3) relu maxpool(2) flatten dense(7)",
                             (lw_dims){19, 21, 13}, &sets[k]);
}

/* ---------------------------------------------------------------- sizes */

static lw_model elided(const char *text)
{
    lw_model m;
    lw_error err;
    if (!lw_model_parse(&m, text, (lw_dims){28, 28, 1}, &err)) fail_msg("%s", err.text);
    lw_model_elide(&m);
    return m;
}

static void assert_dims(lw_dims got, int h, int w, int c)
{
    if (got.h != h || got.w != w || got.c != c) fail_msg("%dx%dx%d instead of %dx%dx%d", got.h, got.w, got.c, h, w, c);
}

static void the_tutorial_network_loses_its_dead_rows(void **state)
{
    (void)state;
    const lw_model m = elided(LW_MODEL_TUTORIAL);
    assert_dims(m.layer[0].used_in, 28, 28, 1); /* the image is as it is */
    assert_dims(m.layer[0].used_out, 24, 24, 32);
    assert_dims(m.layer[1].used_out, 12, 12, 32);
    assert_dims(m.layer[2].used_out, 10, 10, 64);
    assert_dims(m.layer[3].used_out, 5, 5, 64);
    assert_dims(m.layer[2].out, 11, 11, 64); /* the model says what it said */
    assert_true(m.layer[0].pools && m.layer[1].pooled && m.layer[2].pools && m.layer[3].pooled && !m.layer[4].pools);
    assert_true(m.params == 93322);
    assert_true(lw_model_flop(&m) > 5.58e6 && lw_model_flop(&m) < 5.63e6);
    assert_true(lw_model_executed_flop(&m) < 0.86 * lw_model_flop(&m));
    assert_true(lw_model_executed_train_flop(&m) < 0.6 * lw_model_train_flop(&m));
}

static void a_layer_that_looks_at_everything_keeps_everything(void **state)
{
    (void)state;
    lw_model m = elided("conv(4,3) relu globalavgpool dense(10)");
    assert_dims(m.layer[0].used_out, 26, 26, 4);
    assert_true(!m.layer[0].pools);
    m = elided("conv(4,2) relu maxpool(2) dropout(0.5) conv(4,2) relu maxpool(2) flatten dense(10)");
    assert_dims(m.layer[1].used_out, 13, 13, 4); /* dropout's mask goes by position, so it keeps them all */
    assert_dims(m.layer[3].used_in, 13, 13, 4);
}

static void what_two_look_at_is_kept_whole(void **state)
{
    (void)state;
    const lw_model m = elided("conv(4,2) branches(maxpool(2)|relu conv(6,2) relu maxpool(2)) flatten dense(10)");
    assert_dims(m.layer[0].used_out, 27, 27, 4); /* each pool alone would leave it 26 */
    assert_true(!m.layer[0].pools && !m.layer[1].pooled && !m.layer[1].masks_input);
    assert_dims(m.layer[2].used_out, 27, 27, 4); /* a ReLU gives what it gets */
    assert_true(m.layer[3].pools && m.layer[4].pooled);
}

static void without_elision_nothing_is_left_out(void **state)
{
    (void)state;
    lw_model m;
    lw_error err;
    assert_true(lw_model_parse(&m, LW_MODEL_TUTORIAL, (lw_dims){28, 28, 1}, &err));
    assert_true(lw_model_executed_flop(&m) == lw_model_flop(&m));
    assert_true(lw_model_executed_train_flop(&m) == lw_model_train_flop(&m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_dense_computation),
        cmocka_unit_test(channels_of_the_image_may_be_many),
        cmocka_unit_test(the_tutorial_network_loses_its_dead_rows),
        cmocka_unit_test(a_layer_that_looks_at_everything_keeps_everything),
        cmocka_unit_test(what_two_look_at_is_kept_whole),
        cmocka_unit_test(without_elision_nothing_is_left_out),
    };
    return cmocka_run_group_tests(tests, find_sets, NULL);
}
