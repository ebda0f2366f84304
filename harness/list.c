/* SPDX-License-Identifier: BSD-3-Clause
 * list.c: `bench list`: which kernel sets exist and run here, their variants, and what dispatch takes. */
#include "harness/commands.h"

#include "harness/records/csv.h"
#include "harness/exit_codes.h"
#include "harness/options.h"
#include "harness/records/report.h"
#include "harness/sets.h"
#include "kernels/kernels.h"
#include "kernels/quirks.h"

#include <stdlib.h>
#include <string.h>

static const lw_usage usage = {
    "list", "[options]",
    "Lists the kernel sets with what stands between each and this machine, and for each op its variants. The "
    "variants that dispatch takes are marked. Then the other libraries that `bench compare` measures beside them.",
    "Sets\n"
    "  built    this program holds kernels of that set\n"
    "  cpu      the CPU reports the features that it needs; os: the operating system has enabled them\n"
    "  usable   all three\n"
    "Quirks\n"
    "  what some CPUs do slower than their features promise, by model number and with its source; they never\n"
    "  decide what can run\n"
    "Peers\n"
    "  found    its shared object is there (libxsmm: it was there when this program was built)\n"
    "  runs     the ISA that it says it runs, in its own words; threads: who runs its threads\n"
    "\n"
    "Examples\n"
    "  bench list\n"
    "  bench list --kernel scalar        which variants would run with --kernel scalar\n"
    "  bench list --csv - | column -s, -t\n"
    "\n"
    "Exit codes\n"
    "  0 listed   2 wrong option or kernel   4 the CSV or standard output cannot be written\n",
    0};

static const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

typedef struct isa_state {
    bool built, cpu, os, usable;
    const char *why_not;
} isa_state;

static isa_state state_of(lw_isa isa, const lw_cpu *cpu)
{
    const lw_table *table = lw_table_of(isa);
    uint32_t needs = lw_isa_needs(isa);
    return (isa_state){table && table->count > 0, (needs & ~cpu->cpu) == 0, (needs & ~cpu->os) == 0,
                       lw_isa_usable(isa, cpu), lw_isa_why_not(isa, cpu)};
}

static bool print_sets(const lw_cpu *cpu, const lw_dispatch *d)
{
    const lw_column columns[] = {{"set", 9}, {"built", 5}, {"cpu", 3}, {"os", 3}, {"usable", 6}, {"", 0}};
    bool ok = true;
    lw_report_head(stdout, columns, 6);
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        isa_state s = state_of((lw_isa)isa, cpu);
        const char *note = (lw_isa)isa == d->isa ? "<- dispatched" : s.why_not;
        const char *cells[] = {
            lw_isa_name((lw_isa)isa), yes_no(s.built), yes_no(s.cpu), yes_no(s.os), yes_no(s.usable), note};
        ok = lw_report_row(stdout, columns, 6, cells) && ok;
    }
    return ok;
}

/* What this CPU does slower than its features promise, as far as its model number is known. */
static bool print_quirks(void)
{
    size_t count;
    const lw_quirk *quirk = lw_quirks(&count);
    const lw_cpu_identity who = lw_cpu_identify();
    if (!who.vendor[0]) return true;
    printf("\nQuirks of %s, family %02Xh, model %02Xh\n", who.vendor, who.family, who.model);
    for (size_t i = 0; i < count; i++)
        if (lw_quirk_applies(&quirk[i], &who)) printf("  %-17s %s (%s)\n", quirk[i].name, quirk[i].what, quirk[i].source);
    if (lw_quirks_of(&who) == 0) printf("  none known\n");
    return fflush(stdout) == 0;
}

/* Variants of `op` in a set: "sgemm_6x16*, sgemm_4x24"; the star marks the dispatched one. */
static void variants_text(lw_isa isa, lw_op op, const lw_dispatch *d, char *text, size_t size)
{
    const lw_table *table = lw_table_of(isa);
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; table && i < table->count && n < size; i++)
        if (table->rows[i].op == op)
            n += (size_t)snprintf(text + n, size - n, "%s%s%s", n ? ", " : "", table->rows[i].name,
                                  d->op[op] == &table->rows[i] ? "*" : "");
    if (n == 0) snprintf(text, size, "-");
}

static bool print_ops(const lw_dispatch *d)
{
    lw_column columns[LW_ISA_COUNT + 1] = {{"op", 19}};
    int built[LW_ISA_COUNT], count = 0;
    for (int isa = 0; isa < LW_ISA_COUNT; isa++) {
        const lw_table *table = lw_table_of((lw_isa)isa);
        if (!table || table->count == 0) continue;
        built[count++] = isa;
        columns[count] = (lw_column){lw_isa_name((lw_isa)isa), 28};
    }
    columns[count].width = 0;
    bool ok = true;
    putchar('\n');
    lw_report_head(stdout, columns, count + 1);
    for (int op = 0; op < LW_OP_COUNT; op++) {
        char texts[LW_ISA_COUNT][256];
        const char *cells[LW_ISA_COUNT + 1] = {lw_op_name((lw_op)op)};
        for (int i = 0; i < count; i++) {
            variants_text((lw_isa)built[i], (lw_op)op, d, texts[i], sizeof texts[i]);
            cells[i + 1] = texts[i];
        }
        ok = lw_report_row(stdout, columns, count + 1, cells) && ok;
    }
    printf("\n* what `--kernel %s` runs\n", lw_isa_name(d->isa));
    return fflush(stdout) == 0 && ok;
}

