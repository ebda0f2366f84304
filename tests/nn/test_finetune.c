/* SPDX-License-Identifier: BSD-3-Clause
 * test_finetune.c: frozen layers stay and hand on the same gradients; weights of a file go where they belong. */
#include "support.h"

#include "nn/finetune.h"
#include "nn/optimizer.h"
#include "nn/safetensors.h"

#include <stdio.h>
#include <string.h>

enum { IMAGES = 5, H = 8, W = 7 };

static const lw_dims image = {H, W, 1};
static const char *const chain = "conv(4,3) relu maxpool(2) conv(6,2) relu flatten dense(7) relu dense(5)";

/* The gradients of one step, with `freeze` (NULL: nothing) frozen. */
static void step(network *n, const char *text, const char *freeze, const lw_dispatch *kernels)
{
    lw_error err;
    if (!lw_model_parse(&n->model, text, image, &err) || (freeze && !lw_model_freeze(&n->model, freeze, &err)) ||
        !lw_net_init(&n->net, &n->model, kernels, IMAGES, 1, &err))
        fail_msg("%s", err.text);
    network_fill(n, IMAGES, 3);
    const lw_pass pass = pass_of(n, IMAGES, true);
    lw_net_forward(&n->net, &pass);
    lw_net_backward(&n->net, &pass);
}

static const lw_tensors *tensors_of(const network *n, const char *name)
{
    for (int i = 0; i < n->model.layers; i++)
        if (strcmp(n->model.layer[i].name, name) == 0) return &n->net.tensors[i];
    fail_msg("no layer %s", name);
    return NULL;
}

static void frozen_layers_hand_on_the_same_gradients(void **state)
{
    (void)state;
    lw_dispatch sets[LW_ISA_COUNT];
    const int count = usable_sets(sets);
    for (int k = 0; k < count; k++) {
        network all, some;
        step(&all, chain, NULL, &sets[k]);
        step(&some, chain, "conv2d_1,dense", &sets[k]);
        assert_null(tensors_of(&some, "conv2d_1")->grad[0]);
        assert_null(tensors_of(&some, "dense")->grad[1]);
        assert_memory_equal(tensors_of(&all, "conv2d")->grad[0], tensors_of(&some, "conv2d")->grad[0], 4 * 9 * sizeof(float));
        assert_memory_equal(tensors_of(&all, "dense_1")->grad[0], tensors_of(&some, "dense_1")->grad[0], 7 * 5 * sizeof(float));
        assert_true(some.net.arena < all.net.arena);
        assert_int_equal(some.model.params, all.model.params);
        network_close(&all);
        network_close(&some);
    }
}

static void nothing_goes_back_past_the_first_that_learns(void **state)
{
    (void)state;
    lw_dispatch sets[LW_ISA_COUNT];
    network n;
    usable_sets(sets);
    step(&n, chain, "conv2d,conv2d_1", &sets[0]);
    assert_null(tensors_of(&n, "conv2d")->diff_dst);
    assert_null(tensors_of(&n, "dense")->diff_src);
    assert_true(lw_model_train_flop(&n.model) < 1.2 * lw_model_flop(&n.model));
    network_close(&n);
}

static void frozen_statistics_stay(void **state)
{
    (void)state;
    lw_dispatch sets[LW_ISA_COUNT];
    network n;
    usable_sets(sets);
    const char *text = "conv(4,3) batchnorm relu flatten dense(5)";
    step(&n, text, NULL, &sets[0]);
    const lw_tensors *t = tensors_of(&n, "batch_normalization");
    float before[4];
    memcpy(before, t->param[2], sizeof before);
    const lw_pass pass = pass_of(&n, IMAGES, true);
    lw_net_forward(&n.net, &pass);
    assert_memory_not_equal(before, t->param[2], sizeof before);
    network_close(&n);

    step(&n, text, "conv2d,batch_normalization", &sets[0]);
    t = tensors_of(&n, "batch_normalization");
    memcpy(before, t->param[2], sizeof before);
    lw_net_forward(&n.net, &pass);
    assert_memory_equal(before, t->param[2], sizeof before);
    network_close(&n);
}

