/* SPDX-License-Identifier: BSD-3-Clause
 * kernels_report.c: what a measurement looks like. */
#define _GNU_SOURCE
#include "harness/records/kernels_report.h"

#include "harness/machine/frequency.h"
#include "harness/machine/peak.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Raise the schema when a column changes its meaning, leaves or moves; new ones go before the machine. */
enum { SCHEMA = 2 };

static const char *const csv_columns[] = {"schema",
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
                                          "samples",
                                          "loops",
                                          "median_seconds",
                                          "mad_seconds",
                                          "min_seconds",
                                          "p5_seconds",
                                          "p95_seconds",
                                          "ci_low",
                                          "ci_high",
                                          "verdict",
                                          "verdict_why",
                                          "others",
                                          "others_machine",
                                          "switches",
                                          "rejected",
                                          "flop",
                                          "executed_flop",
                                          "bytes",
                                          "gflops",
                                          "gbytes_per_second",
                                          "peak_gflops",
                                          "peak_percent",
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
                                          LW_ENVIRONMENT_COLUMNS};

static const lw_column columns[] = {{"op", 18},   {"problem", 33}, {"variant", 26},
                                    {"time", -9}, {"mad", -6},     {"rate", -15},
                                    {"peak", -6}, {"bound", -12},  {"scalar", -7}, {"autovec", -7}, {"rejected", -8},
                                    {"verdict", 0}};

enum { CSV_COLUMNS = sizeof csv_columns / sizeof *csv_columns, COLUMNS = sizeof columns / sizeof *columns };

struct lw_kernels_report {
    lw_csv *csv; /* or NULL */
    FILE *out;   /* the table */
    const lw_environment *environment;
    const lw_workers *workers;
    const lw_selection *selection;
    const lw_ceilings *ceilings; /* or NULL */
    int rows;
    char error[512];
};

lw_kernels_report *lw_kernels_report_new(const char *csv, const lw_environment *e, const lw_workers *w,
                                         const lw_selection *s, char *err, size_t err_size)
{
    lw_kernels_report *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    r->environment = e;
    r->workers = w;
    r->selection = s;
    r->out = csv && strcmp(csv, "-") == 0 ? stderr : stdout;
    if (csv && !(r->csv = lw_csv_create(csv, csv_columns, CSV_COLUMNS, err, (int)err_size))) {
        free(r);
        return NULL;
    }
    return r;
}

void lw_kernels_report_table(lw_kernels_report *r, FILE *out)
{
    r->out = out;
}

void lw_kernels_report_ceilings(lw_kernels_report *r, const lw_ceilings *c)
{
    r->ceilings = c;
}

static lw_bound bound_of(const lw_kernels_report *r, const lw_problem *p, const lw_measurement *m)
{
    lw_cost cost = lw_problem_cost(p);
    if (!r->ceilings || m->time.count == 0) return (lw_bound){"unknown", NAN};
    /* Weights alone cold: the other operands may come from anywhere, so what holds for hot ones is all we know. */
    const bool cold = m->cache == LW_CACHE_COLD;
    const double footprint = cold ? (double)m->footprint : cost.bytes;
    const lw_level from = cold ? lw_ceilings_home(r->ceilings, footprint) : LW_LEVEL_L1;
    return lw_ceilings_claim(r->ceilings, m->kernel->isa, cost.executed, cost.bytes, footprint, from, m->time.median);
}