/* ---------------------------------------------------------------- peers */

static void peer_rows_text(const lw_peer *p, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < p->count && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", p->rows[i].name);
}

static bool print_peers(lw_peer_cap cap)
{
    const lw_column columns[] = {{"peer", 9}, {"found", 5}, {"version", 9}, {"runs", 16}, {"threads", 8}, {"", 0}};
    bool ok = true;
    printf("\nOther libraries, for comparison (held to: %s)\n", lw_peer_cap_name(cap));
    lw_report_head(stdout, columns, 6);
    for (int i = 0; i < LW_PEER_COUNT; i++) {
        const lw_peer *p = lw_peer_open((lw_peer_id)i, cap, 1);
        char text[256];
        if (p->found)
            peer_rows_text(p, text, sizeof text);
        else
            snprintf(text, sizeof text, "%.150s (package %.60s)", p->why_not, p->package);
        const char *cells[] = {p->name,
                               yes_no(p->found),
                               p->found ? p->version : "-",
                               p->found ? p->uses : "-",
                               p->found ? p->threads : "-",
                               text};
        ok = lw_report_row(stdout, columns, 6, cells) && ok;
    }
    return fflush(stdout) == 0 && ok;
}

static bool write_row(lw_csv *csv, lw_isa isa, const isa_state *s, const lw_kernel *k, const lw_dispatch *d)
{
    lw_csv_int(csv, 1); /* schema */
    lw_csv_text(csv, lw_isa_name(isa));
    lw_csv_text(csv, yes_no(s->built));
    lw_csv_text(csv, yes_no(s->cpu));
    lw_csv_text(csv, yes_no(s->os));
    lw_csv_text(csv, yes_no(s->usable));
    lw_csv_text(csv, s->why_not);
    lw_csv_text(csv, k ? lw_op_name(k->op) : "");
    lw_csv_text(csv, k ? k->name : "");
    if (k) {
        lw_csv_int(csv, k->priority);
        lw_csv_int(csv, k->mr);
        lw_csv_int(csv, k->nr);
    } else {
        for (int i = 0; i < 3; i++)
            lw_csv_text(csv, "");
    }
    lw_csv_text(csv, k ? yes_no(d->op[k->op] == k) : "");
    return lw_csv_end_row(csv);
}

/* One row per variant; a set without variants has one row with its op empty. */
static int write_csv(const char *path, const lw_cpu *cpu, const lw_dispatch *d)
{
    static const char *const columns[] = {"schema", "isa",     "built",     "cpu",     "os",
                                          "usable", "why_not", "op",        "variant", "priority",
                                          "mr",     "nr",      "dispatched"};
    char err[512];
    lw_csv *csv = lw_csv_create(path, columns, sizeof columns / sizeof *columns, err, sizeof err);
    if (!csv) return lw_fail(LW_EXIT_OUTPUT, "list", "%s", err);
    bool ok = true;
    for (int isa = 0; isa < LW_ISA_COUNT && ok; isa++) {
        const lw_table *table = lw_table_of((lw_isa)isa);
        isa_state s = state_of((lw_isa)isa, cpu);
        for (size_t i = 0; s.built && i < table->count && ok; i++)
            ok = write_row(csv, (lw_isa)isa, &s, &table->rows[i], d);
        if (!s.built) ok = write_row(csv, (lw_isa)isa, &s, NULL, d);
    }
    if (!ok) lw_fail(0, "list", "%s", lw_csv_error(csv));
    bool closed = lw_csv_close(csv);
    if (ok && !closed) lw_fail(0, "list", "cannot write %s", path);
    return ok && closed ? LW_EXIT_OK : LW_EXIT_OUTPUT;
}

int lw_cmd_list(int argc, char **argv)
{
    const char *kernel = NULL, *csv = NULL, *peer_isa = NULL;
    const lw_option table[] = {
        {LW_OPT_TEXT, "kernel", 'k', "K", &kernel,
         .help = "Show what this request dispatches: auto or the name of a set (default: the environment's "
                 "LANEWISE_KERNEL, else auto)."},
        {LW_OPT_TEXT, "peer-isa", .arg = "ISA", .value = &peer_isa, .choices = LW_PEER_ISA_CHOICES,
         .help = LW_PEER_ISA_HELP},
        {LW_OPT_TEXT, "csv", 'c', "FILE|-", &csv,
         .help = "Write a CSV row per variant of ours; `-` is standard output, instead of the tables."},
        {.kind = LW_OPT_END}};
    int code;
    if (!lw_options_parse(&usage, table, argc, argv, &code)) return code;
    lw_dispatch d;
    char message[1024];
    if (!lw_dispatch_init(&d, kernel, message, sizeof message))
        return lw_fail(LW_EXIT_USAGE, "list", "%s", message);
    lw_cpu cpu = lw_cpu_detect();
    if (csv && (code = write_csv(csv, &cpu, &d)) != LW_EXIT_OK) return code;
    if (csv && strcmp(csv, "-") == 0) return LW_EXIT_OK;
    lw_peer_cap cap;
    const lw_sets asked = {.count = 1, .set = {(int)d.isa}};
    if (!lw_sets_cap(&asked, "list", peer_isa, &cap)) return LW_EXIT_USAGE;
    if (!print_sets(&cpu, &d) || !print_quirks() || !print_ops(&d) || !print_peers(cap))
        return lw_fail(LW_EXIT_OUTPUT, "list", "cannot write standard output");
    return LW_EXIT_OK;
}
