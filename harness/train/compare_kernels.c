/* SPDX-License-Identifier: BSD-3-Clause
 * compare_kernels.c: `bench train --compare-kernels`: the same seed under several kernel sets. They sum in other orders
 * and fuse other products, so their losses part at some step; is where that leads more than another seed would do? */
#include "harness/train/train.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/records/folder.h"
#include "nn/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One set's run with one seed. */
typedef struct run {
    double *loss; /* after each step, the epoch's mean so far: where it first differs, so does that batch's loss */
    ptrdiff_t steps, wanted;
    float *params;
    ptrdiff_t floats;
    lw_score test;
    double seconds;
    lw_train_bar bar;
} run;

typedef struct comparison {
    const lw_train *train;
    int sets;
    lw_dispatch set[LW_ISA_COUNT];
    double *accuracy; /* [set][seed] */
    ptrdiff_t steps, steps_of_epoch;
    lw_csv *csv;
} comparison;

static const char *set_name(const comparison *c, int k)
{
    return lw_isa_name(c->set[k].isa);
}

/* ---------------------------------------------------------------- the sets */

/* Takes the next name off the list; false: it is refused. */
static bool add_set(comparison *c, const char **list)
{
    char name[32], message[1024];
    const int length = (int)strcspn(*list, ",");
    lw_dispatch *d = &c->set[c->sets];
    snprintf(name, sizeof name, "%.*s", length, *list);
    *list += length + ((*list)[length] == ',');
    if (!lw_dispatch_init(d, name, message, sizeof message)) {
        lw_fail(0, "train", "%s", message);
        return false;
    }
    for (int i = 0; i < c->sets; i++)
        if (c->set[i].isa == d->isa) {
            lw_fail(0, "train", "--compare-kernels names %s twice", lw_isa_name(d->isa));
            return false;
        }
    c->sets++;
    return true;
}

static bool find_sets(comparison *c)
{
    const char *list = c->train->options.compare;
    while (*list && c->sets < LW_ISA_COUNT)
        if (!add_set(c, &list)) return false;
    if (c->sets > 1 && !*list) return true;
    lw_fail(0, "train", "--compare-kernels wants 2 to %d sets, such as scalar,avx2; got '%s'", LW_ISA_COUNT,
            c->train->options.compare);
    return false;
}

/* ---------------------------------------------------------------- a run */

static bool on_batch(void *context, const lw_progress *progress)
{
    run *r = context;
    r->loss[r->steps++] = progress->loss;
    lw_train_bar_show(&r->bar, progress);
    return r->steps < r->wanted && !lw_interrupted();
}

static int train_epochs(const comparison *c, lw_trainer *trainer, run *r)
{
    const lw_train_options *o = &c->train->options;
    for (int epoch = 0; r->steps < r->wanted; epoch++) {
        lw_progress progress;
        r->bar = lw_train_bar_new(c->train, epoch);
        const lw_outcome outcome = lw_trainer_epoch(trainer, epoch, &progress);
        lw_train_bar_clear(&r->bar);
        if (outcome == LW_DIVERGED)
            return lw_fail(LW_EXIT_DIVERGED, "train", "the loss became NaN or infinite in epoch %d, step %td (seed %llu, lr %g)",
                           epoch + 1, progress.step, (unsigned long long)trainer->seed, o->optimizer.lr);
        if (lw_interrupted()) return lw_fail(LW_EXIT_INTERRUPTED, "train", "interrupted in epoch %d", epoch + 1);
    }
    return LW_EXIT_OK;
}

