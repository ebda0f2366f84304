/* SPDX-License-Identifier: BSD-3-Clause
 * run_process.c: makes the folder, takes its lock, and trains as `bench train --resume` would. */
#define _GNU_SOURCE
#include "harness/experiment/run_process.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/records/folder.h"
#include "nn/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

/* With several jobs each gets its share of the CPUs that this program may use. */
static void take_cpus(int slot, int jobs)
{
    cpu_set_t all, mine;
    if (jobs == 1 || sched_getaffinity(0, sizeof all, &all) != 0) return;
    int count = CPU_COUNT(&all), seen = 0;
    CPU_ZERO(&mine);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all)) continue;
        bool is_mine = count >= jobs ? seen * jobs / count == slot : seen == slot % count;
        if (is_mine) CPU_SET(cpu, &mine);
        seen++;
    }
    sched_setaffinity(0, sizeof mine, &mine);
}

static int open_in(const char *folder, const char *name, int flags)
{
    char path[LW_RUN_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return open(path, flags | O_CREAT | O_CLOEXEC, 0666);
}

/* What the run is, for people and for the collector. */
static bool write_description(const lw_train *t, const lw_planned_run *r, const lw_plan *p, lw_error *err)
{
    char path[LW_RUN_PATH + 64], *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory");
    fprintf(out, "# %s %s, identity %s\n", p->name, p->variant[r->variant].name, r->identity);
    lw_train_describe(&t->options, lw_isa_name(t->kernels.isa), t->options.data, r->seed, out);
    bool ok = fclose(out) == 0;
    snprintf(path, sizeof path, "%s/configuration.txt", r->folder);
    ok = ok && lw_write_aside(path, text, size, err);
    free(text);
    if (!ok) return false;
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64 "\n", r->seed);
    snprintf(path, sizeof path, "%s/seed", r->folder);
    return lw_write_aside(path, seed, strlen(seed), err);
}

/* From a name like baseline.ini:tutorial to the file that its run has left. */
static bool find_weights(lw_train_options *o, const lw_sweep *s, const lw_planned_run *r, char path[LW_RUN_PATH + 64], lw_error *err)
{
    lw_planned_run first;
    if (!s->plan->variant[r->variant].first) return true;
    if (!lw_planned_run_first(&first, r, s->plan, s->out)) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory");
    snprintf(path, LW_RUN_PATH + 64, "%s/weights.safetensors", first.folder);
    memcpy(o->init_run, first.identity, sizeof o->init_run);
    o->init_from = path;
    return lw_train_hash_file(path, o->init_sha256, err);
}

static int train(const lw_sweep *s, const lw_planned_run *r)
{
    static lw_train t; /* too large for a stack */
    const lw_variant *v = &s->plan->variant[r->variant];
    lw_error err;
    char weights[LW_RUN_PATH + 64];
    int code;
    t.name = "train";
    t.options = v->options;
    t.options.out = r->folder;
    t.options.seed[0] = r->seed;
    t.options.threads = s->threads;
    t.options.bind = s->bind;
    t.options.checkpoint_every = s->checkpoint_every;
    t.options.resume = true;
    snprintf(t.command, sizeof t.command, "bench run %s --only '%s' --seeds %" PRIu64, s->plan->file.path, v->name, r->seed);
    if (!find_weights(&t.options, s, r, weights, &err)) return lw_fail_error("run", &err);
    if (lw_train_prepare(&t, &code)) {
        code = write_description(&t, r, s->plan, &err) ? lw_train_seeds(&t) : lw_fail_error("run", &err);
    }
    lw_train_free(&t);
    return code;
}

int lw_run_process(const lw_sweep *s, const lw_planned_run *r, int slot, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0); /* a signal to the whole group would reach it twice, and the second one kills */
    if (getppid() != parent) return LW_EXIT_INTERRUPTED; /* it died before that */
    lw_interrupt_catch();
    if (!lw_make_folder(r->folder))
        return lw_fail(LW_EXIT_OUTPUT, "run", "cannot create folder %s: %s", r->folder, strerror(errno));
    int lock = open_in(r->folder, "lock", O_RDWR), log = open_in(r->folder, "log.txt", O_WRONLY | O_APPEND);
    if (lock < 0 || log < 0)
        return lw_fail(LW_EXIT_OUTPUT, "run", "cannot write in folder %s: %s", r->folder, strerror(errno));
    while (flock(lock, LOCK_EX) != 0 && errno == EINTR && !lw_interrupted()) {
    }
    lw_run_stage stage = lw_run_folder_stage(r); /* while this waited for the lock, another program may have done it */
    if (stage == LW_RUN_FINISHED || stage == LW_RUN_DIVERGED) return LW_EXIT_OK;
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    take_cpus(slot, s->jobs);
    int code = train(s, r);
    return fflush(stdout) == 0 || code != LW_EXIT_OK ? code : LW_EXIT_OUTPUT;
}
