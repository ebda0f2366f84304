/* SPDX-License-Identifier: BSD-3-Clause
 *
 * synthetic.h: digits drawn by the program, for tests and for machines without a network. They look like a
 * child's handwriting, not like MNIST: results on them say nothing about MNIST. Only integers are computed,
 * so the bytes, and their checksum, are the same on every machine.
 */
#ifndef LW_SYNTHETIC_H
#define LW_SYNTHETIC_H

#include "nn/dataset.h"

enum { LW_SYNTHETIC_SIDE = 28, LW_SYNTHETIC_TRAIN = 12000, LW_SYNTHETIC_TEST = 2000 };

/* Draws digit `label` for sample number `sample`. */
void lw_synthetic_draw(uint8_t pixels[LW_SYNTHETIC_SIDE * LW_SYNTHETIC_SIDE], int label, uint64_t sample);

/* The whole set; `memory` owns it. false: out of memory, or the checksums are not those on record (the
 * compiler or the machine is broken). */
bool lw_synthetic_make(lw_images *train, lw_images *test, void *memory[LW_FILES],
                       char sha256[LW_FILES][LW_SHA256_HEX], lw_error *err);

#endif
