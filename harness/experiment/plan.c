/* SPDX-License-Identifier: BSD-3-Clause
 * plan.c: variants from sections, their product with the grid, and everything that can be refused before a run. */
#define _GNU_SOURCE
#include "harness/experiment/plan.h"

#include "harness/exit_codes.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(const lw_plan *p, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool refuse(const lw_plan *p, int line, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (line)
        lw_fail(0, "run", "%s:%d: %s", p->file.path, line, text);
    else
        lw_fail(0, "run", "%s", text);
    return false;
}

/* ---------------------------------------------------------------- values */

static bool set_value(const lw_plan *p, lw_variant *v, const char *key, const char *value, int line)
{
    lw_option table[LW_TRAIN_OPTIONS];
    char err[512];
    lw_train_table(&v->options, false, table);
    const lw_option *o = lw_option_named(table, key);
    if (!o) {
        const char *names[LW_TRAIN_OPTIONS], *nearest;
        int count = 0;
        for (const lw_option *t = table; t->kind != LW_OPT_END; t++)
            if (t->kind != LW_OPT_HEADING) names[count++] = t->name;
        nearest = lw_nearest(key, names, count);
        if (nearest) return refuse(p, line, "unknown key '%s'; did you mean '%s'?", key, nearest);
        return refuse(p, line, "unknown key '%s' (bench train --help lists the options)", key);
    }
    if (lw_option_set(o, value, err, sizeof err)) return true;
    return refuse(p, line, "%s %s", key, err);
}

static bool set_section(const lw_plan *p, lw_variant *v, int section)
{
    const bool quick = section == lw_ini_find(&p->file, "quick");
    for (int i = 0; i < p->file.entries; i++) {
        const lw_ini_entry *e = &p->file.entry[i];
        if (quick && strcmp(e->key, "seeds") == 0) continue; /* read_experiment has read it */
        if (e->section == section && !set_value(p, v, e->key, e->value, e->line)) return false;
    }
    return true;
}

static bool set_extra(const lw_plan *p, lw_variant *v)
{
    for (int i = 0; i < p->sets; i++) { /* key, then value behind its '\0' */
        const char *key = p->set[i];
        if (!set_value(p, v, key, key + strlen(key) + 1, 0)) return false;
    }
    return true;
}

/* A copy without blanks around it, which lasts as long as the plan: options point at their texts. */
static const char *keep(lw_plan *p, const char *text, size_t length)
{
    while (length && isspace((unsigned char)*text)) text++, length--;
    while (length && isspace((unsigned char)text[length - 1])) length--;
    char **more = realloc(p->text, (size_t)(p->texts + 1) * sizeof *more);
    if (!more) return NULL;
    p->text = more;
    p->text[p->texts] = strndup(text, length);
    return p->text[p->texts] ? p->text[p->texts++] : NULL;
}

/* ---------------------------------------------------------------- weights of another experiment's runs */

static bool read_plan(lw_plan *p, const char *path, bool quick, bool is_first, char *const *set, int sets, int *code);

/* The plan in FILE.ini beside this one, read once. NULL: the refusal has been printed. */
static lw_plan *first_plan(lw_plan *p, const lw_variant *v, const char *file, int length)
{
    const char *slash = strrchr(p->file.path, '/');
    char path[1024];
    int code;
    snprintf(path, sizeof path, "%.*s%.*s", slash ? (int)(slash + 1 - p->file.path) : 0, p->file.path, length, file);
    for (int i = 0; i < p->firsts; i++)
        if (strcmp(p->first[i]->file.path, path) == 0) return p->first[i];
    const char *kept = keep(p, path, strlen(path));
    lw_plan **more = realloc(p->first, (size_t)(p->firsts + 1) * sizeof *more), *first = calloc(1, sizeof *first);
    if (more) p->first = more;
    if (!kept || !more || !first) {
        free(first);
        refuse(p, v->line, "out of memory");
        return NULL;
    }
    p->first[p->firsts++] = first;
    return read_plan(first, kept, p->quick, true, NULL, 0, &code) ? first : NULL;
}

