/* SPDX-License-Identifier: BSD-3-Clause
 * case.c: a problem with operands in memory: running a kernel on them, and judging what it left there. */
#define _GNU_SOURCE
#include "oracle/buffer.h"
#include "oracle/compare.h"
#include "oracle/fault.h"
#include "oracle/fill.h"
#include "oracle/spec.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PREPARED = 24 };

typedef struct prepared {
    const lw_kernel *kernel;
    void *state; /* what its prepare hook made */
} prepared;

struct lw_case {
    lw_problem problem; /* with pointers into the buffers */
    const lw_spec *spec;
    lw_setting setting;
    int count;
    lw_operand operand[LW_MAX_OPERANDS];
    lw_buffer buffer[LW_MAX_OPERANDS]; /* empty for an operand that is left out, or stands in another's place */
    uint8_t *pristine[LW_MAX_OPERANDS]; /* what the operand holds before a run */
    lw_want want[LW_MAX_OPERANDS];      /* of outputs, once they are known */
    bool judged;
    lw_case *first;   /* of a sibling: whose workspace it uses, and the operands that it has none of its own for */
    bool weights_only;
    lw_buffer workspace;
    int prepared_count;
    prepared prepared[MOST_PREPARED];
};

/* ---------------------------------------------------------------- operands */

static bool left_out(const lw_case *c, int i)
{
    return c->problem.without >> i & 1;
}

static bool is_output(const lw_operand *o)
{
    return o->role != LW_IN;
}

static void *data_of(const lw_case *c, int i)
{
    if (left_out(c, i)) return NULL;
    const int stands_at = c->operand[i].stands_at;
    if (stands_at) return data_of(c, stands_at - 1);
    return c->buffer[i].map || !c->first ? c->buffer[i].data : data_of(c->first, i);
}

/* Who else has its output in this operand's memory. */
static bool overwritten_by_another(const lw_case *c, int i)
{
    for (int j = 0; j < c->count; j++)
        if (c->operand[j].stands_at == i + 1 && !left_out(c, j)) return true;
    return false;
}

static bool is_weights(const lw_operand *o)
{
    return strcmp(o->name, "wei") == 0 || strcmp(o->name, "diff_wei") == 0 || strcmp(o->name, "B") == 0;
}

static bool of_its_own(const lw_case *c, int i)
{
    return !left_out(c, i) && !c->operand[i].stands_at && (!c->weights_only || is_weights(&c->operand[i]));
}

static bool allocate(lw_case *c)
{
    const int offset = c->setting.placement == LW_PLACE_OFFSET ? c->setting.offset : 0;
    for (int i = 0; i < c->count; i++) {
        const lw_operand *o = &c->operand[i];
        const size_t bytes = lw_operand_bytes(o);
        if (left_out(c, i)) continue;
        if (of_its_own(c, i)) {
            if (!lw_buffer_init(&c->buffer[i], bytes, c->setting.placement, (size_t)offset * lw_element_bytes(o->element)))
                return false;
            lw_buffer_poison(&c->buffer[i]);
        }
        if (!c->first && !(c->pristine[i] = malloc(bytes + 1))) return false;
        void *data = data_of(c, i);
        memcpy((char *)&c->problem.args + o->slot, &data, sizeof data);
    }
    return true;
}

static void fill_all(lw_case *c, uint64_t seed)
{
    void *data[LW_MAX_OPERANDS];
    uint64_t random = seed * 0x9E3779B97F4A7C15u + (uint64_t)c->problem.op;
    for (int i = 0; i < c->count; i++) {
        const lw_operand *o = &c->operand[i];
        data[i] = data_of(c, i);
        if (of_its_own(c, i) && o->role != LW_OUT) lw_fill_operand(o, data[i], c->setting.fill, &random);
        if (of_its_own(c, i) && o->role == LW_OUT) lw_fill_unwritten(o, data[i]);
    }
    if (c->spec->arrange && !c->weights_only) c->spec->arrange(&c->problem, data, &random);
    for (int i = 0; i < c->count; i++)
        if (c->pristine[i]) memcpy(c->pristine[i], data[i], lw_operand_bytes(&c->operand[i]));
}

