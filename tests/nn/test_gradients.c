/* SPDX-License-Identifier: BSD-3-Clause
 * test_gradients.c: every layer's gradient in fp32 against central differences of a loss computed in double
 * by other code (reference.c), for every kernel set usable here. */
#include "nn/net_plan.h"
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static lw_dispatch sets[LW_ISA_COUNT];
static int set_count;

static int find_sets(void **state)
{
    (void)state;
    set_count = usable_sets(sets);
    return 0;
}

/* Step 1e-6 in double: truncation and rounding both stay below 1e-9; few values are that near to a kink. */
static void assert_slopes(const network *n, lw_pass pass, const char *what)
{
    reference r;
    reference_open(&r, n, pass);
    double most = 0;
    for (ptrdiff_t i = 0; i < n->net.arena; i++)
        most = fmax(most, fabs((double)n->net.grads[i]));
    assert_true(most > 1e-3);
    for (int i = 0; i < n->model.layers; i++)
        for (int j = 0; j < n->model.layer[i].params; j++) {
            const float *grad = n->net.tensors[i].grad[j];
            if (n->model.layer[i].param[j].state) continue;
            const ptrdiff_t count = lw_param_count(&n->model.layer[i].param[j]);
            const ptrdiff_t every = count / 61 + 1; /* of a large tensor some: with a stride that is odd */
            for (ptrdiff_t k = 0; k < count; k += every | 1)
                assert_near(grad[k], reference_slope(&r, grad - n->net.grads + k, 1e-6), 4e-6 * most, what,
                            k);
        }
    reference_close(&r);
}

/* Images and labels of a whole step, of which the network holds those of one pass. */
typedef struct whole_step {
    float *input;
    int32_t *label;
} whole_step;

/* Between these and the network's own: twice is as before. Its layers keep reading its own. */
static void exchange(network *n, whole_step *w)
{
    const whole_step of_net = {n->net.input, n->net.label};
    n->net.input = w->input;
    n->net.label = w->label;
    *w = of_net;
}

/* All passes of a step; `step` is as one pass of all its images would be. */
static void run_step(network *n, const whole_step *w, const lw_pass *step)
{
    const ptrdiff_t size = lw_dims_count(n->model.input);
    lw_pass pass = *step;
    const int passes = lw_net_passes(&n->net, step->mb);
    pass.step_mb = step->mb;
    for (int done = 0; done < step->mb; done += pass.mb, pass.number++) {
        pass.mb = step->mb - done < n->net.micro_batch ? step->mb - done : n->net.micro_batch;
        memcpy(n->net.input, w->input + done * size, (size_t)(pass.mb * size) * sizeof(float));
        memcpy(n->net.label, w->label + done, (size_t)pass.mb * sizeof(int32_t));
        lw_net_forward(&n->net, &pass);
        lw_net_backward(&n->net, &pass);
        lw_net_accumulate(&n->net, NULL, pass.number, 1, passes, &lw_team_solo);
    }
    assert_int_equal(pass.number, passes);
}

static void check_smoothed(const char *text, lw_dims input, int images, uint32_t seed, float smoothing)
{
    for (int k = 0; k < set_count; k++) {
        network n;
        network_open(&n, text, input, &sets[k], images + 2, 1); /* not full: as the last batch of an epoch */
        whole_step whole = {calloc((size_t)images, (size_t)lw_dims_count(input) * sizeof(float)),
                            calloc((size_t)images, sizeof(int32_t))};
        exchange(&n, &whole);
        network_fill(&n, images, seed);
        exchange(&n, &whole);
        for (ptrdiff_t i = 0; i < n.net.arena; i++)
            n.net.grads[i] = NAN; /* all is overwritten, or compared as NaN */
        lw_pass pass = pass_of(&n, images, true);
        pass.seed = UINT64_C(0x123456789abcdef);
        pass.epoch = 3;
        pass.step = 17;
        pass.smoothing = smoothing;
        run_step(&n, &whole, &pass);
        for (ptrdiff_t i = 0; i < n.net.arena; i++)
            if (isnan(n.net.grads[i])) n.net.grads[i] = 0; /* the gaps between tensors */
        exchange(&n, &whole);
        assert_slopes(&n, pass, text);
        exchange(&n, &whole);
        network_close(&n);
        free(whole.input);
        free(whole.label);
    }
}

