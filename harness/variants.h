/* SPDX-License-Identifier: BSD-3-Clause
 * variants.h: rows by their names, as `--variant` of bench kernels and bench compare has them. */
#ifndef LW_VARIANTS_H
#define LW_VARIANTS_H

#include "harness/timing/measure.h"
#include "harness/worklist.h"

/* Of the sets that are selected; none without the option. */
typedef struct lw_variants {
    int count;
    const lw_kernel *row[LW_MAX_VARIANTS];
} lw_variants;

/* `names`: separated by commas, or NULL. Returns an exit code; the refusal of a name that no set has, or that
 * serves none of the problems, has been printed. */
int lw_variants_make(lw_variants *v, const char *names, const lw_selection *s, const lw_worklist *work);

bool lw_variants_have(const lw_variants *v, const lw_kernel *k);

#endif
