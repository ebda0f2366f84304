/* SPDX-License-Identifier: BSD-3-Clause
 *
 * groups.h: a team of threads divided into groups, each of which is a team of its own and meets without the others.
 */
#ifndef LW_GROUPS_H
#define LW_GROUPS_H

#include "kernels/kernels.h"

typedef struct lw_groups lw_groups;

/* Room for up to `most` groups at a time. NULL: out of memory. */
lw_groups *lw_groups_new(int most);
void lw_groups_free(lw_groups *g);

/* The calling member's group when `team` is divided into `count` of them, 1 <= count <= team->size, as evenly as it
 * goes: neighbours stay together, and `*group` is its number. Every member calls with the same count; before the next
 * division the whole team has met. One group is the team itself. */
lw_team lw_groups_enter(lw_groups *g, int count, const lw_team *team, int *group);

#endif
