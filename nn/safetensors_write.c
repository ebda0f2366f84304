/* SPDX-License-Identifier: BSD-3-Clause
 * safetensors_write.c: the header as text, then the tensors as they lie in memory (little-endian). */
#define _GNU_SOURCE
#include "nn/safetensors.h"

#include "nn/aside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors holds little-endian numbers; this machine would have to swap them"
#endif

static void put_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else if (*p < 0x20)
            fprintf(out, "\\u%04x", *p);
        else
            fputc(*p, out);
    }
    fputc('"', out);
}

/* The header, padded with spaces so that the values begin at a multiple of eight. */
static char *make_header(const lw_net *net, const lw_metadata *metadata, int count, size_t *length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    if (!out) return NULL;
    fputs("{\"__metadata__\":{", out);
    for (int i = 0; i < count; i++) {
        if (i) fputc(',', out);
        put_json_text(out, metadata[i].key);
        fputc(':', out);
        put_json_text(out, metadata[i].value);
    }
    fputc('}', out);
    size_t at = 0;
    for (int i = 0; i < net->model->layers; i++)
        for (int j = 0; j < net->model->layer[i].params; j++) {
            const lw_param *p = &net->model->layer[i].param[j];
            fprintf(out, ",\"%s/%s\":{\"dtype\":\"F32\",\"shape\":[", net->model->layer[i].name, p->name);
            for (int k = 0; k < p->rank; k++)
                fprintf(out, k ? ",%d" : "%d", p->shape[k]);
            size_t bytes = (size_t)lw_param_count(p) * sizeof(float);
            fprintf(out, "],\"data_offsets\":[%zu,%zu]}", at, at + bytes);
            at += bytes;
        }
    fputc('}', out);
    while (ftell(out) % 8)
        fputc(' ', out);
    bool failed = ferror(out);
    if (fclose(out) == 0 && !failed) return text;
    free(text);
    return NULL;
}

static bool write_all(FILE *out, const lw_net *net, const char *header, size_t length)
{
    uint64_t announced = length;
    bool ok = fwrite(&announced, sizeof announced, 1, out) == 1 && fwrite(header, 1, length, out) == length;
    for (int i = 0; i < net->model->layers; i++)
        for (int j = 0; ok && j < net->model->layer[i].params; j++) {
            size_t values = (size_t)lw_param_count(&net->model->layer[i].param[j]);
            ok = fwrite(net->tensors[i].param[j], sizeof(float), values, out) == values;
        }
    return ok;
}

bool lw_safetensors_write(const char *path, const lw_net *net, const lw_metadata *metadata, int count, lw_error *err)
{
    size_t length, size = 0;
    char *file = NULL, *header = make_header(net, metadata, count, &length);
    FILE *out = header ? open_memstream(&file, &size) : NULL;
    bool memory = out && write_all(out, net, header, length);
    if (out && fclose(out) != 0) memory = false;
    bool ok = memory ? lw_write_aside(path, file, size, err) : lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
    free(file);
    free(header);
    return ok;
}
