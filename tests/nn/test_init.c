/* SPDX-License-Identifier: BSD-3-Clause
 * test_init.c: the distribution of initial parameters, and what it depends on. */
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static lw_dispatch scalar;

static int find_scalar(void **state)
{
    (void)state;
    char message[256];
    return !lw_dispatch_init(&scalar, "scalar", message, sizeof message);
}

static const lw_dims input = {28, 28, 1};

static void open_initialised(network *n, const char *text, lw_init init, uint64_t seed)
{
    network_open(n, text, input, &scalar, 2, 1);
    memset(n->net.params, 0xff, (size_t)n->net.arena * sizeof(float));
    lw_net_init_params(&n->net, init, seed);
}

static int ascending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov's and Smirnov's test against uniform on (-limit, limit) at 0.1 %: the seed is fixed, so it
 * passes always or never. */
static void assert_uniform(const float *w, ptrdiff_t count, double limit, const char *what)
{
    float *sorted = malloc((size_t)count * sizeof *sorted);
    double distance = 0;
    assert_non_null(sorted);
    memcpy(sorted, w, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, ascending);
    assert_true(sorted[0] >= -limit * (1 + 1e-6) && sorted[count - 1] <= limit * (1 + 1e-6));
    for (ptrdiff_t i = 0; i < count; i++) {
        const double below = (sorted[i] + limit) / (2 * limit);
        distance = fmax(distance, fmax(fabs(below - (double)i / (double)count),
                                       fabs(below - (double)(i + 1) / (double)count)));
    }
    assert_near(distance, 0, 1.95 / sqrt((double)count), what, count);
    free(sorted);
}

/* A layer's kernel against limit sqrt(6 / fan). */
static void assert_kernel(const network *n, int layer, double fan)
{
    const lw_layer *l = &n->model.layer[layer];
    const float *w = n->net.tensors[layer].param[0], *bias = n->net.tensors[layer].param[1];
    assert_uniform(w, lw_param_count(&l->param[0]), sqrt(6 / fan), l->name);
    for (ptrdiff_t i = 0; i < lw_param_count(&l->param[1]); i++)
        assert_true(bias[i] == 0 && !signbit(bias[i]));
}

static void glorot_weights_are_uniform_up_to_its_limit(void **state)
{
    (void)state;
    network n;
    open_initialised(&n, LW_MODEL_TUTORIAL, LW_INIT_GLOROT, 1);
    assert_kernel(&n, 0, 3 * 3 * 1 + 3 * 3 * 32);
    assert_kernel(&n, 2, 3 * 3 * 32 + 3 * 3 * 64);
    assert_kernel(&n, 4, 3 * 3 * 64 + 3 * 3 * 64);
    assert_kernel(&n, 6, 576 + 64);
    assert_kernel(&n, 7, 64 + 10);
    network_close(&n);
}

static void he_weights_are_uniform_up_to_its_limit(void **state)
{
    (void)state;
    network n;
    open_initialised(&n, "conv(24,5) maxpool(2) conv(16,3) flatten dense(20)", LW_INIT_HE, 3);
    assert_kernel(&n, 0, 5 * 5 * 1);
    assert_kernel(&n, 2, 3 * 3 * 24);
    assert_kernel(&n, 4, 10 * 10 * 16);
    network_close(&n);
}

static void every_seed_and_every_tensor_draws_its_own(void **state)
{
    (void)state;
    const char *text = "flatten dense(50) dense(50) dense(50) dense(10)";
    network a, b, c;
    open_initialised(&a, text, LW_INIT_GLOROT, 1);
    open_initialised(&b, text, LW_INIT_GLOROT, UINT64_C(1) | UINT64_C(1) << 32);
    open_initialised(&c, text, LW_INIT_GLOROT, 1);
    assert_memory_equal(a.net.params, c.net.params, (size_t)a.net.arena * sizeof(float));
    int same_seed = 0, same_tensor = 0;
    for (int i = 0; i < 2500; i++) {
        same_seed += a.net.tensors[2].param[0][i] == b.net.tensors[2].param[0][i];
        same_tensor += a.net.tensors[2].param[0][i] == a.net.tensors[3].param[0][i];
    }
    assert_true(same_seed < 3 && same_tensor < 3);
    network_close(&a);
    network_close(&b);
    network_close(&c);
}

static void neither_kernels_nor_batch_change_what_is_drawn(void **state)
{
    (void)state;
    lw_dispatch sets[LW_ISA_COUNT];
    const int count = usable_sets(sets);
    network a;
    open_initialised(&a, LW_MODEL_TUTORIAL, LW_INIT_HE, 7);
    for (int k = 0; k < count; k++) {
        network b;
        network_open(&b, LW_MODEL_TUTORIAL, input, &sets[k], 5, 2);
        lw_net_init_params(&b.net, LW_INIT_HE, 7);
        assert_int_equal(a.net.arena, b.net.arena);
        assert_memory_equal(a.net.params, b.net.params, (size_t)a.net.arena * sizeof(float));
        network_close(&b);
    }
    network_close(&a);
}

static void every_tensor_is_aligned_and_apart(void **state)
{
    (void)state;
    network n;
    network_open(&n, "conv(3,3) maxpool(2) conv(5,2) relu dropout(0.5) flatten dense(7) relu dense(3)", input,
                 &scalar, 3, 2);
    const float *end = n.net.params;
    for (int i = 0; i < n.model.layers; i++)
        for (int j = 0; j < n.model.layer[i].params; j++) {
            const float *w = n.net.tensors[i].param[j], *grad = n.net.tensors[i].grad[j];
            assert_int_equal((uintptr_t)w % 64, 0);
            assert_int_equal(w - n.net.params, grad - n.net.grads);
            assert_true(w >= end);
            end = w + lw_param_count(&n.model.layer[i].param[j]);
        }
    assert_true(end <= n.net.params + n.net.arena);
    network_close(&n);
    network_close(&n); /* an empty network may be freed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glorot_weights_are_uniform_up_to_its_limit),
        cmocka_unit_test(he_weights_are_uniform_up_to_its_limit),
        cmocka_unit_test(every_seed_and_every_tensor_draws_its_own),
        cmocka_unit_test(neither_kernels_nor_batch_change_what_is_drawn),
        cmocka_unit_test(every_tensor_is_aligned_and_apart),
    };
    return cmocka_run_group_tests(tests, find_scalar, NULL);
}
