/* SPDX-License-Identifier: BSD-3-Clause
 * fault.h: a kernel that touches a protected page or executes what the CPU does not know becomes a named failure
 * instead of a dead process. */
#ifndef LW_ORACLE_FAULT_H
#define LW_ORACLE_FAULT_H

#include <stdbool.h>

typedef struct lw_fault {
    int signal; /* 0: none */
    const void *address;
} lw_fault;

/* Calls `job` on this thread, with handlers for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGTRAP around it. After a fault the
 * job was left in the middle. Not reentrant. */
lw_fault lw_fault_catch(void (*job)(void *context), void *context);

#endif
