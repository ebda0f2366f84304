/* SPDX-License-Identifier: BSD-3-Clause
 * model_named.c: what `--model` may say instead of a model's text. */
#include "nn/model_named.h"

#include "nn/layer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool too_long(const char *what, lw_error *err)
{
    return lw_refuse(err, LW_ERROR_MODEL, "%.200s: a model's text has at most %d bytes", what, LW_MODEL_TEXT - 1);
}

/* Comments become spaces, so that columns stay those of the file. */
static void blank_comments(char *text)
{
    bool comment = false;
    for (char *p = text; *p; p++) {
        comment = *p != '\n' && (comment || *p == '#');
        if (comment) *p = ' ';
    }
}

static bool read_file(const char *path, char text[LW_MODEL_TEXT], lw_error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) return lw_refuse(err, LW_ERROR_MODEL, "cannot read the model %.200s: %s", path, strerror(errno));
    const size_t count = fread(text, 1, LW_MODEL_TEXT, file);
    const bool failed = ferror(file);
    fclose(file);
    if (failed) return lw_refuse(err, LW_ERROR_MODEL, "cannot read the model %.200s", path);
    if (count == LW_MODEL_TEXT) return too_long(path, err);
    if (memchr(text, '\0', count)) return lw_refuse(err, LW_ERROR_MODEL, "%.200s is not a text", path);
    text[count] = '\0';
    blank_comments(text);
    return true;
}

static bool is_layer(const char *word)
{
    for (int i = 0; lw_layer_types[i]; i++)
        if (strcmp(word, lw_layer_types[i]->word) == 0) return true;
    return false;
}

static bool find_name(const char *name, char text[LW_MODEL_TEXT], lw_error *err)
{
    char known[512] = "";
    for (const lw_named_model *m = lw_named_models; m->name; m++) {
        if (strcmp(name, m->name) == 0) {
            snprintf(text, LW_MODEL_TEXT, "%s", m->text);
            return true;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, " %s", m->name);
    }
    return lw_refuse(err, LW_ERROR_MODEL, "unknown model '%.40s'; known:%s; or layers such as conv(32,3), or @FILE", name,
                     known);
}

bool lw_model_text(const char *request, char text[LW_MODEL_TEXT], lw_error *err)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    if (request[0] == '@') return read_file(request + 1, text, err);
    if (request[0] && !request[strspn(request, word)] && !is_layer(request)) return find_name(request, text, err);
    if (strlen(request) >= LW_MODEL_TEXT) return too_long("--model", err);
    snprintf(text, LW_MODEL_TEXT, "%s", request);
    return true;
}
