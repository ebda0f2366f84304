/* SPDX-License-Identifier: BSD-3-Clause
 * bandwidth.h: bytes per second of a team over working sets of a given size. */
#ifndef LW_BANDWIDTH_H
#define LW_BANDWIDTH_H

#include "harness/machine/workers.h"

/* One buffer per member, on the member's own memory node and first touched by it. */
typedef struct lw_streams lw_streams;

/* A ceiling is the best of several windows of the buffer, as which lines of a set push each other out is a draw of its
 * pages. */
enum { LW_STREAM_WINDOWS = 8 };

/* `bytes` for each member. NULL: no memory. */
lw_streams *lw_streams_new(const lw_workers *w, size_t bytes);
void lw_streams_free(lw_streams *s);

typedef enum lw_stream { LW_STREAM_READ, LW_STREAM_TRIAD } lw_stream;

/* GB/s of the team together, each member over windows of `bytes` of its own buffer, each again and
 * again; the best of several samples of up to LW_STREAM_WINDOWS. NaN: that ISA has no loop here. */
double lw_bandwidth(lw_streams *s, lw_isa isa, lw_stream kind, size_t bytes);

#endif
