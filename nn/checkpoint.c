/* SPDX-License-Identifier: BSD-3-Clause
 * checkpoint.c: one walk over all that is kept measures, writes or reads it, so that the three cannot disagree. */
#define _GNU_SOURCE
#include "nn/checkpoint.h"

#include "nn/aside.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char magic[16] = "lanewise run 2\n";

/* ---------------------------------------------------------------- state */

bool lw_run_state_init(lw_run_state *s, const char *identity, const lw_net *net, bool keep_best, lw_error *err)
{
    *s = (lw_run_state){.best_epoch = -1, .best_loss = INFINITY};
    snprintf(s->identity, sizeof s->identity, "%s", identity);
    if (keep_best) s->best = lw_alloc((size_t)net->values * sizeof(float));
    return !keep_best || s->best || lw_refuse(err, LW_ERROR_MEMORY, "out of memory for the best weights");
}

void lw_run_state_free(lw_run_state *s)
{
    free(s->history);
    lw_free(s->best);
    s->history = NULL;
    s->best = NULL;
}

static bool make_room(lw_run_state *s, int count)
{
    lw_epoch_result *history = realloc(s->history, (size_t)(count ? count : 1) * sizeof *history);
    if (history) s->history = history;
    return history != NULL;
}

bool lw_run_state_finish_epoch(lw_run_state *s, const lw_epoch_result *e, const lw_net *net, lw_error *err)
{
    if (!make_room(s, s->finished + 1)) return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for epoch %d", e->epoch + 1);
    s->history[s->finished++] = *e;
    s->at = (lw_progress){0};
    s->seconds_in_epoch = 0;
    if (!(e->val_loss < s->best_loss)) return true;
    s->best_loss = e->val_loss;
    s->best_epoch = e->epoch;
    if (s->best) memcpy(s->best, net->params, (size_t)net->values * sizeof(float));
    return true;
}

/* ---------------------------------------------------------------- the walk */

typedef struct walk {
    enum { MEASURE, WRITE, READ } mode;
    uint8_t *at;
    size_t size, left; /* passed; READ: that follow */
    bool same;         /* READ: what must agree has agreed so far */
} walk;

static void visit(walk *w, void *what, size_t size)
{
    w->size += size;
    if (w->mode == MEASURE) return;
    if (w->mode == READ) {
        if (size > w->left) {
            w->same = false;
            w->left = 0;
            return;
        }
        w->left -= size;
        memcpy(what, w->at, size);
    } else {
        memcpy(w->at, what, size);
    }
    w->at += size;
}

static void visit_int(walk *w, int *value)
{
    int64_t wide = *value;
    visit(w, &wide, sizeof wide);
    *value = (int)wide;
}

static void visit_wide(walk *w, ptrdiff_t *value)
{
    int64_t wide = *value;
    visit(w, &wide, sizeof wide);
    *value = (ptrdiff_t)wide;
}

static void visit_real(walk *w, double *value)
{
    visit(w, value, sizeof *value);
}

/* A number that the reader knows beforehand. */
static void expect(walk *w, int64_t value)
{
    int64_t found = value;
    visit(w, &found, sizeof found);
    w->same = w->same && found == value;
}

static void expect_text(walk *w, const char *text, size_t size)
{
    char found[80];
    memcpy(found, text, size);
    visit(w, found, size);
    w->same = w->same && memcmp(found, text, size) == 0;
}

static void visit_epoch(walk *w, lw_epoch_result *e)
{
    visit_int(w, &e->epoch);
    visit_real(w, &e->accuracy);
    visit_real(w, &e->loss);
    visit_real(w, &e->val_accuracy);
    visit_real(w, &e->val_loss);
    visit_real(w, &e->lr);
    visit_real(w, &e->seconds);
    visit_wide(w, &e->images);
}

static void visit_progress(walk *w, lw_progress *p)
{
    visit_wide(w, &p->step);
    visit_wide(w, &p->steps);
    visit_wide(w, &p->images);
    visit_real(w, &p->loss);
    visit_real(w, &p->accuracy);
    visit_real(w, &p->loss_sum);
    visit_wide(w, &p->correct);
}

static void visit_state(walk *w, lw_run_state *s)
{
    int stopped = s->stopped;
    visit(w, s->id, sizeof s->id);
    visit_int(w, &s->finished);
    visit_progress(w, &s->at);
    visit_real(w, &s->seconds);
    visit_real(w, &s->seconds_in_epoch);
    visit_int(w, &stopped);
    visit_int(w, &s->best_epoch);
    visit_real(w, &s->best_loss);
    s->stopped = stopped != 0;
    s->id[sizeof s->id - 1] = '\0';
    if (w->mode == READ) {
        /* Also against a file that asks for more than there is. */
        w->same = w->same && s->finished >= 0 && (size_t)s->finished <= w->left && make_room(s, s->finished);
        if (!w->same) s->finished = 0;
    }
    for (int i = 0; i < s->finished; i++)
        visit_epoch(w, &s->history[i]);
}

