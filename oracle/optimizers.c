/* SPDX-License-Identifier: BSD-3-Clause
 * optimizers.c: the oracle of the optimiser steps. */
#include "oracle/spec.h"

#include "oracle/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TERMS (16 * LW_EPS) /* the contracts' bound, times the magnitudes */

static bool parse_real(lw_scan *s, const char *word, double lo, double hi, float *value)
{
    double v;
    if (!lw_scan_word(s, word)) return false;
    if (!lw_scan_real(s, word + 1, lo, hi, &v)) return false;
    *value = (float)v;
    return true;
}

static bool parse_count(lw_scan *s, ptrdiff_t *n)
{
    long v;
    if (!lw_scan_expect(s, "n") || !lw_scan_whole(s, "n", 0, 1L << 36, &v)) return false;
    *n = v;
    return true;
}

/* Appends what differs from the preset, so that the canonical text is the short one. */
static void print_option(lw_problem *p, const char *word, double value, double preset)
{
    const size_t n = strlen(p->text);
    if (value != preset) snprintf(p->text + n, sizeof p->text - n, "%s%.9g", word, value);
}

static void print_flag(lw_problem *p, const char *word, bool set)
{
    const size_t n = strlen(p->text);
    if (set) snprintf(p->text + n, sizeof p->text - n, "%s", word);
}

static lw_operand line(const char *name, size_t slot, lw_role role, ptrdiff_t n)
{
    return (lw_operand){.name = name, .slot = slot, .role = role, .rows = 1, .cols = n, .ld = n};
}

static bool awkward_count(size_t i, ptrdiff_t *n)
{
    static const int large[] = {127, 128, 129, 255, 257, 1000, 4097};
    enum { SMALL = 70, LARGE = sizeof large / sizeof large[0] };
    if (i >= SMALL + LARGE) return false;
    *n = i < SMALL ? (ptrdiff_t)i : large[i - SMALL];
    return true;
}

static const char *const problems[] = {"n93376", "n1024", "n4194304", NULL};

/* ---------------------------------------------------------------- SGD */

enum { SGD_GRAD, SGD_W, SGD_VELOCITY };

static const lw_sgd_args sgd_preset = {.lr = 0.01f, .momentum = 0.9f};

/* Without momentum the velocity is neither read nor written: left out, it may not be touched. */
static void close_sgd(lw_problem *p)
{
    p->without = p->args.sgd.momentum == 0 ? 1u << SGD_VELOCITY : 0;
}

static bool sgd_parse(lw_scan *s, lw_problem *p)
{
    lw_sgd_args *a = &p->args.sgd;
    *a = sgd_preset;
    if (!parse_count(s, &a->n)) return false;
    for (;;) {
        if (parse_real(s, "_lr", 0, 1e9, &a->lr) || parse_real(s, "_momentum", 0, 1, &a->momentum) ||
            parse_real(s, "_wd", 0, 1e9, &a->weight_decay))
            continue;
        if (!lw_scan_word(s, "_nesterov")) break;
        a->nesterov = true;
    }
    close_sgd(p);
    return lw_scan_end(s);
}

static void sgd_print(lw_problem *p)
{
    const lw_sgd_args *a = &p->args.sgd;
    snprintf(p->text, sizeof p->text, "n%td", a->n);
    print_option(p, "_lr", (double)a->lr, (double)sgd_preset.lr);
    print_option(p, "_momentum", (double)a->momentum, (double)sgd_preset.momentum);
    print_option(p, "_wd", (double)a->weight_decay, 0);
    print_flag(p, "_nesterov", a->nesterov);
}

static int sgd_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const ptrdiff_t n = p->args.sgd.n;
    out[SGD_GRAD] = line("grad", offsetof(lw_sgd_args, grad), LW_IN, n);
    out[SGD_W] = line("w", offsetof(lw_sgd_args, w), LW_INOUT, n);
    out[SGD_VELOCITY] = line("velocity", offsetof(lw_sgd_args, velocity), LW_INOUT, n);
    return 3;
}

static double sgd_flop(const lw_problem *p)
{
    const lw_sgd_args *a = &p->args.sgd;
    return (double)a->n * (a->momentum == 0 ? 4 : a->nesterov ? 8 : 6);
}

