/* SPDX-License-Identifier: BSD-3-Clause
 * test_checkpoint.c: a run that goes on from any of its steps has the bits of one that was never interrupted; damaged
 * and foreign files are refused. Also what moves during training: the rate, the moving average, RMSprop. */
#include "nn/checkpoint.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { H = 3, W = 4, PIXELS = H * W, IMAGES = 23, BATCH = 4, STEPS = 6, EPOCHS = 3 };

static lw_dispatch best;
static uint8_t pixels[IMAGES * PIXELS], labels[IMAGES];
static const lw_images images = {IMAGES, H, W, pixels, labels};
static char folder[PATH_SIZE], path[PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    char message[256];
    numbers formula = {8};
    for (int i = 0; i < IMAGES * PIXELS; i++)
        pixels[i] = (uint8_t)(numbers_word(&formula) >> 24);
    for (int i = 0; i < IMAGES; i++)
        labels[i] = (uint8_t)(i % 5);
    folder_make(folder);
    path_join(path, folder, "checkpoint");
    return !lw_dispatch_init(&best, "auto", message, sizeof message);
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

typedef struct run {
    network n;
    lw_trainer t;
    lw_run_state s;
} run;

static void open_run(run *r, lw_optimizer_kind kind, double momentum, double average, bool keep_best, int threads)
{
    lw_error err;
    lw_optimizer o = lw_optimizer_default(kind);
    o.momentum = momentum;
    network_open(&r->n, "conv(3,2) batchnorm(0.9) relu dropout(0.3) flatten dense(5)", (lw_dims){H, W, 1}, &best, BATCH, threads);
    lw_net_init_params(&r->n.net, LW_INIT_GLOROT, 1);
    assert_true(lw_trainer_init(&r->t, &r->n.net, &o, images, 6, threads, &err));
    assert_true(lw_schedule_parse(&r->t.schedule, "plateau(factor=0.5,patience=1,delta=10,warmup=0.5)", &err));
    r->t.epochs = EPOCHS;
    if (average > 0) assert_true(lw_trainer_average(&r->t, average, &err));
    assert_true(lw_run_state_init(&r->s, "0123", &r->n.net, keep_best, &err));
}

static void close_run(run *r)
{
    lw_run_state_free(&r->s);
    lw_trainer_free(&r->t);
    network_close(&r->n);
}

/* Keeps the state of step `at` of epoch `epoch` on the way. */
typedef struct watch {
    run *r;
    int epoch, at;
} watch;

static void keep_step(void *context, const lw_progress *p, int64_t optimizer_step)
{
    watch *w = context;
    if (w->r->s.finished != w->epoch || p->step != w->at) return;
    lw_error err;
    lw_run_state now = w->r->s;
    now.at = *p;
    assert_true(lw_checkpoint_write(path, &now, &w->r->t, optimizer_step, &err));
}

static void train(run *r, watch *w)
{
    lw_error err;
    r->t.every = w ? 1 : 0;
    r->t.on_step = keep_step;
    r->t.context = w;
    while (r->s.finished < EPOCHS) {
        lw_progress p;
        assert_int_equal(lw_trainer_epoch_from(&r->t, r->s.finished, &r->s.at, &p), LW_DONE);
        assert_int_equal(p.images, IMAGES);
        const lw_epoch_result e = {.epoch = r->s.finished, .loss = p.loss, .accuracy = p.accuracy,
                                   .val_loss = fabs(1.5 - r->s.finished), .lr = lw_trainer_lr(&r->t, r->s.finished, STEPS - 1)};
        assert_true(lw_run_state_finish_epoch(&r->s, &e, &r->n.net, &err));
        lw_schedule_observe(&r->t.schedule, &r->t.plateau, e.val_loss);
    }
}

static void assert_same(const run *a, const run *b)
{
    const size_t bytes = (size_t)a->n.net.arena * sizeof(float);
    const size_t values = (size_t)a->n.net.values * sizeof(float);
    assert_memory_equal(a->n.net.params, b->n.net.params, values); /* running statistics too */
    for (int i = 0; i < lw_optimizer_states(&a->t.optimizer); i++)
        assert_memory_equal(a->t.optimizer.state[i], b->t.optimizer.state[i], bytes);
    if (a->t.average) assert_memory_equal(a->t.average, b->t.average, bytes);
    if (a->s.best) assert_memory_equal(a->s.best, b->s.best, values);
    assert_int_equal(a->t.optimizer.step, b->t.optimizer.step);
    assert_int_equal(a->s.best_epoch, b->s.best_epoch);
    assert_int_equal(a->s.finished, b->s.finished);
    for (int i = 0; i < a->s.finished; i++) {
        const lw_epoch_result *x = &a->s.history[i], *y = &b->s.history[i];
        assert_true(x->epoch == y->epoch && x->loss == y->loss && x->accuracy == y->accuracy && x->lr == y->lr);
    }
}

static void a_run_goes_on_from_any_step_with_the_same_bits(void **state)
{
    (void)state;
    const struct {
        lw_optimizer_kind kind;
        double momentum, average;
        bool keep_best;
    } how[] = {{LW_SGD, 0, 0, false}, {LW_SGD, 0.9, 0.9, true}, {LW_ADAM, 0, 0.99, false}, {LW_ADAMW, 0, 0, true},
               {LW_RMSPROP, 0, 0.5, true}};
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        run whole;
        open_run(&whole, how[i].kind, how[i].momentum, how[i].average, how[i].keep_best, 1);
        train(&whole, NULL);
        assert_true(whole.s.history[2].lr < whole.s.history[0].lr); /* the plateau took part */
        for (int epoch = 0; epoch < EPOCHS; epoch++)
            for (int step = 1; step <= STEPS; step += 1 + (int)i % 2) {
                run first, rest;
                lw_error err;
                open_run(&first, how[i].kind, how[i].momentum, how[i].average, how[i].keep_best, 2);
                watch w = {&first, epoch, step};
                train(&first, &w);
                open_run(&rest, how[i].kind, how[i].momentum, how[i].average, how[i].keep_best, 1 + step % 3);
                if (!lw_checkpoint_read(path, &rest.s, &rest.t, &err)) fail_msg("%s", err.text);
                assert_int_equal(rest.s.finished, epoch);
                assert_int_equal(rest.s.at.step, step);
                train(&rest, NULL);
                assert_same(&whole, &first);
                assert_same(&whole, &rest);
                close_run(&first);
                close_run(&rest);
            }
        close_run(&whole);
    }
    assert_int_equal(folder_entries(folder), 1); /* nothing is left beside the checkpoint */
}