static int train_run(const comparison *c, int k, uint64_t seed, run *r)
{
    const lw_train *t = c->train;
    const int threads = t->workers.size;
    lw_net net;
    lw_trainer trainer;
    lw_error err;
    const double start = lw_clock();
    if (!lw_net_init(&net, &t->model, &c->set[k], t->options.batch, threads, &err)) return lw_fail_error("train", &err);
    lw_pixels_apply(&t->pixels, &net);
    lw_net_init_params(&net, t->options.init, seed);
    if (!lw_trainer_init(&trainer, &net, &t->options.optimizer, t->train, seed, threads, &err)) {
        lw_net_free(&net);
        return lw_fail_error("train", &err);
    }
    trainer.smoothing = (float)t->options.smoothing;
    *r = (run){.wanted = c->steps, .loss = malloc((size_t)c->steps * sizeof *r->loss),
               .params = malloc((size_t)net.arena * sizeof *r->params)};
    trainer.on_batch = on_batch;
    trainer.context = r;
    int code = r->loss && r->params ? train_epochs(c, &trainer, r)
                                    : lw_fail(LW_EXIT_MEMORY, "train", "out of memory for %td steps", c->steps);
    if (code == LW_EXIT_OK) {
        r->floats = net.arena;
        r->test = t->options.test ? lw_evaluate(&net, t->data.test, threads) : (lw_score){NAN, NAN, 0, 0};
        memcpy(r->params, net.params, (size_t)net.arena * sizeof *r->params);
        r->seconds = lw_clock() - start;
    }
    lw_trainer_free(&trainer);
    lw_net_free(&net);
    return code;
}

/* ---------------------------------------------------------------- two runs */

/* The first step whose loss differs; the number of steps if none does. */
static ptrdiff_t first_difference(const comparison *c, const run *a, const run *b)
{
    ptrdiff_t i = 0;
    while (i < c->steps && a->loss[i] == b->loss[i]) i++;
    return i;
}

static float farthest(const run *a, const run *b)
{
    float most = 0;
    for (ptrdiff_t i = 0; i < a->floats; i++) most = fmaxf(most, fabsf(a->params[i] - b->params[i]));
    return most;
}

static float largest(const run *a)
{
    float most = 0;
    for (ptrdiff_t i = 0; i < a->floats; i++) most = fmaxf(most, fabsf(a->params[i]));
    return most;
}

static void show_run(const comparison *c, int k, uint64_t seed, const run *r)
{
    printf("seed %llu  %-8s %6.1f s  loss %.6f", (unsigned long long)seed, set_name(c, k), r->seconds, r->loss[c->steps - 1]);
    if (r->test.images) printf("  test accuracy %.2f %%  test loss %.6f", 100 * r->test.accuracy, r->test.loss);
    printf("\n");
    fflush(stdout);
}

static int compare_runs(comparison *c, int k, uint64_t seed, const run *base, const run *r)
{
    const ptrdiff_t first = first_difference(c, base, r);
    const double loss = r->loss[c->steps - 1] - base->loss[c->steps - 1];
    const float weights = farthest(base, r);
    printf("        %s against %s: ", set_name(c, k), set_name(c, 0));
    if (first == c->steps)
        printf("the same loss at each of %td steps", c->steps);
    else
        printf("losses differ from step %td of %td on (epoch %td, step %td)", first + 1, c->steps,
               first / c->steps_of_epoch + 1, first % c->steps_of_epoch + 1);
    printf("; at the end loss by %.3g, weights by %.3g at most (the largest is %.3g)\n", loss, (double)weights,
           (double)largest(base));
    fflush(stdout);

    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    lw_csv_int(c->csv, 1); /* schema */
    lw_csv_text(c->csv, text);
    lw_csv_text(c->csv, set_name(c, 0));
    lw_csv_text(c->csv, set_name(c, k));
    lw_csv_int(c->csv, c->steps);
    if (first == c->steps)
        lw_csv_text(c->csv, "");
    else
        lw_csv_int(c->csv, first + 1);
    lw_csv_real(c->csv, base->loss[c->steps - 1], 9);
    lw_csv_real(c->csv, r->loss[c->steps - 1], 9);
    lw_csv_real(c->csv, (double)weights, 9);
    lw_csv_real(c->csv, base->test.accuracy, 9);
    lw_csv_real(c->csv, r->test.accuracy, 9);
    lw_csv_text(c->csv, c->train->options.model);
    lw_csv_text(c->csv, c->train->data.name);
    lw_csv_text(c->csv, c->train->command);
    return lw_csv_end_row(c->csv) ? LW_EXIT_OK : lw_fail(LW_EXIT_OUTPUT, "train", "%s", lw_csv_error(c->csv));
}

