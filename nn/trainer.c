/* SPDX-License-Identifier: BSD-3-Clause
 * trainer.c: walks the batches of an epoch as a team of threads. */
#include "nn/trainer.h"

#include "nn/rng.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* An orphaned barrier: it belongs to the parallel region that the calling thread is in. */
static void barrier(void)
{
#pragma omp barrier
}

/* ---------------------------------------------------------------- batches */

static void normalize(const lw_net *net, const uint8_t *pixels, ptrdiff_t size, float *dst)
{
    lw_normalize_u8_args args = {size, pixels, net->pixel_scale, net->pixel_shift, dst};
    net->kernels->op[LW_OP_NORMALIZE_U8]->fn.normalize_u8(&args, NULL, &lw_team_solo);
}

/* This member's share of the batch that begins at image `first`. */
static void gather(lw_net *net, const lw_images *images, ptrdiff_t first, int mb, const lw_team *team)
{
    ptrdiff_t size = (ptrdiff_t)images->h * images->w, lo, hi;
    lw_team_share(team, mb, 1, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) {
        normalize(net, images->pixels + (first + i) * size, size, net->input + i * size);
        net->label[i] = images->labels[first + i];
    }
    lw_team_sync(team);
}

/* The same in training: in the order of the epoch, and augmented. `member`: of the whole team, as augmenters have it. */
static void gather_training(const lw_trainer *t, lw_net *net, int epoch, ptrdiff_t first, int mb, int member,
                            const lw_team *team)
{
    ptrdiff_t size = (ptrdiff_t)t->images.h * t->images.w, lo, hi;
    lw_team_share(team, mb, 1, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i++) {
        ptrdiff_t at = t->order[first + i];
        const uint8_t *pixels = t->images.pixels + at * size;
        float *dst = net->input + i * size;
        if (t->augment)
            lw_augmenter_image(t->augment, member, t->seed, (uint64_t)epoch, (uint64_t)at, pixels, t->net->pixel_scale,
                               t->net->pixel_shift, dst);
        else
            normalize(t->net, pixels, size, dst);
        net->label[i] = t->images.labels[at];
    }
    lw_team_sync(team);
}

typedef struct tally {
    double loss;
    ptrdiff_t images, correct;
    int32_t *predicted; /* NULL: not wanted */
} tally;

/* Adds a batch, image by image in order, so that the sum does not depend on the team. */
static void count_batch(tally *sum, const lw_net *net, int mb)
{
    int classes = net->model->classes;
    for (int i = 0; i < mb; i++) {
        const float *prob = net->prob + (ptrdiff_t)i * classes;
        int best = 0;
        for (int j = 1; j < classes; j++)
            if (prob[j] > prob[best]) best = j;
        sum->loss += net->loss[i];
        sum->correct += best == net->label[i];
        if (sum->predicted) sum->predicted[sum->images + i] = best;
    }
    sum->images += mb;
}

/* How many of `count` images there are from `first` on, but no more than `most`. */
static int images_from(ptrdiff_t first, ptrdiff_t count, int most)
{
    return count - first < most ? (int)(count - first) : most;
}

/* ---------------------------------------------------------------- training */

typedef struct epoch_state {
    lw_trainer *trainer;
    int epoch;
    ptrdiff_t first; /* step */
    int64_t steps_before; /* of the optimiser, when this call began */
    tally sum;
    double step_begins; /* the sum of the losses before this step; of member 0 */
    lw_progress progress;
    lw_outcome outcome; /* written by member 0 between two synchronisations, read by all after the second */
} epoch_state;

/* After the last pass of a step, when all of its images are counted. */
static void report_step(epoch_state *s)
{
    lw_trainer *t = s->trainer;
    s->progress.step++;
    s->progress.images = s->sum.images;
    s->progress.loss = s->sum.loss / (double)s->sum.images;
    s->progress.accuracy = (double)s->sum.correct / (double)s->sum.images;
    s->progress.loss_sum = s->sum.loss;
    s->progress.correct = s->sum.correct;
    if (!isfinite(s->sum.loss - s->step_begins))
        s->outcome = LW_DIVERGED;
    else if (t->on_batch && !t->on_batch(t->context, &s->progress))
        s->outcome = LW_STOPPED;
}

/* The SGD kernel with the weights as gradient: average -= (d - 1) * (weights - average). */
static void update_average(const lw_trainer *t, int64_t step, const lw_team *team)
{
    const double warm = (1 + (double)step) / (10 + (double)step), d = warm < t->average_rate ? warm : t->average_rate;
    const lw_sgd_args args = {.n = t->net->arena, .lr = (float)(d - 1), .weight_decay = -1, .grad = t->net->params,
                              .w = t->average};
    lw_team_sync(team);
    t->net->kernels->op[LW_OP_SGD]->fn.sgd(&args, NULL, team);
}

/* The optimiser's count of a step of this epoch. */
static int64_t number_of_step(const epoch_state *s, ptrdiff_t step)
{
    return s->steps_before + step - s->first + 1;
}

