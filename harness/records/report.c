/* SPDX-License-Identifier: BSD-3-Clause
 * report.c: table rows and numbers for people. */
#include "harness/records/report.h"

#include <math.h>
#include <string.h>

static void print_cells(FILE *out, const lw_column *columns, int count, const char *const *cells)
{
    for (int i = 0; i < count; i++)
        fprintf(out, "%s%*s", i ? "  " : "", i + 1 < count || columns[i].width < 0 ? -columns[i].width : 0,
                cells[i]);
    fputc('\n', out);
}

void lw_report_head(FILE *out, const lw_column *columns, int count)
{
    const char *titles[32];
    for (int i = 0; i < count && i < 32; i++)
        titles[i] = columns[i].title;
    print_cells(out, columns, count, titles);
}

bool lw_report_row(FILE *out, const lw_column *columns, int count, const char *const *cells)
{
    print_cells(out, columns, count, cells);
    return fflush(out) == 0 && !ferror(out);
}

const char *lw_format_seconds(double seconds, char *text, size_t size)
{
    static const struct {
        double scale;
        const char *unit;
    } units[] = {{1, "s"}, {1e3, "ms"}, {1e6, "us"}, {1e9, "ns"}};
    if (!isfinite(seconds)) {
        snprintf(text, size, "-");
        return text;
    }
    int i = 0;
    while (i < 3 && seconds * units[i].scale < 0.9995)
        i++;
    double value = seconds * units[i].scale;
    snprintf(text, size, "%.*f %s",
             value < 9.9995   ? 3
             : value < 99.995 ? 2
             : value < 999.95 ? 1
                              : 0,
             value, units[i].unit);
    return text;
}