void lw_kernels_report_head(lw_kernels_report *r, const double peak[LW_ISA_COUNT])
{
    const lw_workers *w = r->workers;
    lw_environment_print(r->environment, r->out);
    fprintf(r->out, "threads   %d, %s%s\n", w->size, w->bound ? "bound to CPU " : "not bound to CPUs",
            w->bound ? w->binding : "");
    for (int isa = 0; isa < LW_ISA_COUNT; isa++)
        if (isfinite(peak[isa]))
            fprintf(r->out, "peak      %.1f GFLOP/s for %s%s\n", peak[isa], lw_isa_name((lw_isa)isa),
                    lw_peak_isa((lw_isa)isa) == LW_ISA_SCALAR ? " (multiply, then add)" : " (FMA)");
    for (int i = 0; i < r->selection->sets.count; i++) {
        size_t count;
        char text[192];
        const lw_kernel *rows = lw_set_rows(r->selection->sets.set[i], &count);
        const lw_peer *peer = count > 0 ? lw_peer_of(&rows[0]) : NULL;
        if (peer) fprintf(r->out, "peer      %s\n", lw_peer_describe(peer, text, sizeof text));
    }
    fputc('\n', r->out);
    lw_report_head(r->out, columns, COLUMNS);
    fflush(r->out);
}

/* What limits a call: below two FLOP per byte no kernel of today's CPUs comes near the FMA peak. */
static bool rated_by_flop(lw_cost cost)
{
    return cost.flop >= 2 * cost.bytes;
}

static void format_ratio(double ratio, char *text, size_t size)
{
    if (isfinite(ratio))
        snprintf(text, size, "%.*fx", ratio < 9.995 ? 2 : 1, ratio);
    else
        snprintf(text, size, "-");
}

static bool print_row(lw_kernels_report *r, const lw_problem *p, const lw_measurement *m, double peak)
{
    lw_cost cost = lw_problem_cost(p);
    char variant[80], time[32], mad[32] = "-", rate[32] = "-", share[32] = "-", scalar[32], autovec[32], bound[32] = "-";
    lw_bound limit = bound_of(r, p, m);
    if (isfinite(limit.seconds))
        snprintf(bound, sizeof bound, "%s %5.1f %%", limit.name, 100 * limit.seconds / m->time.median);
    snprintf(variant, sizeof variant, "%s/%s", m->kernel->name, lw_kernel_set(m->kernel));
    char verdict[128], rejected[24];
    snprintf(rejected, sizeof rejected, "%d", m->samples.count - m->samples.accepted);
    snprintf(verdict, sizeof verdict, "%s%s%s", m->verdict.pass ? lw_stability_name(m->stability.stability) : "",
             m->stability.why[0] ? ": " : "", m->stability.why);
    lw_format_seconds(m->time.median, time, sizeof time);
    format_ratio(m->speedup_scalar, scalar, sizeof scalar);
    format_ratio(m->speedup_autovec, autovec, sizeof autovec);
    if (m->time.count > 0) {
        snprintf(mad, sizeof mad, "%.1f %%", 100 * m->time.mad / m->time.median);
        if (rated_by_flop(cost))
            snprintf(rate, sizeof rate, "%.2f GFLOP/s%s", cost.flop / m->time.median * 1e-9,
                     cost.executed < cost.flop ? "*" : "");
        else
            snprintf(rate, sizeof rate, "%.2f GB/s", cost.bytes / m->time.median * 1e-9);
        if (rated_by_flop(cost) && isfinite(peak))
            snprintf(share, sizeof share, "%.1f %%", 100e-9 * cost.executed / m->time.median / peak);
    }
    const char *cells[] = {lw_op_name(p->op),
                           p->text,
                           variant,
                           m->verdict.pass ? time : "FAILED",
                           mad,
                           rate,
                           share,
                           bound,
                           scalar,
                           autovec,
                           rejected,
                           verdict};
    if (lw_report_row(r->out, columns, COLUMNS, cells)) return true;
    snprintf(r->error, sizeof r->error, "cannot write the table: %s", strerror(errno));
    return false;
}

/* All accepted samples in the order measured, seconds per call, separated by spaces. */
static const char *samples_text(const lw_samples *s, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < s->count && length + 16 < size; i++)
        if (s->at[i].accepted)
            length += (size_t)snprintf(text + length, size - length, "%s%.6g", length ? " " : "", s->at[i].seconds);
    return text;
}

