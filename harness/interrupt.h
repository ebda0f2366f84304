/* SPDX-License-Identifier: BSD-3-Clause
 * interrupt.h: Ctrl-C as a question. After lw_interrupt_catch the first SIGINT or SIGTERM only sets a
 * flag, so that a command ends at the next safe point and keeps what it has; the second one kills. */
#ifndef LW_INTERRUPT_H
#define LW_INTERRUPT_H

#include <stdbool.h>

void lw_interrupt_catch(void);
bool lw_interrupted(void);

#endif
