/* SPDX-License-Identifier: BSD-3-Clause
 * main.c: the program `bench`: finds the command and ends with its exit code. */
#define _GNU_SOURCE
#include "harness/records/build_info.h"
#include "harness/commands.h"
#include "harness/exit_codes.h"
#include "harness/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"kernels", lw_cmd_kernels, "measure kernels: time, rate, share of the peak, speed-up over scalar code"},
    {"compare", lw_cmd_compare, "measure our kernels beside OpenBLAS, BLIS and oneDNN, interleaved"},
    {"tune", lw_cmd_tune, "measure which of a set's kernels is the fastest for each problem, into a file for --choice"},
    {"diff", lw_cmd_diff, "compare two files of `bench kernels`: what became slower, beyond noise"},
    {"verify", lw_cmd_verify, "measure the rows of a published file again: inside their intervals or not"},
    {"list", lw_cmd_list, "kernel sets, what this machine can run, and the variants of each op"},
    {"check", lw_cmd_check, "check kernels against the fp64 reference"},
    {"train", lw_cmd_train, "train a network with these kernels, into CSV"},
    {"infer", lw_cmd_infer, "a trained network's answers: their speed and accuracy, or what it sees in images"},
    {"run", lw_cmd_run, "run an experiment: variants and grids from a file, over seeds, resumable"},
    {"table", lw_cmd_table, "the table of an experiment's results: mean, sd, paired tests"},
    {"reproduce", lw_cmd_reproduce, "run the experiments that come along: do they give what they gave?"},
    {"lr-find", lw_cmd_lr_find, "the learning-rate range test: at which rates does the loss fall"},
    {"augment", lw_cmd_augment, "a sheet that shows what augmentation does to training images"},
    {"data", lw_cmd_data, "data sets: what is known, where it was looked for, what is missing"},
    {"roofline", lw_cmd_roofline, "measure the roofs: FMA peak, bandwidth per memory level, ridge points"},
    {"machine", lw_cmd_machine, "cores, caches, what disturbs times here, and where threads go"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out)
{
    fprintf(out,
            "Usage: bench COMMAND [options]\n"
            "       bench [options]              the same as `bench kernels [options]`\n\n"
            "Lanewise: hand-vectorised kernels, checked, measured and put to work training a network.\n\n"
            "Commands:\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    fprintf(out,
            "\n"
            "  bench COMMAND --help     options, examples and exit codes of a command\n"
            "  bench --version          version, revision, compiler\n\n"
            "Data goes to standard output, talk to standard error.\n\n"
            "Environment:\n"
            "  LANEWISE_KERNEL   kernel set where --kernel is not given (auto, or a name of `bench list`)\n"
            "  LANEWISE_CHOICE   file of `bench tune` where --choice is not given\n"
            "  LANEWISE_PEER_ISA what other libraries may use at most: same, any, avx2, avx512\n"
            "  LANEWISE_DATA     folder of data sets where --data is not given\n\n"
            "Exit codes:\n"
            "  0    done\n"
            "  1    a check failed: a kernel is wrong, a row became slower, or lies outside its interval\n"
            "  2    usage: unknown option or command, kernel or choice refused, malformed problem or model\n"
            "  3    data: a data set or a file of results is missing, unreadable, malformed, or not the one that was meant\n"
            "  4    output: a file or standard output cannot be written (disk full)\n"
            "  5    the loss became NaN or infinite\n"
            "  6    out of memory\n"
            "  130  interrupted (Ctrl-C); what was measured is kept\n");
}

static int print_version(void)
{
    printf("bench (Lanewise) %s, revision %s\n%s, %s\n", lw_build_version, lw_build_revision,
           lw_build_compiler, lw_build_flags);
    return LW_EXIT_OK;
}

static int unknown_command(const char *word)
{
    const char *names[COMMANDS];
    char all[512] = "";
    size_t length = 0;
    for (int i = 0; i < COMMANDS; i++) {
        names[i] = commands[i].name;
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", i ? ", " : "", names[i]);
    }
    const char *nearest = lw_nearest(word, names, COMMANDS);
    if (nearest)
        return lw_fail(LW_EXIT_USAGE, NULL, "unknown command '%s'; did you mean '%s'?", word, nearest);
    return lw_fail(LW_EXIT_USAGE, NULL, "unknown command '%s' (%s; bench --help says what they do)", word, all);
}

static int run(int argc, char **argv)
{
    static char kernels[] = "kernels";
    if (argc < 2) {
        print_help(stderr);
        return LW_EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return LW_EXIT_OK;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) return print_version();
    if (word[0] == '-') {
        argv[0] = kernels;
        return lw_cmd_kernels(argc, argv);
    }
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    return unknown_command(word);
}

int main(int argc, char **argv)
{
    int code = run(argc, argv);
    /* A full disk may show only now. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (code == LW_EXIT_OK)
            code = lw_fail(LW_EXIT_OUTPUT, NULL, "cannot write standard output: %s", strerror(errno));
    }
    return code;
}
