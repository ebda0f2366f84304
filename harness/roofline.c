/* SPDX-License-Identifier: BSD-3-Clause
 * roofline.c: `bench roofline`: the ceilings of this machine, for the threads that are asked for. */
#include "harness/machine/ceilings.h"
#include "harness/commands.h"
#include "harness/records/environment.h"
#include "harness/exit_codes.h"
#include "harness/machine/frequency.h"
#include "harness/interrupt.h"
#include "harness/options.h"
#include "harness/records/report.h"
#include "harness/select.h"

#include <math.h>
#include <string.h>

static const lw_usage usage = {
    "roofline", "[options]",
    "Measures the roofs of the roofline model on this machine: the FMA peak of each kernel set, and the bandwidth of "
    "each memory level, by reading and by the triad a = b + s * c; from both the ridge points. Nothing is taken from a "
    "data sheet.",
    "Table\n"
    "  peak      GFLOP/s of independent multiply-adds of that set, all threads together\n"
    "  set       working set of each thread; a level is measured well inside its size, main memory over twice\n"
    "            the last cache (128 MiB to 1 GiB in all)\n"
    "  read      GB/s of loads alone\n"
    "  triad     GB/s of two loads and a store (12 bytes per element; the line that a store fetches is not\n"
    "            counted)\n"
    "  ridge     FLOP per byte above which the peak and not this level is the bound\n"
    "  Each number is the best of several samples: a ceiling is what the machine can do.\n"
    "  A virtual machine may report caches that it does not have; the size after `reaches` is what was found.\n"
    "\n"
    "Examples\n"
    "  bench roofline\n"
    "  bench roofline --kernel avx2 --threads 2 --csv roofline.csv\n"
    "  bench roofline --bind threads --threads 2      both CPUs of one core, where cores have two\n"
    "\n"
    "Exit codes\n"
    "  0 measured   2 wrong option or kernel   4 the CSV or standard output cannot be written\n"
    "  6 out of memory   130 interrupted, rows kept\n",
    0};

typedef struct command {
    const char *kernel, *bind, *csv;
    int threads;
    bool quick;
    lw_selection selection;
    lw_topology *topology;
    lw_workers workers;
    lw_ceilings ceilings;
    lw_environment environment;
    double ghz, latency;
    FILE *out;
    lw_csv *rows;
} command;

static const char *const csv_columns[] = {
    "schema",  "isa",   "threads", "binding", "level", "reported_bytes", "reach_bytes", "set_bytes_per_thread", "read_gbytes_per_second",
    "triad_gbytes_per_second", "peak_gflops", "ridge_flop_per_byte", "ghz", "command", LW_ENVIRONMENT_COLUMNS};

static const lw_column columns[] = {{"set of kernels", 14}, {"peak", -14}, {"level", 5},  {"set", -9},
                                    {"read", -12},          {"triad", -12}, {"ridge", -9}};
enum { CSV_COLUMNS = sizeof csv_columns / sizeof *csv_columns, COLUMNS = sizeof columns / sizeof *columns };

static const char *size_text(size_t bytes, char *text, size_t size)
{
    if (bytes >= 10u << 20)
        snprintf(text, size, "%zu MiB", bytes >> 20);
    else
        snprintf(text, size, "%zu KiB", bytes >> 10);
    return text;
}

static void number(double value, const char *unit, char *text, size_t size)
{
    if (isfinite(value))
        snprintf(text, size, "%.1f%s", value, unit);
    else
        snprintf(text, size, "-");
}

static void print_head(const command *c)
{
    const lw_workers *w = &c->workers;
    lw_environment_print(&c->environment, c->out);
    fprintf(c->out, "threads   %d, %s%s\n", w->size, w->bound ? "bound to CPU " : "not bound to CPUs",
            w->bound ? w->binding : "");
    if (isfinite(c->ghz))
        fprintf(c->out, "clock     %.2f GHz by a chain of additions (a multiplication takes %.2f cycles of it)\n", c->ghz,
                c->latency);
    for (int level = 0; level < LW_LEVEL_DRAM; level++) {
        size_t reported = c->ceilings.reported[level], reach = c->ceilings.capacity[level];
        char a[32], b[32];
        if (reported == reach) continue;
        fprintf(c->out, "notice    %s is reported as %s for this team, ", lw_level_name((lw_level)level),
                reported ? size_text(reported, a, sizeof a) : "nothing");
        if (reach)
            fprintf(c->out, "%s %s\n", reported ? "and reaches" : "taken as", size_text(reach, b, sizeof b));
        else
            fprintf(c->out, "and left out\n");
    }
    fputc('\n', c->out);
    lw_report_head(c->out, columns, COLUMNS);
}

static bool print_row(const command *c, lw_isa isa, lw_level level, bool first)
{
    const lw_ceilings *r = &c->ceilings;
    char peak[32] = "", set[32], read[32], triad[32], ridge[32];
    if (first) number(r->gflops[isa], " GFLOP/s", peak, sizeof peak);
    size_text(r->set[level], set, sizeof set);
    number(r->read[isa][level], " GB/s", read, sizeof read);
    number(r->triad[isa][level], " GB/s", triad, sizeof triad);
    number(lw_ceilings_ridge(r, isa, level), "", ridge, sizeof ridge);
    const char *cells[] = {first ? lw_isa_name(isa) : "", peak, lw_level_name(level), set, read, triad, ridge};
    return lw_report_row(c->out, columns, COLUMNS, cells);
}

