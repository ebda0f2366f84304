/* SPDX-License-Identifier: BSD-3-Clause
 * train_run.c: one training run, from its first weights or from its checkpoint to its row in runs.csv. */
#define _GNU_SOURCE
#include "harness/train/train.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/timing/stats.h"
#include "harness/train/train_profile.h"
#include "nn/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct training {
    const lw_train *t;
    lw_train_run *run;
    lw_net net;
    lw_trainer trainer;
    lw_augmenter augmenter;
    lw_train_bar bar;
    char checkpoint[600];
    double began;       /* this epoch, or this program's part of it */
    double before;      /* seconds of the epoch that another program trained */
    lw_error failure;   /* of a checkpoint within an epoch */
    bool failed;
} training;

/* ---------------------------------------------------------------- checkpoints */

static bool save(training *g, const lw_progress *at, int64_t optimizer_step, lw_error *err)
{
    lw_run_state now = g->run->state;
    now.at = *at;
    now.seconds_in_epoch = at->step ? g->before + lw_clock() - g->began : 0;
    return lw_checkpoint_write(g->checkpoint, &now, &g->trainer, optimizer_step, err);
}

static void on_step(void *context, const lw_progress *progress, int64_t optimizer_step)
{
    training *g = context;
    if (!g->failed) g->failed = !save(g, progress, optimizer_step, &g->failure);
}

/* Where there is a checkpoint, the run goes on from it under the name that it has. */
static int resume(training *g)
{
    lw_train_run *run = g->run;
    lw_error err;
    if (!g->t->options.resume || access(g->checkpoint, F_OK) != 0) return LW_EXIT_OK;
    if (!lw_checkpoint_read(g->checkpoint, &run->state, &g->trainer, &err)) return lw_fail_error("train", &err);
    snprintf(run->id, sizeof run->id, "%s", run->state.id);
    if (!g->t->options.quiet)
        printf("resuming  seed %" PRIu64 " after epoch %d and %td steps\n", run->seed, run->state.finished,
               run->state.at.step);
    return LW_EXIT_OK;
}

/* ---------------------------------------------------------------- epochs */

static bool on_batch(void *context, const lw_progress *progress)
{
    training *g = context;
    lw_train_bar_show(&g->bar, progress);
    return !g->failed && !lw_interrupted();
}

static int diverged(const training *g, int epoch, const char *where, double loss)
{
    return lw_fail(LW_EXIT_DIVERGED, "train",
                   "the loss became %s in epoch %d, %s (seed %" PRIu64 ", lr %g); a smaller --lr may help",
                   isnan(loss) ? "NaN" : "infinite", epoch + 1, where, g->run->seed, g->t->options.optimizer.lr);
}

static int stopped(training *g, int epoch, const lw_progress *at)
{
    lw_error err;
    if (g->failed) return lw_fail_error("train", &g->failure);
    if (g->t->options.checkpoint_every && !save(g, at, g->trainer.optimizer.step, &err))
        return lw_fail_error("train", &err);
    return lw_fail(LW_EXIT_INTERRUPTED, "train", "interrupted in epoch %d after step %td of %td; %s", epoch + 1, at->step,
                   at->steps, g->t->options.checkpoint_every ? "--resume goes on from there"
                                                             : "the rows of finished epochs are kept");
}

/* Validates with the weights that count: the average, where there is one. */
static lw_score validate(training *g)
{
    lw_phases_begin(&g->trainer.phases);
    const lw_score score = lw_evaluate(&g->net, g->t->validation, g->trainer.threads);
    lw_phases_end(&g->trainer.phases, LW_PHASE_EVALUATE);
    return score;
}

static int train_epoch(training *g, int epoch, lw_epoch_result *e)
{
    lw_run_state *state = &g->run->state;
    lw_progress p;
    char where[64];
    g->bar = lw_train_bar_new(g->t, epoch);
    g->before = state->seconds_in_epoch;
    g->began = lw_clock();
    lw_outcome outcome = lw_trainer_epoch_from(&g->trainer, epoch, &state->at, &p);
    double seconds = g->before + lw_clock() - g->began;
    lw_train_bar_clear(&g->bar);
    snprintf(where, sizeof where, "step %td of %td", p.step, p.steps);
    if (outcome == LW_DIVERGED) return diverged(g, epoch, where, p.loss);
    if (outcome == LW_STOPPED || g->failed) return stopped(g, epoch, &p);
    *e = (lw_epoch_result){.epoch = epoch, .accuracy = p.accuracy, .loss = p.loss, .seconds = seconds,
                           .lr = lw_trainer_lr(&g->trainer, epoch, p.steps - 1), .images = p.images};
    return LW_EXIT_OK;
}

/* What follows from an epoch: its validation, the best weights, the plateau, and whether it was the last one. */
static int finish_epoch(training *g, lw_epoch_result *e)
{
    const lw_train_options *o = &g->t->options;
    lw_run_state *state = &g->run->state;
    lw_error err;
    lw_trainer_swap_average(&g->trainer);
    lw_score score = validate(g);
    e->val_loss = score.loss;
    e->val_accuracy = score.accuracy;
    if (g->t->validation.count && !isfinite(score.loss)) return diverged(g, e->epoch, "at validation", score.loss);
    bool ok = lw_run_state_finish_epoch(state, e, &g->net, &err);
    lw_trainer_swap_average(&g->trainer);
    lw_schedule_observe(&o->schedule, &g->trainer.plateau, e->val_loss);
    state->stopped = o->patience && e->epoch - state->best_epoch >= o->patience;
    state->seconds += lw_clock() - g->began + g->before;
    if (ok && o->checkpoint_every) ok = save(g, &state->at, g->trainer.optimizer.step, &err);
    return ok ? LW_EXIT_OK : lw_fail_error("train", &err);
}

