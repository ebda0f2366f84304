/* SPDX-License-Identifier: BSD-3-Clause
 *
 * profile.h: where the time of training steps goes. A step is cut at the team's synchronisations; member
 * 0 reads the clock there and the time since the last cut goes to the part that has just ended, so the
 * parts of a step leave nothing out. Off, a cut costs one comparison. Every second step is measured as a
 * whole and not cut: that tells what the cuts themselves cost.
 */
#ifndef LW_PROFILE_H
#define LW_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

enum { LW_PROFILE_LAYERS = 128, LW_PROFILE_STEPS = 1000, LW_PROFILE_WARMUP = 4 };

/* Parts of a layer's work. A ReLU of its own sync is a part; so are the two gradients of a layer, and adding the
 * gradient of an input to that which its other readers left. */
typedef enum lw_part {
    LW_FORWARD,
    LW_BACKWARD_RELU,
    LW_BACKWARD_WEIGHTS,
    LW_BACKWARD_DATA,
    LW_BACKWARD_ADD,
    LW_LAYER_PARTS
} lw_part;

const char *lw_part_name(lw_part part); /* "backward data" */

enum { /* parts of a step that belong to no layer, after those of the layers */
    LW_PART_GATHER = LW_PROFILE_LAYERS * LW_LAYER_PARTS, /* copying a batch's images, normalising pixels */
    LW_PART_LOSS,                                        /* softmax, loss and their gradient */
    LW_PART_STATISTICS,                                  /* loss and accuracy so far, the progress bar */
    LW_PART_ACCUMULATE,                                  /* adding up the gradients of a step's passes */
    LW_PART_OPTIMIZER,
    LW_PARTS
};

typedef struct lw_profile {
    int cut_steps, whole_steps;       /* how many samples there are */
    float *part[LW_PARTS];            /* seconds in each cut step; NULL: that part never came */
    float total[LW_PROFILE_STEPS];    /* of the cut steps, by their own first and last reading */
    float whole[LW_PROFILE_STEPS];    /* of the steps in between that were not cut */
    int cuts;                         /* clock readings in one cut step */
    double clock;                     /* seconds that one reading takes */
    /* the step that runs */
    bool measuring, cutting;
    double start, last;
    int readings, seen;
    bool no_memory;
} lw_profile;

void lw_profile_init(lw_profile *p);
void lw_profile_free(lw_profile *p);

/* Around a step, by member 0. `full`: the batch has its full size; others are not measured. */
void lw_profile_step_begin(lw_profile *p, bool full);
void lw_profile_step_end(lw_profile *p);

void lw_profile_end_part(lw_profile *p, int part); /* the part that ends here */

/* NULL: off, or not member 0. */
static inline void lw_profile_cut(lw_profile *p, int part)
{
    if (p && p->cutting) lw_profile_end_part(p, part);
}

#endif
