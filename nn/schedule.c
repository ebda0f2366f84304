/* SPDX-License-Identifier: BSD-3-Clause
 * schedule.c: the schedules, a function and a row each. */
#include "nn/schedule.h"

#include "nn/settings.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* `at` of `length` epochs have passed; a fraction of an epoch counts. */
typedef double (*schedule_factor)(const double *arg, double at, double length);

static double constant(const double *arg, double at, double length)
{
    (void)arg, (void)at, (void)length;
    return 1;
}

enum { STEP_EVERY, STEP_FACTOR };

static double steps(const double *arg, double at, double length)
{
    (void)length;
    return pow(arg[STEP_FACTOR], floor(at / arg[STEP_EVERY]));
}

enum { EXPONENTIAL_FACTOR };

static double exponential(const double *arg, double at, double length)
{
    (void)length;
    return pow(arg[EXPONENTIAL_FACTOR], at);
}

enum { POLYNOMIAL_POWER, POLYNOMIAL_MIN };

static double polynomial(const double *arg, double at, double length)
{
    return arg[POLYNOMIAL_MIN] + (1 - arg[POLYNOMIAL_MIN]) * pow(1 - at / length, arg[POLYNOMIAL_POWER]);
}

/* From `from` to `to` along half a cosine, as `part` goes from 0 to 1. */
static double half_cosine(double from, double to, double part)
{
    const double pi = 3.14159265358979323846;
    return to + (from - to) * (1 + cos(pi * part)) / 2;
}

enum { COSINE_MIN, COSINE_CYCLE, COSINE_GROWTH };

/* Loshchilov & Hutter, SGDR (2017): each cycle `growth` times as long as the one before it. */
static double cosine(const double *arg, double at, double length)
{
    double cycle = arg[COSINE_CYCLE] > 0 ? arg[COSINE_CYCLE] : length;
    while (arg[COSINE_CYCLE] > 0 && at >= cycle) {
        at -= cycle;
        cycle *= arg[COSINE_GROWTH];
    }
    return half_cosine(1, arg[COSINE_MIN], fmin(at / cycle, 1));
}

enum { ONECYCLE_RISE, ONECYCLE_START, ONECYCLE_END };

/* Smith & Topin, Super-convergence (2018), with cosines in place of lines. */
static double onecycle(const double *arg, double at, double length)
{
    const double rise = arg[ONECYCLE_RISE] * length;
    if (at < rise) return half_cosine(arg[ONECYCLE_START], 1, at / rise);
    return half_cosine(1, arg[ONECYCLE_END], (at - rise) / (length - rise));
}

enum { PLATEAU_FACTOR, PLATEAU_PATIENCE, PLATEAU_DELTA, PLATEAU_MIN };

#define END {.name = NULL}
#define WARMUP {"warmup", 0, 1e6, 0, false}

static const struct type {
    const char *word;
    schedule_factor factor;
    bool observes;
    lw_setting setting[LW_SCHEDULE_ARGS + 2]; /* `warmup` last */
} types[] = {
    {"constant", constant, false, {WARMUP, END}},
    {"step", steps, false,
     {{"every", 1e-3, 1e6, 1, false}, {"factor", 0, 1, 0.1, false}, WARMUP, END}},
    {"exponential", exponential, false,
     {{"factor", 1e-6, 1, 0.9, false}, WARMUP, END}},
    {"polynomial", polynomial, false,
     {{"power", 1e-3, 100, 1, false}, {"min", 0, 1, 0, false}, WARMUP, END}},
    {"cosine", cosine, false,
     {{"min", 0, 1, 0, false}, {"cycle", 0, 1e6, 0, true}, {"growth", 1, 100, 1, false}, WARMUP, END}},
    {"onecycle", onecycle, false,
     {{"rise", 0, 0.99, 0.3, false}, {"start", 0, 1, 0.04, false}, {"end", 0, 1, 1e-4, false}, WARMUP, END}},
    {"plateau", constant, true,
     {{"factor", 0, 1, 0.1, false}, {"patience", 1, 1e6, 2, true}, {"delta", 0, 1e6, 1e-4, false},
      {"min", 0, 1, 0, false}, WARMUP, END}},
};
enum { TYPES = sizeof types / sizeof *types };

