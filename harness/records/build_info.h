/* SPDX-License-Identifier: BSD-3-Clause
 * build_info.h: what this program was built from and with. The definitions are written at build time. */
#ifndef LW_BUILD_INFO_H
#define LW_BUILD_INFO_H

extern const char lw_build_version[]; /* "0.1.0" */
extern const char
    lw_build_revision[]; /* "1a2b3c4d5e6f", with "-dirty" for uncommitted changes; or "unknown" */
extern const char lw_build_compiler[]; /* "GNU 12.2.0" */
extern const char lw_build_flags[];    /* those that all sources share; ISA folders add their own */

#endif