static lw_case *make(const lw_problem *p, lw_setting setting, uint64_t seed, lw_case *first, bool weights_only)
{
    lw_case *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->problem = *p;
    c->spec = lw_spec_of(p->op);
    c->setting = setting;
    c->first = first;
    c->weights_only = weights_only;
    c->count = c->spec->operands(p, c->operand);
    if (!allocate(c)) {
        lw_case_free(c);
        return NULL;
    }
    fill_all(c, seed);
    return c;
}

lw_case *lw_case_new(const lw_problem *p, lw_setting setting, uint64_t seed)
{
    return make(p, setting, seed, NULL, false);
}

lw_case *lw_case_sibling(lw_case *c, uint64_t seed, bool weights_only)
{
    return make(&c->problem, c->setting, seed, c, weights_only);
}

void lw_case_put(lw_case *c, const char *operand, const void *values)
{
    for (int i = 0; i < c->count; i++) {
        const lw_operand *o = &c->operand[i];
        if (strcmp(o->name, operand) != 0 || left_out(c, i)) continue;
        assert(o->ld == o->cols);
        memcpy(data_of(c, i), values, lw_operand_bytes(o));
    }
}

size_t lw_case_bytes(const lw_case *c, bool weights_only)
{
    size_t bytes = 0;
    for (int i = 0; i < c->count; i++)
        if (!left_out(c, i) && !c->operand[i].stands_at && (!weights_only || is_weights(&c->operand[i])))
            bytes += lw_operand_bytes(&c->operand[i]);
    return bytes;
}

void lw_case_free(lw_case *c)
{
    if (!c) return;
    for (int i = 0; i < c->count; i++) {
        lw_buffer_free(&c->buffer[i]);
        free(c->pristine[i]);
        free(c->want[i].value);
        free(c->want[i].bound);
    }
    for (int i = 0; i < c->prepared_count; i++) c->prepared[i].kernel->release(c->prepared[i].state);
    lw_buffer_free(&c->workspace);
    free(c);
}

/* ---------------------------------------------------------------- running */

static bool has_prepare(const lw_kernel *k)
{
    return k->release != NULL;
}

static void *make_prepared(const lw_case *c, const lw_kernel *k)
{
    switch (k->op) {
#define X(ENUM, stem) \
    case LW_OP_##ENUM: return k->prepare.stem(&c->problem.args.stem);
        LW_FOR_EACH_OP(X)
#undef X
    default: return NULL;
    }
}

static void *prepared_state(const lw_case *c, const lw_kernel *k)
{
    for (int i = 0; i < c->prepared_count; i++)
        if (c->prepared[i].kernel == k) return c->prepared[i].state;
    return NULL;
}

static bool prepare_state(lw_case *c, const lw_kernel *k)
{
    if (prepared_state(c, k)) return true;
    if (c->prepared_count == MOST_PREPARED) return false;
    void *state = make_prepared(c, k);
    if (!state) return false;
    c->prepared[c->prepared_count++] = (prepared){k, state};
    return true;
}

static void drop_prepared(lw_case *c, const lw_kernel *k)
{
    for (int i = 0; i < c->prepared_count; i++) {
        if (c->prepared[i].kernel != k) continue;
        k->release(c->prepared[i].state);
        c->prepared[i] = c->prepared[--c->prepared_count];
        return;
    }
}

/* 64-byte aligned, and otherwise ending at a protected page. */
static bool set_workspace(lw_case *c, size_t bytes)
{
    lw_buffer_free(&c->workspace);
    if (!lw_buffer_init(&c->workspace, (bytes + 63) / 64 * 64, LW_PLACE_END_GUARD, 0)) return false;
    lw_buffer_poison(&c->workspace);
    return true;
}

bool lw_case_prepare(lw_case *c, const lw_kernel *k, int team_size)
{
    if (!lw_kernel_serves(k, &c->problem)) return false;
    if (has_prepare(k)) return prepare_state(c, k);
    if (c->first) return lw_case_prepare(c->first, k, team_size);
    const size_t bytes = lw_row_workspace(k, &c->problem.args, team_size);
    return (c->workspace.map && bytes <= c->workspace.bytes) || set_workspace(c, bytes);
}

void lw_case_run(lw_case *c, const lw_kernel *k, const lw_team *team)
{
    assert(k->op == c->problem.op);
    void *ws = has_prepare(k) ? prepared_state(c, k) : c->first ? c->first->workspace.data : c->workspace.data;
    switch (k->op) {
#define X(ENUM, stem) \
    case LW_OP_##ENUM: k->fn.stem(&c->problem.args.stem, ws, team); break;
        LW_FOR_EACH_OP(X)
#undef X
    default: break;
    }
}

