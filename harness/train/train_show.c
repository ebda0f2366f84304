/* SPDX-License-Identifier: BSD-3-Clause
 * train_show.c: what `bench train` shows to people: the setup, the epochs, a bar on a terminal. */
#include "harness/train/train.h"

#include "nn/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- setup */

void lw_train_show_setup(const lw_train *t)
{
    const lw_train_options *o = &t->options;
    if (o->quiet) return;
    const char *state = strcmp(t->data.name, "synthetic") == 0 ? "generated" : t->data.verified ? "verified"
                                                                                                 : "checksums not on record";
    printf("data      %s (%s%s%s), %td training, %td validation, %td test images of %dx%d\n", t->data.name,
           t->data.folder, t->data.folder[0] ? ", " : "", state, t->train.count, t->validation.count,
           t->data.test.count, t->train.h, t->train.w);
    if (t->format.resize[0]) printf("images    resized to %s\n", t->format.resize);
    if (strcmp(t->format.normalize, "unit") != 0)
        printf("pixels    less %.4g, divided by %.4g (%s)\n", t->pixels.mean, t->pixels.sd, t->format.normalize);
    printf("kernels   %s, %d thread%s on CPUs %s\n", lw_isa_name(t->kernels.isa), t->workers.size,
           t->workers.size == 1 ? "" : "s", t->workers.bound ? t->workers.binding : "of the system's choice");
    char schedule[LW_SCHEDULE_TEXT];
    lw_schedule_text(&o->schedule, schedule);
    bool constant = strcmp(schedule, "constant") == 0;
    printf("training  %s, lr %g%s%s, batch %d, %d epoch%s, seed", lw_optimizer_name(o->optimizer.kind), o->optimizer.lr,
           constant ? "" : " ", constant ? "" : schedule, o->batch, o->epochs, o->epochs == 1 ? "" : "s");
    for (int i = 0; i < o->seeds && i < 8; i++)
        printf(" %llu", (unsigned long long)o->seed[i]);
    printf("%s\n\n", o->seeds > 8 ? " ..." : "");
}

/* ---------------------------------------------------------------- results */

const char *lw_train_data_note(const lw_train *t)
{
    return strcmp(t->data.name, "synthetic") == 0 ? "  [synthetic data]" : t->data.verified ? "" : "  [unverified data]";
}

void lw_train_show_epoch(const lw_train *t, const lw_epoch_result *e)
{
    if (t->options.quiet) return;
    printf("epoch %d/%d  %.1f s  %.0f images/s  loss %.4f  accuracy %.4f", e->epoch + 1, t->options.epochs, e->seconds,
           (double)e->images / e->seconds, e->loss, e->accuracy);
    if (t->validation.count) printf("  val_loss %.4f  val_accuracy %.4f", e->val_loss, e->val_accuracy);
    printf("%s\n", lw_train_data_note(t));
    fflush(stdout);
}

static void show_phases(const lw_phases *p)
{
    const char *before = "time      ";
    for (int i = 0; i < LW_PHASES; i++) {
        if (p->seconds[i] == 0) continue;
        printf("%s%s %.2f s", before, lw_phase_name((lw_phase)i), p->seconds[i]);
        before = "  ";
    }
    putchar('\n');
}

void lw_train_show_test(const lw_train *t, const lw_train_run *run)
{
    printf("seed %llu  ", (unsigned long long)run->seed);
    if (t->options.test)
        printf("test accuracy %.2f %% (%td of %td)  test loss %.4f  ", 100 * run->test.accuracy, run->test.correct,
               run->test.images, run->test.loss);
    printf("%.0f images/s  %.1f s%s\n", run->images_per_second, run->state.seconds, lw_train_data_note(t));
    if (!t->options.quiet) show_phases(&run->phases);
    fflush(stdout);
}

void lw_train_show_spread(const lw_train *t, const double *accuracy, int count)
{
    if (count < 2 || !t->options.test) return;
    double sum = 0, squares = 0, low = accuracy[0], high = accuracy[0];
    for (int i = 0; i < count; i++) {
        sum += accuracy[i];
        low = fmin(low, accuracy[i]);
        high = fmax(high, accuracy[i]);
    }
    double mean = sum / count;
    for (int i = 0; i < count; i++)
        squares += (accuracy[i] - mean) * (accuracy[i] - mean);
    printf("test accuracy over %d seeds: %.3f +- %.3f %% (mean, sd), from %.2f to %.2f%s\n", count, 100 * mean,
           100 * sqrt(squares / (count - 1)), 100 * low, 100 * high, lw_train_data_note(t));
}

/* ---------------------------------------------------------------- bar */

lw_train_bar lw_train_bar_new(const lw_train *t, int epoch)
{
    double now = lw_clock();
    return (lw_train_bar){!t->options.quiet && isatty(STDERR_FILENO), epoch + 1, t->options.epochs, now, now};
}

void lw_train_bar_show(lw_train_bar *bar, const lw_progress *p)
{
    double now = lw_clock();
    if (!bar->on || now - bar->shown < 0.1) return;
    bar->shown = now;
    char line[21];
    int full = (int)(20 * p->step / p->steps);
    memset(line, '=', sizeof line);
    memset(line + full, '.', (size_t)(20 - full));
    line[20] = '\0';
    double left = (now - bar->start) / (double)p->step * (double)(p->steps - p->step);
    fprintf(stderr, "\repoch %d/%d  [%s] %td/%td  ETA %.0f s  loss %.4f  accuracy %.4f\033[K", bar->epoch, bar->epochs,
            line, p->step, p->steps, left, p->loss, p->accuracy);
}

void lw_train_bar_clear(lw_train_bar *bar)
{
    if (bar->on) fputs("\r\033[K", stderr);
}
