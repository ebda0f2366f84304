/* SPDX-License-Identifier: BSD-3-Clause
 * interrupt.c: the flag behind Ctrl-C. */
#define _GNU_SOURCE
#include "harness/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void lw_interrupt_catch(void)
{
    /* SA_RESETHAND: the second signal finds the default action. SA_RESTART: no write is cut short. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool lw_interrupted(void)
{
    return interrupted != 0;
}
