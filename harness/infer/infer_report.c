/* SPDX-License-Identifier: BSD-3-Clause
 * infer_report.c: batch sizes as a table and as records. */
#include "harness/infer/infer.h"

#include "harness/exit_codes.h"
#include "harness/options.h"
#include "nn/elide.h"

#include <stdio.h>

static const char *const names[] = {
    "schema", "weights", "model", "parameters", "mflop", "executed_mflop", "data", "data_verified", "data_sha256",
    "test_images", "test_correct", "test_accuracy", "test_loss", "kernel", "threads", "binding", "batch", "part",
    "samples", "rejected", "loops", "median_seconds", "mad_seconds", "min_seconds", "p5_seconds", "p95_seconds", "ci_low",
    "ci_high", "images_per_second", "gflops", "calls", "call_p50", "call_p90", "call_p99", "call_max", "verdict",
    "verdict_why", "others", "others_machine", "switches", "command", "choice", "choice_sha256", "variants", LW_ENVIRONMENT_COLUMNS};

static const lw_column columns[] = {{"batch", -6}, {"time", -10}, {"images/s", -10}, {"per image", -10}, {"rate", -15},
                                    {"p50", -10},  {"p90", -10},  {"p99", -10},      {"max", -10},       {"verdict", 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };
static const lw_layout layout = {names, sizeof names / sizeof *names, columns, COLUMNS};

/* FLOP per second, nominal: of the model as its text says. */
static double gflops(const lw_infer *f, const lw_infer_row *r)
{
    return 1e-9 * lw_model_flop(&f->trained) * r->batch / r->time.median;
}

static void record_network(const lw_infer *f, lw_record *to)
{
    lw_record_int(to, 1); /* schema */
    lw_record_text(to, f->weights);
    lw_record_text(to, f->text);
    lw_record_int(to, f->trained.params);
    lw_record_real(to, lw_model_flop(&f->trained) * 1e-6, 6);
    lw_record_real(to, lw_model_executed_flop(&f->network.model) * 1e-6, 6);
    lw_record_text(to, f->set.name);
    lw_record_text(to, f->set.verified ? "yes" : "no");
    lw_record_text(to, f->set.sha256);
    lw_record_int(to, f->score.images);
    lw_record_int(to, f->score.correct);
    lw_record_real(to, f->score.accuracy, 9);
    lw_record_real(to, f->score.loss, 9);
    lw_record_text(to, lw_isa_name(f->kernels.isa));
    lw_record_int(to, f->workers.size);
    lw_record_text(to, f->workers.binding);
}

static void record_times(const lw_infer *f, const lw_infer_row *r, lw_record *to)
{
    lw_record_int(to, r->batch);
    lw_record_int(to, f->network.part);
    lw_record_int(to, r->samples.accepted);
    lw_record_int(to, r->samples.count - r->samples.accepted);
    lw_record_int(to, r->samples.loops);
    const double seconds[] = {r->time.median, r->time.mad, r->time.min, r->time.p5, r->time.p95, r->time.ci_low, r->time.ci_high};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) lw_record_real(to, seconds[i], 6);
    lw_record_real(to, r->batch / r->time.median, 6);
    lw_record_real(to, gflops(f, r), 6);
    lw_record_int(to, r->calls);
    const double calls[] = {r->p50, r->p90, r->p99, r->worst};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) lw_record_real(to, calls[i], 6);
    lw_record_text(to, lw_stability_name(r->stability.stability));
    lw_record_text(to, r->stability.why);
    lw_record_real(to, 100 * r->others.team, 3);
    lw_record_real(to, 100 * r->others.machine, 3);
    lw_record_real(to, r->others.switches, 3);
    lw_record_text(to, f->command);
    lw_record_text(to, lw_choice_path(f->choice));
    lw_record_text(to, f->choices.sha256);
    lw_record_text(to, f->variants);
}

static bool put_row(const lw_infer *f, const lw_infer_row *r, const lw_environment *e, lw_record *record, lw_sinks *sinks)
{
    char batch[16], rate[32], gflop[32], verdict[128], time[7][32];
    const double seconds[] = {r->time.median, r->time.median / r->batch, r->p50, r->p90, r->p99, r->worst};
    snprintf(batch, sizeof batch, "%d", r->batch);
    snprintf(rate, sizeof rate, "%.0f", r->batch / r->time.median);
    snprintf(gflop, sizeof gflop, "%.1f GFLOP/s", gflops(f, r));
    for (int i = 0; i < 6; i++) lw_format_seconds(seconds[i], time[i], sizeof time[i]);
    snprintf(verdict, sizeof verdict, "%s%s%s", lw_stability_name(r->stability.stability), r->stability.why[0] ? ": " : "",
             r->stability.why);
    const char *cells[COLUMNS] = {batch, time[0], rate, time[1], gflop, time[2], time[3], time[4], time[5], verdict};
    lw_record_clear(record);
    record_network(f, record);
    record_times(f, r, record);
    lw_environment_record(e, record);
    return lw_record_complete(record) && lw_sinks_row(sinks, record, cells);
}

static void put_head(const lw_infer *f, const lw_environment *e, FILE *out)
{
    lw_environment_print(e, out);
    fprintf(out, "threads   %d, kernels %s\n", f->workers.size, lw_isa_name(f->kernels.isa));
    if (f->choices.count) fprintf(out, "variants  %s\n", f->variants[0] ? f->variants : "none: the set's own kernels");
    fprintf(out, "network   %s\n", f->text);
    fprintf(out, "          %.2f MFLOP per image, %.2f executed; batches are cut into parts of %d\n",
            lw_model_flop(&f->trained) * 1e-6, lw_model_executed_flop(&f->network.model) * 1e-6, f->network.part);
    fprintf(out, "data      %s%s: %td of %td test images right, %.2f %%, loss %.4f\n\n", f->set.name,
            f->set.verified ? "" : " (not a set on record)", f->score.correct, f->score.images, 100 * f->score.accuracy,
            f->score.loss);
}

int lw_infer_report(const lw_infer *f, const lw_infer_row *rows, const lw_environment *e)
{
    char err[512];
    int code;
    lw_sinks *sinks = lw_sinks_open(&f->sinks, &layout, e, &code, err, sizeof err);
    if (!sinks) return lw_fail(code, "infer", "%s", err);
    lw_record *record = lw_record_new();
    if (record) put_head(f, e, lw_sinks_table(sinks));
    bool ok = record && lw_sinks_head(sinks);
    for (int i = 0; ok && i < f->batch_count; i++) ok = put_row(f, &rows[i], e, record, sinks);
    const bool memory = record && lw_record_complete(record);
    lw_record_free(record);
    if (!ok && memory) lw_fail(0, "infer", "%s", lw_sinks_error(sinks));
    const bool closed = lw_sinks_close(sinks);
    if (!memory) return lw_fail(LW_EXIT_MEMORY, "infer", "out of memory for a row");
    return ok && closed ? LW_EXIT_OK : LW_EXIT_OUTPUT;
}