/* ---------------------------------------------------------------- all of them */

static void free_run(run *r)
{
    free(r->loss);
    free(r->params);
    *r = (run){0};
}

static int compare_seed(comparison *c, int at)
{
    const uint64_t seed = c->train->options.seed[at];
    run base = {0};
    int code = LW_EXIT_OK;
    for (int k = 0; k < c->sets && code == LW_EXIT_OK; k++) {
        run other = {0}, *r = k ? &other : &base;
        code = train_run(c, k, seed, r);
        if (code == LW_EXIT_OK) {
            c->accuracy[k * c->train->options.seeds + at] = r->test.accuracy;
            show_run(c, k, seed, r);
            if (k) code = compare_runs(c, k, seed, &base, r);
        }
        free_run(&other);
    }
    free_run(&base);
    return code;
}

static void mean_and_sd(const double *x, int n, double *mean, double *sd)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    *mean = sum / n;
    for (int i = 0; i < n; i++) squares += (x[i] - *mean) * (x[i] - *mean);
    *sd = n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

/* What another set changes, beside what another seed changes. */
static void show_spread(const comparison *c)
{
    const int seeds = c->train->options.seeds;
    double mean, sd, base_mean, base_sd;
    if (!c->train->options.test) return;
    mean_and_sd(c->accuracy, seeds, &base_mean, &base_sd);
    for (int k = 0; k < c->sets; k++) {
        mean_and_sd(c->accuracy + k * seeds, seeds, &mean, &sd);
        printf("%-8s test accuracy %.3f %%", set_name(c, k), 100 * mean);
        if (seeds > 1) printf(" +- %.3f %% over %d seeds", 100 * sd, seeds);
        if (k) printf(", %+.3f %% against %s", 100 * (mean - base_mean), set_name(c, 0));
        if (k && seeds > 1 && base_sd > 0) {
            const double share = fabs(mean - base_mean) / base_sd;
            printf(": %.2f of what seeds differ by (sd)%s", share, share < 1 ? "" : ", more than the seeds' spread");
        }
        printf("\n");
    }
    if (seeds == 1) printf("one seed has no spread to compare with; --seeds 1..5 gives one\n");
}

static int compare_seeds(comparison *c)
{
    int code = LW_EXIT_OK;
    for (int i = 0; i < c->train->options.seeds && code == LW_EXIT_OK; i++) code = compare_seed(c, i);
    if (code == LW_EXIT_OK) show_spread(c);
    return code;
}

int lw_train_compare(const lw_train *t)
{
    static const char *const columns[] = {"schema",      "seed",       "base",          "kernel",   "steps",
                                          "first_step",  "base_loss",  "loss",          "weights_max_difference",
                                          "base_test_accuracy", "test_accuracy", "model", "data", "command"};
    comparison c = {.train = t};
    char path[600], err[700];
    if (!find_sets(&c)) return LW_EXIT_USAGE;
    c.steps_of_epoch = (t->train.count + t->options.batch - 1) / t->options.batch;
    c.steps = t->options.steps ? t->options.steps : t->options.epochs * c.steps_of_epoch;
    if (!lw_make_folder(t->options.out))
        return lw_fail(LW_EXIT_OUTPUT, "train", "cannot create folder %s: %s", t->options.out, strerror(errno));
    snprintf(path, sizeof path, "%s/compare-kernels.csv", t->options.out);
    c.csv = lw_csv_append(path, columns, sizeof columns / sizeof *columns, err, sizeof err);
    if (!c.csv) return lw_fail(LW_EXIT_OUTPUT, "train", "%s", err);
    c.accuracy = malloc((size_t)(c.sets * t->options.seeds) * sizeof *c.accuracy);
    int code = c.accuracy ? compare_seeds(&c) : lw_fail(LW_EXIT_MEMORY, "train", "out of memory");
    free(c.accuracy);
    if (!lw_csv_close(c.csv) && code == LW_EXIT_OK) code = lw_fail(LW_EXIT_OUTPUT, "train", "cannot close %s", path);
    if (code == LW_EXIT_OK && !t->options.quiet) printf("rows in %s\n", path);
    return code;
}
