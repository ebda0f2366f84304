/* SPDX-License-Identifier: BSD-3-Clause
 * test_vec.h: between the two halves of the vector header's tests. */
#ifndef LW_TEST_VEC_H
#define LW_TEST_VEC_H

/* All tests; the CPU must have the ISA. 0: they passed. */
int lw_test_vec(void);

#endif
