/* SPDX-License-Identifier: BSD-3-Clause
 * test_trainer.c: what an epoch visits and reports, how it stops, what happens when the loss is not finite,
 * and evaluation. */
#include "nn/rng.h"
#include "nn/trainer.h"
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { H = 3, W = 4, PIXELS = H * W, IMAGES = 23 };

static lw_dispatch best;
static uint8_t pixels[IMAGES * PIXELS], labels[IMAGES];

/* Image i begins with pixel i and has label i, so that each can be told from its pixels and its label. */
static int make_images(void **state)
{
    (void)state;
    char message[256];
    numbers formula = {8};
    for (int i = 0; i < IMAGES * PIXELS; i++)
        pixels[i] = (uint8_t)(numbers_word(&formula) >> 24);
    for (int i = 0; i < IMAGES; i++)
        pixels[i * PIXELS] = labels[i] = (uint8_t)i;
    return !lw_dispatch_init(&best, "auto", message, sizeof message);
}

static const lw_images images = {IMAGES, H, W, pixels, labels};

static void open_network(network *n, const char *text, int batch, int threads)
{
    network_open(n, text, (lw_dims){H, W, 1}, &best, batch, threads);
    lw_net_init_params(&n->net, LW_INIT_GLOROT, 1);
}

static void open_trainer(lw_trainer *t, network *n, lw_optimizer optimizer, uint64_t seed, int threads)
{
    lw_error err;
    if (!lw_trainer_init(t, &n->net, &optimizer, images, seed, threads, &err)) fail_msg("%s", err.text);
}

/* ---------------------------------------------------------------- epochs */

/* What on_batch saw. */
typedef struct diary {
    const lw_net *net;
    ptrdiff_t stop_after; /* steps; 0: never */
    int calls, order[IMAGES];
    lw_progress last;
    double loss, correct;
} diary;

static bool write_diary(void *context, const lw_progress *progress)
{
    diary *d = context;
    const int classes = d->net->model->classes;
    assert_int_equal(progress->step, ++d->calls);
    for (ptrdiff_t i = d->last.images; i < progress->images; i++) {
        const ptrdiff_t at = i - d->last.images;
        const float *input = d->net->input + at * PIXELS, *prob = d->net->prob + at * classes;
        const int label = d->net->label[at];
        bool right = true;
        for (int j = 0; j < classes; j++)
            right &= prob[j] <= prob[label];
        for (int j = 0; j < PIXELS; j++)
            assert_near(input[j], pixels[label * PIXELS + j] / 255.0, 1e-7, "pixel", j);
        d->order[i] = label;
        d->loss += d->net->loss[at];
        d->correct += right;
    }
    d->last = *progress;
    assert_near(progress->loss, d->loss / (double)progress->images, 1e-9, "mean loss", progress->step);
    assert_near(progress->accuracy, d->correct / (double)progress->images, 1e-12, "accuracy", progress->step);
    return progress->step != d->stop_after;
}

static void an_epoch_visits_every_image_once_in_its_order(void **state)
{
    (void)state;
    for (int batch = 1; batch <= IMAGES + 1; batch += 3)
        for (int epoch = 0; epoch < 2; epoch++) {
            network n;
            lw_trainer t;
            uint32_t order[IMAGES];
            open_network(&n, "flatten dense(23)", batch, 2);
            open_trainer(&t, &n, lw_optimizer_default(LW_ADAM), 77, 2);
            diary d = {.net = &n.net};
            lw_progress result;
            t.on_batch = write_diary;
            t.context = &d;
            assert_int_equal(lw_trainer_epoch(&t, epoch, &result), LW_DONE);
            lw_shuffle(order, IMAGES, 77, (uint64_t)epoch);
            for (int i = 0; i < IMAGES; i++)
                assert_int_equal(d.order[i], order[i]);
            assert_int_equal(result.steps, (IMAGES + batch - 1) / batch);
            assert_int_equal(result.step, result.steps);
            assert_int_equal(result.images, IMAGES);
            assert_memory_equal(&result, &d.last, sizeof result);
            assert_int_equal(t.optimizer.step, result.steps);
            lw_trainer_free(&t);
            network_close(&n);
        }
}

