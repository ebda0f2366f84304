/* SPDX-License-Identifier: BSD-3-Clause
 * blis.c: BLIS. One op: sgemm, in all transposes. */
#include "peers/blas.h"
#include "peers/load.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* BLIS' dim_t: 64 bits wide where pointers are, unless it was built otherwise. */
typedef intptr_t dim;

static lw_cblas_sgemm_fn *cblas_sgemm;
static void (*set_num_threads)(dim n);
static void (*init)(void);
static char *(*version_str)(void);
static int (*arch_query_id)(void);
static char *(*arch_string)(int id);
static int (*enable_openmp)(void);
static int (*enable_pthreads)(void);

static void set_threads(int n)
{
    set_num_threads(n);
}

static void sgemm(const lw_sgemm_args *g, void *prepared, const lw_team *team)
{
    (void)prepared, (void)team;
    lw_cblas_call(cblas_sgemm, g);
}

static lw_kernel rows[] = {{.name = "sgemm", .op = LW_OP_SGEMM, .library = "blis", .tolerance = 1, .fn.sgemm = sgemm,
                            .prepare.sgemm = lw_blas_prepare, .release = lw_blas_release}};

/* BLIS_ARCH_TYPE takes names from 1.0 on and numbers always; a number means another set in each version. */
static int number_of(const char *set)
{
    for (int id = 0; arch_string(id) && strcmp(arch_string(id), "generic") != 0; id++)
        if (strcmp(arch_string(id), set) == 0) return id;
    return -1;
}

/* A set that this build does not hold makes BLIS abort: so a child process asks first. */
static bool runs_as(int id)
{
    const pid_t child = fork();
    if (child == 0) {
        const int silence = open("/dev/null", O_WRONLY);
        if (silence >= 0) dup2(silence, STDERR_FILENO);
        init();
        _exit(arch_query_id() == id ? 0 : 1);
    }
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool hold_to(lw_peer *p, const char *set)
{
    char number[16];
    const int id = number_of(set);
    snprintf(number, sizeof number, "%d", id);
    if (id >= 0) lw_load_setting("BLIS_ARCH_TYPE", number);
    if (id >= 0 && runs_as(id)) return true;
    snprintf(p->why_not, sizeof p->why_not, "%.160s could not be held to its kernels for %s", p->path, set);
    return false;
}

/* The newest set for this maker's CPUs that fits under the cap; BLIS itself knows Zen up to the third. */
static const char *set_for(lw_peer_cap cap)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (cap == LW_CAP_AVX2 && __builtin_cpu_is("amd")) return "zen3";
#endif
    return cap == LW_CAP_AVX2 ? "haswell" : "skx";
}

void lw_load_blis(lw_peer *p, lw_peer_cap cap)
{
    static const char *const names[] = {"libblis.so.4", "libblis.so.5", "libblis.so.3", "libblis.so.2", "libblis.so", NULL};
    void *library = lw_load_library(p, names);
    const lw_wanted wanted[] = {{(lw_symbol **)&cblas_sgemm, "cblas_sgemm", false},
                                {(lw_symbol **)&set_num_threads, "bli_thread_set_num_threads", false},
                                {(lw_symbol **)&init, "bli_init", false},
                                {(lw_symbol **)&version_str, "bli_info_get_version_str", false},
                                {(lw_symbol **)&arch_query_id, "bli_arch_query_id", false},
                                {(lw_symbol **)&arch_string, "bli_arch_string", false},
                                {(lw_symbol **)&enable_openmp, "bli_info_get_enable_openmp", false},
                                {(lw_symbol **)&enable_pthreads, "bli_info_get_enable_pthreads", false},
                                {0}};
    if (!library || !lw_load_symbols(p, library, wanted)) return;
    if (cap != LW_CAP_NONE && !hold_to(p, set_for(cap))) return;
    init();
    snprintf(p->version, sizeof p->version, "%s", version_str());
    snprintf(p->uses, sizeof p->uses, "%s", arch_string(arch_query_id()));
    p->isa = lw_blas_isa(p->uses);
    if (!lw_load_within(p, cap)) return;
    p->threads = enable_openmp() ? "OpenMP" : enable_pthreads() ? "pthread" : "none";
    rows[0].isa = p->isa;
    rows[0].threads = enable_openmp() ? LW_THREADS_OPENMP : LW_THREADS_OWN;
    p->rows = rows;
    p->count = sizeof rows / sizeof *rows;
    p->set_threads = set_threads;
    p->found = true;
}
