/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_report.c: what a measurement looks like. */
#include "harness/records/kernels_report.h"

#include "harness/machine/frequency.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"schema",
                                    "op",
                                    "problem",
                                    "variant",
                                    "isa",
                                    "requested",
                                    "threads",
                                    "binding",
                                    "cache",
                                    "buffers",
                                    "footprint",
                                    "check",
                                    "worst_error",
                                    LW_SAMPLE_COLUMNS,
                                    "ci_low",
                                    "ci_high",
                                    "verdict",
                                    "verdict_why",
                                    "others",
                                    "others_machine",
                                    "switches",
                                    "rejected",
                                    LW_RATE_COLUMNS,
                                    "scalar_seconds",
                                    "autovec_seconds",
                                    "speedup_scalar",
                                    "speedup_autovec",
                                    "bound",
                                    "bound_percent",
                                    "ghz",
                                    "command",
                                    "library",
                                    "samples_s",
                                    "name",
                                    "passes",
                                    LW_ENVIRONMENT_COLUMNS};

static const lw_column columns[] = {{"op", 18},     {"problem", 33}, {"variant", 26},  {"time", -9},
                                    {"mad", -6},    {"rate", -15},   {"peak", -6},     {"bound", -12},
                                    {"scalar", -7}, {"autovec", -7}, {"rejected", -8}, {"verdict", 0}};

static const lw_layout layout = {names, sizeof names / sizeof *names, columns,
                                 sizeof columns / sizeof *columns};

struct lw_kernels_report {
    lw_timed_report timed;
    const lw_ceilings *ceilings; /* or NULL */
};

lw_kernels_report *lw_kernels_report_new(const lw_sink_options *o, const lw_environment *e,
                                         const lw_workers *w, const lw_selection *s, int *code, char *err,
                                         size_t err_size)
{
    lw_kernels_report *r = calloc(1, sizeof *r);
    *code = LW_EXIT_MEMORY;
    if (!r) snprintf(err, err_size, "out of memory");
    if (r && lw_timed_report_open(&r->timed, o, &layout, e, w, s, code, err, err_size)) return r;
    free(r);
    return NULL;
}

void lw_kernels_report_talk(lw_kernels_report *r)
{
    lw_sinks_talk(r->timed.sinks);
}

void lw_kernels_report_ceilings(lw_kernels_report *r, const lw_ceilings *c)
{
    r->ceilings = c;
}

bool lw_kernels_report_head(lw_kernels_report *r, const double peak[LW_ISA_COUNT])
{
    return lw_timed_report_head(&r->timed, peak, NULL);
}

static lw_bound bound_of(const lw_kernels_report *r, const lw_problem *p, const lw_measurement *m)
{
    const lw_cost cost = lw_kernel_cost(m->kernel, p);
    if (!r->ceilings || m->time.count == 0) return (lw_bound){"unknown", NAN};
    /* Weights alone cold: the other operands may come from anywhere, so what holds for hot ones is all we
     * know. */
    const bool cold = m->cache == LW_CACHE_COLD;
    const double footprint = cold ? (double)m->footprint : cost.bytes;
    const lw_level from = cold ? lw_ceilings_home(r->ceilings, footprint) : LW_LEVEL_L1;
    return lw_ceilings_claim(r->ceilings, m->kernel->isa, cost.executed, cost.bytes, footprint, from,
                             m->time.median);
}

static void format_ratio(double ratio, char *text, size_t size)
{
    if (isfinite(ratio))
        snprintf(text, size, "%.*fx", ratio < 9.995 ? 2 : 1, ratio);
    else
        snprintf(text, size, "-");
}

/* All accepted samples in the order measured, seconds per call, separated by spaces. */
static const char *samples_text(const lw_samples *s, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < s->count && length + 16 < size; i++)
        if (s->at[i].accepted)
            length +=
                (size_t)snprintf(text + length, size - length, "%s%.6g", length ? " " : "", s->at[i].seconds);
    return text;
}