static void update(const epoch_state *s, ptrdiff_t step, const lw_team *team)
{
    const lw_trainer *t = s->trainer;
    lw_optimizer now = t->optimizer;
    const int64_t number = number_of_step(s, step);
    now.lr = lw_trainer_lr(t, s->epoch, step);
    lw_optimizer_apply(&now, t->net, number, team);
    if (t->average_rate > 0) update_average(t, number, team);
    lw_team_sync(team);
}

static void after_step(epoch_state *s, ptrdiff_t step, const lw_team *team)
{
    const lw_trainer *t = s->trainer;
    if (!t->every || (step + 1) % t->every != 0) return;
    if (team->id == 0) t->on_step(t->context, &s->progress, number_of_step(s, step));
    lw_team_sync(team);
}

static void begin_phase(lw_trainer *t, const lw_team *team)
{
    if (team->id == 0) lw_phases_begin(&t->phases);
}

static void end_phase(lw_trainer *t, lw_phase phase, const lw_team *team)
{
    if (team->id == 0) lw_phases_end(&t->phases, phase);
}

static lw_net *net_of(const lw_trainer *t, int group)
{
    return group ? &t->replica[group - 1] : t->net;
}

/* One pass of a step, by its group; images from `first` on. */
static void train_pass(epoch_state *s, lw_net *net, const lw_pass *pass, ptrdiff_t first, const lw_team *whole)
{
    lw_trainer *t = s->trainer;
    begin_phase(t, whole);
    gather_training(t, net, s->epoch, first, pass->mb, whole->id, pass->team);
    lw_profile_cut(pass->profile, LW_PART_GATHER);
    end_phase(t, t->augment ? LW_PHASE_AUGMENT : LW_PHASE_DATA, whole);
    lw_net_forward(net, pass);
    end_phase(t, LW_PHASE_FORWARD, whole);
    lw_net_backward(net, pass);
}

/* What passes side by side leave: `count` of them from that number on. */
static void end_round(epoch_state *s, const lw_pass *step, int number, int count)
{
    lw_trainer *t = s->trainer;
    const int passes = lw_net_passes(t->net, step->step_mb);
    if (count > 1) lw_team_sync(step->team);
    lw_net_accumulate(t->net, t->replica, number, count, passes, step->team);
    if (passes > 1) {
        lw_team_sync(step->team);
        lw_profile_cut(step->profile, LW_PART_ACCUMULATE);
    }
    if (step->team->id == 0) {
        lw_phases_end(&t->phases, LW_PHASE_BACKWARD);
        for (int i = 0; i < count; i++)
            count_batch(&s->sum, net_of(t, i), images_from((number + i) * t->net->micro_batch, step->step_mb, t->net->micro_batch));
        if (number + count == passes) report_step(s);
    }
    lw_team_sync(step->team); /* the next pass overwrites what was counted, and all go by the outcome */
    lw_profile_cut(step->profile, LW_PART_STATISTICS);
}

/* All passes of a step; `first`: of its images. */
static void train_step(epoch_state *s, const lw_pass *step, ptrdiff_t first)
{
    lw_trainer *t = s->trainer;
    const int micro = t->net->micro_batch, passes = lw_net_passes(t->net, step->step_mb);
    if (step->team->id == 0) s->step_begins = s->sum.loss;
    for (int number = 0; number < passes;) {
        const int count = passes - number < step->team->size ? passes - number : step->team->size;
        int group;
        const lw_team mine = lw_groups_enter(t->groups, count, step->team, &group);
        lw_net *net = net_of(t, group);
        lw_pass pass = *step;
        pass.team = &mine;
        pass.workspace = net->workspace;
        pass.number = number + group;
        pass.mb = images_from(pass.number * micro, step->step_mb, micro);
        train_pass(s, net, &pass, first + pass.number * micro, step->team);
        end_round(s, step, number, count);
        number += count;
    }
}

static void train_epoch(epoch_state *s, const lw_team *team)
{
    lw_trainer *t = s->trainer;
    lw_net *net = t->net;
    for (ptrdiff_t step = s->first; step < s->progress.steps; step++) {
        const ptrdiff_t first = step * net->batch;
        const int images = images_from(first, t->images.count, net->batch);
        const lw_pass pass = {.kernels = net->kernels, .team = team, .step_mb = images, .training = true,
                              .smoothing = t->smoothing, .seed = t->seed, .epoch = (uint64_t)s->epoch,
                              .step = (uint64_t)step, .profile = team->id == 0 ? t->profile : NULL};
        if (pass.profile) lw_profile_step_begin(pass.profile, images == net->batch);
        train_step(s, &pass, first);
        if (s->outcome == LW_DIVERGED) break; /* the parameters stay those of the last finite step */
        begin_phase(t, team);
        update(s, step, team);
        lw_profile_cut(pass.profile, LW_PART_OPTIMIZER);
        end_phase(t, LW_PHASE_OPTIMIZER, team);
        after_step(s, step, team);
        if (pass.profile) lw_profile_step_end(pass.profile);
        if (s->outcome == LW_STOPPED) break;
    }
}

lw_outcome lw_trainer_epoch(lw_trainer *t, int epoch, lw_progress *result)
{
    return lw_trainer_epoch_from(t, epoch, &(lw_progress){0}, result);
}

