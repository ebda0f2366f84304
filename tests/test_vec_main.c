/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_vec_main.c: runs test_vec.c where the CPU has its ISA, LW_TESTED_ISA. Compiled without that ISA's flags: a
 * sanitizer's prologue alone would be an illegal instruction elsewhere.
 */
#include "kernels/cpu.h"
#include "tests/test_vec.h"

#include <stdio.h>

int main(void)
{
    const lw_cpu cpu = lw_cpu_detect();
    if (!lw_isa_usable(LW_TESTED_ISA, &cpu)) {
        printf("skipped: %s is %s\n", lw_isa_name(LW_TESTED_ISA), lw_isa_why_not(LW_TESTED_ISA, &cpu));
        return 77;
    }
    return lw_test_vec();
}
