/* SPDX-License-Identifier: BSD-3-Clause
 * record.c: values one after the other in one buffer. */
#include "harness/records/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 128 };

struct lw_record {
    int count;
    size_t at[MOST]; /* where each value begins */
    bool number[MOST];
    char *text;
    size_t length, capacity;
    bool failed;
};

lw_record *lw_record_new(void)
{
    return calloc(1, sizeof(lw_record));
}

void lw_record_free(lw_record *r)
{
    if (r) free(r->text);
    free(r);
}

void lw_record_clear(lw_record *r)
{
    r->count = 0;
    r->length = 0;
    r->failed = false;
}

static void add(lw_record *r, const char *value, bool number)
{
    const size_t size = strlen(value) + 1;
    if (r->length + size > r->capacity) {
        const size_t capacity = 2 * (r->length + size) + 1024;
        char *text = realloc(r->text, capacity);
        if (text) {
            r->text = text;
            r->capacity = capacity;
        }
        r->failed = r->failed || !text;
    }
    if (r->failed || r->count == MOST) {
        r->failed = true;
        return;
    }
    memcpy(r->text + r->length, value, size);
    r->number[r->count] = number;
    r->at[r->count++] = r->length;
    r->length += size;
}

void lw_record_text(lw_record *r, const char *value)
{
    add(r, value ? value : "", false);
}

void lw_record_int(lw_record *r, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    add(r, text, true);
}

void lw_record_real(lw_record *r, double value, int digits)
{
    char text[64] = "";
    if (isfinite(value)) snprintf(text, sizeof text, "%.*g", digits, value);
    add(r, text, true);
}

bool lw_record_complete(const lw_record *r)
{
    return !r->failed;
}

int lw_record_count(const lw_record *r)
{
    return r->count;
}

const char *lw_record_value(const lw_record *r, int i)
{
    return r->text + r->at[i];
}

bool lw_record_is_number(const lw_record *r, int i)
{
    return r->number[i];
}
