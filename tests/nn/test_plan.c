/* SPDX-License-Identifier: BSD-3-Clause
 * test_plan.c: a network calls the rows that were chosen for its calls and no others, and they get the
 * workspace that they want. The rows are copies of a set's own that count their calls. */
#include "nn/inference.h"
#include "nn/net_plan.h"
#include "support.h"

#include <string.h>

enum { BATCH = 5 };
#define MODEL "conv(6,3) relu conv(6,3) relu maxpool(2) flatten dense(7) relu dense(3)"
static const lw_dims input = {10, 10, 1};

static lw_dispatch own, chosen; /* without a choice, and with one */
static lw_kernel conv, product; /* rows that may be chosen */
static lw_chosen list[2];
static int conv_calls, product_calls;

static void count_conv(const lw_conv2d_fwd_args *args, void *ws, const lw_team *team)
{
    conv_calls++;
    own.op[LW_OP_CONV2D_FWD]->fn.conv2d_fwd(args, ws, team);
}

static void count_product(const lw_sgemm_args *args, void *ws, const lw_team *team)
{
    product_calls++;
    own.op[LW_OP_SGEMM]->fn.sgemm(args, ws, team);
}

static bool serves_six(const lw_conv2d_fwd_args *args)
{
    return args->shape.ic == 6;
}

static bool serves_full_batches(const lw_conv2d_fwd_args *args)
{
    return args->shape.mb == BATCH;
}

static size_t a_mebibyte(const lw_conv2d_fwd_args *args, int team_size)
{
    (void)args;
    (void)team_size;
    return 1 << 20;
}

static int make_rows(void **state)
{
    char message[1024];
    (void)state;
    if (!lw_dispatch_init(&own, "scalar", message, sizeof message)) return -1;
    chosen = own;
    conv = *own.op[LW_OP_CONV2D_FWD];
    conv.name = "conv2d_fwd_counted";
    conv.fn.conv2d_fwd = count_conv;
    product = *own.op[LW_OP_SGEMM];
    product.name = "sgemm_counted";
    product.fn.sgemm = count_product;
    conv_calls = product_calls = 0;
    return 0;
}

static void choose(int count)
{
    chosen.choice = (lw_choice){count, list};
}

static lw_call call_of(const network *n, int layer, lw_part part, int mb)
{
    lw_call call;
    const lw_layer *l = &n->model.layer[layer];
    assert_true(l->type->call(l, part, mb, &call));
    return call;
}

static int layer_named(const network *n, const char *name)
{
    int i = 0;
    while (strcmp(n->model.layer[i].name, name) != 0)
        assert_true(++i < n->model.layers);
    return i;
}

static void step(network *n, int images)
{
    const lw_pass pass = pass_of(n, images, true);
    network_fill(n, images, 11);
    lw_net_forward(&n->net, &pass);
    lw_net_backward(&n->net, &pass);
}

/* ---------------------------------------------------------------- tests */

static void calls_the_sets_own_without_a_choice(void **state)
{
    network n;
    char text[LW_NET_VARIANTS];
    int calls = 0;
    (void)state;
    network_open(&n, MODEL, input, &own, BATCH, 1);
    for (int i = 0; i < n.model.layers; i++)
        for (int part = 0; part < LW_LAYER_PARTS; part++) {
            const lw_kernel *row = n.net.tensors[i].kernel[part];
            if (row) assert_ptr_equal(row, own.op[row->op]);
            calls += row != NULL;
        }
    assert_int_equal(calls, 4 * 3 - 1); /* nobody wants the gradient of the image */
    assert_string_equal(lw_net_variants(&n.net, text, sizeof text), "");
    network_close(&n);
}

static void calls_a_chosen_row_for_its_call_alone(void **state)
{
    network n;
    char text[LW_NET_VARIANTS];
    (void)state;
    network_open(&n, MODEL, input, &own, BATCH, 1);
    list[0] = (lw_chosen){.row = &product,
                          .call = call_of(&n, layer_named(&n, "dense"), LW_BACKWARD_WEIGHTS, BATCH)};
    network_close(&n);
    choose(1);
    network_open(&n, MODEL, input, &chosen, BATCH, 1);
    assert_string_equal(lw_net_variants(&n.net, text, sizeof text), "dense backward weights sgemm_counted");
    assert_true(lw_net_calls(&n.net, &product));
    assert_false(lw_net_calls(&n.net, &conv));
    step(&n, BATCH);
    assert_int_equal(product_calls, 1);
    step(&n, BATCH - 2); /* the last batch of an epoch */
    assert_int_equal(product_calls, 2);
    network_close(&n);
    network_open(&n, MODEL, input, &chosen, BATCH + 1, 1);
    assert_false(lw_net_calls(&n.net, &product));
    network_close(&n);
}