static void damaged_and_foreign_checkpoints_are_refused(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 16];
    run r, other;
    lw_error err;
    open_run(&r, LW_ADAM, 0, 0, false, 1);
    assert_true(lw_checkpoint_write(path, &r.s, &r.t, 0, &err));
    const size_t size = file_read(path, bytes, sizeof bytes);
    assert_true(size > 1000 && size < sizeof bytes);
    for (size_t cut = 0; cut < size; cut += cut < 300 ? 7 : 301) {
        file_write(path, bytes, cut);
        assert_false(lw_checkpoint_read(path, &r.s, &r.t, &err));
        assert_refusal(&err, LW_ERROR_DATA, "not a whole checkpoint");
    }
    for (size_t at = 0; at < size; at += 37) {
        bytes[at] ^= 0x40;
        file_write(path, bytes, size);
        assert_false(lw_checkpoint_read(path, &r.s, &r.t, &err));
        assert_refusal(&err, LW_ERROR_DATA, "not a whole checkpoint");
        bytes[at] ^= 0x40;
    }
    file_write(path, bytes, size);
    assert_true(lw_checkpoint_read(path, &r.s, &r.t, &err));
    strcpy(r.s.identity, "0124");
    assert_false(lw_checkpoint_read(path, &r.s, &r.t, &err));
    assert_refusal(&err, LW_ERROR_DATA, "another configuration");
    for (int kind = 0; kind < 3; kind++) {
        open_run(&other, kind == 0 ? LW_SGD : LW_ADAM, 0, kind == 1 ? 0.5 : 0, kind == 2, 1);
        assert_false(lw_checkpoint_read(path, &other.s, &other.t, &err));
        assert_refusal(&err, LW_ERROR_DATA, "another configuration");
        close_run(&other);
    }
    path_join(path, folder, "nowhere");
    assert_false(lw_checkpoint_read(path, &r.s, &r.t, &err));
    assert_refusal(&err, LW_ERROR_DATA, "cannot read");
    path_join(path, folder, "no/such/folder");
    assert_false(lw_checkpoint_write(path, &r.s, &r.t, 0, &err));
    assert_refusal(&err, LW_ERROR_OUTPUT, "no/such/folder");
    path_join(path, folder, "checkpoint");
    close_run(&r);
}

/* ---------------------------------------------------------------- what moves */

typedef struct averaging {
    lw_trainer *t;
    double *want;
} averaging;

static void follow(void *context, const lw_progress *p, int64_t step)
{
    averaging *a = context;
    const double warm = (1.0 + (double)step) / (10.0 + (double)step), d = warm < 0.6 ? warm : 0.6;
    (void)p;
    for (ptrdiff_t i = 0; i < a->t->net->arena; i++)
        a->want[i] = d * a->want[i] + (1 - d) * (double)a->t->net->params[i];
}