static void check(const char *text, lw_dims input, int images, uint32_t seed)
{
    check_smoothed(text, input, images, seed, 0);
}

static void convolution_has_its_gradient(void **state)
{
    (void)state;
    check("conv(3,3) flatten dense(3)", (lw_dims){5, 6, 2}, 3, 1);
    check("conv(5,2) conv(9,3,pad=1) conv(4,1) globalavgpool", (lw_dims){6, 5, 1}, 2, 2);
    check("conv(4,3,stride=2) conv(3,2,stride=1,pad=same) flatten dense(2)", (lw_dims){8, 7, 3}, 3, 3);
    check("conv(2,5,stride=3,pad=4) conv(17,4,stride=2,pad=same) globalavgpool dense(3)", (lw_dims){7, 9, 2},
          2, 4);
}

static void a_relu_inside_a_layer_has_its_gradient(void **state)
{
    (void)state;
    check("conv(6,3) relu conv(5,2) relu flatten dense(7) relu dense(3)", (lw_dims){6, 6, 2}, 3, 5);
    check("conv(8,3,pad=same) relu maxpool(2) conv(4,2) relu maxpool(2,1) flatten dense(3)",
          (lw_dims){7, 6, 1}, 3, 6);
    check("flatten dense(9) relu maxpool(1) dense(4)", (lw_dims){3, 3, 1}, 4, 7);
}

static void a_relu_alone_has_its_gradient(void **state)
{
    (void)state;
    check("conv(6,3) maxpool(2) relu flatten dense(3)", (lw_dims){7, 7, 2}, 3, 8);
    check("relu conv(5,2) globalavgpool relu dense(3)", (lw_dims){5, 4, 2}, 3, 9);
}

static void a_leaky_relu_has_its_gradient(void **state)
{
    (void)state;
    check("conv(6,3) leakyrelu(0.1) maxpool(2) flatten dense(7) leakyrelu(0.3) dense(3)", (lw_dims){7, 7, 2}, 3, 24);
    check("leakyrelu(0.5) conv(5,2) relu leakyrelu(0.2) relu globalavgpool leakyrelu(1) dense(3)", (lw_dims){5, 4, 2}, 3, 25);
    check("conv(5,2) leakyrelu(0) dropout(0.5) leakyrelu(0.01) flatten dense(3)", (lw_dims){5, 5, 1}, 4, 26);
}

static void max_pooling_has_its_gradient(void **state)
{
    (void)state;
    check("conv(3,2) maxpool(2) flatten dense(3)", (lw_dims){8, 7, 1}, 3, 10);
    check("conv(9,2) maxpool(3,2) flatten dense(3)", (lw_dims){9, 8, 1}, 3, 11);
    check("conv(4,2) relu maxpool(3,1,pad=1) flatten dense(3)", (lw_dims){6, 5, 1}, 2, 12);
    check("conv(5,1) maxpool(4,3,pad=same) globalavgpool", (lw_dims){8, 9, 2}, 3, 13);
    check("conv(5,2) relu maxpool(2,3) globalavgpool", (lw_dims){9, 9, 2}, 2,
          14); /* rows that no window sees */
}

static void average_pooling_has_its_gradient(void **state)
{
    (void)state;
    check("conv(3,2) avgpool(2) flatten dense(3)", (lw_dims){8, 7, 1}, 3, 50);
    check("conv(9,2) relu avgpool(3,2) flatten dense(3)", (lw_dims){9, 8, 1}, 3, 51);
    check("conv(4,2) avgpool(3,1,pad=2) relu flatten dense(3)", (lw_dims){6, 5, 1}, 2, 52);
    check("avgpool(2,pad=same) conv(33,1) avgpool(4,3,pad=same) globalavgpool", (lw_dims){17, 18, 2}, 3, 53);
    check("conv(5,2) relu avgpool(2,3) avgpool(2) conv(3,1) flatten dense(2)", (lw_dims){12, 12, 2}, 2,
          54); /* rows that no window sees */
}

