/* SPDX-License-Identifier: BSD-3-Clause
 *
 * count_instructions.c: how many instructions a kernel executes on a problem, counted by single-stepping it.
 * Exact, and needs no performance counters, which virtual machines rarely have. Slow, some ten thousand a second on
 * a loaded virtual machine: choose a small batch.
 *
 *   count_instructions ISA OP PROBLEM     prints: isa op problem instructions, and instructions per 1000 FLOP
 */
#define _GNU_SOURCE
#include "harness/select.h"
#include "oracle/oracle.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child runs the kernel between two marks. They are a signal that nobody else sends: one that stops or goes on may
 * come from outside, and ends nothing. */
#define MARK SIGUSR1

static void child(lw_case *c, const lw_kernel *k)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    lw_case_run(c, k, &lw_team_solo); /* once before: dynamic linking and page faults are no part of it */
    raise(MARK);
    lw_case_run(c, k, &lw_team_solo);
    raise(MARK);
    _exit(0);
}

/* Steps from the first mark to the second. The call of raise() is a constant of some tens of instructions. */
static long long count(pid_t pid)
{
    int status;
    long long steps = 0;
    do {
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return -1;
    } while (WSTOPSIG(status) != MARK && ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
    do {
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0) return -1;
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return -1;
        steps += WSTOPSIG(status) == SIGTRAP;
    } while (WSTOPSIG(status) != MARK);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return steps;
}

int main(int argc, char **argv)
{
    char message[1024];
    lw_dispatch d;
    lw_problem p;
    int op = 0;
    if (argc != 4) return fprintf(stderr, "usage: count_instructions ISA OP PROBLEM\n"), 2;
    if (!lw_dispatch_init(&d, argv[1], message, sizeof message)) return fprintf(stderr, "%s\n", message), 2;
    while (op < LW_OP_COUNT && strcmp(lw_op_name((lw_op)op), argv[2]) != 0) op++;
    if (op == LW_OP_COUNT) return fprintf(stderr, "unknown op '%s'\n", argv[2]), 2;
    if (!lw_problem_parse((lw_op)op, argv[3], &p, message, sizeof message)) return fprintf(stderr, "%s\n", message), 2;

    lw_case *c = lw_case_new(&p, lw_setting_plain, 1);
    if (!c || !lw_case_prepare(c, d.op[op], 1)) return fprintf(stderr, "out of memory\n"), 6;
    const pid_t pid = fork();
    if (pid == 0) child(c, d.op[op]);
    const long long steps = count(pid);
    if (steps < 0) return fprintf(stderr, "cannot step through a process here\n"), 77;
    printf("%s %s %s %lld %.3f\n", argv[1], argv[2], p.text, steps, (double)steps * 1000 / lw_problem_cost(&p).flop);
    lw_case_free(c);
    return 0;
}
