/* SPDX-License-Identifier: BSD-3-Clause
 * commands.h: one function per command of `bench`; argv[0] is the command's name. Each returns an
 * exit code of exit_codes.h. Data goes to stdout, talk to stderr. */
#ifndef LW_COMMANDS_H
#define LW_COMMANDS_H

int lw_cmd_kernels(int argc, char **argv);
int lw_cmd_compare(int argc, char **argv);
int lw_cmd_tune(int argc, char **argv);
int lw_cmd_diff(int argc, char **argv);
int lw_cmd_verify(int argc, char **argv);
int lw_cmd_list(int argc, char **argv);
int lw_cmd_check(int argc, char **argv);
int lw_cmd_train(int argc, char **argv);
int lw_cmd_infer(int argc, char **argv);
int lw_cmd_lr_find(int argc, char **argv);
int lw_cmd_augment(int argc, char **argv);
int lw_cmd_run(int argc, char **argv);
int lw_cmd_table(int argc, char **argv);
int lw_cmd_reproduce(int argc, char **argv);
int lw_cmd_data(int argc, char **argv);
int lw_cmd_roofline(int argc, char **argv);
int lw_cmd_machine(int argc, char **argv);

#endif
