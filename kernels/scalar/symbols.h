/* SPDX-License-Identifier: BSD-3-Clause
 *
 * symbols.h: names of the scalar reference. Every source in this folder is compiled twice: plainly with the
 * vectoriser off (`scalar`), and with LW_AUTOVEC, the vectoriser on and the ISA flags of the hand-written
 * set beside it (`autovec`). LW_SYM gives each build its own symbols.
 */
#ifndef LW_SCALAR_SYMBOLS_H
#define LW_SCALAR_SYMBOLS_H

#include "kernels/kernels.h"

#ifdef LW_AUTOVEC
#    define LW_SYM(stem) lw_##stem##_autovec
#else
#    define LW_SYM(stem) lw_##stem##_scalar
#endif

#define X(ENUM, stem) lw_##stem##_fn LW_SYM(stem);
LW_FOR_EACH_OP(X)
#undef X

#endif
