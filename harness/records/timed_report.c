/* SPDX-License-Identifier: BSD-3-Clause
 * timed_report.c: heads, cells and columns of what was timed. */
#include "harness/records/timed_report.h"

#include "harness/exit_codes.h"
#include "harness/machine/peak.h"

#include <math.h>
#include <string.h>

bool lw_timed_report_open(lw_timed_report *r, const lw_sink_options *o, const lw_layout *layout,
                          const lw_environment *e, const lw_workers *w, const lw_selection *s, int *code,
                          char *err, size_t err_size)
{
    *r = (lw_timed_report){.record = lw_record_new(), .environment = e, .workers = w, .selection = s};
    *code = LW_EXIT_MEMORY;
    if (r->record)
        r->sinks = lw_sinks_open(o, layout, e, code, err, err_size);
    else
        snprintf(err, err_size, "out of memory");
    if (!r->sinks) lw_record_free(r->record);
    return r->sinks != NULL;
}

bool lw_timed_report_close(lw_timed_report *r)
{
    lw_record_free(r->record);
    return lw_sinks_close(r->sinks);
}

static void print_peers(const lw_selection *s, const char *cap, FILE *out)
{
    if (cap) fprintf(out, "peers     held to: %s\n", cap);
    for (int i = 0; i < s->sets.count; i++) {
        size_t count;
        char text[192];
        const lw_kernel *rows = lw_set_rows(s->sets.set[i], &count);
        const lw_peer *p = count > 0 ? lw_peer_of(&rows[0]) : NULL;
        if (p)
            fprintf(out, "peer      %s%s%s\n", lw_peer_describe(p, text, sizeof text), cap ? "; " : "",
                    cap ? p->path : "");
    }
}

bool lw_timed_report_head(lw_timed_report *r, const double peak[LW_ISA_COUNT], const char *cap)
{
    const lw_workers *w = r->workers;
    FILE *out = lw_sinks_table(r->sinks);
    lw_environment_print(r->environment, out);
    fprintf(out, "threads   %d, %s%s%s\n", w->size, w->bound && cap ? "ours " : "",
            w->bound ? "bound to CPU " : "not bound to CPUs", w->bound ? w->binding : "");
    for (int isa = 0; isa < LW_ISA_COUNT; isa++)
        if (isfinite(peak[isa]))
            fprintf(out, "peak      %.1f GFLOP/s for %s%s\n", peak[isa], lw_isa_name((lw_isa)isa),
                    lw_peak_isa((lw_isa)isa) == LW_ISA_SCALAR ? " (multiply, then add)" : " (FMA)");
    print_peers(r->selection, cap, out);
    fputc('\n', out);
    return lw_sinks_head(r->sinks);
}

bool lw_timed_report_row(lw_timed_report *r, const char *const *cells)
{
    lw_environment_record(r->environment, r->record);
    const bool ok = lw_sinks_row(r->sinks, r->record, cells);
    lw_record_clear(r->record);
    r->rows += ok;
    return ok;
}

bool lw_rated_by_flop(lw_cost cost)
{
    return cost.flop >= 2 * cost.bytes;
}

void lw_timed_cells_of(const lw_timed *t, lw_timed_cells *c)
{
    const lw_cost cost = lw_kernel_cost(t->kernel, t->problem);
    const double seconds = t->time->median;
    snprintf(c->variant, sizeof c->variant, "%s/%s", t->kernel->name, lw_kernel_set(t->kernel));
    lw_format_seconds(seconds, c->time, sizeof c->time);
    if (!t->pass) snprintf(c->time, sizeof c->time, "FAILED");
    strcpy(c->mad, "-");
    strcpy(c->rate, "-");
    strcpy(c->share, "-");
    if (t->time->count == 0) return;
    snprintf(c->mad, sizeof c->mad, "%.1f %%", 100 * t->time->mad / seconds);
    if (lw_rated_by_flop(cost))
        snprintf(c->rate, sizeof c->rate, "%.2f GFLOP/s%s", cost.flop / seconds * 1e-9,
                 cost.executed < cost.flop ? "*" : "");
    else
        snprintf(c->rate, sizeof c->rate, "%.2f GB/s", cost.bytes / seconds * 1e-9);
    if (lw_rated_by_flop(cost) && isfinite(t->peak))
        snprintf(c->share, sizeof c->share, "%.1f %%", 100e-9 * cost.executed / seconds / t->peak);
}

void lw_timed_record_samples(const lw_timed *t, lw_record *r)
{
    lw_record_int(r, (int64_t)t->time->count);
    lw_record_int(r, t->loops);
    lw_record_real(r, t->time->median, 6);
    lw_record_real(r, t->time->mad, 6);
    lw_record_real(r, t->time->min, 6);
    lw_record_real(r, t->time->p5, 6);
    lw_record_real(r, t->time->p95, 6);
}

void lw_timed_record_rates(const lw_timed *t, lw_record *r)
{
    const lw_cost cost = lw_kernel_cost(t->kernel, t->problem);
    const double seconds = t->time->median;
    lw_record_real(r, cost.flop, 17);
    lw_record_real(r, cost.executed, 17);
    lw_record_real(r, cost.bytes, 17);
    lw_record_real(r, cost.flop / seconds * 1e-9, 6);
    lw_record_real(r, cost.bytes / seconds * 1e-9, 6);
    lw_record_real(r, t->peak, 6);
    lw_record_real(r, 100e-9 * cost.executed / seconds / t->peak, 4);
}
