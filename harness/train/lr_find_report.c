/* SPDX-License-Identifier: BSD-3-Clause
 * lr_find_report.c: what `bench lr-find` shows and leaves behind. */
#define _GNU_SOURCE
#include "harness/train/lr_find.h"

#include "harness/exit_codes.h"
#include "harness/records/plot_svg.h"
#include "harness/records/report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char *const csv_columns[] = {
    "schema", "step", "learning_rate", "loss", "smoothed_loss", "steps", "beta", "model", "data", "data_sha256",
    "batch", "optimizer", "momentum", "weight_decay", "seed", "kernel", "threads", "binding", "command", "variants",
    LW_ENVIRONMENT_COLUMNS};
static const lw_column columns[] = {{"step", -6}, {"learning rate", -14}, {"loss", -12}, {"smoothed loss", -14}};
enum { CSV_COLUMNS = sizeof csv_columns / sizeof *csv_columns, COLUMNS = sizeof columns / sizeof *columns };
enum { DIGITS = 9, LINES = 20 /* of the table, about */ };

/* ---------------------------------------------------------------- rows */

int lw_lr_find_open(lw_lr_find *f)
{
    char err[512];
    if (f->csv && !(f->rows = lw_csv_create(f->csv, csv_columns, CSV_COLUMNS, err, sizeof err)))
        return lw_fail(LW_EXIT_OUTPUT, "lr-find", "%s", err);
    return LW_EXIT_OK;
}

int lw_lr_find_close(lw_lr_find *f, int code)
{
    if (!lw_csv_close(f->rows) && code == LW_EXIT_OK)
        code = lw_fail(LW_EXIT_OUTPUT, "lr-find", "cannot write %s", f->csv);
    return code;
}

static bool put_row(const lw_lr_find *f, int i)
{
    const lw_train_options *o = &f->train.options;
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, o->seed[0]);
    lw_csv_int(f->rows, 1); /* schema */
    lw_csv_int(f->rows, i);
    lw_csv_real(f->rows, f->curve.rate[i], DIGITS);
    lw_csv_real(f->rows, f->curve.loss[i], DIGITS);
    lw_csv_real(f->rows, f->curve.smoothed[i], DIGITS);
    lw_csv_int(f->rows, f->steps);
    lw_csv_real(f->rows, f->beta, DIGITS);
    lw_csv_text(f->rows, o->model);
    lw_csv_text(f->rows, f->train.data.name);
    lw_csv_text(f->rows, f->train.data.sha256);
    lw_csv_int(f->rows, o->batch);
    lw_csv_text(f->rows, lw_optimizer_name(o->optimizer.kind));
    lw_csv_real(f->rows, o->optimizer.momentum, DIGITS);
    lw_csv_real(f->rows, o->optimizer.weight_decay, DIGITS);
    lw_csv_text(f->rows, seed);
    lw_csv_text(f->rows, lw_isa_name(f->train.kernels.isa));
    lw_csv_int(f->rows, f->train.workers.size);
    lw_csv_text(f->rows, f->train.workers.binding);
    lw_csv_text(f->rows, f->train.command);
    lw_csv_text(f->rows, f->variants);
    lw_environment_csv(&f->train.environment, f->rows);
    return lw_csv_end_row(f->rows);
}

/* printf knows NaN with a sign. */
static void format_loss(double value, char text[32])
{
    if (isnan(value))
        snprintf(text, 32, "NaN");
    else
        snprintf(text, 32, "%.4f", value);
}

int lw_lr_find_step(lw_lr_find *f)
{
    const lw_lr_curve *c = &f->curve;
    const int i = c->count - 1, every = (c->steps + LINES - 1) / LINES;
    if (f->rows && !put_row(f, i)) return lw_fail(LW_EXIT_OUTPUT, "lr-find", "%s", lw_csv_error(f->rows));
    if (f->train.options.quiet || (i % every != 0 && f->end == LW_LR_GOES_ON)) return LW_EXIT_OK;
    char step[16], rate[32], loss[32], smoothed[32];
    snprintf(step, sizeof step, "%d", i);
    snprintf(rate, sizeof rate, "%.3e", c->rate[i]);
    format_loss(c->loss[i], loss);
    format_loss(c->smoothed[i], smoothed);
    const char *cells[] = {step, rate, loss, smoothed};
    if (lw_report_row(f->out, columns, COLUMNS, cells)) return LW_EXIT_OK;
    return lw_fail(LW_EXIT_OUTPUT, "lr-find", "cannot write the table: %s", strerror(errno));
}

/* ---------------------------------------------------------------- before and after */

