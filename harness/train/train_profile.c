/* SPDX-License-Identifier: BSD-3-Clause
 * train_profile.c: means over the faster half of the steps, so that the parts add up to a step and what
 * others on the machine stretched stays out; and for each part the same calls once more on their own: hot,
 * again and again on the same operands, and cold, after the caches were filled with something else. */
#include "harness/train/train_profile.h"

#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/train/profile_problems.h"
#include "harness/records/report.h"
#include "harness/timing/stats.h"
#include "harness/timing/timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOT_SAMPLES = 7, COLD_SAMPLES = 5 };
#define HOT_SECONDS 1e-3

typedef struct line {
    const char *layer, *part;
    char problems[3 * LW_PROBLEM_TEXT]; /* "op text + op text" */
    char variants[3 * 64];              /* "sgemm_6x16 + bias_fwd_vec" */
    double in_situ, mad, hot, cold, flop, bytes;
} line;

/* ---------------------------------------------------------------- alone */

typedef struct call {
    lw_case *operands;
    const lw_kernel *kernel;
} call;

static void run_call(void *context, const lw_team *team)
{
    const call *c = context;
    lw_case_run(c->operands, c->kernel, team);
}

/* Fills the caches of every member with lines that nobody wants: more than any level in use holds. */
typedef struct eviction {
    char *bytes;
    size_t size;
} eviction;

static void evict(void *context, const lw_team *team)
{
    const eviction *e = context;
    ptrdiff_t lo, hi;
    lw_team_share(team, (ptrdiff_t)e->size, 64, &lo, &hi);
    for (ptrdiff_t i = lo; i < hi; i += 64)
        e->bytes[i]++;
}

/* Hot and cold are judged as the steps are: by the faster half of their samples. */
static double faster_half(double *samples, int count)
{
    double sum = 0;
    lw_sort(samples, (size_t)count);
    for (int i = 0; i < (count + 1) / 2; i++)
        sum += samples[i];
    return sum / ((count + 1) / 2);
}

static double time_hot(const lw_workers *w, call *c)
{
    double samples[HOT_SAMPLES];
    int64_t loops = 1;
    while (lw_time_calls(w, run_call, c, loops, true).wall < HOT_SECONDS && loops < 1 << 24)
        loops *= 2;
    for (int i = 0; i < HOT_SAMPLES; i++)
        samples[i] = lw_time_calls(w, run_call, c, loops, true).wall / (double)loops;
    return faster_half(samples, HOT_SAMPLES);
}

static double time_cold(const lw_workers *w, call *c, eviction *e)
{
    double samples[COLD_SAMPLES];
    for (int i = 0; i < COLD_SAMPLES; i++) {
        lw_workers_run(w, evict, e);
        samples[i] = lw_time_calls(w, run_call, c, 1, false).wall;
    }
    return faster_half(samples, COLD_SAMPLES);
}

/* How much the gradients under a max-pool have to do depends on where its output is zero and where its maxima were: as
 * the network's last forward pass left them. */
static void fill_as_trained(lw_case *operands, const lw_problem *p, const lw_net *net, const lw_layer *layer)
{
    if (p->op != LW_OP_CONV2D_POOL_BWD_DATA && p->op != LW_OP_CONV2D_POOL_BWD_WEIGHTS) return;
    lw_case_put(operands, "dst", net->tensors[layer->index].dst);
    lw_case_put(operands, "argmax", net->tensors[layer->index].argmax);
}

static bool measure_alone(const lw_workers *w, const lw_net *net, const lw_layer *layer, const lw_problem *p,
                          const lw_kernel *k, eviction *e, line *l)
{
    call c = {lw_case_new(p, lw_setting_plain, 1), k};
    if (!c.operands || !lw_case_prepare(c.operands, c.kernel, w->size)) {
        lw_case_free(c.operands);
        return false;
    }
    fill_as_trained(c.operands, p, net, layer);
    lw_cost cost = lw_problem_cost(p);
    l->hot = (isnan(l->hot) ? 0 : l->hot) + time_hot(w, &c);
    l->cold = (isnan(l->cold) ? 0 : l->cold) + time_cold(w, &c, e);
    l->flop += cost.flop;
    l->bytes += cost.bytes;
    size_t n = strlen(l->problems);
    snprintf(l->problems + n, sizeof l->problems - n, "%s%s %s", n ? " + " : "", lw_op_name(p->op), p->text);
    n = strlen(l->variants);
    snprintf(l->variants + n, sizeof l->variants - n, "%s%s", n ? " + " : "", k->name);
    lw_case_free(c.operands);
    return true;
}

