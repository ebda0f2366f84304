/* SPDX-License-Identifier: BSD-3-Clause
 * test_model.c: what a model's text means, and what is refused, in which column, in one line. */
#include "nn/model.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

static const lw_dims mnist = {28, 28, 1};

static lw_model parse(const char *text, lw_dims input)
{
    lw_model model;
    lw_error err;
    if (!lw_model_parse(&model, text, input, &err)) fail_msg("%s: %s", text, err.text);
    return model;
}

static void assert_refused(const char *text, lw_dims input, int column, const char *part)
{
    lw_model model;
    lw_error err;
    char prefix[32];
    memset(&err, '#', sizeof err);
    snprintf(prefix, sizeof prefix, "model, column %d: ", column);
    if (lw_model_parse(&model, text, input, &err)) fail_msg("accepted: %s", text);
    if (strncmp(err.text, prefix, strlen(prefix)) != 0) fail_msg("'%s' does not begin: %s", prefix, err.text);
    assert_refusal(&err, LW_ERROR_MODEL, part);
}

static void assert_out(const lw_model *model, int layer, const char *name, int h, int w, int c)
{
    const lw_layer *l = &model->layer[layer];
    assert_string_equal(l->name, name);
    if (l->out.h != h || l->out.w != w || l->out.c != c)
        fail_msg("%s is %dx%dx%d, not %dx%dx%d", name, l->out.h, l->out.w, l->out.c, h, w, c);
}

/* ---------------------------------------------------------------- meaning */

static void the_tutorial_network_has_93322_parameters(void **state)
{
    (void)state;
    const lw_model m = parse(LW_MODEL_TUTORIAL, mnist);
    assert_int_equal(m.params, 93322);
    assert_int_equal(m.layers, 8);
    assert_int_equal(m.classes, 10);
    assert_true(m.layer[0].learns);
    assert_out(&m, 0, "conv2d", 26, 26, 32);
    assert_out(&m, 1, "max_pooling2d", 13, 13, 32);
    assert_out(&m, 2, "conv2d_1", 11, 11, 64);
    assert_out(&m, 3, "max_pooling2d_1", 5, 5, 64);
    assert_out(&m, 4, "conv2d_2", 3, 3, 64);
    assert_out(&m, 5, "flatten", 1, 1, 576);
    assert_out(&m, 6, "dense", 1, 1, 64);
    assert_out(&m, 7, "dense_1", 1, 1, 10);
    const int params[] = {320, 0, 18496, 0, 36928, 0, 36928, 650}; /* as Keras' summary says */
    for (int i = 0; i < 8; i++)
        assert_int_equal(lw_layer_param_count(&m.layer[i]), params[i]);
    assert_true(m.layer[0].relu && m.layer[2].relu && m.layer[4].relu && m.layer[6].relu && !m.layer[7].relu);
}

static void flop_count_what_lies_inside(void **state)
{
    (void)state;
    const lw_model m = parse(LW_MODEL_TUTORIAL, mnist);
    const double conv1 = 2. * 9 * 32 * 26 * 26, conv2 = 2. * 9 * 32 * 64 * 11 * 11,
                 conv3 = 2. * 9 * 64 * 64 * 3 * 3;
    const double pools = 3. * (13 * 13 * 32 + 5 * 5 * 64), dense = 2. * (576 * 64 + 64 * 10);
    assert_true(lw_model_flop(&m) == conv1 + conv2 + conv3 + pools + dense);
    assert_true(lw_model_train_flop(&m) == 2 * conv1 + 3 * (conv2 + conv3 + dense) + 2 * pools);
    /* of nine windows of nine positions, 7 * 7 positions are inside */
    const lw_model same = parse("conv(5,3,pad=same) globalavgpool", (lw_dims){3, 3, 2});
    assert_true(lw_model_flop(&same) == 2. * 5 * 2 * 49 + 45);
}

