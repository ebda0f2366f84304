/* SPDX-License-Identifier: BSD-3-Clause
 * lr_find_run.c: the steps of the range test: training as `bench train` does it, at a rate of its own each. */
#include "harness/train/lr_find.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"

#include <stdio.h>

typedef struct search {
    lw_lr_find *find;
    lw_net net;
    lw_trainer trainer;
    lw_augmenter augmenter;
    double loss_sum; /* of this epoch before this batch */
    ptrdiff_t images;
    int code;
} search;

/* The mean loss of the last batch; in the order of its images, so that it depends on no team. */
static double batch_loss(search *s, const lw_progress *p)
{
    const double loss = (p->loss_sum - s->loss_sum) / (double)(p->images - s->images);
    s->loss_sum = p->loss_sum;
    s->images = p->images;
    return loss;
}

static void take(search *s, const lw_progress *p)
{
    lw_lr_find *f = s->find;
    f->end = lw_lr_curve_add(&f->curve, batch_loss(s, p));
    s->code = lw_lr_find_step(f);
}

/* One thread calls this between the forward pass of a step and its update, when no thread reads the rate: what is set
 * here is what the update goes by. */
static bool on_batch(void *context, const lw_progress *progress)
{
    search *s = context;
    s->trainer.optimizer.lr = lw_lr_curve_rate(&s->find->curve, s->find->curve.count);
    take(s, progress);
    return s->code == LW_EXIT_OK && s->find->end == LW_LR_GOES_ON && !lw_interrupted();
}

static int interrupted(const lw_lr_find *f)
{
    return lw_fail(LW_EXIT_INTERRUPTED, "lr-find", "interrupted after step %d of %d%s", f->curve.count, f->steps,
                   f->csv ? "; its rows are kept" : "");
}

/* As many epochs as the steps take. */
static int run_epochs(search *s)
{
    lw_outcome outcome = LW_DONE;
    for (int epoch = 0; outcome == LW_DONE; epoch++) {
        lw_progress p;
        s->loss_sum = 0;
        s->images = 0;
        outcome = lw_trainer_epoch(&s->trainer, epoch, &p);
        if (outcome == LW_DIVERGED) take(s, &p); /* of such a batch the trainer does not ask */
    }
    if (s->code == LW_EXIT_OK && s->find->end == LW_LR_GOES_ON) return interrupted(s->find);
    return s->code;
}

int lw_lr_find_run(lw_lr_find *f)
{
    search s = {.find = f, .code = LW_EXIT_OK};
    const lw_train *t = &f->train;
    char note[LW_FINETUNE_NOTE];
    lw_error err;
    bool ok = lw_lr_curve_init(&f->curve, f->from, f->to, f->steps, f->beta, &err) &&
              lw_train_start(t, t->options.seed[0], &s.net, &s.trainer, &s.augmenter, note, &err);
    int code = ok ? LW_EXIT_OK : lw_fail_error("lr-find", &err);
    if (ok) {
        s.trainer.on_batch = on_batch;
        s.trainer.context = &s;
        lw_net_variants(&s.net, f->variants, sizeof f->variants);
        lw_lr_find_setup(f, note);
        code = run_epochs(&s);
    }
    if (code == LW_EXIT_OK) code = lw_lr_find_results(f);
    lw_augmenter_free(&s.augmenter);
    lw_trainer_free(&s.trainer);
    lw_net_free(&s.net);
    lw_lr_curve_free(&f->curve);
    return code;
}