void lw_lr_find_setup(const lw_lr_find *f, const char *weights)
{
    const lw_train *t = &f->train;
    const lw_train_options *o = &t->options;
    if (o->quiet) return;
    fprintf(f->out, "data      %s%s, %td training images of %dx%d\n", t->data.name,
            strcmp(t->data.name, "synthetic") == 0 || t->data.verified ? "" : " (checksums not on record)",
            t->train.count, t->train.h, t->train.w);
    fprintf(f->out, "model     %s\n", o->model);
    if (o->init_from)
        fprintf(f->out, "weights   from %s; anew: %s\n", o->init_from, weights[0] ? weights : "none");
    fprintf(f->out, "kernels   %s, %d thread%s on CPUs %s\n", lw_isa_name(t->kernels.isa), t->workers.size,
            t->workers.size == 1 ? "" : "s", t->workers.bound ? t->workers.binding : "of the system's choice");
    if (f->variants[0]) fprintf(f->out, "variants  %s\n", f->variants);
    fprintf(f->out, "training  %s, batch %d, seed %" PRIu64 ", %d steps from lr %g to %g\n\n",
            lw_optimizer_name(o->optimizer.kind), o->batch, o->seed[0], f->steps, f->from, f->to);
    lw_report_head(f->out, columns, COLUMNS);
}

static void print_end(const lw_lr_find *f)
{
    const lw_lr_curve *c = &f->curve;
    const double rate = c->rate[c->count - 1];
    if (f->end == LW_LR_ROSE)
        fprintf(f->out, "stopped at rate %.3g: the smoothed loss is above %d times its lowest\n", rate, LW_LR_BLOWN);
    if (f->end == LW_LR_INFINITE)
        fprintf(f->out, "stopped at rate %.3g: the loss became %s\n", rate,
                isnan(c->loss[c->count - 1]) ? "NaN" : "infinite");
    if (f->end == LW_LR_AT_END && c->lowest == c->count - 1)
        fprintf(f->out, "the smoothed loss was still falling at the last rate: a larger --to would show more\n");
}

/* From 0 to somewhat above what the loss was before it broke out, which would leave nothing to see of the rest. */
static double top_of(const lw_lr_curve *c)
{
    double top = 0;
    const int last = c->lowest < 0 ? c->count - 1 : c->lowest;
    for (int i = 0; i <= last; i++)
        if (isfinite(c->loss[i])) top = fmax(top, c->loss[i]);
    return top > 0 ? 1.25 * top : 1;
}

static int plot(const lw_lr_find *f, const lw_lr_choice *choice)
{
    const lw_lr_curve *c = &f->curve;
    char title[128], tenth[64], steepest[64];
    lw_error err;
    snprintf(title, sizeof title, "learning-rate range test: %s, %s, batch %d, seed %" PRIu64, f->train.data.name,
             lw_optimizer_name(f->train.options.optimizer.kind), f->train.options.batch, f->train.options.seed[0]);
    snprintf(tenth, sizeof tenth, "%.3g: suggested", choice->tenth);
    snprintf(steepest, sizeof steepest, "%.3g: steepest", choice->steepest);
    const lw_plot_curve curves[] = {{"loss", "#b0c4de", 1, c->rate, c->loss, c->count},
                                    {"smoothed loss", "#1f4e9c", 2, c->rate, c->smoothed, c->count}};
    const lw_plot_mark marks[] = {{tenth, "#c03020", choice->tenth}, {steepest, "#208040", choice->steepest}};
    const lw_plot p = {.title = title, .x = {"learning rate", f->from, f->to, true}, .y = {"loss", 0, top_of(c), false},
                       .curves = curves, .curve_count = 2, .marks = marks, .mark_count = 2};
    if (!lw_plot_svg(f->plot, &p, &err)) return lw_fail_error("lr-find", &err);
    if (!f->train.options.quiet) fprintf(f->out, "plot in %s\n", f->plot);
    return LW_EXIT_OK;
}

int lw_lr_find_results(const lw_lr_find *f)
{
    const lw_lr_choice choice = lw_lr_curve_choose(&f->curve);
    const char *note = lw_train_data_note(&f->train);
    print_end(f);
    if (isnan(choice.tenth)) {
        fprintf(f->out, "suggested rate  none: the smoothed loss did not fall%s\n", note);
    } else {
        fprintf(f->out, "suggested rate  %.3g: a tenth of %.3g, where the smoothed loss is lowest%s\n", choice.tenth,
                choice.lowest, note);
        fprintf(f->out, "steepest fall   %.3g: where the smoothed loss falls most against the logarithm of the rate\n",
                choice.steepest);
    }
    return f->plot ? plot(f, &choice) : LW_EXIT_OK;
}
