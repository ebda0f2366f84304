/* SPDX-License-Identifier: BSD-3-Clause
 * compare_report.c: what a comparison looks like, as a table, as CSV, and summed up. */
#define _GNU_SOURCE
#include "harness/compare.h"

#include "harness/records/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Raise the schema when a column changes its meaning, leaves or moves; new ones go before the machine. */
enum { SCHEMA = 1 };

static const char *const csv_columns[] = {
    "schema", "op", "problem", "set", "variant", "library", "isa", "requested", "threads", "thread_runtime", "binding",
    "cache", "verdict", "worst_error", "samples", "loops", "median_seconds", "mad_seconds", "min_seconds", "p5_seconds",
    "p95_seconds", "flop", "executed_flop", "bytes", "gflops", "gbytes_per_second", "peak_gflops", "peak_percent", "base", "base_speedup",
    "base_speedup_low", "base_speedup_high", "comparison", "best_peer", "command", LW_ENVIRONMENT_COLUMNS};

static const lw_column columns[] = {{"op", 18},   {"problem", 33}, {"variant", 34}, {"time", -9}, {"mad", -6},
                                    {"rate", -15}, {"peak", -6},    {"ours is", -8}, {"95 %", 14}, {"", 0}};

enum { CSV_COLUMNS = sizeof csv_columns / sizeof *csv_columns, COLUMNS = sizeof columns / sizeof *columns };

struct lw_compare_report {
    lw_csv *csv; /* or NULL */
    FILE *out;   /* the table */
    const lw_environment *environment;
    const lw_workers *workers;
    const lw_selection *selection;
    int rows;
    char error[512];
};