static void sgd_variant(lw_problem *p, size_t variant)
{
    lw_sgd_args *a = &p->args.sgd;
    a->lr = 0.1f;
    a->momentum = variant % 3 ? 0.9f : 0;
    a->weight_decay = variant % 2 ? 1e-2f : 0;
    a->nesterov = variant % 3 == 2;
    close_sgd(p);
}

static bool sgd_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    sgd_variant(p, i / 2);
    return awkward_count(i, &p->args.sgd.n);
}

static void sgd_any(lw_problem *p, uint64_t *random)
{
    sgd_variant(p, (size_t)lw_random_int(random, 0, 5));
    p->args.sgd.n = lw_random_int(random, 0, 2000);
}

static void sgd_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_sgd_args *a = &p->args.sgd;
    const float *grad = data[SGD_GRAD], *w = data[SGD_W], *velocity = data[SGD_VELOCITY];
    const double decay = (double)a->weight_decay, momentum = (double)a->momentum, lr = (double)a->lr;
    for (ptrdiff_t i = 0; i < a->n; i++) {
        const double wi = (double)w[i], g = (double)grad[i] + decay * wi, g_size = fabs((double)grad[i]) + fabs(decay * wi);
        double step = g, size = g_size;
        if (momentum != 0) {
            const double v = momentum * (double)velocity[i] + g, v_size = fabs(momentum * (double)velocity[i]) + g_size;
            want[SGD_VELOCITY].value[i] = v;
            want[SGD_VELOCITY].bound[i] = TERMS * v_size + 4 * 0x1p-149;
            step = a->nesterov ? g + momentum * v : v;
            size = a->nesterov ? g_size + momentum * v_size : v_size;
        }
        want[SGD_W].value[i] = wi - lr * step;
        want[SGD_W].bound[i] = TERMS * (fabs(wi) + lr * size) + 8 * 0x1p-149;
    }
}

const lw_spec lw_spec_sgd = {
    .syntax = "nN[_lrX][_momentumX][_wdX][_nesterov]", .problems = problems, .quick = 1,
    .parse = sgd_parse, .print = sgd_print, .operands = sgd_operands, .flop = sgd_flop,
    .awkward = sgd_awkward, .any = sgd_any, .reference = sgd_reference};

/* ---------------------------------------------------------------- Adam */

enum { ADAM_GRAD, ADAM_W, ADAM_M, ADAM_V };

static const lw_adam_args adam_preset = {
    .lr = 1e-3f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-7f, .step = 10};

static bool adam_parse(lw_scan *s, lw_problem *p)
{
    lw_adam_args *a = &p->args.adam;
    long step;
    *a = adam_preset;
    if (!parse_count(s, &a->n)) return false;
    for (;;) {
        if (parse_real(s, "_lr", 0, 1e9, &a->lr) || parse_real(s, "_wd", 0, 1e9, &a->weight_decay) ||
            parse_real(s, "_beta1_", 0, 0.9999999, &a->beta1) || parse_real(s, "_beta2_", 0, 0.9999999, &a->beta2) ||
            parse_real(s, "_eps", 0, 1, &a->epsilon))
            continue;
        if (lw_scan_word(s, "_step")) {
            if (lw_scan_whole(s, "step", 1, 1L << 40, &step)) a->step = step;
        } else if (lw_scan_word(s, "_decoupled")) {
            a->decoupled = true;
        } else {
            return lw_scan_end(s);
        }
    }
}

static void adam_print(lw_problem *p)
{
    const lw_adam_args *a = &p->args.adam;
    snprintf(p->text, sizeof p->text, "n%td", a->n);
    print_option(p, "_lr", (double)a->lr, (double)adam_preset.lr);
    print_option(p, "_wd", (double)a->weight_decay, 0);
    print_option(p, "_beta1_", (double)a->beta1, (double)adam_preset.beta1);
    print_option(p, "_beta2_", (double)a->beta2, (double)adam_preset.beta2);
    print_option(p, "_eps", (double)a->epsilon, (double)adam_preset.epsilon);
    print_option(p, "_step", (double)a->step, (double)adam_preset.step);
    print_flag(p, "_decoupled", a->decoupled);
}