static void fill_record(const lw_kernels_report *r, const char *name, const lw_timed *t,
                        const lw_measurement *m, const char *repeat)
{
    lw_record *to = r->timed.record;
    const lw_bound bound = bound_of(r, t->problem, m);
    const lw_peer *peer = lw_peer_of(m->kernel);
    char library[192] = "", samples[LW_MAX_SAMPLES * 16];
    lw_record_int(to, LW_KERNELS_SCHEMA);
    lw_record_text(to, lw_op_name(t->problem->op));
    lw_record_text(to, t->problem->text);
    lw_record_text(to, m->kernel->name);
    lw_record_text(to, lw_kernel_set(m->kernel));
    lw_record_text(to, r->timed.selection->kernel);
    lw_record_int(to, r->timed.workers->size);
    lw_record_text(to, r->timed.workers->binding);
    lw_record_text(to, lw_cache_name(m->cache));
    lw_record_int(to, m->buffers);
    lw_record_int(to, (int64_t)m->footprint);
    lw_record_text(to, m->verdict.pass ? "ok" : "FAILED");
    lw_record_real(to, m->verdict.worst, 4);
    lw_timed_record_samples(t, to);
    lw_record_real(to, m->time.ci_low, 6);
    lw_record_real(to, m->time.ci_high, 6);
    lw_record_text(to, lw_stability_name(m->stability.stability));
    lw_record_text(to, m->stability.why);
    lw_record_real(to, 100 * m->others.team, 3);
    lw_record_real(to, 100 * m->others.machine, 3);
    lw_record_real(to, m->others.switches, 3);
    lw_record_int(to, m->samples.count - m->samples.accepted);
    lw_timed_record_rates(t, to);
    lw_record_real(to, m->scalar_seconds, 6);
    lw_record_real(to, m->autovec_seconds, 6);
    lw_record_real(to, m->speedup_scalar, 4);
    lw_record_real(to, m->speedup_autovec, 4);
    lw_record_text(to, bound.name);
    lw_record_real(to, 100 * bound.seconds / m->time.median, 4);
    lw_record_real(to, lw_workers_ghz(r->timed.workers), 4);
    lw_record_text(to, repeat);
    lw_record_text(to, peer ? lw_peer_describe(peer, library, sizeof library) : library);
    lw_record_text(to, samples_text(&m->samples, samples, sizeof samples));
    lw_record_text(to, name);
    lw_record_int(to, m->passes);
}

bool lw_kernels_report_row(lw_kernels_report *r, const char *name, const lw_problem *p,
                           const lw_measurement *m, double peak, const char *repeat)
{
    const lw_timed timed = {m->kernel, p, &m->time, m->samples.loops, m->verdict.pass, peak};
    const lw_bound limit = bound_of(r, p, m);
    lw_timed_cells cells;
    char scalar[32], autovec[32], bound[32] = "-", rejected[24], verdict[128];
    lw_timed_cells_of(&timed, &cells);
    if (isfinite(limit.seconds))
        snprintf(bound, sizeof bound, "%s %5.1f %%", limit.name, 100 * limit.seconds / m->time.median);
    snprintf(rejected, sizeof rejected, "%d", m->samples.count - m->samples.accepted);
    snprintf(verdict, sizeof verdict, "%s%s%s",
             m->verdict.pass ? lw_stability_name(m->stability.stability) : "",
             m->stability.why[0] ? ": " : "", m->stability.why);
    format_ratio(m->speedup_scalar, scalar, sizeof scalar);
    format_ratio(m->speedup_autovec, autovec, sizeof autovec);
    const char *row[] = {lw_op_name(p->op), p->text, cells.variant, cells.time, cells.mad, cells.rate,
                         cells.share,       bound,   scalar,        autovec,    rejected,  verdict};
    fill_record(r, name, &timed, m, repeat);
    return lw_timed_report_row(&r->timed, row);
}

const char *lw_kernels_report_error(const lw_kernels_report *r)
{
    return lw_sinks_error(r->timed.sinks);
}

int lw_kernels_report_rows(const lw_kernels_report *r)
{
    return r->timed.rows;
}

bool lw_kernels_report_close(lw_kernels_report *r)
{
    const bool ok = lw_timed_report_close(&r->timed);
    free(r);
    return ok;
}