static bool find_first(lw_plan *p, lw_variant *v)
{
    const char *from = v->options.init_from, *colon = from ? strstr(from, ".ini:") : NULL;
    if (!colon) return true;
    if (p->is_first)
        return refuse(p, v->line, "%s starts from weights of %s, and others shall start from its own: that is one too many",
                      v->name, from);
    v->first = first_plan(p, v, from, (int)(colon + 4 - from));
    if (!v->first) return false;
    const char *name = colon + 5;
    for (v->first_variant = 0; v->first_variant < v->first->variants; v->first_variant++)
        if (strcmp(v->first->variant[v->first_variant].name, name) == 0)
            return v->first->variant[v->first_variant].unusable ||
                   lw_plan_identity(v->first, v->first_variant, 1, v->options.init_run) || refuse(p, v->line, "out of memory");
    return refuse(p, v->line, "init-from: no variant '%s' in %s", name, v->first->file.path);
}

/* ---------------------------------------------------------------- what can be known of a run before it */

/* Images of 28 x 28 are what all known sets have; a folder's are known when it is read. */
static bool check_model(const lw_plan *p, lw_variant *v)
{
    static lw_model model; /* too large for a stack */
    const char *data = v->options.data;
    const lw_known_set *known = lw_known_set_named(data);
    bool synthetic = strcmp(data, "synthetic") == 0;
    lw_error err;
    v->work = NAN;
    if (!known && !synthetic) return true;
    if (!lw_model_parse(&model, v->options.model, (lw_dims){28, 28, 1}, &err))
        return refuse(p, v->line, "%s: %s", v->name, err.text);
    double images = (known ? known->train : 12000) * (1 - v->options.validation_split) * v->options.fraction;
    v->work = lw_model_train_flop(&model) * images * v->options.epochs;
    return true;
}

static bool check_choice(const lw_plan *p, const lw_variant *v, lw_dispatch *kernels)
{
    char why[1024];
    lw_choices choices;
    if (!lw_choices_open(&choices, kernels, v->options.choice, v->options.variant, why, sizeof why))
        return refuse(p, v->line, "%s: %s", v->name, why);
    lw_choices_free(&choices);
    return true;
}

/* A set that exists and that this machine cannot run is no mistake of the file. */
static bool check_kernel(lw_plan *p, lw_variant *v)
{
    const lw_variant *first = v->first ? &v->first->variant[v->first_variant] : NULL;
    char message[1024];
    lw_dispatch kernels;
    v->unusable = first ? first->unusable : NULL;
    if (lw_dispatch_init(&kernels, v->options.kernel, message, sizeof message)) return check_choice(p, v, &kernels);
    if (!v->options.kernel || lw_isa_named(v->options.kernel) == LW_ISA_COUNT) return refuse(p, v->line, "%s: %s", v->name, message);
    v->unusable = keep(p, message, strlen(message));
    return v->unusable || refuse(p, v->line, "out of memory");
}

static bool add_variant(lw_plan *p, lw_variant *v)
{
    char err[1024], identity[LW_SHA256_HEX], other[LW_SHA256_HEX];
    if (p->quick && !set_section(p, v, lw_ini_find(&p->file, "quick"))) return false;
    if (!set_extra(p, v) || !find_first(p, v)) return false;
    if (!v->options.data) v->options.data = "mnist";
    if (!lw_train_resolve(&v->options, err, sizeof err)) return refuse(p, v->line, "%s: %s", v->name, err);
    if (!check_model(p, v) || !check_kernel(p, v)) return false;
    lw_variant *more = realloc(p->variant, (size_t)(p->variants + 1) * sizeof *more);
    if (!more) return refuse(p, v->line, "out of memory");
    p->variant = more;
    p->variant[p->variants++] = *v;
    for (int i = 0; i + 1 < p->variants; i++)
        if (lw_plan_identity(p, i, 1, identity) && lw_plan_identity(p, p->variants - 1, 1, other) && !strcmp(identity, other))
            return refuse(p, v->line, "variants %s and %s are the same configuration", p->variant[i].name, v->name);
    return true;
}