static int adam_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const ptrdiff_t n = p->args.adam.n;
    out[ADAM_GRAD] = line("grad", offsetof(lw_adam_args, grad), LW_IN, n);
    out[ADAM_W] = line("w", offsetof(lw_adam_args, w), LW_INOUT, n);
    out[ADAM_M] = line("m", offsetof(lw_adam_args, m), LW_INOUT, n);
    out[ADAM_V] = line("v", offsetof(lw_adam_args, v), LW_INOUT, n);
    out[ADAM_V].values = LW_VALUES_NONNEGATIVE;
    return 4;
}

static double adam_flop(const lw_problem *p)
{
    return 14.0 * (double)p->args.adam.n;
}

static void adam_variant(lw_problem *p, size_t variant)
{
    static const int64_t steps[] = {1, 2, 10, 100000};
    p->args.adam = adam_preset;
    p->args.adam.step = steps[variant % 4];
    p->args.adam.weight_decay = variant % 3 ? 1e-2f : 0;
    p->args.adam.decoupled = variant % 3 == 2;
}

static bool adam_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    adam_variant(p, i);
    return awkward_count(i, &p->args.adam.n);
}

static void adam_any(lw_problem *p, uint64_t *random)
{
    adam_variant(p, (size_t)lw_random_int(random, 0, 11));
    p->args.adam.n = lw_random_int(random, 0, 2000);
}

/* The step divides by a root of v, so its bound follows from the ends of v's interval; rate * m may underflow
 * before it is divided. */
static double root_step_bound(double m, double m_error, double v, double v_error, double rate, double root, double epsilon)
{
    const double most = sqrt(v) * root + epsilon, least = sqrt(fmax(v - v_error, 0)) * root + epsilon;
    return (rate * (fabs(m) + m_error) + 4 * 0x1p-149) / least - rate * fabs(m) / most;
}

static void adam_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_adam_args *a = &p->args.adam;
    const float *grad = data[ADAM_GRAD], *w = data[ADAM_W], *m = data[ADAM_M], *v = data[ADAM_V];
    const double beta1 = (double)a->beta1, beta2 = (double)a->beta2, lr = (double)a->lr, decay = (double)a->weight_decay;
    const double rate = lr / (1 - pow(beta1, (double)a->step)), root = 1 / sqrt(1 - pow(beta2, (double)a->step));
    for (ptrdiff_t i = 0; i < a->n; i++) {
        const double wi = (double)w[i], shrink = a->decoupled ? 0 : decay * wi;
        const double g = a->decoupled ? (double)grad[i] : (double)grad[i] + shrink, g_size = fabs((double)grad[i]) + fabs(shrink);
        const double mi = beta1 * (double)m[i] + (1 - beta1) * g, vi = beta2 * (double)v[i] + (1 - beta2) * g * g;
        const double m_error = TERMS * (beta1 * fabs((double)m[i]) + (1 - beta1) * g_size) + 4 * 0x1p-149;
        const double v_error = TERMS * (beta2 * (double)v[i] + (1 - beta2) * g_size * g_size) + 4 * 0x1p-149;
        const double step = rate * mi / (sqrt(vi) * root + (double)a->epsilon);
        const double less = a->decoupled ? lr * decay * wi + step : step;
        const double step_error = root_step_bound(mi, m_error, vi, v_error, rate, root, (double)a->epsilon);
        want[ADAM_M].value[i] = mi;
        want[ADAM_M].bound[i] = m_error;
        want[ADAM_V].value[i] = vi;
        want[ADAM_V].bound[i] = v_error;
        want[ADAM_W].value[i] = wi - less;
        want[ADAM_W].bound[i] = TERMS * (fabs(wi) + fabs(step) + fabs(less)) + step_error + 8 * 0x1p-149;
    }
}

const lw_spec lw_spec_adam = {
    .syntax = "nN[_lrX][_wdX][_beta1_X][_beta2_X][_epsX][_stepN][_decoupled]", .problems = problems, .quick = 1,
    .parse = adam_parse, .print = adam_print, .operands = adam_operands, .flop = adam_flop,
    .awkward = adam_awkward, .any = adam_any, .reference = adam_reference};

/* ---------------------------------------------------------------- RMSprop */

enum { RMSPROP_GRAD, RMSPROP_W, RMSPROP_V };

static const lw_rmsprop_args rmsprop_preset = {.lr = 1e-3f, .rho = 0.9f, .epsilon = 1e-7f};