static int train_epochs(training *g, lw_train_records *records)
{
    lw_run_state *state = &g->run->state;
    int code = lw_train_records_epochs(records, g->t, g->run, lw_train_records_count(g->t, "epochs.csv", g->run->id));
    while (code == LW_EXIT_OK && state->finished < g->t->options.epochs && !state->stopped) {
        lw_epoch_result e;
        int epoch = state->finished;
        code = train_epoch(g, epoch, &e);
        if (code == LW_EXIT_OK) code = finish_epoch(g, &e);
        if (code != LW_EXIT_OK) break;
        lw_train_show_epoch(g->t, &e);
        code = lw_train_records_epochs(records, g->t, g->run, epoch);
    }
    return code;
}

/* ---------------------------------------------------------------- the run */

static double median_rate(const lw_run_state *s)
{
    double *rate = malloc((size_t)s->finished * sizeof *rate), median = NAN;
    for (int i = 0; rate && i < s->finished; i++)
        rate[i] = (double)s->history[i].images / s->history[i].seconds;
    if (rate) {
        lw_sort(rate, (size_t)s->finished);
        median = (rate[(s->finished - 1) / 2] + rate[s->finished / 2]) / 2;
    }
    free(rate);
    return median;
}

static void name_run(lw_train_run *run)
{
    struct timespec now;
    struct tm utc;
    char date[24];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(date, sizeof date, "%Y%m%dT%H%M%S", &utc);
    snprintf(run->id, sizeof run->id, "%s.%03dZ-s%" PRIu64, date, (int)(now.tv_nsec / 1000000), run->seed);
    memcpy(run->state.id, run->id, sizeof run->state.id);
}

/* Those weights that count, where they are tested and saved from. */
static void choose_weights(training *g)
{
    const lw_run_state *s = &g->run->state;
    if (s->best && s->best_epoch >= 0)
        memcpy(g->net.params, s->best, (size_t)g->net.values * sizeof(float));
    else
        lw_trainer_swap_average(&g->trainer);
}

static int finish(training *g, lw_train_records *records)
{
    const lw_train *t = g->t;
    lw_train_run *run = g->run;
    choose_weights(g);
    run->images_per_second = median_rate(&run->state);
    lw_phases_begin(&g->trainer.phases);
    int code = lw_train_test(t, run, &g->net);
    if (t->options.test) lw_phases_end(&g->trainer.phases, LW_PHASE_EVALUATE);
    run->phases = g->trainer.phases;
    if (code == LW_EXIT_OK) code = lw_train_save_weights(t, run, &g->net);
    /* A program that was killed between the row and here has written the row. */
    if (code == LW_EXIT_OK && lw_train_records_count(t, "runs.csv", run->id) == 0)
        code = lw_train_records_run(records, t, run);
    if (code == LW_EXIT_OK) lw_train_show_test(t, run);
    if (code == LW_EXIT_OK && t->options.checkpoint_every) unlink(g->checkpoint);
    return code;
}

static bool set_up(training *g, lw_error *err)
{
    const lw_train *t = g->t;
    const lw_train_options *o = &t->options;
    lw_train_run *run = g->run;
    char identity[LW_SHA256_HEX];
    char note[LW_FINETUNE_NOTE];
    if (!lw_train_start(t, run->seed, &g->net, &g->trainer, &g->augmenter, note, err)) return false;
    lw_net_variants(&g->net, run->variants, sizeof run->variants);
    if (t->choices.count && !o->quiet)
        printf("variants  %s\n", run->variants[0] ? run->variants : "none: the set's own kernels");
    if (o->init_from && !o->quiet) printf("weights   from %s; anew: %s\n", o->init_from, note[0] ? note : "none");
    g->trainer.every = o->checkpoint_every;
    g->trainer.on_step = on_step;
    g->trainer.on_batch = on_batch;
    g->trainer.context = g;
    if (o->ema > 0 && !lw_trainer_average(&g->trainer, o->ema, err)) return false;
    if (!lw_train_identity(o, lw_isa_name(t->kernels.isa), t->data.sha256, run->seed, identity)) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory");
    snprintf(g->checkpoint, sizeof g->checkpoint, "%s/checkpoint-seed%" PRIu64, o->out, run->seed);
    return lw_run_state_init(&run->state, identity, &g->net, o->keep_best, err);
}

int lw_train_once(const lw_train *t, lw_train_records *records, lw_train_run *run)
{
    static lw_profile profile; /* too large for a stack */
    training g = {.t = t, .run = run};
    lw_error err;
    int code = set_up(&g, &err) ? LW_EXIT_OK : lw_fail_error("train", &err);
    if (code == LW_EXIT_OK && t->options.profile) {
        lw_profile_init(&profile);
        g.trainer.profile = &profile;
    }
    if (code == LW_EXIT_OK) {
        name_run(run);
        code = resume(&g);
    }
    if (code == LW_EXIT_OK) code = train_epochs(&g, records);
    if (code == LW_EXIT_OK) code = finish(&g, records);
    if (code == LW_EXIT_OK && t->options.profile)
        code = lw_train_profile(t, run, &g.trainer, &profile);
    lw_profile_free(&profile);
    lw_augmenter_free(&g.augmenter);
    lw_trainer_free(&g.trainer);
    lw_net_free(&g.net);
    return code;
}
