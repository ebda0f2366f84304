/* SPDX-License-Identifier: BSD-3-Clause
 * clock.h: the clock that parts of a run are timed with. */
#ifndef LW_CLOCK_H
#define LW_CLOCK_H

double lw_clock(void); /* seconds, monotonic */

#endif