static void padding_and_strides_size_outputs_as_keras_does(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int h, w, ph, pw;
    } known[] = {
        {"conv(3,3) globalavgpool", 9, 8, 0, 0},
        {"conv(3,3,pad=same) globalavgpool", 11, 10, 1, 1},
        {"conv(3,4,1,same) globalavgpool", 11, 10, 1, 1},
        {"conv(3,2,3,same) globalavgpool", 4, 4, 0, 0},
        {"conv(3,5,stride=2) globalavgpool", 4, 3, 0, 0},
        {"conv(3,4,pad=same,stride=2) globalavgpool", 6, 5, 1, 1},
        {"conv(3,5,3,pad=2) globalavgpool", 4, 4, 2, 2},
        {"conv(kernel=1,filters=3) globalavgpool", 11, 10, 0, 0},
        {"conv(3,11,11,same) globalavgpool", 1, 1, 0, 0},
        {"conv(3,10,1,pad=9) globalavgpool", 20, 19, 9, 9},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const lw_model m = parse(known[i].text, (lw_dims){11, 10, 2});
        const lw_conv2d_shape *s = &m.layer[0].of.conv;
        if (s->oh != known[i].h || s->ow != known[i].w || s->ph != known[i].ph || s->pw != known[i].pw)
            fail_msg("%s: %dx%d, padding %d and %d", known[i].text, s->oh, s->ow, s->ph, s->pw);
    }
    const lw_model pools = parse(
        "maxpool(2) maxpool(3,1) maxpool(2,pad=same) maxpool(3,2,1) flatten dense(2)", (lw_dims){21, 14, 3});
    assert_out(&pools, 0, "max_pooling2d", 10, 7, 3);
    assert_out(&pools, 1, "max_pooling2d_1", 8, 5, 3);
    assert_out(&pools, 2, "max_pooling2d_2", 4, 3, 3);
    assert_out(&pools, 3, "max_pooling2d_3", 2, 2, 3);
}

static void spaces_and_line_breaks_are_free(void **state)
{
    (void)state;
    const lw_model a = parse("conv(4,3,stride=2) relu flatten dense(3)", mnist);
    const lw_model b = parse("\n conv ( 4 ,3\t, stride = 2 )relu\r\nflatten  dense( 3)\n", mnist);
    assert_int_equal(a.layers, b.layers);
    assert_int_equal(a.params, b.params);
    assert_int_equal(b.layer[0].of.conv.sh, 2);
}

static void a_relu_joins_the_layer_before_it_or_stands_alone(void **state)
{
    (void)state;
    const lw_model m =
        parse("relu conv(2,3) relu relu maxpool(2) relu flatten dense(4) dropout(0.5) relu dense(2)", mnist);
    const char *names[] = {"re_lu", "conv2d",  "max_pooling2d", "re_lu_1", "flatten",
                           "dense", "dropout", "re_lu_2",       "dense_1"};
    assert_int_equal(m.layers, 9);
    for (int i = 0; i < 9; i++)
        assert_string_equal(m.layer[i].name, names[i]);
    assert_true(m.layer[1].relu && m.layer[1].masked && m.layer[2].masks_input && !m.layer[5].relu);
    assert_true(!m.layer[0].learns && m.layer[1].learns && m.layer[2].learns);
}

static void assert_inputs(const lw_model *model, int layer, const char *path, int first, int second)
{
    const lw_layer *l = &model->layer[layer];
    assert_string_equal(l->path, path);
    assert_int_equal(l->from[0], first);
    if (l->inputs > 1) assert_int_equal(l->from[1], second);
}

static void groups_make_a_graph(void **state)
{
    (void)state;
    const lw_model m = parse("conv(4,3) relu residual(relu conv(4,3,pad=same) relu | branches(conv(2,1)|conv(2,1))) relu "
                             "residual(maxpool(2)|conv(4,2,2)) flatten dense(10)",
                             mnist);
    const int none = LW_IMAGE;
    assert_int_equal(m.layers, 13);
    assert_inputs(&m, 0, "", LW_IMAGE, none);
    assert_inputs(&m, 1, "a", 0, none); /* the ReLU does not join a convolution that others read */
    assert_inputs(&m, 2, "a", 1, none);
    assert_inputs(&m, 3, "ba", 0, none);
    assert_inputs(&m, 4, "bb", 0, none);
    assert_inputs(&m, 5, "b", 3, 4);
    assert_inputs(&m, 6, "", 2, 5);
    assert_inputs(&m, 8, "a", 7, none);
    assert_inputs(&m, 9, "b", 7, none);
    assert_inputs(&m, 10, "", 8, 9);
    assert_out(&m, 1, "re_lu", 26, 26, 4);
    assert_out(&m, 5, "concatenate", 26, 26, 4);
    assert_out(&m, 6, "add", 26, 26, 4);
    assert_out(&m, 7, "re_lu_1", 26, 26, 4);
    assert_out(&m, 10, "add_1", 13, 13, 4);
    assert_true(m.layer[0].relu && m.layer[2].relu && !m.layer[6].relu && !m.layer[1].in_place && m.layer[7].in_place);
    assert_int_equal(m.layer[0].readers, 3);
    assert_true(!m.layer[8].masks_input && m.layer[6].passes_diff);
    assert_int_equal(m.params, 40 + 148 + 2 * 10 + 68 + 6770);
}