static void names_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    lw_model model;
    lw_error err;
    assert_true(lw_model_parse(&model, chain, image, &err));
    assert_false(lw_model_freeze(&model, "conv2d,pool", &err));
    assert_refusal(&err, LW_ERROR_MODEL, "no layer 'pool' with parameters in this model; it has: conv2d, conv2d_1, dense, dense_1");
    assert_false(lw_model_freeze(&model, "conv2d,", &err));
    assert_refusal(&err, LW_ERROR_MODEL, "no layer ''");
    assert_false(lw_model_freeze(&model, "max_pooling2d", &err));
    assert_refusal(&err, LW_ERROR_MODEL, "with parameters");
    assert_false(lw_model_freeze(&model, "conv2d,conv2d_1,dense,dense_1", &err));
    assert_refusal(&err, LW_ERROR_MODEL, "leave one to learn");
    assert_true(lw_model_parse(&model, "conv(4,3) batchnorm flatten dense(5)", image, &err));
    assert_false(lw_model_freeze(&model, "batch_normalization", &err));
    assert_refusal(&err, LW_ERROR_MODEL, "only where every layer before it is frozen");
}

/* Two steps with the same gradients by this rate, on a model with `factors` (NULL: none). */
static void two_steps(network *n, const lw_dispatch *kernels, lw_optimizer o, const char *factors)
{
    lw_error err;
    if (!lw_model_parse(&n->model, chain, image, &err) || (factors && !lw_model_scale_rates(&n->model, factors, &err)) ||
        !lw_net_init(&n->net, &n->model, kernels, IMAGES, 1, &err) || !lw_optimizer_init(&o, &n->net, &err))
        fail_msg("%s", err.text);
    network_fill(n, IMAGES, 3);
    const lw_pass pass = pass_of(n, IMAGES, true);
    lw_net_forward(&n->net, &pass);
    lw_net_backward(&n->net, &pass);
    for (int i = 1; i <= 2; i++) lw_optimizer_apply(&o, &n->net, i, &lw_team_solo);
    lw_optimizer_free(&o);
}

/* Those of `layer` are as in `same`, and as in no other. */
static void assert_moved_as(const network *n, const char *layer, int param, ptrdiff_t count, const network *same,
                            const network *other)
{
    const float *got = tensors_of(n, layer)->param[param];
    assert_memory_equal(got, tensors_of(same, layer)->param[param], (size_t)count * sizeof *got);
    assert_memory_not_equal(got, tensors_of(other, layer)->param[param], (size_t)count * sizeof *got);
}

static void a_factor_is_a_rate_for_its_layer_alone(void **state)
{
    (void)state;
    static const lw_optimizer_kind kinds[] = {LW_SGD, LW_ADAM, LW_ADAMW, LW_RMSPROP};
    lw_dispatch sets[LW_ISA_COUNT];
    const int count = usable_sets(sets);
    for (int k = 0; k < count; k++)
        for (int i = 0; i < 4; i++) {
            network plain, fast, mixed;
            lw_optimizer o = lw_optimizer_default(kinds[i]), faster = o;
            o.momentum = faster.momentum = kinds[i] == LW_SGD ? 0.5 : 0;
            o.lr = 0.0078125; /* times 8 is exact */
            faster.lr = 8 * o.lr;
            two_steps(&plain, &sets[k], o, NULL);
            two_steps(&fast, &sets[k], faster, NULL);
            two_steps(&mixed, &sets[k], o, "conv2d_1=8,dense_1=8");
            assert_moved_as(&mixed, "conv2d", 0, 4 * 9, &plain, &fast);
            assert_moved_as(&mixed, "conv2d_1", 0, 6 * 4 * 4, &fast, &plain);
            assert_moved_as(&mixed, "conv2d_1", 1, 6, &fast, &plain);
            assert_moved_as(&mixed, "dense", 1, 7, &plain, &fast);
            assert_moved_as(&mixed, "dense_1", 0, 7 * 5, &fast, &plain);
            assert_moved_as(&mixed, "dense_1", 1, 5, &fast, &plain);
            network_close(&plain);
            network_close(&fast);
            network_close(&mixed);
        }
}