lw_outcome lw_trainer_epoch_from(lw_trainer *t, int epoch, const lw_progress *from, lw_progress *result)
{
    lw_shuffle(t->order, (uint32_t)t->images.count, t->seed, (uint64_t)epoch);
    epoch_state s = {.trainer = t, .epoch = epoch, .first = from->step, .steps_before = t->optimizer.step,
                     .sum = {from->loss_sum, from->images, from->correct, NULL}, .progress = *from};
    s.progress.steps = (t->images.count + t->net->batch - 1) / t->net->batch;
#pragma omp parallel num_threads(t->threads)
    {
        lw_team team = {omp_get_thread_num(), omp_get_num_threads(), barrier};
        train_epoch(&s, &team);
    }
    t->optimizer.step += s.progress.step - s.first - (s.outcome == LW_DIVERGED);
    *result = s.progress;
    return s.outcome;
}

static void close_replicas(lw_trainer *t)
{
    for (int i = 0; t->replica && i < t->replicas; i++) lw_net_free(&t->replica[i]);
    lw_free(t->replica);
    lw_groups_free(t->groups);
    t->replica = NULL;
    t->groups = NULL;
    t->replicas = 0;
}

/* As many as there are passes that threads can do beside the first. */
static bool open_replicas(lw_trainer *t, lw_error *err)
{
    const int most = lw_net_rounds(t->net, t->threads).groups;
    t->groups = lw_groups_new(most);
    t->replica = lw_alloc((size_t)(most - 1) * sizeof *t->replica);
    if (!t->groups || !t->replica)
        return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the networks of %d threads", t->threads);
    for (; t->replicas < most - 1; t->replicas++)
        if (!lw_net_init_replica(&t->replica[t->replicas], t->net, t->threads, err)) return false;
    return true;
}

bool lw_trainer_init(lw_trainer *t, lw_net *net, const lw_optimizer *optimizer, lw_images images, uint64_t seed,
                     int threads, lw_error *err)
{
    *t = (lw_trainer){.net = net, .optimizer = *optimizer, .images = images, .seed = seed, .threads = threads,
                      .plateau = lw_plateau_start(), .epochs = 1};
    t->order = lw_alloc((size_t)images.count * sizeof *t->order);
    if (!t->order)
        lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the order of %td images", images.count);
    else if (open_replicas(t, err) && lw_optimizer_init(&t->optimizer, net, err))
        return true;
    close_replicas(t);
    lw_free(t->order);
    t->order = NULL;
    return false;
}

void lw_trainer_free(lw_trainer *t)
{
    lw_optimizer_free(&t->optimizer);
    close_replicas(t);
    lw_free(t->order);
    lw_free(t->average);
    t->order = NULL;
    t->average = NULL;
}

bool lw_trainer_average(lw_trainer *t, double rate, lw_error *err)
{
    size_t bytes = (size_t)t->net->arena * sizeof(float);
    t->average = lw_alloc(bytes);
    if (!t->average) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the average of the weights");
    memcpy(t->average, t->net->params, bytes);
    t->average_rate = rate;
    return true;
}

void lw_trainer_swap_average(lw_trainer *t)
{
    for (ptrdiff_t i = 0; t->average && i < t->net->arena; i++) {
        float kept = t->net->params[i];
        t->net->params[i] = t->average[i];
        t->average[i] = kept;
    }
}

double lw_trainer_lr(const lw_trainer *t, int epoch, ptrdiff_t step)
{
    ptrdiff_t steps = (t->images.count + t->net->batch - 1) / t->net->batch;
    return t->optimizer.lr * lw_schedule_factor(&t->schedule, (int64_t)epoch * steps + step, steps, t->epochs) *
           t->plateau.factor;
}

/* ---------------------------------------------------------------- evaluation */

static void evaluate(lw_net *net, const lw_images *images, tally *sum, const lw_team *team)
{
    for (ptrdiff_t first = 0; first < images->count; first += net->micro_batch) {
        lw_pass pass = {.kernels = net->kernels, .team = team, .workspace = net->workspace,
                        .mb = images_from(first, images->count, net->micro_batch)};
        gather(net, images, first, pass.mb, team);
        lw_net_forward(net, &pass);
        if (team->id == 0) count_batch(sum, net, pass.mb);
        lw_team_sync(team); /* the next batch overwrites the labels */
    }
}

lw_score lw_evaluate(lw_net *net, lw_images images, int threads)
{
    return lw_evaluate_classes(net, images, threads, NULL);
}

lw_score lw_evaluate_classes(lw_net *net, lw_images images, int threads, int32_t *predicted)
{
    tally sum = {.predicted = predicted};
#pragma omp parallel num_threads(threads)
    {
        lw_team team = {omp_get_thread_num(), omp_get_num_threads(), barrier};
        evaluate(net, &images, &sum, &team);
    }
    if (!sum.images) return (lw_score){NAN, NAN, 0, 0};
    return (lw_score){sum.loss / (double)sum.images, (double)sum.correct / (double)sum.images, sum.images, sum.correct};
}
