/* SPDX-License-Identifier: BSD-3-Clause
 * machine.c: `bench machine`: what the other commands see of this machine, and where their threads go. */
#include "harness/machine/capacity.h"
#include "harness/machine/ceilings.h"
#include "harness/commands.h"
#include "harness/records/environment.h"
#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/records/report.h"

#include <math.h>
#include <string.h>

static const lw_usage usage = {
    "machine", "[options]",
    "Shows the machine as the other commands see it: cores and caches, what makes times repeat or not (good, bad or "
    "unknown), and the place of each thread that --threads and --bind lead to. It measures nothing but with --capacity.",
    "Table\n"
    "  cpu    the operating system's number; `now` is where the thread was found after binding\n"
    "  node   memory (NUMA) node of that CPU\n"
    "  kind   kind of core on a hybrid CPU, else alike\n"
    "  L1 .. L3   bytes that this thread and those before it have together\n"
    "\n"
    "Examples\n"
    "  bench machine\n"
    "  taskset -c 2-5 bench machine --threads 4\n"
    "  bench machine --bind threads --threads 4\n"
    "  HWLOC_XMLFILE=other.xml bench machine      decisions for the machine that `lstopo other.xml` wrote\n"
    "\n"
    "Exit codes\n"
    "  0 shown   2 wrong option   4 standard output cannot be written   6 out of memory\n",
    0};

static const lw_column columns[] = {{"thread", -6}, {"cpu", -4}, {"now", -4}, {"node", -4}, {"kind", 10},
                                    {"L1", -9},     {"L2", -9},  {"L3", -9}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool print_places(const lw_workers *w)
{
    const lw_topology *t = w->topology;
    const char *now = w->placement;
    bool ok = true;
    lw_report_head(stdout, columns, COLUMNS);
    for (int i = 0; i < w->size && ok; i++) {
        char text[COLUMNS][32];
        snprintf(text[0], 32, "%d", i);
        snprintf(text[1], 32, w->bound || lw_topology_machine(t)->foreign ? "%d" : "-", lw_topology_cpu(t, i));
        snprintf(text[2], 32, "%.*s", (int)strcspn(now, " "), now);
        now += strcspn(now, " ") + (now[strcspn(now, " ")] == ' ');
        snprintf(text[3], 32, lw_topology_node(t, i) < 0 ? "-" : "%d", lw_topology_node(t, i));
        lw_topology_core_kind(t, i, text[4], 32);
        for (int level = 1; level <= 3; level++) {
            size_t bytes;
            int sharers;
            if (lw_topology_cache(t, level, i + 1, &bytes, &sharers))
                snprintf(text[4 + level], 32, "%zu KiB", bytes / 1024);
            else
                snprintf(text[4 + level], 32, "-");
        }
        const char *cells[COLUMNS];
        for (int k = 0; k < COLUMNS; k++)
            cells[k] = text[k];
        ok = lw_report_row(stdout, columns, COLUMNS, cells);
    }
    return ok;
}

/* Of what the threads would do together if each did what one does alone; two on one core show a half. */
static void print_capacity(const lw_workers *w)
{
    static const lw_workers solo = {.size = 1};
    lw_capacity c;
    double alone = 0;
    lw_capacity_init(&c, w);
    for (int i = 0; i < 10; i++) alone = fmax(alone, lw_peak_once(&solo, &c.loop));
    lw_capacity_note(&c, alone * w->size); /* what is waited for */
    lw_capacity_wait(&c, 3);
    printf("%.3f\n", c.last / (alone * w->size));
}

int lw_cmd_machine(int argc, char **argv)
{
    const char *bind = NULL;
    int threads = 0, code;
    bool capacity = false;
    const lw_option table[] = {
        {LW_OPT_INT, "threads", 't', "N", &threads, .min = 1, .max = 1024,
         .help = "Threads to place (default: one per usable core of the fastest kind)."},
        {LW_OPT_TEXT, "bind", 'B', "HOW", &bind, .help = LW_BIND_HELP},
        {LW_OPT_FLAG, "capacity", .value = &capacity,
         .help = "Instead: what part of their capacity these threads have at this moment, 1 when each has a core to itself; "
                 "waits up to three seconds for it. For scripts that measure other programs between two such looks."},
        {.kind = LW_OPT_END}};
    if (!lw_options_parse(&usage, table, argc, argv, &code)) return code;
    lw_topology *topology = lw_topology_new();
    if (!topology) return lw_fail(LW_EXIT_MEMORY, "machine", "cannot read this machine's topology");
    lw_workers workers;
    code = lw_workers_start(&workers, topology, "machine", bind, threads);
    if (code == LW_EXIT_OK && capacity) {
        print_capacity(&workers);
    } else if (code == LW_EXIT_OK) {
        lw_environment e = lw_environment_now(lw_topology_machine(topology));
        lw_environment_team(&e, &workers);
        lw_environment_print(&e, stdout);
        printf("threads   %d, %s%s\n\n", workers.size, workers.bound ? "bound to CPU " : "not bound to CPUs",
               workers.bound ? workers.binding : "");
        if (!print_places(&workers)) code = lw_fail(LW_EXIT_OUTPUT, "machine", "cannot write standard output");
    }
    lw_topology_free(topology);
    return code;
}
