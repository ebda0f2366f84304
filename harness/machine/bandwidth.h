/* SPDX-License-Identifier: BSD-3-Clause
 * bandwidth.h: bytes per second of a team over working sets of a given size. */
#ifndef LW_BANDWIDTH_H
#define LW_BANDWIDTH_H

#include "harness/machine/workers.h"

/* One buffer per member, on the member's own memory node and first touched by it. */
typedef struct lw_streams lw_streams;

/* `bytes` for each member. NULL: no memory. */
lw_streams *lw_streams_new(const lw_workers *w, size_t bytes);
void lw_streams_free(lw_streams *s);

typedef enum lw_stream { LW_STREAM_READ, LW_STREAM_TRIAD } lw_stream;

/* GB/s of the team together, each member over the first `bytes` of its own buffer again and again; the
 * best of several samples. NaN: that ISA has no loop here. */
double lw_bandwidth(lw_streams *s, lw_isa isa, lw_stream kind, size_t bytes);

#endif
