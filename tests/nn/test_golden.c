/* SPDX-License-Identifier: BSD-3-Clause
 * test_golden.c: networks, losses and optimisers against values that PyTorch computed in double precision
 * (golden/make_golden.py), for every kernel set usable here. */
#include "golden/golden_values.h"
#include "support.h"

#include <math.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static lw_dispatch sets[LW_ISA_COUNT];
static int set_count;

static int find_sets(void **state)
{
    (void)state;
    set_count = usable_sets(sets);
    return 0;
}

/* ---------------------------------------------------------------- networks */

/* Batch normalisation takes means away, and what cancels there is rounding. */
static double tolerance_of(const golden_network *g)
{
    return strstr(g->text, "batchnorm") ? 1e-5 : 3e-6;
}

static void assert_tensor(const float *got, const golden_tensor *want, double tolerance, const char *what)
{
    numbers weights = {77};
    double sum = 0, weighted = 0, magnitude = 0, most = 0;
    for (int i = 0; i < want->count; i++) {
        sum += got[i];
        weighted += got[i] * (double)numbers_next(&weights);
        magnitude += fabs((double)got[i]);
        most = fmax(most, fabs((double)got[i]));
    }
    assert_true(most > 0); /* a gradient of nothing proves nothing */
    for (int i = 0; i < 8; i++)
        assert_near(got[(ptrdiff_t)i * (want->count - 1) / 7], want->sample[i], tolerance * most, what, i);
    assert_near(sum, want->sum, tolerance * magnitude, what, -1);
    assert_near(weighted, want->weighted, tolerance * magnitude, what, -2);
}

static void open_golden(network *n, const golden_network *g, int at, const lw_dispatch *kernels)
{
    network_open(n, g->text, g->input, kernels, g->images, 1);
    network_fill(n, g->images, 1000 + (uint32_t)at);
}

static void logits_and_losses_are_those_of_pytorch(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++)
        for (int at = 0; at < COUNT(golden_networks); at++) {
            const golden_network *g = &golden_networks[at];
            network n;
            open_golden(&n, g, at, &sets[k]);
            const lw_pass pass = pass_of(&n, g->images, false);
            lw_net_forward(&n.net, &pass);
            for (int i = 0; i < g->images * n.model.classes; i++)
                assert_near(n.net.logits[i], g->logits[i], 5e-6 * fmax(1, fabs(g->logits[i])), g->name, i);
            for (int i = 0; i < g->images; i++)
                assert_near(n.net.loss[i], g->losses[i], 5e-6 * fmax(1, g->losses[i]), g->name, i);
            network_close(&n);
        }
}

static void gradients_are_those_of_pytorch(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++)
        for (int at = 0; at < COUNT(golden_networks); at++) {
            const golden_network *g = &golden_networks[at];
            network n;
            open_golden(&n, g, at, &sets[k]);
            const lw_pass pass = pass_of(&n, g->images, true);
            lw_net_forward(&n.net, &pass);
            lw_net_backward(&n.net, &pass);
            int tensor = 0;
            for (int i = 0; i < n.model.layers; i++)
                for (int j = 0; j < n.model.layer[i].params; j++, tensor++) {
                    assert_true(tensor < g->params);
                    assert_int_equal(lw_param_count(&n.model.layer[i].param[j]), g->grads[tensor].count);
                    const lw_tensors *t = &n.net.tensors[i];
                    assert_tensor(t->grad[j] ? t->grad[j] : t->param[j], &g->grads[tensor], tolerance_of(g), g->name);
                }
            assert_int_equal(tensor, g->params);
            network_close(&n);
        }
}

/* ---------------------------------------------------------------- loss */

/* A dense layer whose weights are the identity shows the loss any logits. */
static void softmax_and_cross_entropy_are_those_of_pytorch(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++) {
        network n;
        network_open(&n, "dense(4)", (lw_dims){1, 1, GOLDEN_COLS}, &sets[k], GOLDEN_ROWS, 1);
        for (int i = 0; i < GOLDEN_COLS; i++)
            n.net.tensors[0].param[0][i * GOLDEN_COLS + i] = 1;
        memcpy(n.net.input, golden_softmax_logits, sizeof golden_softmax_logits);
        for (int i = 0; i < GOLDEN_ROWS; i++)
            n.net.label[i] = golden_softmax_labels[i];
        const lw_pass pass = pass_of(&n, GOLDEN_ROWS, true);
        lw_net_forward(&n.net, &pass);
        for (int i = 0; i < GOLDEN_ROWS; i++)
            assert_near(n.net.loss[i], golden_softmax_losses[i], 1e-6 * fmax(1, golden_softmax_losses[i]),
                        "loss", i);
        for (int i = 0; i < GOLDEN_ROWS * GOLDEN_COLS; i++) {
            assert_near(n.net.prob[i], golden_softmax_prob[i], 1e-6 * golden_softmax_prob[i] + 0x1p-149,
                        "prob", i);
            assert_near(n.net.tensors[0].diff_dst[i], golden_softmax_diff[i], 2e-7, "diff", i);
        }
        network_close(&n);
    }
}

