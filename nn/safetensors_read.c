/* SPDX-License-Identifier: BSD-3-Clause
 * safetensors_read.c: finds each of a network's tensors in the header and copies its values. A header is
 * text from anywhere: every number in it is checked against the file before it is used. */
#include "nn/safetensors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HEADER_MOST = 1 << 24, DEPTH_MOST = 16 };

struct lw_safetensors {
    const char *path;
    uint8_t *bytes;
    const char *header, *header_end;
    const uint8_t *values;
    size_t value_bytes;
};

typedef struct lw_safetensors file;

/* ---------------------------------------------------------------- JSON */

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* Past the string that begins at p, or NULL. */
static const char *skip_string(const char *p, const char *end)
{
    if (p == end || *p != '"') return NULL;
    for (p++; p < end && *p != '"'; p++)
        if (*p == '\\' && p + 1 < end) p++;
    return p < end ? p + 1 : NULL;
}

/* Past the value that begins at p, or NULL. Brackets are only balanced; strings are respected. */
static const char *skip_value(const char *p, const char *end)
{
    char open[DEPTH_MOST];
    int depth = 0;
    do {
        p = skip_space(p, end);
        if (p == end) return NULL;
        if (*p == '"') {
            p = skip_string(p, end);
            if (!p) return NULL;
        } else if (*p == '{' || *p == '[') {
            if (depth == DEPTH_MOST) return NULL;
            open[depth++] = *p++;
        } else if (*p == '}' || *p == ']') {
            if (depth == 0 || open[--depth] != (*p == '}' ? '{' : '[')) return NULL;
            p++;
        } else {
            p++; /* of a number or a literal, or a sign inside brackets */
        }
    } while (depth > 0);
    while (p < end && *p != ',' && *p != '}' && *p != ']')
        p++; /* the rest of a number or a literal */
    return p;
}

/* The value of `key` in the object that begins at p, or NULL. */
static const char *find_key(const char *p, const char *end, const char *key)
{
    size_t length = strlen(key);
    p = skip_space(p, end);
    if (p == end || *p != '{') return NULL;
    do {
        p = skip_space(p + 1, end);
        const char *name = p, *after = skip_string(p, end);
        if (!after) return NULL;
        p = skip_space(after, end);
        if (p == end || *p != ':') return NULL;
        p = skip_space(p + 1, end);
        if ((size_t)(after - name) == length + 2 && memcmp(name + 1, key, length) == 0) return p;
        p = skip_value(p, end);
    } while (p && p < end && *p == ',');
    return NULL;
}

/* "[1,2,3]" of exactly `count` whole numbers. */
static bool read_numbers(const char *p, const char *end, uint64_t *number, int count)
{
    for (int i = 0; i < count; i++) {
        p = skip_space(p, end);
        if (p == end || *p != (i ? ',' : '[')) return false;
        p = skip_space(p + 1, end);
        const char *first = p;
        for (number[i] = 0; p < end && *p >= '0' && *p <= '9' && p - first < 18; p++)
            number[i] = number[i] * 10 + (uint64_t)(*p - '0');
        if (p == first) return false;
    }
    p = skip_space(p, end);
    return p < end && *p == ']';
}

/* ---------------------------------------------------------------- file */

static bool bad(const file *f, lw_error *err, const char *what)
{
    return lw_refuse(err, LW_ERROR_DATA, "%s: not a safetensors file: %s", f->path, what);
}

static bool load(file *f, lw_error *err)
{
    FILE *in = fopen(f->path, "rb");
    if (!in) return lw_refuse(err, LW_ERROR_DATA, "cannot read %s: %s", f->path, strerror(errno));
    struct stat st;
    if (fstat(fileno(in), &st) != 0 || !S_ISREG(st.st_mode)) {
        fclose(in);
        return lw_refuse(err, LW_ERROR_DATA, "cannot read %s: not a regular file", f->path);
    }
    long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    bool memory = true, ok = size >= 0 && fseek(in, 0, SEEK_SET) == 0;
    if (ok) {
        f->bytes = lw_alloc((size_t)size);
        memory = f->bytes != NULL;
        ok = memory && fread(f->bytes, 1, (size_t)size, in) == (size_t)size;
    }
    int why = errno;
    fclose(in);
    if (!memory) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s (%ld bytes)", f->path, size);
    if (!ok) return lw_refuse(err, LW_ERROR_DATA, "cannot read %s: %s", f->path, strerror(why));
    uint64_t length = 0;
    if (size < 8) return bad(f, err, "shorter than its eight-byte length");
    memcpy(&length, f->bytes, 8);
    if (length > HEADER_MOST || length > (uint64_t)size - 8) return bad(f, err, "the header is longer than the file");
    f->header = (const char *)f->bytes + 8;
    f->header_end = f->header + length;
    f->values = f->bytes + 8 + length;
    f->value_bytes = (size_t)size - 8 - (size_t)length;
    return true;
}

/* The header is one whole object, and its tensors' values end where the file ends: otherwise the header or its
 * length is damaged, and values would be read from the wrong place. */