static void global_average_pooling_has_its_gradient(void **state)
{
    (void)state;
    check("conv(11,3) globalavgpool dense(4)", (lw_dims){5, 6, 1}, 3, 15);
    check("conv(3,2) relu globalavgpool", (lw_dims){4, 5, 2}, 5, 16);
}

static void dense_has_its_gradient(void **state)
{
    (void)state;
    check("flatten dense(13) dense(5)", (lw_dims){3, 4, 1}, 7, 17);
    check("flatten dense(2)", (lw_dims){1, 1, 1}, 1, 18);
}

static void dropout_has_the_gradient_of_its_mask(void **state)
{
    (void)state;
    check("conv(6,2) relu dropout(0.5) flatten dense(11) dropout(0.25) relu dense(3)", (lw_dims){5, 5, 1}, 4,
          19);
    check("dropout(0.75) conv(3,2) dropout(0.1) relu maxpool(2) dropout(0.3) flatten dense(3)",
          (lw_dims){7, 7, 2}, 3, 20);
}

static void residuals_have_their_gradient(void **state)
{
    (void)state;
    check("conv(4,3,pad=same) residual(conv(4,3,pad=same) relu conv(4,3,pad=same)) relu flatten dense(3)",
          (lw_dims){5, 6, 1}, 3, 30);
    check("conv(4,3) relu residual(conv(7,3,stride=2,pad=same) relu|conv(7,1,stride=2)) globalavgpool dense(3)",
          (lw_dims){8, 7, 2}, 3, 31);
    check("residual(conv(2,3,pad=same)) residual(relu conv(5,2,pad=same)|conv(5,1) relu) globalavgpool dense(2)",
          (lw_dims){4, 5, 2}, 3, 32); /* on the image itself; ReLUs at both ends of a part */
    check("flatten dense(6) residual(residual(dense(6) relu) dense(6)) relu residual(relu) dense(3)",
          (lw_dims){2, 3, 1}, 4, 33);
    check("conv(3,2) relu residual(dropout(0.5)|dropout(0.25)) flatten dense(3)", (lw_dims){4, 4, 1}, 3, 34);
}

static void branches_have_their_gradient(void **state)
{
    (void)state;
    check("conv(5,3) relu branches(conv(3,1) relu|conv(2,1) conv(4,3,pad=same)|maxpool(3,1,same) conv(2,1)) relu "
          "globalavgpool dense(3)",
          (lw_dims){7, 6, 1}, 3, 40);
    check("branches(maxpool(2)|conv(4,2,stride=2)) branches(|conv(3,1) relu) flatten dense(3)", (lw_dims){6, 6, 2}, 3,
          41);
    check("conv(3,2) branches(leakyrelu(0.1)|leakyrelu(0.3) conv(2,1)|relu) flatten dense(3)", (lw_dims){4, 4, 1}, 3, 45);
    check("conv(3,2) branches(|) branches(relu|maxpool(1)|) globalavgpool dense(3)", (lw_dims){4, 4, 1}, 3, 42);
    check("conv(4,2) branches(globalavgpool|flatten dense(5) relu|branches(flatten|flatten dropout(0.5))) dense(3)",
          (lw_dims){4, 4, 1}, 3, 43);
    check("conv(4,3) relu branches(maxpool(2) conv(3,2)|residual(conv(4,3,pad=same) relu) conv(2,4,stride=2)) "
          "maxpool(2) flatten dense(3)", /* the pool does not do a ReLU that others read */
          (lw_dims){9, 9, 1}, 3, 44);
}

static void batch_normalisation_has_its_gradient(void **state)
{
    (void)state;
    check("conv(5,3) batchnorm relu conv(4,2) batchnorm(0.9,0.01) flatten dense(3)", (lw_dims){6, 7, 2}, 4, 50);
    check("batchnorm flatten dense(7) batchnorm(epsilon=0.1) relu dense(3)", (lw_dims){3, 3, 2}, 9, 51);
    check("conv(6,3) batchnorm relu maxpool(2) batchnorm dropout(0.25) relu globalavgpool dense(3)", (lw_dims){8, 8, 1},
          3, 52); /* a pool that does the ReLU of a normalisation */
    check("conv(4,3,pad=same) batchnorm relu residual(conv(4,3,pad=same) batchnorm relu conv(4,3,pad=same) "
          "batchnorm|batchnorm) relu globalavgpool dense(3)",
          (lw_dims){5, 5, 1}, 3, 53);
    check("conv(4,1) batchnorm conv(2,3,stride=4) flatten dense(3)", (lw_dims){17, 17, 1}, 2, 54); /* more rows than one chunk */
}