static void an_empty_branch_passes_on_what_it_reads(void **state)
{
    (void)state;
    const lw_model m = parse("branches(|conv(2,1)|conv(3,1)) globalavgpool", (lw_dims){5, 5, 4});
    assert_out(&m, 2, "concatenate", 5, 5, 9);
    assert_inputs(&m, 2, "", LW_IMAGE, 0);
    assert_int_equal(m.image_readers, 3);
}

/* ---------------------------------------------------------------- refusals */

static void malformed_text_is_refused_in_its_column(void **state)
{
    (void)state;
    assert_refused("", mnist, 1, "no layers");
    assert_refused(" \n ", mnist, 1, "no layers");
    assert_refused("conv(3,3", mnist, 9, "found the end");
    assert_refused("conv(3,,3)", mnist, 8, "expected a value, found ','");
    assert_refused("conv()", mnist, 6, "expected a value, found ')'");
    assert_refused("conv(3;3)", mnist, 7, "found ';'");
    assert_refused("conv(filters=,3)", mnist, 14, "expected a value after '='");
    assert_refused("conv(3,3))", mnist, 10, "found ')'");
    assert_refused("flatten 10", mnist, 9, "expected a layer");
    assert_refused("flatten\ndense(10),", mnist, 18, "found ','");
    assert_refused("dense(1,2,3,4,5,6,7,8,9)", mnist, 23, "more than 8 arguments");
    assert_refused("conv(3,33333333333333333333333333333333)", mnist, 8, "too long");
    assert_refused("flattenflattenflattenflattenflatten", mnist, 1, "too long");
}

static void groups_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    assert_refused("conv(4,3) residual", mnist, 19, "expected '(' and the layers of this group, found the end");
    assert_refused("residual conv(4,3)", mnist, 10, "expected '('");
    assert_refused("conv(4,3) residual(conv(4,1)", mnist, 29, "residual( of column 11 lacks its ')'");
    assert_refused("branches(conv(4,1)|relu", mnist, 24, "branches( of column 1 lacks its ')'");
    assert_refused("conv(4,3) | relu", mnist, 11, "found '|'");
    assert_refused("conv(4,3) residual() flatten dense(3)", mnist, 11, "residual wants a body");
    assert_refused("conv(4,3) residual(|conv(4,1)) flatten dense(3)", mnist, 11, "residual wants a body");
    assert_refused("residual(relu|relu|relu) flatten dense(3)", mnist, 1, "at most one shortcut");
    assert_refused("flatten branches(dense(3))", mnist, 9, "branches wants two or more");
    assert_refused("branches(relu|relu|relu|relu|relu|relu|relu|relu|relu)", mnist, 49, "more than 8 parts");
    assert_refused("conv(4,3) residual(conv(4,3)) flatten dense(3)", mnist, 11,
                   "residual: the body gives 24x24x4 and the shortcut 26x26x4");
    assert_refused("residual(conv(4,3,pad=same)) flatten dense(3)", mnist, 1, "and the shortcut 28x28x1");
    assert_refused("conv(4,3) branches(conv(4,1)|conv(4,3)) flatten dense(3)", mnist, 11,
                   "branch 2 gives 24x24 positions and branch 1 26x26");
    assert_refused("residual(conv(4,3) frob)", mnist, 20, "unknown layer 'frob'");
    assert_refused("branches(relu|conv(4))", mnist, 15, "conv lacks kernel");
    assert_refused("residual(relu))", mnist, 15, "found ')'");
    assert_refused("residual(residual(residual(residual(residual(residual(residual(residual(residual(relu", mnist, 73,
                   "too many groups");
    assert_refused("conv(9000000,1)", mnist, 6, "filters");
    assert_refused("branches(relu|relu)", mnist, 1, "the last output is 28x28x2");
}

