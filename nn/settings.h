/* SPDX-License-Identifier: BSD-3-Clause
 * settings.h: numbers in text as "rotate=10,scale=0.1": one table says what is known, in which range, and what
 * holds where nothing is given. */
#ifndef LW_SETTINGS_H
#define LW_SETTINGS_H

#include "nn/error.h"

typedef struct lw_setting {
    const char *name; /* NULL ends a table */
    double min, max;  /* both included */
    double preset;
    bool whole; /* no fraction */
} lw_setting;

/* Reads `text` (NULL or empty: all presets) into value[0 ..], in the order of the table. On false `err` begins with
 * `what` and says which setting is wrong and what would be right. */
bool lw_settings_read(const char *text, const lw_setting *table, double *value, const char *what, lw_error *err);

/* The inverse, for records: only what differs from its preset, in the table's order; "" for none. */
void lw_settings_write(const lw_setting *table, const double *value, char *text, int size);

#endif