static void visit_all(walk *w, lw_run_state *s, lw_trainer *t, int64_t *step)
{
    /* Running statistics are values that are not trained: the optimiser and the average know nothing of them. */
    size_t trained = (size_t)t->net->arena * sizeof(float), all = (size_t)t->net->values * sizeof(float);
    int states = lw_optimizer_states(&t->optimizer);
    expect_text(w, magic, sizeof magic);
    expect_text(w, s->identity, sizeof s->identity);
    expect(w, t->net->arena);
    expect(w, t->net->values);
    expect(w, states);
    expect(w, t->average != NULL);
    expect(w, s->best != NULL);
    if (!w->same) return;
    visit_state(w, s);
    visit(w, step, sizeof *step);
    visit_real(w, &t->plateau.factor);
    visit_real(w, &t->plateau.best);
    visit_int(w, &t->plateau.waited);
    for (int i = 0; i < LW_PHASES; i++)
        visit_real(w, &t->phases.seconds[i]);
    visit(w, t->net->params, all);
    for (int i = 0; i < states; i++)
        visit(w, t->optimizer.state[i], trained);
    if (t->average) visit(w, t->average, trained);
    if (s->best) visit(w, s->best, all);
}

/* ---------------------------------------------------------------- the file */

enum { SEAL = LW_SHA256_HEX - 1 }; /* behind the rest: its SHA-256 */

bool lw_checkpoint_write(const char *path, const lw_run_state *state, const lw_trainer *trainer, int64_t optimizer_step,
                         lw_error *err)
{
    lw_run_state s = *state; /* the walk writes to what it visits only when it reads */
    lw_trainer t = *trainer;
    walk measure = {.mode = MEASURE, .same = true};
    visit_all(&measure, &s, &t, &optimizer_step);
    uint8_t *bytes = lw_alloc(measure.size + SEAL);
    char seal[LW_SHA256_HEX];
    walk w = {.mode = WRITE, .at = bytes, .same = true};
    if (bytes) visit_all(&w, &s, &t, &optimizer_step);
    if (!bytes || !lw_sha256_hex(bytes, w.size, seal)) {
        lw_free(bytes);
        return lw_refuse(err, LW_ERROR_MEMORY, "out of memory for a checkpoint of %zu bytes", measure.size);
    }
    memcpy(bytes + w.size, seal, SEAL);
    bool ok = lw_write_aside(path, bytes, w.size + SEAL, err);
    lw_free(bytes);
    return ok;
}

static uint8_t *load(const char *path, size_t *size, lw_error *err)
{
    struct stat st;
    FILE *in = fopen(path, "rb");
    bool regular = in && fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode);
    int why = in ? EINVAL : errno;
    uint8_t *bytes = regular ? lw_alloc((size_t)st.st_size + 1) : NULL;
    *size = bytes ? fread(bytes, 1, (size_t)st.st_size, in) : 0;
    if (in) fclose(in);
    if (!regular)
        lw_refuse(err, LW_ERROR_DATA, "cannot read %s: %s", path, strerror(why));
    else if (!bytes)
        lw_refuse(err, LW_ERROR_MEMORY, "out of memory for %s", path);
    return bytes;
}

bool lw_checkpoint_read(const char *path, lw_run_state *s, lw_trainer *t, lw_error *err)
{
    size_t size;
    uint8_t *bytes = load(path, &size, err);
    if (!bytes) return false;
    char seal[LW_SHA256_HEX] = "";
    bool whole = size > SEAL && lw_sha256_hex(bytes, size - SEAL, seal) && memcmp(seal, bytes + size - SEAL, SEAL) == 0;
    if (whole) {
        walk w = {.mode = READ, .at = bytes, .left = size - SEAL, .same = true};
        visit_all(&w, s, t, &t->optimizer.step);
        lw_free(bytes);
        if (w.same && w.left == 0) return true;
        return lw_refuse(err, LW_ERROR_DATA, "%s is the checkpoint of another configuration; remove it to begin anew", path);
    }
    lw_free(bytes);
    return lw_refuse(err, LW_ERROR_DATA, "%s is not a whole checkpoint; remove it to begin anew", path);
}