lw_compare_report *lw_compare_report_new(const char *csv, const lw_environment *e, const lw_workers *w,
                                         const lw_selection *s, char *err, size_t err_size)
{
    lw_compare_report *r = calloc(1, sizeof *r);
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

/* Which CPUs a kernel's threads sit on: a library's own are not bound, but with one thread it runs in ours. */
static const char *binding_of(const lw_compare_report *r, const lw_kernel *k)
{
    return k->threads == LW_THREADS_OWN && r->workers->size > 1 ? "library" : r->workers->binding;
}

void lw_compare_report_head(lw_compare_report *r, const double peak[LW_ISA_COUNT], const char *cap)
{
    const lw_workers *w = r->workers;
    lw_environment_print(r->environment, r->out);
    fprintf(r->out, "threads   %d, %s%s\n", w->size, w->bound ? "ours bound to CPU " : "not bound to CPUs",
            w->bound ? w->binding : "");
    for (int isa = 0; isa < LW_ISA_COUNT; isa++)
        if (isfinite(peak[isa])) fprintf(r->out, "peak      %.1f GFLOP/s for %s\n", peak[isa], lw_isa_name((lw_isa)isa));
    fprintf(r->out, "peers     held to: %s\n", cap);
    for (int i = 0; i < r->selection->sets.count; i++) {
        size_t count;
        char text[192];
        const lw_kernel *rows = lw_set_rows(r->selection->sets.set[i], &count);
        const lw_peer *p = count > 0 ? lw_peer_of(&rows[0]) : NULL;
        if (p) fprintf(r->out, "          %s; %s\n", lw_peer_describe(p, text, sizeof text), p->path);
    }
    fputc('\n', r->out);
    lw_report_head(r->out, columns, COLUMNS);
    fflush(r->out);
}

static bool rated_by_flop(lw_cost cost)
{
    return cost.flop >= 2 * cost.bytes;
}

static const char *comparison_of(const lw_compared *row, bool base)
{
    return base ? "base" : row->time.count == 0 ? "" : lw_ratio_verdict_name(lw_ratio_judge(&row->ratio));
}

static bool print_row(lw_compare_report *r, const lw_problem *p, const lw_compared *row, bool base, bool best_peer, double peak)
{
    const lw_cost cost = lw_problem_cost(p);
    const bool timed = row->time.count > 0;
    char variant[80], time[32], mad[32] = "-", rate[32] = "-", share[32] = "-", ratio[32] = "-", interval[32] = "-", note[80];
    snprintf(variant, sizeof variant, "%s/%s", row->kernel->name, lw_kernel_set(row->kernel));
    lw_format_seconds(row->time.median, time, sizeof time);
    if (timed) {
        snprintf(mad, sizeof mad, "%.1f %%", 100 * row->time.mad / row->time.median);
        if (rated_by_flop(cost))
            snprintf(rate, sizeof rate, "%.2f GFLOP/s%s", cost.flop / row->time.median * 1e-9,
                     cost.executed < cost.flop ? "*" : "");
        else
            snprintf(rate, sizeof rate, "%.2f GB/s", cost.bytes / row->time.median * 1e-9);
        if (rated_by_flop(cost) && isfinite(peak))
            snprintf(share, sizeof share, "%.1f %%", 100e-9 * cost.executed / row->time.median / peak);
    }
    if (isfinite(row->ratio.median)) snprintf(ratio, sizeof ratio, "%.3fx", row->ratio.median);
    if (isfinite(row->ratio.low)) snprintf(interval, sizeof interval, "%.3f..%.3f", row->ratio.low, row->ratio.high);
    snprintf(note, sizeof note, "%s%s", comparison_of(row, base), best_peer ? " (best peer)" : "");
    const char *cells[] = {lw_op_name(p->op), p->text, variant, row->verdict.pass ? time : "FAILED", mad, rate, share,
                           ratio, interval, note};
    if (lw_report_row(r->out, columns, COLUMNS, cells)) return true;
    snprintf(r->error, sizeof r->error, "cannot write the table: %s", strerror(errno));
    return false;
}

static void write_kernel(lw_compare_report *r, const lw_kernel *k)
{
    const lw_peer *peer = lw_peer_of(k);
    char library[192] = "";
    if (peer) snprintf(library, sizeof library, "%s %s", peer->name, peer->version);
    lw_csv_text(r->csv, lw_kernel_set(k));
    lw_csv_text(r->csv, k->name);
    lw_csv_text(r->csv, library);
    lw_csv_text(r->csv, peer ? peer->uses : lw_isa_name(k->isa));
    lw_csv_text(r->csv, r->selection->kernel);
    lw_csv_int(r->csv, r->workers->size);
    lw_csv_text(r->csv, peer ? peer->threads : "OpenMP");
    lw_csv_text(r->csv, binding_of(r, k));
}

static bool write_row(lw_compare_report *r, const lw_problem *p, const lw_compared *row, const lw_kernel *base,
                      bool best_peer, double peak, const char *repeat)
{
    lw_csv *csv = r->csv;
    const lw_cost cost = lw_problem_cost(p);
    const lw_summary *t = &row->time;
    lw_csv_int(csv, SCHEMA);
    lw_csv_text(csv, lw_op_name(p->op));
    lw_csv_text(csv, p->text);
    write_kernel(r, row->kernel);
    lw_csv_text(csv, "hot");
    lw_csv_text(csv, row->verdict.pass ? "ok" : "FAILED");
    lw_csv_real(csv, row->verdict.worst, 4);
    lw_csv_int(csv, (int64_t)t->count);
    lw_csv_int(csv, row->loops);
    lw_csv_real(csv, t->median, 6);
    lw_csv_real(csv, t->mad, 6);
    lw_csv_real(csv, t->min, 6);
    lw_csv_real(csv, t->p5, 6);
    lw_csv_real(csv, t->p95, 6);
    lw_csv_real(csv, cost.flop, 17);
    lw_csv_real(csv, cost.executed, 17);
    lw_csv_real(csv, cost.bytes, 17);
    lw_csv_real(csv, cost.flop / t->median * 1e-9, 6);
    lw_csv_real(csv, cost.bytes / t->median * 1e-9, 6);
    lw_csv_real(csv, peak, 6);
    lw_csv_real(csv, 100e-9 * cost.executed / t->median / peak, 4);
    char name[80];
    snprintf(name, sizeof name, "%s/%s", base->name, lw_kernel_set(base));
    lw_csv_text(csv, name);
    lw_csv_real(csv, row->ratio.median, 4);
    lw_csv_real(csv, row->ratio.low, 4);
    lw_csv_real(csv, row->ratio.high, 4);
    lw_csv_text(csv, comparison_of(row, row->kernel == base));
    lw_csv_text(csv, best_peer ? "yes" : "no");
    lw_csv_text(csv, repeat);
    lw_environment_csv(r->environment, csv);
    if (lw_csv_end_row(csv)) return true;
    snprintf(r->error, sizeof r->error, "%s", lw_csv_error(csv));
    return false;
}

bool lw_compare_report_row(lw_compare_report *r, const lw_problem *p, const lw_compared *row, const lw_kernel *base,
                           bool best_peer, double peak, const char *repeat)
{
    if (r->csv && !write_row(r, p, row, base, best_peer, peak, repeat)) return false;
    if (!print_row(r, p, row, row->kernel == base, best_peer, peak)) return false;
    r->rows++;
    return true;
}

bool lw_compare_report_tallies(lw_compare_report *r, const lw_tallies *t)
{
    static const lw_column head[] = {{"op", 18},     {"against", 20},             {"problems", -8}, {"geomean", -8},
                                     {"faster", -6}, {"not distinguishable", -19}, {"slower", -6},   {"unknown", -7}};
    bool ok = fprintf(r->out, "\nOurs, geometric mean of the ratios\n") > 0;
    lw_report_head(r->out, head, 8);
    for (int i = 0; i < t->count && ok; i++) {
        const lw_tally *y = &t->tally[i];
        char rows[16], mean[32], faster[16], same[16], slower[16], unknown[16];
        snprintf(rows, sizeof rows, "%d", y->rows);
        snprintf(mean, sizeof mean, "%.3fx", exp(y->log_sum / y->rows));
        snprintf(faster, sizeof faster, "%d", y->faster);
        snprintf(same, sizeof same, "%d", y->same);
        snprintf(slower, sizeof slower, "%d", y->slower);
        snprintf(unknown, sizeof unknown, "%d", y->unknown);
        const char *cells[] = {lw_op_name(y->op), y->against, rows, mean, faster, same, slower, unknown};
        ok = lw_report_row(r->out, head, 8, cells);
    }
    if (!ok) snprintf(r->error, sizeof r->error, "cannot write the table: %s", strerror(errno));
    return ok;
}

const char *lw_compare_report_error(const lw_compare_report *r)
{
    return r->error;
}

int lw_compare_report_rows(const lw_compare_report *r)
{
    return r->rows;
}

bool lw_compare_report_close(lw_compare_report *r)
{
    const bool ok = lw_csv_close(r->csv);
    free(r);
    return ok;
}