/* ---------------------------------------------------------------- optimisers */

static lw_optimizer optimiser_of(const golden_optimiser *g)
{
    lw_optimizer o = lw_optimizer_default(g->kind);
    o.lr = g->lr;
    o.momentum = g->momentum;
    o.nesterov = g->nesterov;
    o.weight_decay = g->weight_decay;
    return o;
}

static void optimisers_step_as_those_of_pytorch(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++)
        for (int at = 0; at < COUNT(golden_optimisers); at++) {
            const golden_optimiser *g = &golden_optimisers[at];
            float w[GOLDEN_VALUES], grad[GOLDEN_VALUES];
            static const lw_model of_no_layers; /* all by one rate */
            const lw_net net = {.model = &of_no_layers, .kernels = &sets[k], .arena = GOLDEN_VALUES, .params = w, .grads = grad};
            lw_optimizer o = optimiser_of(g);
            lw_error err;
            assert_true(lw_optimizer_init(&o, &net, &err));
            numbers formula = {500};
            numbers_fill(&formula, w, GOLDEN_VALUES, 1);
            for (int step = 1; step <= GOLDEN_STEPS; step++) {
                numbers_fill(&formula, grad, GOLDEN_VALUES, 0.125f);
                grad[0] = 0;
                for (int i = 1; i <= GOLDEN_TINY; i++)
                    grad[i] *= 0x1p-20f;
                lw_optimizer_apply(&o, &net, step, &lw_team_solo);
            }
            for (int i = 0; i < GOLDEN_VALUES; i++)
                assert_near(w[i], g->values[i], 4e-7, lw_optimizer_name(g->kind), at * 100 + i);
            lw_optimizer_free(&o);
        }
}

static void training_follows_the_losses_of_pytorch(void **state)
{
    (void)state;
    for (int k = 0; k < set_count; k++)
        for (int at = 0; at < COUNT(golden_trajectories); at++) {
            const golden_trajectory *t = &golden_trajectories[at];
            const golden_network *g = &golden_networks[0];
            network n;
            open_golden(&n, g, 0, &sets[k]);
            lw_optimizer o = optimiser_of(&golden_optimisers[t->optimiser]);
            lw_error err;
            assert_true(lw_optimizer_init(&o, &n.net, &err));
            const lw_pass pass = pass_of(&n, g->images, true);
            for (int step = 0; step < GOLDEN_LOSSES; step++) {
                double loss = 0;
                lw_net_forward(&n.net, &pass);
                for (int i = 0; i < g->images; i++)
                    loss += n.net.loss[i] / (double)g->images;
                assert_near(loss, t->losses[step], 2e-5, lw_optimizer_name(o.kind), step);
                lw_net_backward(&n.net, &pass);
                lw_optimizer_apply(&o, &n.net, step + 1, &lw_team_solo);
            }
            lw_optimizer_free(&o);
            network_close(&n);
        }
}

static void settings_are_those_of_keras(void **state)
{
    (void)state;
    const lw_optimizer sgd = lw_optimizer_default(LW_SGD), adam = lw_optimizer_default(LW_ADAM),
                       adamw = lw_optimizer_default(LW_ADAMW);
    assert_true(sgd.lr == 0.01 && sgd.momentum == 0 && !sgd.nesterov && sgd.weight_decay == 0);
    assert_true(adam.lr == 0.001 && adam.beta1 == 0.9 && adam.beta2 == 0.999 && adam.epsilon == 1e-7);
    assert_true(adam.weight_decay == 0 && adamw.weight_decay == 0.004 && adamw.lr == 0.001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logits_and_losses_are_those_of_pytorch),
        cmocka_unit_test(gradients_are_those_of_pytorch),
        cmocka_unit_test(softmax_and_cross_entropy_are_those_of_pytorch),
        cmocka_unit_test(optimisers_step_as_those_of_pytorch),
        cmocka_unit_test(training_follows_the_losses_of_pytorch),
        cmocka_unit_test(settings_are_those_of_keras),
    };
    return cmocka_run_group_tests(tests, find_sets, NULL);
}
