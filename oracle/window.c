/* SPDX-License-Identifier: BSD-3-Clause
 * window.c: shapes of windowed ops: text, conditions, awkward and random ones. */
#include "oracle/window.h"

#include "oracle/random.h"

#include <stdio.h>

enum { MB, IC, IH, IW, OC, OH, OW, KH, KW, SH, SW, PH, PW, KEYS };

static const char *const keys[KEYS] = {"mb", "ic", "ih", "iw", "oc", "oh", "ow", "kh", "kw", "sh", "sw", "ph", "pw"};

static bool is_padding(int key)
{
    return key == PH || key == PW;
}

static int out_size(long in, long taps, long stride, long pad)
{
    return in + 2 * pad < taps ? 0 : (int)((in + 2 * pad - taps) / stride + 1);
}

/* One axis of the contract: every window must meet the input. */
static bool check_axis(lw_scan *s, const char *axis, long in, long out, long taps, long stride, long pad)
{
    if (out < 1) return lw_scan_refuse(s, "k%s%ld does not fit into i%s%ld with p%s%ld", axis, taps, axis, in, axis, pad);
    if (pad >= taps) return lw_scan_refuse(s, "p%s%ld wants to be less than k%s%ld", axis, pad, axis, taps);
    if ((out - 1) * stride - pad >= in)
        return lw_scan_refuse(s, "o%s%ld is too large: its last window begins at %ld, past i%s%ld", axis, out,
                              (out - 1) * stride - pad, axis, in);
    return true;
}

static bool scan_keys(lw_scan *s, bool pool, long value[KEYS])
{
    for (;;) {
        int key = 0;
        while (key < KEYS && ((pool && key == OC) || !lw_scan_word(s, keys[key]))) key++;
        if (key == KEYS) return true;
        if (value[key] >= 0) return lw_scan_refuse(s, "%s is given twice", keys[key]);
        if (!lw_scan_whole(s, keys[key], is_padding(key) ? 0 : 1, 1 << 24, &value[key])) return false;
    }
}

bool lw_window_parse(lw_scan *s, lw_conv2d_shape *shape, bool pool)
{
    long v[KEYS];
    for (int key = 0; key < KEYS; key++) v[key] = -1;
    if (!scan_keys(s, pool, v)) return false;
    const int needed[] = {MB, IC, IH, KH};
    for (int i = 0; i < 4; i++)
        if (v[needed[i]] < 0) return lw_scan_refuse(s, "%s is missing", keys[needed[i]]);
    if (pool) v[OC] = v[IC];
    if (v[OC] < 0) return lw_scan_refuse(s, "oc is missing");
    if (v[SH] < 0) v[SH] = 1;
    if (v[PH] < 0) v[PH] = 0;
    if (v[IW] < 0) v[IW] = v[IH];
    if (v[KW] < 0) v[KW] = v[KH];
    if (v[SW] < 0) v[SW] = v[SH];
    if (v[PW] < 0) v[PW] = v[PH];
    const bool same_width = v[IW] == v[IH] && v[KW] == v[KH] && v[SW] == v[SH] && v[PW] == v[PH];
    if (v[OW] < 0) v[OW] = v[OH] > 0 && same_width ? v[OH] : out_size(v[IW], v[KW], v[SW], v[PW]);
    if (v[OH] < 0) v[OH] = out_size(v[IH], v[KH], v[SH], v[PH]);
    *shape = (lw_conv2d_shape){(int)v[MB], (int)v[IC], (int)v[IH], (int)v[IW], (int)v[OC], (int)v[OH], (int)v[OW],
                               (int)v[KH], (int)v[KW], (int)v[SH], (int)v[SW], (int)v[PH], (int)v[PW]};
    const double elements[] = {(double)v[MB] * v[IC] * v[IH] * v[IW], (double)v[MB] * v[OC] * v[OH] * v[OW],
                               (double)v[KH] * v[KW] * v[IC] * v[OC]};
    for (int i = 0; i < 3; i++)
        if (elements[i] > 0x1p38)
            return lw_scan_refuse(s, "a tensor would have %.3g elements, at most 2^38 are possible", elements[i]);
    return check_axis(s, "h", v[IH], v[OH], v[KH], v[SH], v[PH]) && check_axis(s, "w", v[IW], v[OW], v[KW], v[SW], v[PW]);
}

int lw_window_print(const lw_conv2d_shape *c, bool pool, char *text, size_t size)
{
    const int v[KEYS] = {c->mb, c->ic, c->ih, c->iw, c->oc, c->oh, c->ow, c->kh, c->kw, c->sh, c->sw, c->ph, c->pw};
    const bool square = c->ih == c->iw && c->oh == c->ow && c->kh == c->kw && c->sh == c->sw && c->ph == c->pw;
    int n = 0;
    for (int key = 0; key < KEYS; key++) {
        const bool width = key == IW || key == OW || key == KW || key == SW || key == PW;
        if ((pool && key == OC) || (width && square) || (key == SH && square && c->sh == 1)) continue;
        n += snprintf(text + n, size - (size_t)n, "%s%d", keys[key], v[key]);
    }
    return n;
}

