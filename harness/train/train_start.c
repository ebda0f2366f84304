/* SPDX-License-Identifier: BSD-3-Clause
 * train_start.c: a network and its trainer as the options describe them, before the first step. */
#include "harness/train/train.h"

static bool start_augmenter(const lw_train *t, lw_trainer *trainer, lw_augmenter *augmenter, lw_error *err)
{
    const lw_augment *settings = &t->options.augment;
    if (!lw_augment_is_on(settings)) return true;
    if (!lw_augmenter_init(augmenter, settings, &t->kernels, t->train.h, t->train.w, t->workers.size, err))
        return false;
    trainer->augment = augmenter;
    return true;
}

bool lw_train_start(const lw_train *t, uint64_t seed, lw_net *net, lw_trainer *trainer, lw_augmenter *augmenter,
                    char note[LW_FINETUNE_NOTE], lw_error *err)
{
    const lw_train_options *o = &t->options;
    note[0] = '\0';
    if (!lw_net_init(net, &t->model, &t->kernels, o->batch, t->workers.size, err)) return false;
    if (!lw_choices_used(&t->choices, net, err)) return false;
    lw_pixels_apply(&t->pixels, net);
    lw_net_init_params(net, o->init, seed);
    if (o->init_from && !lw_finetune_read(o->init_from, net, o->anew, note, err)) return false;
    if (!lw_trainer_init(trainer, net, &o->optimizer, t->train, seed, t->workers.size, err)) return false;
    trainer->schedule = o->schedule;
    trainer->epochs = o->epochs;
    trainer->smoothing = (float)o->smoothing;
    return start_augmenter(t, trainer, augmenter, err);
}