static void the_average_is_the_recurrence_and_swaps(void **state)
{
    (void)state;
    run r;
    lw_progress p;
    open_run(&r, LW_ADAM, 0, 0.6, false, 2);
    const ptrdiff_t arena = r.n.net.arena;
    double *want = malloc((size_t)arena * sizeof *want);
    float *weights = malloc((size_t)arena * sizeof *weights);
    for (ptrdiff_t i = 0; i < arena; i++)
        want[i] = (double)r.n.net.params[i];
    averaging a = {&r.t, want};
    r.t.every = 1;
    r.t.on_step = follow;
    r.t.context = &a;
    for (int epoch = 0; epoch < EPOCHS; epoch++)
        assert_int_equal(lw_trainer_epoch(&r.t, epoch, &p), LW_DONE);
    memcpy(weights, r.n.net.params, (size_t)arena * sizeof *weights);
    lw_trainer_swap_average(&r.t);
    double apart = 0;
    for (ptrdiff_t i = 0; i < arena; i++) {
        assert_near(r.n.net.params[i], want[i], 1e-6, "average", i);
        apart = fmax(apart, fabs((double)r.n.net.params[i] - (double)weights[i]));
    }
    assert_true(apart > 1e-4);
    lw_trainer_swap_average(&r.t);
    assert_memory_equal(r.n.net.params, weights, (size_t)arena * sizeof *weights);
    free(want);
    free(weights);
    close_run(&r);
}

/* Two steps of plain SGD with a rate that differs between them, against the same by hand. */
static void each_step_has_its_own_rate(void **state)
{
    (void)state;
    run a, b;
    lw_error err;
    lw_progress p;
    open_run(&a, LW_SGD, 0, 0, false, 1);
    open_run(&b, LW_SGD, 0, 0, false, 1);
    assert_true(lw_schedule_parse(&a.t.schedule, "step(every=0.5,factor=0)", &err)); /* no rate after half an epoch */
    assert_true(lw_trainer_lr(&a.t, 0, 2) == a.t.optimizer.lr && lw_trainer_lr(&a.t, 0, 3) == 0);
    assert_int_equal(lw_trainer_epoch(&a.t, 0, &p), LW_DONE);
    lw_schedule_parse(&b.t.schedule, "constant", &err);
    assert_int_equal(lw_trainer_epoch(&b.t, 0, &p), LW_DONE);
    assert_memory_not_equal(a.n.net.params, b.n.net.params, (size_t)a.n.net.arena * sizeof(float));
    float *after = malloc((size_t)a.n.net.arena * sizeof(float));
    memcpy(after, a.n.net.params, (size_t)a.n.net.arena * sizeof(float));
    assert_int_equal(lw_trainer_epoch(&a.t, 1, &p), LW_DONE); /* all of it at rate 0 */
    assert_memory_equal(a.n.net.params, after, (size_t)a.n.net.arena * sizeof(float));
    free(after);
    close_run(&a);
    close_run(&b);
}

/* Keras' rule in double precision. */
static void rmsprop_is_that_of_keras(void **state)
{
    (void)state;
    enum { N = 37, ROUNDS = 20 };
    float w[N], grad[N];
    double want[N], v[N] = {0};
    static const lw_model of_no_layers; /* all by one rate */
    const lw_net net = {.model = &of_no_layers, .kernels = &best, .arena = N, .params = w, .grads = grad};
    lw_optimizer o = lw_optimizer_default(LW_RMSPROP);
    lw_error err;
    numbers formula = {71};
    assert_true(o.lr == 0.001 && o.rho == 0.9 && o.epsilon == 1e-7 && o.weight_decay == 0);
    assert_true(lw_optimizer_init(&o, &net, &err));
    numbers_fill(&formula, w, N, 1);
    for (int i = 0; i < N; i++)
        want[i] = (double)w[i];
    for (int step = 1; step <= ROUNDS; step++) {
        numbers_fill(&formula, grad, N, step % 2 ? 0.1f : 0x1p-13f);
        for (int i = 0; i < N; i++) {
            const double g = (double)grad[i];
            v[i] = 0.9 * v[i] + (1 - 0.9) * g * g;
            want[i] -= 0.001 * g / sqrt(v[i] + 1e-7);
        }
        lw_optimizer_apply(&o, &net, step, &lw_team_solo);
    }
    for (int i = 0; i < N; i++)
        assert_near(w[i], want[i], 4e-6, "weight", i);
    lw_optimizer_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_goes_on_from_any_step_with_the_same_bits),
        cmocka_unit_test(damaged_and_foreign_checkpoints_are_refused),
        cmocka_unit_test(the_average_is_the_recurrence_and_swaps),
        cmocka_unit_test(each_step_has_its_own_rate),
        cmocka_unit_test(rmsprop_is_that_of_keras),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