/* The kernel that the part calls for it. */
static const lw_kernel *kernel_of(const lw_net *net, int part, const lw_problem *p)
{
    const bool of_layer = part < LW_PART_GATHER;
    const lw_kernel *row = of_layer ? net->tensors[part / LW_LAYER_PARTS].kernel[part % LW_LAYER_PARTS] : NULL;
    return row && row->op == p->op ? row : net->kernels->op[p->op];
}

/* ---------------------------------------------------------------- shown and recorded */

static const lw_column columns[] = {{"layer", 18}, {"part", 17}, {"share", -7}, {"in situ", -9}, {"mad", -6},
                                    {"hot", -9},   {"cold", -9}, {"gap", -6},   {"GFLOP/s", -8}};
static const char *const csv_columns[] = {
    "schema", "run", "seed", "layer", "part", "problems", "kernel", "threads", "batch", "steps", "in_situ_seconds", "mad_seconds",
    "hot_seconds", "cold_seconds", "gap_hot", "gap_cold", "flop", "bytes", "gflops", "step_seconds", "sum_seconds", "command", "variants",
    LW_ENVIRONMENT_COLUMNS};
enum { COLUMNS = sizeof columns / sizeof *columns, CSV_COLUMNS = sizeof csv_columns / sizeof *csv_columns };

static bool print_line(const line *l, double step)
{
    char share[32], in_situ[32], mad[32], hot[32], cold[32], gap[32] = "-", rate[32] = "-";
    snprintf(share, sizeof share, "%.1f %%", 100 * l->in_situ / step);
    lw_format_seconds(l->in_situ, in_situ, sizeof in_situ);
    snprintf(mad, sizeof mad, "%.1f %%", 100 * l->mad / l->in_situ);
    lw_format_seconds(l->hot, hot, sizeof hot);
    lw_format_seconds(l->cold, cold, sizeof cold);
    if (isfinite(l->hot)) snprintf(gap, sizeof gap, "%.2fx", l->in_situ / l->hot);
    if (l->flop >= 2 * l->bytes && l->flop > 0) snprintf(rate, sizeof rate, "%.2f", l->flop / l->in_situ * 1e-9);
    const char *cells[] = {l->layer, l->part, share, in_situ, mad, hot, cold, gap, rate};
    return lw_report_row(stdout, columns, COLUMNS, cells);
}

typedef struct totals {
    double whole, sum; /* seconds of a step that was not cut; of all parts of one that was */
    double hot, cold;  /* of all kernel calls of a step, alone */
} totals;

static bool write_line(lw_csv *csv, const lw_train *t, const lw_train_run *run, const lw_profile *p, const line *l,
                       const totals *sums)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    lw_csv_int(csv, 1); /* schema */
    lw_csv_text(csv, run->id);
    lw_csv_text(csv, seed);
    lw_csv_text(csv, l->layer);
    lw_csv_text(csv, l->part);
    lw_csv_text(csv, l->problems);
    lw_csv_text(csv, lw_isa_name(t->kernels.isa));
    lw_csv_int(csv, t->workers.size);
    lw_csv_int(csv, t->options.batch);
    lw_csv_int(csv, p->cut_steps);
    lw_csv_real(csv, l->in_situ, 6);
    lw_csv_real(csv, l->mad, 6);
    lw_csv_real(csv, l->hot, 6);
    lw_csv_real(csv, l->cold, 6);
    lw_csv_real(csv, l->in_situ / l->hot, 4);
    lw_csv_real(csv, l->in_situ / l->cold, 4);
    lw_csv_real(csv, l->flop, 17);
    lw_csv_real(csv, l->bytes, 17);
    lw_csv_real(csv, l->flop > 0 ? l->flop / l->in_situ * 1e-9 : NAN, 6);
    lw_csv_real(csv, sums->whole, 6);
    lw_csv_real(csv, sums->sum, 6);
    lw_csv_text(csv, t->command);
    lw_csv_text(csv, l->variants);
    lw_environment_csv(&t->environment, csv);
    return lw_csv_end_row(csv);
}