/* ---------------------------------------------------------------- sections */

/* The variant once for each combination of the grid's entries from number `entry` on. */
static bool multiply(lw_plan *p, const lw_variant *v, int grid, int entry)
{
    while (entry < p->file.entries && p->file.entry[entry].section != grid) entry++;
    if (entry == p->file.entries) {
        lw_variant last = *v;
        return add_variant(p, &last);
    }
    const lw_ini_entry *e = &p->file.entry[entry];
    for (const char *at = e->value;; at++) {
        size_t length = strcspn(at, "|");
        const char *value = keep(p, at, length);
        if (!value) return refuse(p, e->line, "out of memory");
        if (strchr(value, '"')) return refuse(p, e->line, "%s holds a quote, and variants are named after it", e->key);
        lw_variant next = *v;
        size_t used = strlen(next.name);
        int need = snprintf(next.name + used, sizeof next.name - used, "%s%s=%s", used ? "/" : "", e->key, value);
        if ((size_t)need >= sizeof next.name - used) return refuse(p, e->line, "the name of a variant grows too long: %s", next.name);
        if (!set_value(p, &next, e->key, value, e->line) || !multiply(p, &next, grid, entry + 1)) return false;
        at += length;
        if (!*at) return true;
    }
}

static bool is_variant(const char *section)
{
    return strcmp(section, "experiment") != 0 && strcmp(section, "base") != 0 && strcmp(section, "grid") != 0 &&
           strcmp(section, "quick") != 0;
}

static bool read_variants(lw_plan *p)
{
    int base = lw_ini_find(&p->file, "base"), grid = lw_ini_find(&p->file, "grid"), count = 0;
    lw_variant v;
    for (int i = 0; i < p->file.sections; i++) {
        if (!is_variant(p->file.section[i].name)) continue;
        count++;
        v = (lw_variant){.line = p->file.section[i].line};
        snprintf(v.name, sizeof v.name, "%s", p->file.section[i].name);
        lw_train_defaults(&v.options);
        if ((base >= 0 && !set_section(p, &v, base)) || !set_section(p, &v, i) || !multiply(p, &v, grid, 0)) return false;
    }
    if (count) return true;
    v = (lw_variant){.line = grid >= 0 ? p->file.section[grid].line : base >= 0 ? p->file.section[base].line : 1};
    if (grid < 0) snprintf(v.name, sizeof v.name, "base");
    lw_train_defaults(&v.options);
    return (base < 0 || set_section(p, &v, base)) && multiply(p, &v, grid, 0);
}

static bool read_seeds(lw_plan *p, const lw_ini_entry *e)
{
    p->seeds = lw_parse_seeds(e->value, p->seed, LW_TRAIN_SEEDS);
    return p->seeds || refuse(p, e->line, "seeds wants a range or a list, such as 1..5 or 1,2,9; got '%s'", e->value);
}

static bool read_quick_seeds(lw_plan *p)
{
    int section = lw_ini_find(&p->file, "quick");
    if (section < 0) return refuse(p, 1, "has no section [quick], which says what its reduced form is");
    for (int i = 0; i < p->file.entries; i++) {
        const lw_ini_entry *e = &p->file.entry[i];
        if (e->section == section && strcmp(e->key, "seeds") == 0) return read_seeds(p, e);
    }
    return true;
}

static bool read_experiment(lw_plan *p, const char **baseline, int *baseline_line)
{
    int section = lw_ini_find(&p->file, "experiment");
    for (int i = 0; i < p->file.entries; i++) {
        const lw_ini_entry *e = &p->file.entry[i];
        if (e->section != section) continue;
        if (strcmp(e->key, "name") == 0) {
            if (!e->value[0] || strlen(e->value) >= sizeof p->name || strpbrk(e->value, "/\","))
                return refuse(p, e->line, "name wants up to 63 characters without / , and quotes; got '%s'", e->value);
            strcpy(p->name, e->value);
        } else if (strcmp(e->key, "seeds") == 0) {
            if (!read_seeds(p, e)) return false;
        } else if (strcmp(e->key, "baseline") == 0) {
            *baseline = e->value;
            *baseline_line = e->line;
        } else {
            return refuse(p, e->line, "[experiment] has name, seeds and baseline; got '%s'", e->key);
        }
    }
    return true;
}