static void an_epoch_stops_where_it_is_told_after_that_step(void **state)
{
    (void)state;
    network whole, stopped;
    lw_trainer t;
    lw_progress result;
    open_network(&whole, "flatten dense(23)", 12, 1); /* two steps */
    open_trainer(&t, &whole, lw_optimizer_default(LW_ADAM), 5, 1);
    assert_int_equal(lw_trainer_epoch(&t, 0, &result), LW_DONE);
    lw_trainer_free(&t);
    for (int after = 1; after <= 2; after++) {
        open_network(&stopped, "flatten dense(23)", 12, 2);
        open_trainer(&t, &stopped, lw_optimizer_default(LW_ADAM), 5, 2);
        diary d = {.net = &stopped.net, .stop_after = after};
        t.on_batch = write_diary;
        t.context = &d;
        assert_int_equal(lw_trainer_epoch(&t, 0, &result), LW_STOPPED);
        assert_int_equal(result.step, after);
        assert_int_equal(result.images, after == 1 ? 12 : IMAGES);
        assert_int_equal(t.optimizer.step, after);
        const int differs =
            memcmp(whole.net.params, stopped.net.params, (size_t)whole.net.arena * sizeof(float));
        assert_int_equal(differs == 0, after == 2); /* the last step was taken */
        lw_trainer_free(&t);
        network_close(&stopped);
    }
    network_close(&whole);
}

/* Image i of `many` is image i % IMAGES. */
enum { MANY = 150 };

static lw_images many_images(void)
{
    static uint8_t many_pixels[MANY * PIXELS], many_labels[MANY];
    for (int i = 0; i < MANY; i++) {
        memcpy(many_pixels + i * PIXELS, pixels + i % IMAGES * PIXELS, PIXELS);
        many_labels[i] = labels[i % IMAGES];
    }
    return (lw_images){MANY, H, W, many_pixels, many_labels};
}

/* The step over images in `order`, by hand; returns the sum of the losses. */
static double step_by_hand(network *n, const lw_images *set, const uint32_t *order, lw_optimizer optimizer)
{
    lw_error err;
    lw_pass pass = pass_of(n, 0, true);
    double loss = 0;
    pass.step_mb = MANY;
    const int passes = lw_net_passes(&n->net, MANY);
    for (int done = 0; done < MANY; done += pass.mb, pass.number++) {
        pass.mb = MANY - done < n->net.micro_batch ? MANY - done : n->net.micro_batch;
        for (int i = 0; i < pass.mb; i++) {
            const uint32_t at = order[done + i];
            const lw_normalize_u8_args args = {PIXELS, set->pixels + at * PIXELS, n->net.pixel_scale, n->net.pixel_shift,
                                               n->net.input + i * PIXELS};
            best.op[LW_OP_NORMALIZE_U8]->fn.normalize_u8(&args, NULL, &lw_team_solo);
            n->net.label[i] = set->labels[at];
        }
        lw_net_forward(&n->net, &pass);
        for (int i = 0; i < pass.mb; i++) loss += n->net.loss[i];
        lw_net_backward(&n->net, &pass);
        lw_net_accumulate(&n->net, NULL, pass.number, 1, passes, &lw_team_solo);
    }
    assert_true(lw_optimizer_init(&optimizer, &n->net, &err));
    lw_optimizer_apply(&optimizer, &n->net, 1, &lw_team_solo);
    lw_optimizer_free(&optimizer);
    return loss;
}