static void finish_run(lw_case *c, const lw_kernel *k)
{
    switch (k->op) {
#define X(ENUM, stem) \
    case LW_OP_##ENUM: \
        if (k->finish.stem) k->finish.stem(&c->problem.args.stem, prepared_state(c, k), &lw_team_solo); \
        break;
        LW_FOR_EACH_OP(X)
#undef X
    default: break;
    }
}

/* ---------------------------------------------------------------- judging */

static bool know_wants(lw_case *c)
{
    if (c->judged) return true;
    const void *data[LW_MAX_OPERANDS];
    for (int i = 0; i < c->count; i++) {
        const lw_operand *o = &c->operand[i];
        data[i] = left_out(c, i) ? NULL : o->stands_at ? c->pristine[o->stands_at - 1] : c->pristine[i];
        if (!is_output(o) || left_out(c, i)) continue;
        const size_t count = (size_t)(o->rows * o->cols) + 1;
        c->want[i] = (lw_want){malloc(count * sizeof(double)), malloc(count * sizeof(double))};
        if (!c->want[i].value || !c->want[i].bound) return false;
    }
    c->spec->reference(&c->problem, data, c->want);
    c->judged = true;
    return true;
}

static void restore(lw_case *c)
{
    for (int i = 0; i < c->count; i++)
        if (c->buffer[i].map) {
            lw_buffer_poison(&c->buffer[i]);
            memcpy(c->buffer[i].data, c->pristine[i], lw_operand_bytes(&c->operand[i]));
        }
}

static lw_verdict failure(const char *format, const char *name)
{
    lw_verdict v = {.pass = false};
    snprintf(v.detail, sizeof v.detail, format, name);
    return v;
}

/* Where a faulting address lies, in words. */
static lw_verdict describe_fault(const lw_case *c, lw_fault f)
{
    lw_verdict v = {.pass = false};
    const uint8_t *at = f.address;
    snprintf(v.detail, sizeof v.detail, "died of signal %d (%s)", f.signal, strsignal(f.signal));
    for (int i = 0; i <= c->count; i++) {
        const lw_buffer *b = i < c->count ? &c->buffer[i] : &c->workspace;
        const char *name = i < c->count ? c->operand[i].name : "the workspace";
        if (!b->map || at < b->map || at >= b->map + b->map_bytes) continue;
        if (at < b->data)
            snprintf(v.detail, sizeof v.detail, "touched memory %td bytes before %s", b->data - at, name);
        else
            snprintf(v.detail, sizeof v.detail, "touched memory %td bytes past the end of %s", at - (b->data + b->bytes),
                     name);
    }
    return v;
}

static lw_verdict judge(const lw_case *c, const lw_kernel *k)
{
    lw_verdict v = {.pass = true};
    const bool exact = c->setting.fill == LW_FILL_EXACT && c->spec->exact && !k->rounds;
    const bool specials = c->setting.fill == LW_FILL_PATHOLOGICAL && k->mixes;
    for (int i = 0; i < c->count; i++) {
        const lw_operand *o = &c->operand[i];
        const void *data = data_of(c, i);
        if (!data) continue;
        if (c->buffer[i].map && !lw_buffer_margins_intact(&c->buffer[i]))
            return failure("wrote outside of %s", o->name);
        if (!lw_operand_padding_intact(o, data)) return failure("wrote between the rows of %s", o->name);
        if (!is_output(o)) {
            if (!overwritten_by_another(c, i) && !lw_operand_same_bits(o, data, c->pristine[i]))
                return failure("changed its input %s", o->name);
            continue;
        }
        lw_operand judged = *o;
        judged.bits = o->bits && !k->library; /* the sign of zero is in our contracts, not in theirs */
        const lw_comparison result = specials ? lw_compare_specials(&judged, data, &c->want[i])
                                              : lw_compare(&judged, data, &c->want[i], exact, (double)k->tolerance, k->mixes);
        if (result.worst > v.worst) v.worst = result.worst;
        if (result.wrong == 0 || !v.pass) continue;
        v.pass = false;
        lw_comparison_describe(&result, &judged, data, &c->want[i], exact, (double)k->tolerance, v.detail, sizeof v.detail);
    }
    if (v.pass && !lw_buffer_margins_intact(&c->workspace)) return failure("wrote outside of %s", "its workspace");
    return v;
}