static bool write_row(lw_kernels_report *r, const lw_problem *p, const lw_measurement *m, double peak,
                      const char *repeat)
{
    lw_csv *csv = r->csv;
    lw_cost cost = lw_problem_cost(p);
    const lw_summary *t = &m->time;
    lw_csv_int(csv, SCHEMA);
    lw_csv_text(csv, lw_op_name(p->op));
    lw_csv_text(csv, p->text);
    lw_csv_text(csv, m->kernel->name);
    lw_csv_text(csv, lw_kernel_set(m->kernel));
    lw_csv_text(csv, r->selection->kernel);
    lw_csv_int(csv, r->workers->size);
    lw_csv_text(csv, r->workers->binding);
    lw_csv_text(csv, lw_cache_name(m->cache));
    lw_csv_int(csv, m->buffers);
    lw_csv_int(csv, (int64_t)m->footprint);
    lw_csv_text(csv, m->verdict.pass ? "ok" : "FAILED");
    lw_csv_real(csv, m->verdict.worst, 4);
    lw_csv_int(csv, (int64_t)t->count);
    lw_csv_int(csv, m->samples.loops);
    lw_csv_real(csv, t->median, 6);
    lw_csv_real(csv, t->mad, 6);
    lw_csv_real(csv, t->min, 6);
    lw_csv_real(csv, t->p5, 6);
    lw_csv_real(csv, t->p95, 6);
    lw_csv_real(csv, t->ci_low, 6);
    lw_csv_real(csv, t->ci_high, 6);
    lw_csv_text(csv, lw_stability_name(m->stability.stability));
    lw_csv_text(csv, m->stability.why);
    lw_csv_real(csv, 100 * m->others.team, 3);
    lw_csv_real(csv, 100 * m->others.machine, 3);
    lw_csv_real(csv, m->others.switches, 3);
    lw_csv_int(csv, m->samples.count - m->samples.accepted);
    lw_csv_real(csv, cost.flop, 17);
    lw_csv_real(csv, cost.executed, 17);
    lw_csv_real(csv, cost.bytes, 17);
    lw_csv_real(csv, cost.flop / t->median * 1e-9, 6);
    lw_csv_real(csv, cost.bytes / t->median * 1e-9, 6);
    lw_csv_real(csv, peak, 6);
    lw_csv_real(csv, 100e-9 * cost.executed / t->median / peak, 4);
    lw_csv_real(csv, m->scalar_seconds, 6);
    lw_csv_real(csv, m->autovec_seconds, 6);
    lw_csv_real(csv, m->speedup_scalar, 4);
    lw_csv_real(csv, m->speedup_autovec, 4);
    lw_bound bound = bound_of(r, p, m);
    lw_csv_text(csv, bound.name);
    lw_csv_real(csv, 100 * bound.seconds / t->median, 4);
    lw_csv_real(csv, lw_workers_ghz(r->workers), 4);
    lw_csv_text(csv, repeat);
    const lw_peer *peer = lw_peer_of(m->kernel);
    char library[192] = "";
    lw_csv_text(csv, peer ? lw_peer_describe(peer, library, sizeof library) : library);
    char samples[LW_MAX_SAMPLES * 16];
    lw_csv_text(csv, samples_text(&m->samples, samples, sizeof samples));
    lw_environment_csv(r->environment, csv);
    if (lw_csv_end_row(csv)) return true;
    snprintf(r->error, sizeof r->error, "%s", lw_csv_error(csv));
    return false;
}

bool lw_kernels_report_row(lw_kernels_report *r, const lw_problem *p, const lw_measurement *m, double peak,
                           const char *repeat)
{
    if (r->csv && !write_row(r, p, m, peak, repeat)) return false;
    if (!print_row(r, p, m, peak)) return false;
    r->rows++;
    return true;
}

const char *lw_kernels_report_error(const lw_kernels_report *r)
{
    return r->error;
}

int lw_kernels_report_rows(const lw_kernels_report *r)
{
    return r->rows;
}

bool lw_kernels_report_close(lw_kernels_report *r)
{
    bool ok = lw_csv_close(r->csv);
    free(r);
    return ok;
}