/* A batch that is too large for the caches is cut up, and still makes one step. */
static void a_step_of_several_passes_is_one_step(void **state)
{
    (void)state;
    const lw_images many = many_images();
    network n, by_hand;
    lw_trainer t;
    lw_progress result;
    lw_error err;
    uint32_t order[MANY];
    lw_optimizer sgd = lw_optimizer_default(LW_SGD);
    open_network(&n, "conv(5,2) relu flatten dense(23)", MANY, 2);
    open_network(&by_hand, "conv(5,2) relu flatten dense(23)", MANY, 1);
    assert_true(lw_net_passes(&n.net, MANY) > 1);
    assert_true(lw_trainer_init(&t, &n.net, &sgd, many, 6, 2, &err));
    assert_int_equal(lw_trainer_epoch(&t, 0, &result), LW_DONE);
    assert_int_equal(result.step, 1);
    assert_int_equal(result.images, MANY);
    assert_int_equal(t.optimizer.step, 1);
    lw_shuffle(order, MANY, 6, 0);
    assert_near(result.loss, step_by_hand(&by_hand, &many, order, sgd) / MANY, 1e-12, "mean loss", 0);
    assert_memory_equal(n.net.params, by_hand.net.params, (size_t)n.net.arena * sizeof(float));
    lw_trainer_free(&t);
    network_close(&n);
    network_close(&by_hand);
}

static void training_learns(void **state)
{
    (void)state;
    network n;
    lw_trainer t;
    lw_progress first, last;
    lw_optimizer optimizer = lw_optimizer_default(LW_ADAM);
    optimizer.lr = 0.01;
    open_network(&n, "conv(8,2) relu flatten dense(32) relu dense(23)", 5, 2);
    open_trainer(&t, &n, optimizer, 3, 2);
    assert_int_equal(lw_trainer_epoch(&t, 0, &first), LW_DONE);
    assert_true(first.accuracy < 0.3);
    for (int epoch = 1; epoch < 60; epoch++)
        assert_int_equal(lw_trainer_epoch(&t, epoch, &last), LW_DONE);
    assert_true(last.accuracy == 1 && last.loss < 0.1);
    const lw_score score = lw_evaluate(&n.net, images, 2);
    assert_true(score.correct == IMAGES && score.accuracy == 1);
    lw_trainer_free(&t);
    network_close(&n);
}

/* ---------------------------------------------------------------- divergence */

static bool stop_at_first(void *context, const lw_progress *progress)
{
    (void)context;
    return progress->step < 1;
}

/* A learning rate near fp32's end: the first step leaves parameters that are finite and products that are
 * not. */
static lw_optimizer explosive(void)
{
    lw_optimizer o = lw_optimizer_default(LW_SGD);
    o.lr = 3e38;
    return o;
}

static void a_loss_that_is_not_finite_stops_before_its_step(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        network one, diverged;
        lw_trainer t;
        lw_progress result;
        open_network(&one, "flatten dense(23)", 4, threads);
        open_trainer(&t, &one, explosive(), 2, threads);
        t.on_batch = stop_at_first;
        assert_int_equal(lw_trainer_epoch(&t, 0, &result), LW_STOPPED);
        lw_trainer_free(&t);
        for (ptrdiff_t i = 0; i < one.net.arena; i++)
            assert_true(isfinite(one.net.params[i]));

        open_network(&diverged, "flatten dense(23)", 4, threads);
        open_trainer(&t, &diverged, explosive(), 2, threads);
        assert_int_equal(lw_trainer_epoch(&t, 0, &result), LW_DIVERGED);
        assert_int_equal(result.step, 2);
        assert_false(isfinite(result.loss));
        assert_int_equal(t.optimizer.step, 1);
        assert_memory_equal(one.net.params, diverged.net.params, (size_t)one.net.arena * sizeof(float));
        lw_trainer_free(&t);
        network_close(&one);
        network_close(&diverged);
    }
}

static void a_first_loss_that_is_not_finite_changes_nothing(void **state)
{
    (void)state;
    const float wrong[] = {NAN, INFINITY};
    for (int i = 0; i < 2; i++) {
        network n, before;
        lw_trainer t;
        lw_progress result;
        open_network(&n, "flatten dense(5) dense(23)", 8, 2);
        open_network(&before, "flatten dense(5) dense(23)", 8, 2);
        before.net.tensors[2].param[1][7] = n.net.tensors[2].param[1][7] = wrong[i];
        open_trainer(&t, &n, lw_optimizer_default(LW_ADAM), 2, 2);
        assert_int_equal(lw_trainer_epoch(&t, 0, &result), LW_DIVERGED);
        assert_int_equal(result.step, 1);
        assert_int_equal(t.optimizer.step, 0);
        assert_memory_equal(n.net.params, before.net.params, (size_t)n.net.arena * sizeof(float));
        lw_trainer_free(&t);
        network_close(&n);
        network_close(&before);
    }
}