static bool copy_sets(lw_plan *p, char *const *set, int sets)
{
    p->set = calloc((size_t)sets + 1, sizeof *p->set);
    for (int i = 0; p->set && i < sets; i++) {
        const char *equals = strchr(set[i], '=');
        if (!equals || equals == set[i]) return refuse(p, 0, "--set wants key=value, got '%s'", set[i]);
        p->set[i] = strdup(set[i]);
        if (!p->set[i]) return refuse(p, 0, "out of memory");
        p->set[i][equals - set[i]] = '\0';
        p->sets = i + 1;
    }
    return p->set || refuse(p, 0, "out of memory");
}

static bool read_plan(lw_plan *p, const char *path, bool quick, bool is_first, char *const *set, int sets, int *code)
{
    char err[1024];
    const char *baseline = NULL;
    int line = 0;
    *p = (lw_plan){.seeds = 1, .seed = {1}, .quick = quick, .is_first = is_first};
    *code = LW_EXIT_USAGE;
    if (!lw_ini_read(&p->file, path, err, sizeof err)) {
        lw_fail(0, "run", "%s", err);
        return false;
    }
    const char *slash = strrchr(path, '/'), *first = slash ? slash + 1 : path, *dot = strrchr(first, '.');
    snprintf(p->name, sizeof p->name, "%.*s", (int)(dot && dot > first ? dot - first : (ptrdiff_t)strlen(first)), first);
    bool ok = copy_sets(p, set, sets) && read_experiment(p, &baseline, &line) && (!quick || read_quick_seeds(p)) &&
              read_variants(p);
    for (p->baseline = 0; ok && baseline && strcmp(p->variant[p->baseline].name, baseline) != 0;)
        if (++p->baseline == p->variants) ok = refuse(p, line, "baseline '%s' is none of the variants", baseline);
    return ok;
}

bool lw_plan_read(lw_plan *p, const char *path, bool quick, char *const *set, int sets, int *code)
{
    return read_plan(p, path, quick, false, set, sets, code);
}

bool lw_plan_usable(const lw_plan *p)
{
    for (int i = 0; i < p->variants; i++)
        if (p->variant[i].unusable) return refuse(p, p->variant[i].line, "%s: %s", p->variant[i].name, p->variant[i].unusable);
    return true;
}

void lw_plan_free(lw_plan *p)
{
    for (int i = 0; i < p->sets; i++)
        free(p->set[i]);
    for (int i = 0; i < p->texts; i++)
        free(p->text[i]);
    for (int i = 0; i < p->firsts; i++) {
        lw_plan_free(p->first[i]);
        free(p->first[i]);
    }
    free(p->first);
    free(p->set);
    free(p->text);
    free(p->variant);
    lw_ini_free(&p->file);
}

bool lw_plan_identity(const lw_plan *p, int variant, uint64_t seed, char identity[LW_SHA256_HEX])
{
    const lw_variant *v = &p->variant[variant];
    lw_train_options o = v->options;
    char message[1024];
    lw_dispatch kernels;
    if (!lw_dispatch_init(&kernels, o.kernel, message, sizeof message)) return false;
    if (v->first && !lw_plan_identity(v->first, v->first_variant, seed, o.init_run)) return false;
    return lw_train_identity(&o, lw_isa_name(kernels.isa), o.data, seed, identity);
}

bool lw_plan_configuration(const lw_plan *p, int variant, char configuration[LW_SHA256_HEX])
{
    const lw_variant *v = &p->variant[variant];
    lw_train_options o = v->options;
    if (v->first && !lw_plan_configuration(v->first, v->first_variant, o.init_run)) return false;
    return lw_train_identity(&o, o.kernel ? o.kernel : "any", o.data, 0, configuration);
}
