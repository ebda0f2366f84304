/* SPDX-License-Identifier: BSD-3-Clause
 *
 * phases.h: where the time of a run goes, in six parts. Member 0 of the team reads the clock where one part ends, four
 * times a step; unlike the profile this is always on.
 */
#ifndef LW_PHASES_H
#define LW_PHASES_H

typedef enum lw_phase {
    LW_PHASE_DATA,      /* batches gathered, pixels normalised */
    LW_PHASE_AUGMENT,   /* the same where images are augmented on the way: one pass over the pixels does both */
    LW_PHASE_FORWARD,   /* in training, with loss and its gradient */
    LW_PHASE_BACKWARD,
    LW_PHASE_OPTIMIZER, /* with the moving average of the weights */
    LW_PHASE_EVALUATE,  /* validation and test, whole */
    LW_PHASES
} lw_phase;

typedef struct lw_phases {
    double seconds[LW_PHASES];
    double last; /* reading of the clock */
} lw_phases;

const char *lw_phase_name(lw_phase phase);

/* Time from here belongs to the next part that ends; what lies between an end and a begin belongs to none. */
void lw_phases_begin(lw_phases *p);
void lw_phases_end(lw_phases *p, lw_phase phase);

#endif