static void calls_a_forced_row_wherever_it_serves(void **state)
{
    network n;
    char text[LW_NET_VARIANTS];
    (void)state;
    conv.serves.conv2d_fwd = serves_six;
    list[0] = (lw_chosen){.row = &conv, .forced = true};
    choose(1);
    network_open(&n, MODEL, input, &chosen, BATCH, 1);
    assert_string_equal(lw_net_variants(&n.net, text, sizeof text), "conv2d_1 forward conv2d_fwd_counted");
    step(&n, BATCH);
    assert_int_equal(conv_calls, 1);
    network_close(&n);
}

static void the_first_of_two_is_taken(void **state)
{
    network n;
    lw_kernel second;
    (void)state;
    second = conv;
    list[0] = (lw_chosen){.row = &conv, .forced = true};
    list[1] = (lw_chosen){.row = &second, .forced = true};
    choose(2);
    network_open(&n, MODEL, input, &chosen, BATCH, 1);
    assert_true(lw_net_calls(&n.net, &conv));
    assert_false(lw_net_calls(&n.net, &second));
    network_close(&n);
}

static void a_row_that_does_not_serve_smaller_batches_is_not_taken(void **state)
{
    network n;
    (void)state;
    conv.serves.conv2d_fwd = serves_full_batches;
    list[0] = (lw_chosen){.row = &conv, .forced = true};
    choose(1);
    network_open(&n, MODEL, input, &chosen, BATCH, 1);
    assert_false(lw_net_calls(&n.net, &conv));
    network_close(&n);
}

static void rows_of_other_sets_play_no_part(void **state)
{
    network n;
    (void)state;
    conv.isa = LW_ISA_AUTOVEC;
    list[0] = (lw_chosen){.row = &conv, .forced = true};
    choose(1);
    network_open(&n, MODEL, input, &chosen, BATCH, 1);
    assert_false(lw_net_calls(&n.net, &conv));
    network_close(&n);
}

static void the_workspace_is_that_of_the_chosen_row(void **state)
{
    network n;
    (void)state;
    conv.workspace.conv2d_fwd = a_mebibyte;
    list[0] = (lw_chosen){.row = &conv, .forced = true};
    network_open(&n, MODEL, input, &own, BATCH, 1);
    assert_true(lw_net_place_workspaces(&n.net, 1) < 1 << 20);
    network_close(&n);
    choose(1);
    network_open(&n, MODEL, input, &chosen, BATCH, 1);
    assert_true(lw_net_place_workspaces(&n.net, 1) >= 1 << 20);
    network_close(&n);
}

static void the_bits_are_those_of_the_row(void **state)
{
    network a, b;
    (void)state;
    list[0] = (lw_chosen){.row = &conv, .forced = true};
    list[1] = (lw_chosen){.row = &product, .forced = true};
    choose(2);
    network_open(&a, MODEL, input, &own, BATCH, 1);
    network_open(&b, MODEL, input, &chosen, BATCH, 1);
    step(&a, BATCH);
    step(&b, BATCH);
    assert_memory_equal(a.net.grads, b.net.grads, (size_t)a.net.arena * sizeof(float));
    assert_memory_equal(a.net.prob, b.net.prob, (size_t)(BATCH * a.model.classes) * sizeof(float));
    assert_true(conv_calls == 2 && product_calls == 6);
    network_close(&a);
    network_close(&b);
}

static void a_network_that_answers_plans_its_own_calls(void **state)
{
    static lw_inference inf; /* too large for a stack */
    network n;
    lw_error err;
    (void)state;
    list[0] = (lw_chosen){.row = &product, .forced = true};
    choose(1);
    network_open(&n, MODEL, input, &own, BATCH, 1);
    if (!lw_inference_init(&inf, &n.model, &chosen, 1, &err)) fail_msg("%s", err.text);
    int forward = 0, backward = 0;
    for (int i = 0; i < inf.model.layers; i++)
        for (int part = 0; part < LW_LAYER_PARTS; part++)
            if (inf.net[0].tensors[i].kernel[part] == &product)
                *(part == LW_FORWARD ? &forward : &backward) += 1;
    assert_true(forward == 2 && backward == 0);
    lw_inference_free(&inf);
    network_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(calls_the_sets_own_without_a_choice, make_rows),
        cmocka_unit_test_setup(calls_a_chosen_row_for_its_call_alone, make_rows),
        cmocka_unit_test_setup(calls_a_forced_row_wherever_it_serves, make_rows),
        cmocka_unit_test_setup(the_first_of_two_is_taken, make_rows),
        cmocka_unit_test_setup(a_row_that_does_not_serve_smaller_batches_is_not_taken, make_rows),
        cmocka_unit_test_setup(rows_of_other_sets_play_no_part, make_rows),
        cmocka_unit_test_setup(the_workspace_is_that_of_the_chosen_row, make_rows),
        cmocka_unit_test_setup(the_bits_are_those_of_the_row, make_rows),
        cmocka_unit_test_setup(a_network_that_answers_plans_its_own_calls, make_rows),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