static void smoothed_labels_have_their_gradient(void **state)
{
    (void)state;
    check_smoothed("flatten dense(7) relu dense(5)", (lw_dims){3, 4, 1}, 6, 60, 0.1f);
    check_smoothed("dense(70)", (lw_dims){1, 1, 9}, 5, 61, 0.5f);
}

/* Several passes; and more images in one than a chunk of rows that the bias gradient sums: it takes workspace then. */
static void a_batch_of_hundreds_has_its_gradient(void **state)
{
    (void)state;
    check("flatten dense(5) relu dense(3)", (lw_dims){2, 2, 1}, 257, 21);
    check("dense(3) batchnorm dense(33)", (lw_dims){1, 1, 3}, 700, 22); /* in one pass */
    check("conv(3,2) relu globalavgpool", (lw_dims){2, 3, 1}, 300, 23);
    check("conv(3,2) batchnorm relu globalavgpool", (lw_dims){2, 3, 1}, 130, 54);
}

static size_t greedy_gemm(const lw_sgemm_args *args, int team_size)
{
    (void)team_size;
    return args->trans_b ? 30000 : 2; /* the gradient of the input */
}

static size_t greedy_bias(const lw_bias_bwd_args *args, int team_size)
{
    return 1000 * (size_t)args->rows + 10 * (size_t)args->cols + (size_t)team_size;
}

static size_t lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* By layers of which the second wants the gradient of its input, on batches up to `batch`. */
static size_t workspace_of(const lw_dispatch *set, int batch)
{
    network n;
    network_open(&n, "dense(33) dense(33)", (lw_dims){1, 1, 2}, set, batch, 4);
    const size_t bytes = lw_net_place_workspaces(&n.net, 4);
    network_close(&n);
    return bytes;
}

/* Kernels that ask for more than any of ours, together and one alone. */
static void the_workspace_of_dense_serves_all_its_kernels(void **state)
{
    (void)state;
    lw_dispatch set = sets[0];
    lw_kernel gemm = *set.op[LW_OP_SGEMM], bias = *set.op[LW_OP_BIAS_BWD];
    set.op[LW_OP_SGEMM] = &gemm;
    set.op[LW_OP_BIAS_BWD] = &bias;
    gemm.workspace.sgemm = NULL;
    bias.workspace.bias_bwd = NULL;
    assert_int_equal(workspace_of(&set, 31), 0);
    gemm.workspace.sgemm = greedy_gemm;
    assert_int_equal(workspace_of(&set, 31), lines(30000));
    bias.workspace.bias_bwd = greedy_bias;
    assert_int_equal(workspace_of(&set, 20), lines(30000));
    assert_int_equal(workspace_of(&set, 31), lines(31334));
    gemm.workspace.sgemm = NULL;
    assert_int_equal(workspace_of(&set, 20), lines(20334));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_has_its_gradient),
        cmocka_unit_test(a_relu_inside_a_layer_has_its_gradient),
        cmocka_unit_test(a_relu_alone_has_its_gradient),
        cmocka_unit_test(a_leaky_relu_has_its_gradient),
        cmocka_unit_test(max_pooling_has_its_gradient),
        cmocka_unit_test(average_pooling_has_its_gradient),
        cmocka_unit_test(global_average_pooling_has_its_gradient),
        cmocka_unit_test(dense_has_its_gradient),
        cmocka_unit_test(dropout_has_the_gradient_of_its_mask),
        cmocka_unit_test(residuals_have_their_gradient),
        cmocka_unit_test(branches_have_their_gradient),
        cmocka_unit_test(batch_normalisation_has_its_gradient),
        cmocka_unit_test(smoothed_labels_have_their_gradient),
        cmocka_unit_test(a_batch_of_hundreds_has_its_gradient),
        cmocka_unit_test(the_workspace_of_dense_serves_all_its_kernels),
    };
    return cmocka_run_group_tests(tests, find_sets, NULL);
}