/* ---------------------------------------------------------------- evaluation */

static void evaluation_agrees_with_double_precision(void **state)
{
    (void)state;
    network n, all;
    const char *text = "conv(5,2) relu dropout(0.9) flatten dense(23)";
    open_network(&n, text, 7, 2); /* 23 images in batches of 7 7 7 2 */
    open_network(&all, text, IMAGES, 1);
    for (int i = 0; i < IMAGES * PIXELS; i++)
        all.net.input[i] = (float)pixels[i] / 255;
    for (int i = 0; i < IMAGES; i++)
        all.net.label[i] = labels[i];
    reference r;
    reference_open(&r, &all, pass_of(&all, IMAGES, false));
    double logits[IMAGES * 23];
    int correct = 0;
    const double loss = reference_loss(&r, logits);
    for (int i = 0; i < IMAGES; i++) {
        bool right = true;
        for (int j = 0; j < 23; j++)
            right &= logits[i * 23 + j] <= logits[i * 23 + labels[i]];
        correct += right;
    }
    const lw_score score = lw_evaluate(&n.net, images, 2);
    assert_near(score.loss, loss, 1e-6, "loss", 0);
    assert_int_equal(score.correct, correct);
    assert_int_equal(score.images, IMAGES);
    assert_near(score.accuracy, correct / (double)IMAGES, 1e-12, "accuracy", 0);
    reference_close(&r);
    network_close(&n);
    network_close(&all);
}

static void no_images_have_no_score(void **state)
{
    (void)state;
    network n;
    open_network(&n, "flatten dense(23)", 4, 1);
    const lw_score score = lw_evaluate(&n.net, lw_images_part(images, IMAGES, 0), 1);
    assert_true(isnan(score.loss) && isnan(score.accuracy) && score.images == 0 && score.correct == 0);
    network_close(&n);
}

static void every_step_drops_other_values(void **state)
{
    (void)state;
    network n;
    float logits[3][64];
    network_open(&n, "dropout(0.5) flatten dense(64)", (lw_dims){8, 8, 1}, &best, 1, 1);
    for (int i = 0; i < 64; i++)
        n.net.tensors[2].param[0][i * 65] = 1; /* the identity */
    for (int i = 0; i < 3; i++) {
        lw_pass pass = pass_of(&n, 1, true);
        pass.step = i == 1;
        pass.epoch = i == 2;
        for (int j = 0; j < 64; j++)
            n.net.input[j] = 1;
        lw_net_forward(&n.net, &pass);
        memcpy(logits[i], n.net.logits, sizeof logits[i]);
        for (int j = 0; j < 64; j++)
            assert_true(logits[i][j] == 0 || logits[i][j] == 2);
    }
    assert_memory_not_equal(logits[0], logits[1], sizeof logits[0]);
    assert_memory_not_equal(logits[0], logits[2], sizeof logits[0]);
    network_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_visits_every_image_once_in_its_order),
        cmocka_unit_test(an_epoch_stops_where_it_is_told_after_that_step),
        cmocka_unit_test(a_step_of_several_passes_is_one_step),
        cmocka_unit_test(training_learns),
        cmocka_unit_test(a_loss_that_is_not_finite_stops_before_its_step),
        cmocka_unit_test(a_first_loss_that_is_not_finite_changes_nothing),
        cmocka_unit_test(evaluation_agrees_with_double_precision),
        cmocka_unit_test(no_images_have_no_score),
        cmocka_unit_test(every_step_drops_other_values),
    };
    return cmocka_run_group_tests(tests, make_images, NULL);
}