static void unknown_words_are_refused_with_the_known_ones(void **state)
{
    (void)state;
    assert_refused("flatten danse(10)", mnist, 9,
                   "unknown layer 'danse'; known: conv dense maxpool avgpool globalavgpool relu leakyrelu dropout flatten "
                   "batchnorm residual branches");
    assert_refused("Conv(3,3)", mnist, 1, "unknown layer 'Conv'");
    assert_refused("conv(3,3,size=2)", mnist, 10,
                   "no argument named 'size'; it is written conv(filters,kernel");
    assert_refused("conv(3,3,filters=2)", mnist, 10, "filters twice");
    assert_refused("conv(kernel=3,3)", mnist, 15, "kernel twice");
    assert_refused("conv(3)", mnist, 1, "lacks kernel");
    assert_refused("conv", mnist, 1, "lacks filters");
    assert_refused("flatten(2)", mnist, 9, "no argument '2'");
    assert_refused("conv(3,3,1,0,7)", mnist, 14, "no argument '7'");
    assert_refused("batchnorm(0.9,2)", mnist, 15, "epsilon as a number from 1e-09 to 1");
    assert_refused("batchnorm(eps=1e-5)", mnist, 11, "it is written batchnorm([momentum=0.99][,epsilon=0.001])");
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    assert_refused("conv(0,3)", mnist, 6, "filters as a whole number from 1 to 65536, got '0'");
    assert_refused("conv(65537,3)", mnist, 6, "got '65537'");
    assert_refused("conv(-3,3)", mnist, 6, "got '-3'");
    assert_refused("conv(3,2.5)", mnist, 8, "whole number");
    assert_refused("conv(3,256)", mnist, 8, "from 1 to 255");
    assert_refused("conv(3,3,0)", mnist, 10, "stride");
    assert_refused("conv(3,same)", mnist, 8, "got 'same'");
    assert_refused("conv(3,3,pad=-1)", mnist, 10, "or 'same', got '-1'");
    assert_refused("conv(3,3,pad=full)", mnist, 10, "got 'full'");
    assert_refused("conv(3x,3)", mnist, 6, "got '3x'");
    assert_refused("maxpool(17)", mnist, 9, "from 1 to 16");
    assert_refused("avgpool", mnist, 1, "avgpool lacks size; it is written avgpool(size[,stride=size][,pad=0|same])");
    assert_refused("avgpool(17)", mnist, 9, "from 1 to 16");
    assert_refused("maxpool(2,0)", mnist, 11, "stride");
    assert_refused("flatten dropout(1)", mnist, 17, "rate");
    assert_refused("flatten dropout(nan)", mnist, 17, "rate");
    assert_refused("flatten dropout(inf)", mnist, 17, "rate");
    assert_refused("flatten dense(1e300)", mnist, 15, "units");
    assert_refused("flatten dense(1048577)", mnist, 15, "units");
    assert_refused("flatten dense(-)", mnist, 15, "units");
}

static void models_that_do_not_fit_their_input_are_refused(void **state)
{
    (void)state;
    assert_refused("conv(3,29) flatten dense(10)", mnist, 1, "29x29 kernel is larger than its 28x28 input");
    assert_refused("maxpool(16) maxpool(2)", mnist, 13, "2x2 window is larger than its 1x1 input");
    assert_refused("conv(3,3,pad=3) globalavgpool", mnist, 1, "pad=3");
    assert_refused("maxpool(2,pad=2) flatten dense(2)", mnist, 1, "pad=2");
    assert_refused("avgpool(3,pad=3) flatten dense(2)", mnist, 1, "pad=3");
    assert_refused("dense(10)", mnist, 1, "put flatten or globalavgpool before dense");
    assert_refused("conv(10,3)", mnist, 1, "the last output is 26x26x10");
    assert_refused("flatten dense(1)", mnist, 9, "the last output is 1x1x1");
    assert_refused("flatten dense(20) relu dropout(0.1) conv(1,1)", mnist, 37, "at least 2 classes");
    assert_refused("flatten", mnist, 1, "nothing to train");
}

