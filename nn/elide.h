/* SPDX-License-Identifier: BSD-3-Clause
 *
 * elide.h: leaving out, exactly, what cannot reach the loss.
 *
 *   Dead rows and columns. A pool of 2 over 11 x 11 never looks at row and column 10, so the convolution before it
 *   need not compute them, nor whatever leads only there, back to the image.
 *   Pooled convolutions. Of a convolution under a max-pool only the pooled map and the places of the maxima are kept;
 *   backward, only those places have a gradient, so a pool of 2 leaves a quarter of the products.
 *
 * Both only where an output has one reader: what two look at is kept whole.
 *
 * The numbers are those of the dense computation, up to the order in which sums are rounded. Sizes, parameters and
 * nominal FLOP of the model stay what its text says.
 */
#ifndef LW_ELIDE_H
#define LW_ELIDE_H

#include "nn/model.h"

void lw_model_elide(lw_model *model);

/* FLOP of one image that are executed, forward; and at most, in training (where no ReLU is off). */
double lw_model_executed_flop(const lw_model *model);
double lw_model_executed_train_flop(const lw_model *model);

#endif
