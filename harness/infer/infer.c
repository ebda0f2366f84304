/* SPDX-License-Identifier: BSD-3-Clause
 * infer.c: `bench infer`: a trained network's answers, from its options to what they ask for. */
#include "harness/infer/infer.h"

#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/train/train.h"
#include "nn/idx.h"

#include <stdlib.h>

static const lw_usage usage = {
    "infer", "--weights FILE [options]",
    "What a trained network answers: how fast, how well, or what it sees in images. Dropout is left out, batch "
    "normalisation is part of the weights before it, and batches are cut into parts that stay in cache.",
    "Table\n"
    "  time       median of a whole batch, from its pixels to its probabilities\n"
    "  images/s   batch / time\n"
    "  p50 .. max of calls timed one by one, at most 10,000 of them: how long an answer takes\n"
    "  rate       of the products that the model's text asks for, as in `bench train`\n"
    "\n"
    "Examples\n"
    "  bench infer --weights results/mnist/weights.safetensors\n"
    "  bench infer --weights w.safetensors --batch 1,16,256 --threads 2 --csv infer.csv\n"
    "  bench infer --weights w.safetensors --predict digits-idx3-ubyte     image,class,probability for each\n"
    "\n"
    "Exit codes\n"
    "  0 done   2 wrong option, kernel refused, or weights of another model   3 data or weights missing or malformed\n"
    "  4 output cannot be written   6 out of memory   130 interrupted\n",
    0};

static bool parse(lw_infer *f, int argc, char **argv, int *code)
{
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What answers"},
        {LW_OPT_TEXT, "weights", 'w', "FILE", &f->weights, .help = "Weights that `bench train` wrote (safetensors)."},
        {LW_OPT_TEXT, "model", 'm', "NAME|@FILE|TEXT", &f->model,
         .help = "Their network (default: what the file says; `bench train --help` describes models)."},
        {LW_OPT_TEXT, "kernel", 'k', "NAME", &f->kernel, .help = "Kernel set (default: $LANEWISE_KERNEL, else auto)."},
        {LW_OPT_TEXT, "choice", .arg = "FILE", .value = &f->choice, .help = LW_CHOICE_HELP},
        {LW_OPT_TEXT, "variant", .arg = "NAME[,NAME...]", .value = &f->variant, .help = LW_VARIANT_HELP},
        {LW_OPT_INT, "threads", 't', "N", &f->threads, .min = 1, .max = 1024,
         .help = "Threads (default: one per usable core of the fastest kind)."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &f->bind, .help = LW_BIND_HELP},
        {LW_OPT_HEADING, .help = "What it is asked"},
        {LW_OPT_TEXT, "data", 'd', "NAME|DIR", &f->data,
         .help = "The data set whose test images are used (default: as in `bench train`)."},
        {LW_OPT_TEXT, "batch", 'b', "N[,N...]", &f->batches, .help = "Batch sizes (default 1,64,1024)."},
        {LW_OPT_TEXT, "predict", 'p', "FILE", &f->predict,
         .help = "Instead of measuring: a CSV line on standard output for each image of FILE, an IDX file of images, plain "
                 "or .gz: image (from 0), class, probability."},
        {LW_OPT_HEADING, .help = "Measuring and output"},
        {LW_OPT_REAL, "min-time", .arg = "S", .value = &f->min_seconds, .min = 0.01, .max = 600,
         .help = "Seconds in samples of each batch size (default 0.5)."},
        LW_SINK_OPTIONS(f->sinks),
        {.kind = LW_OPT_END}};
    return lw_options_parse(&usage, table, argc, argv, code);
}

static bool parse_batches(lw_infer *f)
{
    const char *at = f->batches;
    for (f->batch_count = 0; f->batch_count < LW_INFER_BATCHES; at++) {
        char *end;
        const long n = strtol(at, &end, 10);
        if (end == at || n < 1 || n > 65536 || (*end && *end != ',')) return false;
        f->batch[f->batch_count++] = (int)n;
        at = end;
        if (!*at) return true;
    }
    return false;
}

/* What the file of the weights says of itself: the model, unless it was asked for, and what it sees of an image. */
static bool read_metadata(lw_infer *f, lw_error *err)
{
    lw_safetensors *file = lw_safetensors_open(f->weights, err);
    if (!file) return false;
    const bool found = !f->model && lw_safetensors_metadata(file, "model", f->text, sizeof f->text);
    lw_image_format_read(&f->format, file);
    lw_safetensors_close(file);
    if (f->model) return lw_model_text(f->model, f->text, err);
    return found || lw_refuse(err, LW_ERROR_MODEL, "%s does not say of which model it is; --model does", f->weights);
}

