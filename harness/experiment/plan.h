/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plan.h: an experiment's file as the runs that it asks for.
 *
 *   [experiment]   name, seeds, baseline: what the whole is called, the seeds of each variant, and the variant that
 *                  the others are compared with (default: the first)
 *   [base]         options of `bench train` by their long names: what all variants share
 *   [grid]         options with several values, `batch = 32 | 64`: each variant once for each combination
 *   [quick]        what the reduced form has instead of all of these: fewer seeds, options
 *   [any other]    a variant: what it has instead of the base's
 *
 * Later ones win: base, variant, grid, quick, --set.
 *
 * A variant may start from weights that another experiment trains, with the same seed: init-from = FILE.ini:VARIANT,
 * FILE beside this one. That run is part of this one's identity, and its weights need not be there yet.
 */
#ifndef LW_PLAN_H
#define LW_PLAN_H

#include "harness/experiment/ini_file.h"
#include "harness/train/train.h"

enum { LW_VARIANT_NAME = 160, LW_IDENTITY_SHORT = 16 };

typedef struct lw_plan lw_plan;

typedef struct lw_variant {
    char name[LW_VARIANT_NAME]; /* "dropout-0.5", "dropout-0.5/batch=32" */
    int line;                   /* of its section */
    lw_train_options options;   /* one seed, which the run sets */
    double work;                /* FLOP of a run, or NaN where the images are not known; to share out time */
    lw_plan *first;             /* whose run leaves its initial weights; NULL: none */
    int first_variant;
    const char *unusable; /* why its kernel set cannot run here, or NULL: such a variant has no runs and no identity */
} lw_variant;

struct lw_plan {
    lw_ini_file file;
    char name[64];
    int variants, baseline;
    lw_variant *variant;
    int seeds;
    uint64_t seed[LW_TRAIN_SEEDS];
    char **set, **text; /* copies of --set; values of the grid */
    int sets, texts;
    bool quick, is_first; /* reduced; read because another plan names it */
    lw_plan **first;      /* those that variants name */
    int firsts;
};

/* false: leave with the exit code *code; the refusal has been printed as a line of `bench run`. */
bool lw_plan_read(lw_plan *p, const char *path, bool quick, char *const *set, int sets, int *code);
void lw_plan_free(lw_plan *p);

/* false: a variant's kernel set cannot run here; the refusal has been printed. */
bool lw_plan_usable(const lw_plan *p);

/* The identity of a variant's run with that seed, as hexadecimal digits. */
bool lw_plan_identity(const lw_plan *p, int variant, uint64_t seed, char identity[LW_SHA256_HEX]);

/* The same without kernel set and seed: what a reference result says that it was made of. */
bool lw_plan_configuration(const lw_plan *p, int variant, char configuration[LW_SHA256_HEX]);

#endif
