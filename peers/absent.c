/* SPDX-License-Identifier: BSD-3-Clause
 * absent.c: the peers whose headers were not there when this program was built. */
#include "peers/load.h"

#include <stdio.h>

#ifndef LW_HAVE_ONEDNN
void lw_load_onednn(lw_peer *p, lw_peer_cap cap)
{
    (void)cap;
    snprintf(p->why_not, sizeof p->why_not, "not built in: oneapi/dnnl/dnnl.h was not there");
}
#endif

#ifndef LW_HAVE_LIBXSMM
void lw_load_libxsmm(lw_peer *p, lw_peer_cap cap)
{
    (void)cap;
    snprintf(p->why_not, sizeof p->why_not, "not built in: libxsmm.h or libxsmm.a was not there");
}
#endif

typedef int lw_absent_has_something; /* ISO C wants a declaration where all are there */