static bool load_network(lw_infer *f, const lw_images *images, lw_error *err)
{
    bool measure;
    lw_net trained = {0};
    lw_pixels pixels;
    if (!lw_image_format_pixels(&f->format, f->weights, &pixels, &measure, err)) return false;
    if (measure)
        return lw_refuse(err, LW_ERROR_DATA, "%s: normalize in its metadata: 'standard' wants MEAN,SD of the images trained on",
                         f->weights);
    bool ok = lw_model_parse(&f->trained, f->text, (lw_dims){images->h, images->w, 1}, err) &&
              lw_net_init_answers(&trained, &f->trained, &f->kernels, 1, 1, NULL, err) &&
              lw_safetensors_read(f->weights, &trained, err) &&
              lw_inference_init(&f->network, &f->trained, &f->kernels, f->workers.size, err) &&
              lw_choices_used(&f->choices, &f->network.net[0], err);
    if (ok) {
        lw_net_variants(&f->network.net[0], f->variants, sizeof f->variants);
        lw_pixels_apply(&pixels, &trained);
        lw_inference_load(&f->network, &trained);
    }
    lw_net_free(&trained);
    return ok;
}

static int start(lw_infer *f)
{
    char message[1024];
    if (!f->weights) return lw_fail(LW_EXIT_USAGE, "infer", "--weights FILE says which network is asked");
    if (!parse_batches(f))
        return lw_fail(LW_EXIT_USAGE, "infer", "--batch wants up to %d sizes from 1 to 65536, as in 1,64,1024; got '%s'",
                       LW_INFER_BATCHES, f->batches);
    if (!lw_dispatch_init(&f->kernels, f->kernel, message, sizeof message) ||
        !lw_choices_open(&f->choices, &f->kernels, f->choice, f->variant, message, sizeof message))
        return lw_fail(LW_EXIT_USAGE, "infer", "%s", message);
    f->topology = lw_topology_new();
    if (!f->topology) return lw_fail(LW_EXIT_MEMORY, "infer", "cannot read this machine's topology");
    return lw_workers_start(&f->workers, f->topology, "infer", f->bind, f->threads);
}

static int predict(lw_infer *f)
{
    lw_idx idx;
    lw_error err;
    if (!lw_idx_read(&idx, f->predict, 3, &err)) return lw_fail_error("infer", &err);
    f->set.test = (lw_images){idx.size[0], idx.size[1], idx.size[2], idx.values, NULL};
    const bool ok = read_metadata(f, &err) && lw_image_format_resize(&f->format, f->weights, &f->set, &err) &&
                    load_network(f, &f->set.test, &err);
    const int code = ok ? lw_infer_predict(f, f->set.test) : lw_fail_error("infer", &err);
    lw_idx_free(&idx);
    return code;
}

static int measure(lw_infer *f)
{
    static lw_infer_row rows[LW_INFER_BATCHES]; /* samples are too large for a stack */
    lw_error err;
    if (!lw_dataset_load(&f->set, f->data, getenv("LANEWISE_DATA"), &err)) return lw_fail_error("infer", &err);
    if (f->set.test.count == 0) return lw_fail(LW_EXIT_DATA, "infer", "%s has no test images", f->set.name);
    if (!read_metadata(f, &err) || !lw_image_format_resize(&f->format, f->weights, &f->set, &err) ||
        !load_network(f, &f->set.test, &err) || !lw_dataset_check_labels(&f->set, f->trained.classes, &err))
        return lw_fail_error("infer", &err);
    lw_environment environment = lw_environment_now(lw_topology_machine(f->topology));
    lw_environment_team(&environment, &f->workers);
    int code = lw_infer_score(f, f->set.test, &f->score);
    if (code == LW_EXIT_OK) code = lw_infer_measure(f, rows);
    if (code == LW_EXIT_OK) code = lw_infer_report(f, rows, &environment);
    return code == LW_EXIT_INTERRUPTED ? lw_fail(code, "infer", "interrupted; the batch sizes take turns, so none is done") : code;
}

int lw_cmd_infer(int argc, char **argv)
{
    static lw_infer f; /* too large for a stack */
    int code;
    f = (lw_infer){.batches = "1,64,1024", .min_seconds = 0.5};
    f.sinks.command = lw_command_line(argc, argv, f.command, sizeof f.command);
    if (!parse(&f, argc, argv, &code)) return code;
    code = start(&f);
    lw_interrupt_catch();
    if (code == LW_EXIT_OK) code = f.predict ? predict(&f) : measure(&f);
    lw_inference_free(&f.network);
    lw_choices_free(&f.choices);
    lw_dataset_free(&f.set);
    if (f.topology) lw_topology_free(f.topology);
    return code;
}