static void print_sums(const lw_profile *p, const totals *sums)
{
    char sum[32], whole[32], clock[32], hot[32], cold[32];
    lw_format_seconds(sums->sum, sum, sizeof sum);
    lw_format_seconds(sums->whole, whole, sizeof whole);
    lw_format_seconds(p->clock, clock, sizeof clock);
    printf("the parts sum to %s, a step takes %s without the profile's cuts: %+.1f %%\n", sum, whole,
           100 * (sums->sum / sums->whole - 1));
    lw_format_seconds(sums->hot, hot, sizeof hot);
    lw_format_seconds(sums->cold, cold, sizeof cold);
    printf("its kernel calls alone take %s hot and %s cold: a step takes %+.1f %% and %+.1f %%\n", hot, cold,
           100 * (sums->whole / sums->hot - 1), 100 * (sums->whole / sums->cold - 1));
    printf("means over the faster half of %d steps with cuts and of %d without; %d readings of the clock at %s each are %.2f %% of a step\n\n",
           p->cut_steps, p->whole_steps, p->cuts, clock, 100 * p->cuts * p->clock / sums->whole);
}

/* ---------------------------------------------------------------- all parts */

/* Marks the steps whose total is not above the median. */
static void quiet_steps(const float *total, int count, bool *quiet)
{
    static double values[LW_PROFILE_STEPS];
    for (int i = 0; i < count; i++)
        values[i] = (double)total[i];
    lw_sort(values, (size_t)count);
    double limit = values[(count - 1) / 2];
    for (int i = 0; i < count; i++)
        quiet[i] = (double)total[i] <= limit;
}

/* Mean over the marked steps; *mad: median absolute deviation over them. */
static double mean_of(const float *samples, const bool *quiet, int count, double *mad)
{
    static double values[LW_PROFILE_STEPS], scratch[LW_PROFILE_STEPS];
    double sum = 0;
    int n = 0;
    for (int i = 0; i < count; i++)
        if (quiet[i]) sum += values[n++] = (double)samples[i];
    *mad = lw_summarise(values, (size_t)n, scratch).mad;
    return n ? sum / n : NAN;
}

static bool quiet_cut[LW_PROFILE_STEPS], quiet_whole[LW_PROFILE_STEPS];

static line line_of(const lw_profile *p, const lw_model *model, int part)
{
    static const char *const of_step[] = {"gather", "loss", "statistics", "accumulate", "optimizer"};
    bool layer = part < LW_PART_GATHER;
    double mad, mean = mean_of(p->part[part], quiet_cut, p->cut_steps, &mad);
    return (line){.layer = layer ? model->layer[part / LW_LAYER_PARTS].name : "-",
                  .part = layer ? lw_part_name((lw_part)(part % LW_LAYER_PARTS)) : of_step[part - LW_PART_GATHER],
                  .in_situ = mean, .mad = mad, .hot = NAN, .cold = NAN};
}

/* The order of a step: gather, forward, loss, backward from the last layer, adding up the passes, statistics,
 * optimiser. */
static int parts_in_order(const lw_model *model, int *order)
{
    int count = 0;
    order[count++] = LW_PART_GATHER;
    for (int i = 0; i < model->layers; i++)
        order[count++] = i * LW_LAYER_PARTS + LW_FORWARD;
    order[count++] = LW_PART_LOSS;
    for (int i = model->layers - 1; i >= 0; i--)
        for (int part = LW_BACKWARD_RELU; part < LW_LAYER_PARTS; part++)
            order[count++] = i * LW_LAYER_PARTS + part;
    order[count++] = LW_PART_ACCUMULATE;
    order[count++] = LW_PART_STATISTICS;
    order[count++] = LW_PART_OPTIMIZER;
    return count;
}

/* How often a part comes in a step as the first group of threads sees it: once in each round of passes, or once. */
static int times_in_step(const lw_trainer *trainer, int part)
{
    if (part == LW_PART_OPTIMIZER) return 1;
    if (part == LW_PART_ACCUMULATE) return lw_net_passes(trainer->net, trainer->net->batch) - 1;
    return lw_net_rounds(trainer->net, trainer->threads).rounds;
}

static void scale_by(line *l, int times)
{
    l->hot *= times;
    l->cold *= times;
    l->flop *= times;
    l->bytes *= times;
}

/* A pass is the work of a group, all else the team's. */
static lw_workers workers_of(const lw_train *t, const lw_trainer *trainer, int part)
{
    lw_workers w = t->workers;
    if (part != LW_PART_OPTIMIZER && part != LW_PART_ACCUMULATE) w.size = lw_net_rounds(trainer->net, trainer->threads).threads;
    return w;
}