static int settings_of(const struct type *type)
{
    int count = 0;
    while (type->setting[count].name) count++;
    return count;
}

static bool refuse_word(const char *word, int length, lw_error *err)
{
    char words[160] = "";
    for (int i = 0; i < TYPES; i++) {
        size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, "%s%s", i ? ", " : "", types[i].word);
    }
    return lw_refuse(err, LW_ERROR_SETTING, "no schedule '%.*s' (%s)", length, word, words);
}

bool lw_schedule_parse(lw_schedule *s, const char *text, lw_error *err)
{
    size_t length = strcspn(text, "("), all = strlen(text);
    int type = 0;
    while (type < TYPES && !(strlen(types[type].word) == length && memcmp(types[type].word, text, length) == 0))
        type++;
    if (type == TYPES) return refuse_word(text, (int)length, err);
    char inside[LW_SCHEDULE_TEXT] = "", what[48];
    if (text[length] == '(' && (text[all - 1] != ')' || all - length >= sizeof inside))
        return lw_refuse(err, LW_ERROR_SETTING, "schedule '%s' wants its settings in brackets: %s(name=value,...)", text,
                         types[type].word);
    if (text[length] == '(') snprintf(inside, sizeof inside, "%.*s", (int)(all - length - 2), text + length + 1);
    snprintf(what, sizeof what, "schedule %s", types[type].word);
    double value[LW_SCHEDULE_ARGS + 1];
    if (!lw_settings_read(inside, types[type].setting, value, what, err)) return false;
    *s = (lw_schedule){.type = type};
    int count = settings_of(&types[type]) - 1;
    memcpy(s->arg, value, (size_t)count * sizeof *value);
    s->warmup = value[count];
    return true;
}

void lw_schedule_text(const lw_schedule *s, char text[LW_SCHEDULE_TEXT])
{
    const struct type *type = &types[s->type];
    double value[LW_SCHEDULE_ARGS + 1];
    char inside[LW_SCHEDULE_TEXT];
    int count = settings_of(type) - 1;
    memcpy(value, s->arg, (size_t)count * sizeof *value);
    value[count] = s->warmup;
    lw_settings_write(type->setting, value, inside, (int)sizeof inside);
    int need = snprintf(text, LW_SCHEDULE_TEXT, inside[0] ? "%s(%s)" : "%s", type->word, inside);
    assert(need < LW_SCHEDULE_TEXT);
}

double lw_schedule_factor(const lw_schedule *s, int64_t step, int64_t steps_per_epoch, int epochs)
{
    const double at = (double)step / (double)steps_per_epoch, length = epochs - s->warmup;
    /* The first step is not at 0, or it would be lost; the last one of the warm-up is below 1. */
    if (at < s->warmup) return (double)(step + 1) / (s->warmup * (double)steps_per_epoch + 1);
    return types[s->type].factor(s->arg, at - s->warmup, length);
}

lw_plateau lw_plateau_start(void)
{
    return (lw_plateau){1, INFINITY, 0};
}

bool lw_schedule_observes(const lw_schedule *s)
{
    return types[s->type].observes;
}

void lw_schedule_observe(const lw_schedule *s, lw_plateau *state, double loss)
{
    if (!types[s->type].observes) return;
    if (loss < state->best - s->arg[PLATEAU_DELTA]) {
        state->best = loss;
        state->waited = 0;
    } else if (++state->waited >= s->arg[PLATEAU_PATIENCE]) {
        state->factor = fmax(state->factor * s->arg[PLATEAU_FACTOR], s->arg[PLATEAU_MIN]);
        state->waited = 0;
    }
}