double lw_window_positions(int in, int out, int taps, int stride, int pad)
{
    double sum = 0;
    for (int o = 0; o < out; o++) {
        const int first = o * stride - pad, last = first + taps;
        sum += (last < in ? last : in) - (first > 0 ? first : 0);
    }
    return sum;
}

/* ---------------------------------------------------------------- awkward shapes */

/* Outputs to their largest, given the rest; `short_by` fewer (unread input at the end). */
static void close_shape(lw_conv2d_shape *c, int short_by)
{
    c->oh = out_size(c->ih, c->kh, c->sh, c->ph) - short_by;
    c->ow = out_size(c->iw, c->kw, c->sw, c->pw) - short_by;
    if (c->oh < 1) c->oh = 1;
    if (c->ow < 1) c->ow = 1;
    while ((c->oh - 1) * c->sh - c->ph >= c->ih) c->oh--;
    while ((c->ow - 1) * c->sw - c->pw >= c->iw) c->ow--;
}

bool lw_window_awkward(lw_conv2d_shape *c, int mr, int nr, size_t index)
{
    static const int channels[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 65};
    static const int taps[][2] = {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 1}, {1, 5}, {4, 3}, {5, 5}, {7, 2}};
    enum { CHANNELS = sizeof channels / sizeof channels[0], TAPS = sizeof taps / sizeof taps[0], STRIDES = 4 };
    const int outs = 2 * (nr ? nr : 16) + 1, widths = 2 * (mr ? mr : 8) + 1;
    int i = (int)index;
    *c = (lw_conv2d_shape){.mb = 2, .ic = 3, .ih = 5, .iw = 6, .oc = nr ? nr + 1 : 9, .kh = 3, .kw = 3, .sh = 1, .sw = 1,
                           .ph = i % 3, .pw = i % 2};
    if (i < 2 * outs) { /* with few weights per output channel, which kernels may treat apart, and with more */
        c->ic = 3 + i / outs;
        c->oc = i % outs + 1;
    } else if ((i -= 2 * outs) < 2 * widths) {
        c->ic = 3 + i / widths;
        i %= widths;
        c->iw = i + 1 + (i < 2 ? 2 - i : 0);
        c->ih = 4;
        c->mb = 1 + i % 3;
    } else if ((i -= widths) < CHANNELS) {
        c->ic = channels[i];
    } else if ((i -= CHANNELS) < TAPS * STRIDES * STRIDES) { /* strides beyond the window leave gaps */
        c->kh = taps[i % TAPS][0];
        c->kw = taps[i % TAPS][1];
        i /= TAPS;
        c->sh = 1 + i % STRIDES;
        c->sw = 1 + i / STRIDES;
        c->ih = 9;
        c->iw = 8;
        c->ph = (int)(index % (size_t)c->kh);
        c->pw = (int)(index % (size_t)c->kw);
    } else if ((i -= TAPS * STRIDES * STRIDES) < 6) { /* past a block of positions, of lines and of images */
        c->mb = i % 2 ? 9 : 2;
        c->ih = 19;
        c->iw = i / 2 == 0 ? 18 : 21;
        c->ph = c->pw = i / 2 == 2;
        c->ic = i % 2 ? 2 : 5;
    } else if ((i -= 6) < 2) { /* a long line */
        c->iw = 300 + i;
        c->ih = 3;
        c->ph = i;
    } else if ((i -= 2) < 3) { /* many weights over one channel: windows that follow each other float by float */
        c->ic = 1;
        c->kh = c->kw = 7;
        c->ih = 11;
        c->iw = 17 + i;
        c->ph = c->pw = i;
    } else {
        return false;
    }
    close_shape(c, index % 5 == 4);
    return true;
}

void lw_window_any(lw_conv2d_shape *c, uint64_t *random)
{
    c->mb = lw_random_int(random, 1, 5);
    c->ic = lw_random_int(random, 1, 20);
    c->oc = lw_random_int(random, 1, 40);
    c->kh = lw_random_int(random, 1, 5);
    c->kw = lw_random_int(random, 1, 5);
    c->sh = lw_random_int(random, 1, 3);
    c->sw = lw_random_int(random, 1, 3);
    c->ph = lw_random_int(random, 0, c->kh - 1);
    c->pw = lw_random_int(random, 0, c->kw - 1);
    c->ih = lw_random_int(random, c->kh, 14);
    c->iw = lw_random_int(random, c->kw, 14);
    close_shape(c, lw_random_int(random, 0, 1));
}
