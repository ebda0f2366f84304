/* SPDX-License-Identifier: BSD-3-Clause
 * sweep.c: starts a process per run, waits, and tells how far the sweep is. A process dies with its parent: what it
 * has done is in its checkpoint. */
#define _GNU_SOURCE
#include "harness/experiment/sweep.h"

#include "harness/exit_codes.h"
#include "harness/experiment/run_process.h"
#include "harness/interrupt.h"
#include "nn/clock.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 256 };

typedef struct progress {
    const lw_sweep *s;
    double began, shown;
    double all, done, kept; /* work; kept: was done before this program began */
    int next, ended, failed, code;
    pid_t pid[JOBS];
    int of[JOBS]; /* the run of a slot; -1: free */
} progress;

/* Runs of folders have no known work; all count alike then. */
static double work_of(const lw_sweep *s, const lw_planned_run *r)
{
    double work = s->plan->variant[r->variant].work;
    for (int i = 0; i < s->plan->variants; i++)
        if (isnan(s->plan->variant[i].work)) return 1;
    return work;
}

static bool is_done(const lw_planned_run *r)
{
    lw_run_stage stage = lw_run_folder_stage(r);
    return stage == LW_RUN_FINISHED || stage == LW_RUN_DIVERGED;
}

/* ---------------------------------------------------------------- telling */

static void put_time(char text[32], double seconds)
{
    if (!(seconds >= 0) || isinf(seconds))
        snprintf(text, 32, "?");
    else if (seconds < 100)
        snprintf(text, 32, "%.0f s", seconds);
    else if (seconds < 6000)
        snprintf(text, 32, "%.0f min", seconds / 60);
    else
        snprintf(text, 32, "%.1f h", seconds / 3600);
}

/* Work of the runs under way counts by their finished epochs. */
static double eta(const progress *p)
{
    double done = p->done - p->kept, left = p->all - p->done;
    for (int i = 0; i < p->s->jobs; i++) {
        if (p->of[i] < 0) continue;
        const lw_planned_run *r = &p->s->run[p->of[i]];
        double part = work_of(p->s, r) * lw_run_folder_epochs(r) / p->s->plan->variant[r->variant].options.epochs;
        done += part;
        left -= part;
    }
    return done > 0 ? (lw_clock() - p->began) / done * left : INFINITY;
}

static void tell_ended(progress *p, const lw_planned_run *r, const char *how)
{
    char left[32];
    put_time(left, eta(p));
    fprintf(stderr, "%s[%d/%d] %s seed %llu: %s; ETA %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", p->ended, p->s->runs,
            p->s->plan->variant[r->variant].name, (unsigned long long)r->seed, how, left);
}

static void tell_on_terminal(progress *p)
{
    double now = lw_clock();
    if (!isatty(STDERR_FILENO) || now - p->shown < 1) return;
    char left[32];
    p->shown = now;
    put_time(left, eta(p));
    fprintf(stderr, "\r%d of %d runs  ETA %s\033[K", p->ended, p->s->runs, left);
}

/* ---------------------------------------------------------------- doing */

static void start(progress *p, int slot)
{
    const lw_sweep *s = p->s;
    while (p->next < s->runs && is_done(&s->run[p->next])) p->next++;
    if (p->next == s->runs) return;
    pid_t parent = getpid(), pid;
    fflush(NULL);
    pid = fork();
    if (pid == 0) _exit(lw_run_process(s, &s->run[p->next], slot, parent));
    if (pid < 0) {
        p->code = lw_fail(LW_EXIT_MEMORY, "run", "cannot start a process: %s", strerror(errno));
        return;
    }
    p->pid[slot] = pid;
    p->of[slot] = p->next++;
}

static void collect(progress *p)
{
    lw_error err;
    if (!lw_run_folders_collect(p->s->plan, p->s->out, &err) && p->code == LW_EXIT_OK) p->code = lw_fail_error("run", &err);
}

static void end(progress *p, int slot, int status)
{
    const lw_planned_run *r = &p->s->run[p->of[slot]];
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    p->of[slot] = -1;
    if (code == LW_EXIT_OK || code == LW_EXIT_DIVERGED) {
        lw_error err;
        p->ended++;
        p->done += work_of(p->s, r);
        if (code == LW_EXIT_DIVERGED && !lw_run_folder_mark_diverged(r, &err)) p->code = lw_fail_error("run", &err);
        tell_ended(p, r, code == LW_EXIT_OK ? "done" : "its loss became infinite");
        collect(p);
        return;
    }
    /* The others would fail in the same way, or nobody wants them any more. */
    if (p->code == LW_EXIT_OK && code != LW_EXIT_INTERRUPTED)
        lw_fail(0, "run", "%s seed %llu ended with exit code %d; its log is %s/log.txt", p->s->plan->variant[r->variant].name,
                (unsigned long long)r->seed, code, r->folder);
    if (p->code == LW_EXIT_OK) p->code = code;
}

static bool wait_for_some(progress *p)
{
    bool running = false;
    for (int i = 0; i < p->s->jobs; i++) {
        int status;
        if (p->of[i] < 0) continue;
        running = true;
        if (waitpid(p->pid[i], &status, WNOHANG) == p->pid[i]) end(p, i, status);
    }
    return running;
}

/* Each run is a process group of its own, which a terminal's Ctrl-C does not reach. */
static void pass_on_interrupt(const progress *p)
{
    for (int i = 0; i < p->s->jobs; i++)
        if (p->of[i] >= 0) kill(p->pid[i], SIGTERM);
}

int lw_sweep_do(const lw_sweep *s)
{
    progress p = {.s = s, .began = lw_clock()};
    bool passed_on = false;
    for (int i = 0; i < JOBS; i++)
        p.of[i] = -1;
    for (int i = 0; i < s->runs; i++) {
        p.all += work_of(s, &s->run[i]);
        if (!is_done(&s->run[i])) continue;
        p.done += work_of(s, &s->run[i]);
        p.ended++;
    }
    p.kept = p.done;
    if (p.ended) fprintf(stderr, "%d of %d runs are finished already\n", p.ended, s->runs);
    do {
        for (int i = 0; i < s->jobs && p.code == LW_EXIT_OK && !lw_interrupted(); i++)
            if (p.of[i] < 0) start(&p, i);
        if (lw_interrupted() && !passed_on) {
            pass_on_interrupt(&p);
            passed_on = true;
        }
        tell_on_terminal(&p);
        usleep(20000);
    } while (wait_for_some(&p));
    collect(&p);
    if (p.code == LW_EXIT_OK && lw_interrupted()) p.code = LW_EXIT_INTERRUPTED;
    if (p.code == LW_EXIT_INTERRUPTED) lw_fail(0, "run", "interrupted; the same command goes on from here");
    return p.code;
}