static void factors_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *refusal;
    } bad[] = {{"head=2", "no layer 'head' with parameters in this model; it has: conv2d, conv2d_1, dense, dense_1"},
               {"max_pooling2d=2", "no layer 'max_pooling2d' with parameters"},
               {"dense", "expected LAYER=FACTOR, such as dense=0.1, found 'dense'"},
               {"dense=2,", "found ''"},
               {"=2", "no layer ''"},
               {"dense=", "dense wants a factor above 0 and up to 1000, got ''"},
               {"dense=0", "got '0'"},
               {"dense=-1", "got '-1'"},
               {"dense=nan", "got 'nan'"},
               {"dense=1001", "got '1001'"},
               {"dense=1x,conv2d=1", "got '1x'"},
               {"dense=2,dense=3", "dense is named twice"},
               {"dense_1=2,conv2d=2", "conv2d is frozen"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        lw_model model;
        lw_error err;
        assert_true(lw_model_parse(&model, chain, image, &err) && lw_model_freeze(&model, "conv2d", &err));
        assert_false(lw_model_scale_rates(&model, bad[i].text, &err));
        assert_refusal(&err, LW_ERROR_MODEL, bad[i].refusal);
    }
}

static void weights_go_by_name_and_shape(void **state)
{
    (void)state;
    lw_dispatch sets[LW_ISA_COUNT];
    char folder[PATH_SIZE], path[PATH_SIZE + 32], note[LW_FINETUNE_NOTE];
    network from, to;
    lw_error err;
    usable_sets(sets);
    folder_make(folder);
    snprintf(path, sizeof path, "%s/w.safetensors", folder);
    network_open(&from, chain, image, &sets[0], IMAGES, 1);
    network_fill(&from, IMAGES, 7);
    assert_true(lw_safetensors_write(path, &from.net, NULL, 0, &err));

    network_open(&to, "conv(4,3) relu maxpool(2) conv(6,2) relu flatten dense(7) relu dense(9)", image, &sets[0], IMAGES, 1);
    network_fill(&to, IMAGES, 8);
    float head[7 * 9], bias[6];
    memcpy(head, tensors_of(&to, "dense_1")->param[0], sizeof head);
    memcpy(bias, tensors_of(&to, "conv2d_1")->param[1], sizeof bias);
    assert_true(lw_finetune_read(path, &to.net, "conv2d_1", note, &err));
    assert_string_equal(note, "conv2d_1/kernel, conv2d_1/bias, dense_1/kernel, dense_1/bias");
    assert_memory_equal(tensors_of(&to, "conv2d")->param[0], tensors_of(&from, "conv2d")->param[0], 4 * 9 * sizeof(float));
    assert_memory_equal(tensors_of(&to, "dense")->param[0], tensors_of(&from, "dense")->param[0], 7 * sizeof(float));
    assert_memory_equal(tensors_of(&to, "dense_1")->param[0], head, sizeof head);
    assert_memory_equal(tensors_of(&to, "conv2d_1")->param[1], bias, sizeof bias);
    network_close(&to);

    network_open(&to, "flatten dense(5)", image, &sets[0], IMAGES, 1);
    network_fill(&to, IMAGES, 9);
    assert_false(lw_finetune_read(path, &to.net, NULL, note, &err));
    assert_refusal(&err, LW_ERROR_DATA, "no tensor of this model's names and shapes");
    assert_false(lw_finetune_read(folder, &to.net, NULL, note, &err));
    assert_refusal(&err, LW_ERROR_DATA, "not a regular file");
    network_close(&to);
    network_close(&from);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_layers_hand_on_the_same_gradients),
        cmocka_unit_test(nothing_goes_back_past_the_first_that_learns),
        cmocka_unit_test(frozen_statistics_stay),
        cmocka_unit_test(names_that_do_not_fit_are_refused),
        cmocka_unit_test(a_factor_is_a_rate_for_its_layer_alone),
        cmocka_unit_test(factors_that_do_not_fit_are_refused),
        cmocka_unit_test(weights_go_by_name_and_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