typedef struct call {
    lw_case *c;
    const lw_kernel *k;
} call;

static void run_member(void *context, const lw_team *team)
{
    const call *run = context;
    lw_case_run(run->c, run->k, team);
}

static void run_solo(void *context)
{
    const call *run = context;
    lw_case_run(run->c, run->k, &lw_team_solo);
    finish_run(run->c, run->k);
}

static lw_verdict declined(void)
{
    return (lw_verdict){.declined = true, .detail = "this problem is not served"};
}

/* Once more from what the call before left in the workspace, which may have been a team's. */
static lw_verdict check_packed(lw_case *c, const lw_kernel *k)
{
    bool *packed = (bool *)((char *)&c->problem.args + c->spec->packed);
    call run = {c, k};
    restore(c);
    *packed = true;
    const lw_fault f = lw_fault_catch(run_solo, &run);
    *packed = false;
    return f.signal ? describe_fault(c, f) : judge(c, k);
}

static lw_verdict judge_twice(lw_case *c, const lw_kernel *k)
{
    const lw_verdict v = judge(c, k);
    return v.pass && c->spec->packed && !k->library ? check_packed(c, k) : v;
}

/* The first of two members, of whom the other one stays away: to meet it is a fault. */
static void run_first(void *context)
{
    const call *run = context;
    lw_case_run(run->c, run->k, &(lw_team){.id = 0, .size = 2, .sync = NULL});
}

/* Once more, for a call that the row says one member does. */
static lw_verdict check_alone(lw_case *c, const lw_kernel *k)
{
    if (!set_workspace(c, lw_row_workspace(k, &c->problem.args, 2))) return failure("%s", "out of memory");
    restore(c);
    call run = {c, k};
    const lw_fault f = lw_fault_catch(run_first, &run);
    return f.signal ? describe_fault(c, f) : judge(c, k);
}

lw_verdict lw_case_check(lw_case *c, const lw_kernel *k)
{
    if (!lw_kernel_serves(k, &c->problem)) return declined();
    if (!know_wants(c) || !set_workspace(c, lw_row_workspace(k, &c->problem.args, 1))) return failure("%s", "out of memory");
    restore(c);
    if (has_prepare(k)) {
        drop_prepared(c, k); /* it may hold operands from before they were restored */
        if (!prepare_state(c, k)) return declined();
    }
    call run = {c, k};
    const lw_fault f = lw_fault_catch(run_solo, &run);
    const lw_verdict v = f.signal ? describe_fault(c, f) : judge_twice(c, k);
    return v.pass && lw_row_alone(k, &c->problem.args) ? check_alone(c, k) : v;
}

/* ---------------------------------------------------------------- teams */

lw_verdict lw_case_check_team(lw_case *c, const lw_kernel *k, int team_size, lw_team_runner *runner)
{
    lw_verdict v = lw_case_check(c, k);
    if (!v.pass) return v;
    uint8_t *solo[LW_MAX_OPERANDS] = {NULL};
    bool memory = set_workspace(c, lw_row_workspace(k, &c->problem.args, team_size));
    for (int i = 0; i < c->count; i++) {
        if (!is_output(&c->operand[i]) || !data_of(c, i)) continue;
        const size_t bytes = lw_operand_bytes(&c->operand[i]);
        solo[i] = malloc(bytes + 1);
        if (solo[i])
            memcpy(solo[i], data_of(c, i), bytes);
        else
            memory = false;
    }
    if (memory) {
        restore(c);
        call run = {c, k};
        runner(team_size, run_member, &run);
        v = judge_twice(c, k);
    } else {
        v = failure("%s", "out of memory");
    }
    for (int i = 0; i < c->count; i++) {
        if (v.pass && solo[i] && !lw_operand_same_bits(&c->operand[i], data_of(c, i), solo[i])) {
            v.pass = false;
            snprintf(v.detail, sizeof v.detail, "%s has other bits from a team of %d than from one thread",
                     c->operand[i].name, team_size);
        }
        free(solo[i]);
    }
    return v;
}
