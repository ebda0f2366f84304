/* SPDX-License-Identifier: BSD-3-Clause
 * png.h: pictures in shades of grey as PNG files. */
#ifndef LW_PNG_H
#define LW_PNG_H

#include "nn/error.h"

#include <stdint.h>

/* grey: h x w bytes, 0 is black. Whole or not at all. */
bool lw_png_write(const char *path, const uint8_t *grey, int h, int w, lw_error *err);

#endif