static int each_part(const lw_train *t, const lw_train_run *run, const lw_trainer *trainer,
                     const lw_profile *p, eviction *e, totals *sums, lw_csv *csv)
{
    const lw_net *net = trainer->net;
    int order[LW_PARTS], count = parts_in_order(net->model, order);
    for (int i = 0; i < count; i++) {
        int part = order[i];
        if (!p->part[part]) continue;
        line l = line_of(p, net->model, part);
        const lw_layer *layer = part < LW_PART_GATHER ? &net->model->layer[part / LW_LAYER_PARTS] : NULL;
        lw_problem problems[LW_PART_PROBLEMS];
        int n = lw_part_problems(net, &trainer->optimizer, layer, layer ? part % LW_LAYER_PARTS : part, problems);
        const lw_workers w = workers_of(t, trainer, part);
        for (int j = 0; j < n; j++)
            if (!measure_alone(&w, net, layer, &problems[j], kernel_of(net, part, &problems[j]), e, &l))
                return lw_fail(LW_EXIT_MEMORY, "train", "out of memory for %s", problems[j].text);
        scale_by(&l, times_in_step(trainer, part));
        if (n > 0) {
            sums->hot += l.hot;
            sums->cold += l.cold;
        }
        if (!write_line(csv, t, run, p, &l, sums)) return lw_fail(LW_EXIT_OUTPUT, "train", "%s", lw_csv_error(csv));
        if (!print_line(&l, sums->sum)) return lw_fail(LW_EXIT_OUTPUT, "train", "cannot write standard output");
        if (lw_interrupted()) return lw_fail(LW_EXIT_INTERRUPTED, "train", "interrupted in the profile");
    }
    return LW_EXIT_OK;
}

static totals totals_of(const lw_profile *p)
{
    double mad;
    quiet_steps(p->total, p->cut_steps, quiet_cut);
    quiet_steps(p->whole, p->whole_steps, quiet_whole);
    totals sums = {.whole = mean_of(p->whole, quiet_whole, p->whole_steps, &mad)};
    for (int i = 0; i < LW_PARTS; i++)
        if (p->part[i]) sums.sum += mean_of(p->part[i], quiet_cut, p->cut_steps, &mad);
    return sums;
}

int lw_train_profile(const lw_train *t, const lw_train_run *run, const lw_trainer *trainer, const lw_profile *p)
{
    if (p->no_memory) return lw_fail(LW_EXIT_MEMORY, "train", "out of memory for the profile");
    if (p->cut_steps < 3 || p->whole_steps < 3)
        return lw_fail(LW_EXIT_OK, "train", "notice: too few full batches for a profile; it wants 10 or more");
    char path[600], err[700];
    snprintf(path, sizeof path, "%s/profile.csv", t->options.out);
    lw_csv *csv = lw_csv_append(path, csv_columns, CSV_COLUMNS, err, sizeof err);
    if (!csv) return lw_fail(LW_EXIT_OUTPUT, "train", "%s", err);
    /* Twice the last cache; what virtual machines report of L3 is no reason for more than 256 MiB. */
    const lw_machine *m = lw_topology_machine(t->topology);
    size_t last = m->l3 > m->l2 ? m->l3 : m->l2, most = (size_t)256 << 20, least = (size_t)64 << 20;
    eviction e = {.size = last > most / 2 ? most : 2 * last < least ? least : 2 * last};
    e.bytes = lw_alloc(e.size);
    totals sums = totals_of(p);
    printf("\nprofile of training steps of %d images, seed %llu; gap: in situ / hot; cold: caches filled by %zu MiB first\n",
           t->options.batch, (unsigned long long)run->seed, e.size >> 20);
    lw_report_head(stdout, columns, COLUMNS);
    int code = e.bytes ? each_part(t, run, trainer, p, &e, &sums, csv)
                       : lw_fail(LW_EXIT_MEMORY, "train", "out of memory for the cold measurements");
    if (code == LW_EXIT_OK) print_sums(p, &sums);
    lw_free(e.bytes);
    if (!lw_csv_close(csv) && code == LW_EXIT_OK) code = lw_fail(LW_EXIT_OUTPUT, "train", "cannot write %s", path);
    return code;
}
