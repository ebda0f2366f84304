/* SPDX-License-Identifier: BSD-3-Clause
 * ini_file.h: an INI file as a list of entries that know their line. Read with inih; a value goes on in lines that
 * follow it and are indented. */
#ifndef LW_INI_FILE_H
#define LW_INI_FILE_H

#include <stdbool.h>

typedef struct lw_ini_entry {
    char *key, *value;
    int section; /* its number */
    int line;
} lw_ini_entry;

typedef struct lw_ini_section {
    char *name;
    int line;
} lw_ini_section;

typedef struct lw_ini_file {
    const char *path;
    int sections, entries;
    lw_ini_section *section; /* in the order of the file; empty ones too */
    lw_ini_entry *entry;
} lw_ini_file;

/* Refuses what is not INI, sections and keys that are there twice, and keys before the first section. On false `err`
 * is one line that begins "PATH:LINE: ". */
bool lw_ini_read(lw_ini_file *f, const char *path, char *err, int size);
void lw_ini_free(lw_ini_file *f);

int lw_ini_find(const lw_ini_file *f, const char *section); /* its number, -1: none */

#endif
