/* SPDX-License-Identifier: BSD-3-Clause
 * fault.c: signals to values, by siglongjmp. */
#define _GNU_SOURCE
#include "oracle/fault.h"

#include <setjmp.h>
#include <signal.h>

static const int caught[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}; /* AArch64 traps by the last */
enum { CAUGHT = sizeof caught / sizeof caught[0] };

static sigjmp_buf back;
static volatile lw_fault fault;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)context;
    fault.signal = signal;
    fault.address = info->si_addr;
    siglongjmp(back, 1);
}

lw_fault lw_fault_catch(void (*job)(void *context), void *context)
{
    struct sigaction before[CAUGHT], action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    fault.signal = 0;
    for (int i = 0; i < CAUGHT; i++) sigaction(caught[i], &action, &before[i]);
    if (sigsetjmp(back, 1) == 0) job(context);
    for (int i = 0; i < CAUGHT; i++) sigaction(caught[i], &before[i], NULL);
    return (lw_fault){fault.signal, fault.address};
}
