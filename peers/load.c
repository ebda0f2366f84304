/* SPDX-License-Identifier: BSD-3-Clause
 * load.c: shared libraries, their functions, and the ISA that they are held to. */
#define _GNU_SOURCE
#include "peers/load.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *lw_load_library(lw_peer *p, const char *const *names)
{
    size_t used = 0;
    char error[sizeof p->why_not] = ""; /* dlerror's text lasts until the next dlopen */
    for (int i = 0; names[i]; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library) {
            struct link_map *map;
            if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0) snprintf(p->path, sizeof p->path, "%s", map->l_name);
            return library;
        }
        /* "no such file" for the other names says less than why one that is there does not load. */
        const char *why = dlerror();
        if (!strstr(why, "No such file") && !*error) snprintf(error, sizeof error, "%s", why);
        if (used < sizeof p->why_not)
            used += (size_t)snprintf(p->why_not + used, sizeof p->why_not - used, "%s%s", i ? ", " : "no ", names[i]);
    }
    if (*error) memcpy(p->why_not, error, sizeof error);
    return NULL;
}

bool lw_load_symbols(lw_peer *p, void *library, const lw_wanted *wanted)
{
    for (; wanted->name; wanted++) {
        void *symbol = dlsym(library, wanted->name);
        if (!symbol && !wanted->optional) {
            snprintf(p->why_not, sizeof p->why_not, "%.160s has no %s", p->path, wanted->name);
            return false;
        }
        memcpy(wanted->to, &symbol, sizeof symbol); /* ISO C has no conversion from data to function pointers */
    }
    return true;
}

void lw_load_setting(const char *variable, const char *value)
{
    setenv(variable, value, 1);
}

bool lw_load_within(lw_peer *p, lw_peer_cap cap)
{
    const bool too_wide = cap == LW_CAP_AVX2 && (p->isa == LW_ISA_AVX512 || p->isa == LW_ISA_COUNT);
    if (too_wide)
        snprintf(p->why_not, sizeof p->why_not, "could not be held to %s: it says that it runs %s", lw_peer_cap_name(cap),
                 p->uses);
    return !too_wide;
}