static bool check_layout(const file *f, lw_error *err)
{
    const char *end = f->header_end, *p = skip_space(f->header, end);
    uint64_t offset[2], last = 0;
    if (p == end || *p != '{') return bad(f, err, "the header is not an object");
    do {
        const char *name = skip_space(p + 1, end), *value = skip_string(name, end);
        value = value ? skip_space(value, end) : end;
        if (value == end || *value != ':') return bad(f, err, "the header is malformed");
        value = skip_space(value + 1, end);
        const char *offsets = find_key(value, end, "data_offsets");
        if (offsets && read_numbers(offsets, end, offset, 2) && offset[1] > last) last = offset[1];
        p = skip_value(value, end);
    } while (p && p < end && *p == ',');
    if (!p || p == end || *p != '}' || skip_space(p + 1, end) != end) return bad(f, err, "the header is malformed");
    return last == f->value_bytes || bad(f, err, "the values do not end where the file ends");
}

/* The values of the tensor `name`, which must be that parameter's type and shape. */
static const uint8_t *find_tensor(const file *f, const char *name, const lw_param *param, lw_error *err)
{
    const char *entry = find_key(f->header, f->header_end, name), *end = f->header_end;
    uint64_t shape[4], offset[2];
    size_t bytes = (size_t)lw_param_count(param) * sizeof(float);
    if (!entry) {
        lw_refuse(err, LW_ERROR_DATA, "%s: no tensor '%s'; was it written for another model?", f->path, name);
        return NULL;
    }
    const char *dtype = find_key(entry, end, "dtype"), *sizes = find_key(entry, end, "shape"),
               *offsets = find_key(entry, end, "data_offsets");
    if (!dtype || end - dtype < 5 || memcmp(dtype, "\"F32\"", 5) != 0) {
        lw_refuse(err, LW_ERROR_DATA, "%s: tensor '%s' is not of dtype F32", f->path, name);
        return NULL;
    }
    bool same = sizes && read_numbers(sizes, end, shape, param->rank);
    for (int i = 0; same && i < param->rank; i++)
        same = shape[i] == (uint64_t)param->shape[i];
    if (!same) {
        lw_refuse(err, LW_ERROR_DATA, "%s: tensor '%s' has another shape than the model's", f->path, name);
        return NULL;
    }
    if (!offsets || !read_numbers(offsets, end, offset, 2) || offset[0] > offset[1] || offset[1] > f->value_bytes ||
        offset[1] - offset[0] != bytes) {
        lw_refuse(err, LW_ERROR_DATA, "%s: tensor '%s' lies outside the file, or is not as long as its shape", f->path,
                  name);
        return NULL;
    }
    return f->values + offset[0];
}

static const uint8_t *find_param(const file *f, const lw_net *net, int layer, int param, lw_error *err)
{
    const lw_layer *l = &net->model->layer[layer];
    char name[64];
    snprintf(name, sizeof name, "%s/%s", l->name, l->param[param].name);
    return find_tensor(f, name, &l->param[param], err);
}

lw_safetensors *lw_safetensors_open(const char *path, lw_error *err)
{
    file *f = calloc(1, sizeof *f);
    if (!f) {
        lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
        return NULL;
    }
    f->path = path;
    if (load(f, err) && check_layout(f, err)) return f;
    lw_safetensors_close(f);
    return NULL;
}

bool lw_safetensors_take(const lw_safetensors *f, lw_net *net, int layer, int param, lw_error *err)
{
    const uint8_t *values = find_param(f, net, layer, param, err);
    if (!values) return false;
    memcpy(net->tensors[layer].param[param], values, (size_t)lw_param_count(&net->model->layer[layer].param[param]) * sizeof(float));
    return true;
}

/* The string at `p`, whose closing quote is before `end`. Of the escapes only those of characters that need one. */
static size_t unescape(const char *p, const char *end, char *text, size_t size)
{
    size_t used = 0;
    for (p++; p < end - 1; p++) {
        if (*p == '\\') p++;
        if (used < size) text[used] = *p;
        used++;
    }
    return used;
}

bool lw_safetensors_metadata(const lw_safetensors *f, const char *key, char *text, size_t size)
{
    const char *entries = find_key(f->header, f->header_end, "__metadata__");
    const char *value = entries ? find_key(entries, f->header_end, key) : NULL;
    const char *end = value ? skip_string(value, f->header_end) : NULL;
    if (!end || unescape(value, end, NULL, 0) >= size) return false;
    text[unescape(value, end, text, size)] = '\0';
    return true;
}

void lw_safetensors_close(lw_safetensors *f)
{
    if (f) lw_free(f->bytes);
    free(f);
}

/* First looks for all tensors, then copies, so that a refusal leaves the network as it was. */
bool lw_safetensors_read(const char *path, lw_net *net, lw_error *err)
{
    lw_safetensors *f = lw_safetensors_open(path, err);
    bool ok = f != NULL;
    for (int copy = 0; copy < 2; copy++)
        for (int i = 0; i < net->model->layers; i++)
            for (int j = 0; ok && j < net->model->layer[i].params; j++)
                ok = copy ? lw_safetensors_take(f, net, i, j, err) : find_param(f, net, i, j, err) != NULL;
    lw_safetensors_close(f);
    return ok;
}