static void models_too_large_are_refused(void **state)
{
    (void)state;
    assert_refused("conv(64,1) globalavgpool", (lw_dims){4096, 4096, 1}, 1,
                   "an output of 4096x4096x64 is too large");
    assert_refused("conv(1000,1) flatten dense(1048576)", mnist, 22, "too many");
    assert_refused("conv(65536,255,pad=same) globalavgpool", mnist, 1, "too many");
    assert_refused("conv(65536,1) conv(1,255,pad=same) globalavgpool", mnist, 15, "too many");
    assert_refused("conv(65536,1) conv(65536,1) globalavgpool", mnist, 15, "too many");
}

static void more_layers_than_the_most_are_refused(void **state)
{
    (void)state;
    char text[4096] = "flatten ";
    for (int i = 0; i < LW_MODEL_LAYERS - 2; i++)
        strcat(text, "dropout(0) ");
    const int column = (int)strlen(text) + 1;
    strcat(text, "dense(10) ");
    assert_int_equal(parse(text, mnist).layers, LW_MODEL_LAYERS);
    strcat(text, "relu ");
    assert_int_equal(parse(text, mnist).layers, LW_MODEL_LAYERS); /* a ReLU that joins its layer is none */
    char join[4096];
    snprintf(join, sizeof join, "%.*sresidual(relu) dense(2)", column - 1, text);
    assert_refused(join, mnist, column, "more than 128 layers");
    strcat(text, "dense(2)");
    assert_refused(text, mnist, column + 15, "more than 128 layers");
}

/* Whatever one byte turns into: accepted, or one printable line. */
static void any_wrong_byte_gives_one_printable_line(void **state)
{
    (void)state;
    const char *text = "conv(4,3,pad=same) relu flatten dropout(0.5) dense(10)";
    int refused = 0;
    for (size_t at = 0; at < strlen(text); at++)
        for (int byte = 1; byte < 256; byte++) {
            char wrong[80];
            lw_model model;
            lw_error err;
            strcpy(wrong, text);
            wrong[at] = (char)byte;
            if (lw_model_parse(&model, wrong, mnist, &err)) continue;
            assert_refusal(&err, LW_ERROR_MODEL, "model, column ");
            refused++;
        }
    assert_true(refused > 10000);
}

static void every_layer_says_how_it_is_written(void **state)
{
    (void)state;
    int lines = 0;
    for (; lw_layer_types[lines]; lines++)
        assert_memory_equal(lw_model_syntax(lines), lw_layer_types[lines]->word, strlen(lw_layer_types[lines]->word));
    assert_memory_equal(lw_model_syntax(lines), "residual(", 9);
    assert_memory_equal(lw_model_syntax(lines + 1), "branches(", 9);
    assert_null(lw_model_syntax(lines + 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tutorial_network_has_93322_parameters),
        cmocka_unit_test(flop_count_what_lies_inside),
        cmocka_unit_test(padding_and_strides_size_outputs_as_keras_does),
        cmocka_unit_test(spaces_and_line_breaks_are_free),
        cmocka_unit_test(a_relu_joins_the_layer_before_it_or_stands_alone),
        cmocka_unit_test(groups_make_a_graph),
        cmocka_unit_test(an_empty_branch_passes_on_what_it_reads),
        cmocka_unit_test(malformed_text_is_refused_in_its_column),
        cmocka_unit_test(groups_that_do_not_fit_are_refused),
        cmocka_unit_test(unknown_words_are_refused_with_the_known_ones),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(models_that_do_not_fit_their_input_are_refused),
        cmocka_unit_test(models_too_large_are_refused),
        cmocka_unit_test(more_layers_than_the_most_are_refused),
        cmocka_unit_test(any_wrong_byte_gives_one_printable_line),
        cmocka_unit_test(every_layer_says_how_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
