/* SPDX-License-Identifier: BSD-3-Clause
 * compare_report.c: what a comparison looks like, and how it is summed up. */
#define _GNU_SOURCE
#include "harness/compare.h"

#include "harness/exit_codes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Raise the schema when a column changes its meaning, leaves or moves; new ones go before the machine. */
enum { SCHEMA = 1 };

static const char *const names[] = {"schema",
                                    "op",
                                    "problem",
                                    "set",
                                    "variant",
                                    "library",
                                    "isa",
                                    "requested",
                                    "threads",
                                    "thread_runtime",
                                    "binding",
                                    "cache",
                                    "verdict",
                                    "worst_error",
                                    LW_SAMPLE_COLUMNS,
                                    LW_RATE_COLUMNS,
                                    "base",
                                    "base_speedup",
                                    "base_speedup_low",
                                    "base_speedup_high",
                                    "comparison",
                                    "best_peer",
                                    "command",
                                    "name",
                                    LW_ENVIRONMENT_COLUMNS};

static const lw_column columns[] = {{"op", 18},   {"problem", 33}, {"variant", 34}, {"time", -9},
                                    {"mad", -6},  {"rate", -15},   {"peak", -6},    {"ours is", -8},
                                    {"95 %", 14}, {"", 0}};

static const lw_layout layout = {names, sizeof names / sizeof *names, columns,
                                 sizeof columns / sizeof *columns};

struct lw_compare_report {
    lw_timed_report timed;
    char error[512]; /* of the sums; that of the rows is the sinks' */
};

lw_compare_report *lw_compare_report_new(const lw_sink_options *o, const lw_environment *e,
                                         const lw_workers *w, const lw_selection *s, int *code, char *err,
                                         size_t err_size)
{
    lw_compare_report *r = calloc(1, sizeof *r);
    *code = LW_EXIT_MEMORY;
    if (!r) snprintf(err, err_size, "out of memory");
    if (r && lw_timed_report_open(&r->timed, o, &layout, e, w, s, code, err, err_size)) return r;
    free(r);
    return NULL;
}

/* Which CPUs a kernel's threads sit on: a library's own are not bound, but with one thread it runs in ours.
 */
static const char *binding_of(const lw_workers *w, const lw_kernel *k)
{
    return k->threads == LW_THREADS_OWN && w->size > 1 ? "library" : w->binding;
}

bool lw_compare_report_head(lw_compare_report *r, const double peak[LW_ISA_COUNT], const char *cap)
{
    return lw_timed_report_head(&r->timed, peak, cap);
}

static const char *comparison_of(const lw_compared *row, bool base)
{
    return base ? "base" : row->time.count == 0 ? "" : lw_ratio_verdict_name(lw_ratio_judge(&row->ratio));
}

static void record_kernel(lw_timed_report *r, const lw_kernel *k)
{
    const lw_peer *peer = lw_peer_of(k);
    char library[192] = "";
    if (peer) snprintf(library, sizeof library, "%s %s", peer->name, peer->version);
    lw_record_text(r->record, lw_kernel_set(k));
    lw_record_text(r->record, k->name);
    lw_record_text(r->record, library);
    lw_record_text(r->record, peer ? peer->uses : lw_isa_name(k->isa));
    lw_record_text(r->record, r->selection->kernel);
    lw_record_int(r->record, r->workers->size);
    lw_record_text(r->record, peer ? peer->threads : "OpenMP");
    lw_record_text(r->record, binding_of(r->workers, k));
}

static void fill_record(lw_timed_report *r, const lw_timed *t, const lw_compare_line *l)
{
    lw_record *to = r->record;
    const lw_compared *row = l->row;
    char base[80];
    lw_record_int(to, SCHEMA);
    lw_record_text(to, lw_op_name(t->problem->op));
    lw_record_text(to, t->problem->text);
    record_kernel(r, row->kernel);
    lw_record_text(to, "hot");
    lw_record_text(to, row->verdict.pass ? "ok" : "FAILED");
    lw_record_real(to, row->verdict.worst, 4);
    lw_timed_record_samples(t, to);
    lw_timed_record_rates(t, to);
    snprintf(base, sizeof base, "%s/%s", l->base->name, lw_kernel_set(l->base));
    lw_record_text(to, base);
    lw_record_real(to, row->ratio.median, 4);
    lw_record_real(to, row->ratio.low, 4);
    lw_record_real(to, row->ratio.high, 4);
    lw_record_text(to, comparison_of(row, row->kernel == l->base));
    lw_record_text(to, l->best_peer ? "yes" : "no");
    lw_record_text(to, l->repeat);
    lw_record_text(to, l->name);
}

bool lw_compare_report_row(lw_compare_report *r, const lw_compare_line *l)
{
    const lw_compared *row = l->row;
    const lw_timed timed = {row->kernel, l->problem, &row->time, row->loops, row->verdict.pass, l->peak};
    lw_timed_cells cells;
    char ratio[32] = "-", interval[32] = "-", note[80];
    lw_timed_cells_of(&timed, &cells);
    if (isfinite(row->ratio.median)) snprintf(ratio, sizeof ratio, "%.3fx", row->ratio.median);
    if (isfinite(row->ratio.low))
        snprintf(interval, sizeof interval, "%.3f..%.3f", row->ratio.low, row->ratio.high);
    snprintf(note, sizeof note, "%s%s", comparison_of(row, row->kernel == l->base),
             l->best_peer ? " (best peer)" : "");
    const char *text[] = {lw_op_name(l->problem->op),
                          l->problem->text,
                          cells.variant,
                          cells.time,
                          cells.mad,
                          cells.rate,
                          cells.share,
                          ratio,
                          interval,
                          note};
    fill_record(&r->timed, &timed, l);
    return lw_timed_report_row(&r->timed, text);
}

bool lw_compare_report_tallies(lw_compare_report *r, const lw_tallies *t)
{
    static const lw_column head[] = {{"op", 18},      {"against", 20}, {"problems", -8},
                                     {"geomean", -8}, {"faster", -6},  {"not distinguishable", -19},
                                     {"slower", -6},  {"unknown", -7}};
    FILE *out = lw_sinks_table(r->timed.sinks);
    bool ok = fprintf(out, "\nOurs, geometric mean of the ratios\n") > 0;
    lw_report_head(out, head, 8);
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
        ok = lw_report_row(out, head, 8, cells);
    }
    if (!ok) snprintf(r->error, sizeof r->error, "cannot write the table: %s", strerror(errno));
    return ok;
}

const char *lw_compare_report_error(const lw_compare_report *r)
{
    return r->error[0] ? r->error : lw_sinks_error(r->timed.sinks);
}

int lw_compare_report_rows(const lw_compare_report *r)
{
    return r->timed.rows;
}

bool lw_compare_report_close(lw_compare_report *r)
{
    const bool ok = lw_timed_report_close(&r->timed);
    free(r);
    return ok;
}