static bool write_row(const command *c, lw_isa isa, lw_level level)
{
    const lw_ceilings *r = &c->ceilings;
    char text[256];
    lw_csv_int(c->rows, 1); /* schema */
    lw_csv_text(c->rows, lw_isa_name(isa));
    lw_csv_int(c->rows, c->workers.size);
    lw_csv_text(c->rows, c->workers.binding);
    lw_csv_text(c->rows, lw_level_name(level));
    lw_csv_int(c->rows, (int64_t)r->reported[level]);
    lw_csv_int(c->rows, level == LW_LEVEL_DRAM ? 0 : (int64_t)r->capacity[level]);
    lw_csv_int(c->rows, (int64_t)r->set[level]);
    lw_csv_real(c->rows, r->read[isa][level], 6);
    lw_csv_real(c->rows, r->triad[isa][level], 6);
    lw_csv_real(c->rows, r->gflops[isa], 6);
    lw_csv_real(c->rows, lw_ceilings_ridge(r, isa, level), 6);
    lw_csv_real(c->rows, c->ghz, 5);
    snprintf(text, sizeof text, "bench roofline --kernel %s --threads %d%s%s%s", lw_isa_name(isa), c->workers.size,
             c->bind ? " --bind " : "", c->bind ? c->bind : "", c->quick ? " --quick" : "");
    lw_csv_text(c->rows, text);
    lw_environment_csv(&c->environment, c->rows);
    if (lw_csv_end_row(c->rows)) return true;
    lw_fail(0, "roofline", "%s", lw_csv_error(c->rows));
    return false;
}

static int show(command *c)
{
    print_head(c);
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        bool first = true;
        for (int level = 0; level < LW_LEVELS; level++) {
            if (isnan(c->ceilings.gflops[isa]) || !c->ceilings.set[level]) continue;
            if (c->rows && !write_row(c, (lw_isa)isa, (lw_level)level)) return LW_EXIT_OUTPUT;
            if (!print_row(c, (lw_isa)isa, (lw_level)level, first))
                return lw_fail(LW_EXIT_OUTPUT, "roofline", "cannot write standard output");
            first = false;
        }
    }
    return LW_EXIT_OK;
}

static int run(command *c)
{
    c->topology = lw_topology_new();
    if (!c->topology) return lw_fail(LW_EXIT_MEMORY, "roofline", "cannot read this machine's topology");
    int code = lw_workers_start(&c->workers, c->topology, "roofline", c->bind, c->threads);
    if (code != LW_EXIT_OK) return code;
    char err[512];
    if (c->csv && !(c->rows = lw_csv_create(c->csv, csv_columns, CSV_COLUMNS, err, sizeof err)))
        return lw_fail(LW_EXIT_OUTPUT, "roofline", "%s", err);
    c->environment = lw_environment_now(lw_topology_machine(c->topology));
    lw_environment_team(&c->environment, &c->workers);
    bool enough = lw_ceilings_measure(&c->ceilings, &c->workers, c->selection.isa, c->quick, INFINITY);
    if (lw_interrupted()) return lw_fail(LW_EXIT_INTERRUPTED, "roofline", "interrupted");
    if (!enough) return lw_fail(LW_EXIT_MEMORY, "roofline", "out of memory for the working sets");
    c->ghz = lw_workers_ghz(&c->workers);
    c->latency = lw_multiply_latency();
    return show(c);
}

int lw_cmd_roofline(int argc, char **argv)
{
    command c = {.threads = 1, .out = stdout};
    const lw_option table[] = {
        {LW_OPT_HEADING, .help = "What to measure"},
        {LW_OPT_TEXT, "kernel", 'k', "K", &c.kernel,
         .help = "The roofs for this kernel set: auto, all, or a name that `bench list` shows (default: all)."},
        {LW_OPT_INT, "threads", 't', "N", &c.threads, .min = 1, .max = 1024,
         .help = "Threads, each bound to a CPU (default 1)."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &c.bind, .help = LW_BIND_HELP},
        {LW_OPT_FLAG, "quick", 'q', .value = &c.quick, .help = "Main memory over 128 MiB, whatever the caches."},
        {LW_OPT_HEADING, .help = "Where it goes"},
        {LW_OPT_TEXT, "csv", 'c', "FILE|-", &c.csv,
         .help = "Also write a CSV row per set and level; `-` is standard output, and the table then goes to standard "
                 "error."},
        {.kind = LW_OPT_END}};
    int code;
    if (!lw_options_parse(&usage, table, argc, argv, &code)) return code;
    if (!lw_select(&c.selection, "roofline", c.kernel, "all", NULL, NULL)) return LW_EXIT_USAGE;
    /* The roofs of a CPU do not wait for kernels: `all` is what it runs, built as a kernel set or not. */
    for (int isa = 0; strcmp(c.selection.kernel, "all") == 0 && isa < LW_ISA_COUNT; isa++)
        c.selection.isa[isa] = true;
    if (c.csv && strcmp(c.csv, "-") == 0) c.out = stderr;
    lw_interrupt_catch();
    code = run(&c);
    if (!lw_csv_close(c.rows) && code == LW_EXIT_OK)
        code = lw_fail(LW_EXIT_OUTPUT, "roofline", "cannot write %s", c.csv);
    if (c.topology) lw_topology_free(c.topology);
    return code;
}