static bool rmsprop_parse(lw_scan *s, lw_problem *p)
{
    lw_rmsprop_args *a = &p->args.rmsprop;
    *a = rmsprop_preset;
    if (!parse_count(s, &a->n)) return false;
    while (parse_real(s, "_lr", 0, 1e9, &a->lr) || parse_real(s, "_wd", 0, 1e9, &a->weight_decay) ||
           parse_real(s, "_rho", 0, 0.9999999, &a->rho) || parse_real(s, "_eps", 1e-30, 1, &a->epsilon)) {
    }
    return lw_scan_end(s);
}

static void rmsprop_print(lw_problem *p)
{
    const lw_rmsprop_args *a = &p->args.rmsprop;
    snprintf(p->text, sizeof p->text, "n%td", a->n);
    print_option(p, "_lr", (double)a->lr, (double)rmsprop_preset.lr);
    print_option(p, "_wd", (double)a->weight_decay, 0);
    print_option(p, "_rho", (double)a->rho, (double)rmsprop_preset.rho);
    print_option(p, "_eps", (double)a->epsilon, (double)rmsprop_preset.epsilon);
}

static int rmsprop_operands(const lw_problem *p, lw_operand out[LW_MAX_OPERANDS])
{
    const ptrdiff_t n = p->args.rmsprop.n;
    out[RMSPROP_GRAD] = line("grad", offsetof(lw_rmsprop_args, grad), LW_IN, n);
    out[RMSPROP_W] = line("w", offsetof(lw_rmsprop_args, w), LW_INOUT, n);
    out[RMSPROP_V] = line("v", offsetof(lw_rmsprop_args, v), LW_INOUT, n);
    out[RMSPROP_V].values = LW_VALUES_NONNEGATIVE;
    return 3;
}

static double rmsprop_flop(const lw_problem *p)
{
    return 11.0 * (double)p->args.rmsprop.n;
}

static void rmsprop_variant(lw_problem *p, size_t variant)
{
    static const float decays[] = {0, 0.9f, 0.99f};
    p->args.rmsprop = rmsprop_preset;
    p->args.rmsprop.rho = decays[variant % 3];
    p->args.rmsprop.weight_decay = variant % 2 ? 1e-2f : 0;
}

static bool rmsprop_awkward(lw_problem *p, int mr, int nr, size_t i)
{
    (void)mr, (void)nr;
    rmsprop_variant(p, i);
    return awkward_count(i, &p->args.rmsprop.n);
}

static void rmsprop_any(lw_problem *p, uint64_t *random)
{
    rmsprop_variant(p, (size_t)lw_random_int(random, 0, 5));
    p->args.rmsprop.n = lw_random_int(random, 0, 2000);
}

static void rmsprop_reference(const lw_problem *p, const void *const data[], const lw_want want[])
{
    const lw_rmsprop_args *a = &p->args.rmsprop;
    const float *grad = data[RMSPROP_GRAD], *w = data[RMSPROP_W], *v = data[RMSPROP_V];
    const double rho = (double)a->rho, lr = (double)a->lr, epsilon = (double)a->epsilon;
    for (ptrdiff_t i = 0; i < a->n; i++) {
        const double wi = (double)w[i], shrink = (double)a->weight_decay * wi;
        const double g = (double)grad[i] + shrink, g_size = fabs((double)grad[i]) + fabs(shrink);
        const double vi = rho * (double)v[i] + (1 - rho) * g * g, step = lr * g / sqrt(vi + epsilon);
        const double v_error = TERMS * (rho * (double)v[i] + (1 - rho) * g_size * g_size) + 4 * 0x1p-149;
        want[RMSPROP_V].value[i] = vi;
        want[RMSPROP_V].bound[i] = v_error;
        want[RMSPROP_W].value[i] = wi - step;
        want[RMSPROP_W].bound[i] = TERMS * (fabs(wi) + fabs(step)) + 8 * 0x1p-149 +
                                   root_step_bound(g, TERMS * g_size, vi + epsilon, v_error, lr, 1, 0);
    }
}

const lw_spec lw_spec_rmsprop = {
    .syntax = "nN[_lrX][_wdX][_rhoX][_epsX]", .problems = problems, .quick = 1,
    .parse = rmsprop_parse, .print = rmsprop_print, .operands = rmsprop_operands, .flop = rmsprop_flop,
    .awkward = rmsprop_awkward, .any = rmsprop_any, .reference = rmsprop_reference};
