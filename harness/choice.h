/* SPDX-License-Identifier: BSD-3-Clause
 *
 * choice.h: which rows take which calls instead of those of the highest priority: for a problem what a file
 * of `bench tune` says (--choice), and for all problems that they serve the rows that are named (--variant),
 * which come first. docs/PROTOCOL.md has the file's columns.
 */
#ifndef LW_CHOICE_H
#define LW_CHOICE_H

#include "nn/net_plan.h"
#include "nn/sha256.h"

enum { LW_CHOICE_SCHEMA = 1 };

/* Its rows may be of several sets. */
typedef struct lw_choices {
    lw_chosen *chosen;
    int count, capacity, forced; /* the first `forced` ones are those that were named */
    char sha256[LW_SHA256_HEX];  /* of what the file chooses for which problems; "" without one */
} lw_choices;

/* `file`: --choice, or NULL for the environment's LANEWISE_CHOICE, which may be missing. NULL: none. */
const char *lw_choice_path(const char *file);

/* Either may be NULL; the rows named are of the set of `d`, whose choice this becomes and which `c` must
 * outlive. false: `err` says why in one line, with file and line; there is nothing to free then. */
bool lw_choices_open(lw_choices *c, lw_dispatch *d, const char *file, const char *variants, char *err,
                     size_t err_size);

/* The file alone, as it stands for any set. */
bool lw_choices_read(lw_choices *c, const char *file, char *err, size_t err_size);
void lw_choices_free(lw_choices *c);

/* false: a row that was named takes no call of this network; `err` says which. */
bool lw_choices_used(const lw_choices *c, const lw_net *net, lw_error *err);

#define LW_CHOICE_HELP                                                                                       \
    "Kernels per layer as this file of `bench tune` says (default: $LANEWISE_CHOICE, else the set's own "    \
    "for all sizes)."
#define LW_VARIANT_HELP                                                                                      \
    "Force these rows of the set (`bench list` shows them) wherever they serve; --choice then decides the "  \
    "other calls."

#endif
