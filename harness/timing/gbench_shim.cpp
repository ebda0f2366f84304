/* SPDX-License-Identifier: BSD-3-Clause
 * gbench_shim.cpp: the only C++. No exception leaves it. */
#include "harness/timing/gbench_shim.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

using Run = benchmark::BenchmarkReporter::Run;

/* ---------------------------------------------------------------- a sample */

/* The library insists on a reporter; what a sample took is known already. */
class Silent : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context &) override
    {
        return true;
    }
    void ReportRuns(const std::vector<Run> &runs) override
    {
        for (const Run &run : runs) ran = ran || !run.error_occurred;
    }
    bool ran = false;
};

/* ---------------------------------------------------------------- rows to runs */

benchmark::TimeUnit unit_of(const char *name)
{
    const std::string unit = name ? name : "ns";
    return unit == "s" ? benchmark::kSecond : unit == "ms" ? benchmark::kMillisecond
         : unit == "us" ? benchmark::kMicrosecond : benchmark::kNanosecond;
}

Run common_run(const lw_gbench_row &row, benchmark::TimeUnit unit)
{
    Run run;
    run.run_name.function_name = row.name;
    run.family_index = row.family;
    run.per_family_instance_index = row.member;
    run.threads = row.threads;
    run.time_unit = unit;
    run.statistics = nullptr;
    run.repetitions = row.samples ? row.samples->accepted : 0;
    run.repetition_index = 0;
    if (row.label) run.report_label = row.label;
    return run;
}

void count_rates(Run &run, const lw_gbench_row &row, double seconds)
{
    using benchmark::Counter;
    if (!(seconds > 0)) return;
    if (row.flop > 0) run.counters["FLOPS"] = Counter(row.flop / seconds, Counter::kIsRate);
    run.counters["bytes_per_second"] = Counter(row.bytes / seconds, Counter::kIsRate, Counter::kIs1024);
}

std::vector<Run> repetitions_of(const lw_gbench_row &row, benchmark::TimeUnit unit)
{
    std::vector<Run> runs;
    for (int i = 0; i < row.samples->count; i++) {
        const lw_sample &sample = row.samples->at[i];
        if (!sample.accepted) continue;
        Run run = common_run(row, unit);
        run.repetition_index = static_cast<int64_t>(runs.size());
        run.iterations = row.samples->loops;
        run.real_accumulated_time = sample.seconds * static_cast<double>(run.iterations);
        run.cpu_accumulated_time = sample.cpu * static_cast<double>(run.iterations);
        count_rates(run, row, sample.seconds);
        runs.push_back(run);
    }
    return runs;
}

struct Moments {
    double mean = 0, median = 0, deviation = 0;
};

Moments moments_of(std::vector<double> x)
{
    Moments m;
    const size_t n = x.size();
    std::sort(x.begin(), x.end());
    for (double value : x) m.mean += value / static_cast<double>(n);
    for (double value : x) m.deviation += (value - m.mean) * (value - m.mean);
    m.deviation = std::sqrt(m.deviation / static_cast<double>(n - 1));
    m.median = n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
    return m;
}

/* Reporters divide times by iterations, which of an aggregate are its repetitions. */
Run aggregate(const lw_gbench_row &row, benchmark::TimeUnit unit, const char *name, double real, double cpu)
{
    Run run = common_run(row, unit);
    run.run_type = Run::RT_Aggregate;
    run.aggregate_name = name;
    run.iterations = row.samples->accepted;
    run.real_accumulated_time = real * static_cast<double>(run.iterations);
    run.cpu_accumulated_time = cpu * static_cast<double>(run.iterations);
    return run;
}

std::vector<Run> aggregates_of(const lw_gbench_row &row, benchmark::TimeUnit unit)
{
    std::vector<double> wall, used;
    for (int i = 0; i < row.samples->count; i++)
        if (row.samples->at[i].accepted) {
            wall.push_back(row.samples->at[i].seconds);
            used.push_back(row.samples->at[i].cpu);
        }
    if (wall.size() < 2) return {};
    const Moments real = moments_of(wall), cpu = moments_of(used);
    std::vector<Run> runs = {aggregate(row, unit, "mean", real.mean, cpu.mean),
                             aggregate(row, unit, "median", real.median, cpu.median),
                             aggregate(row, unit, "stddev", real.deviation, cpu.deviation),
                             aggregate(row, unit, "cv", 0, 0)};
    count_rates(runs[0], row, real.mean);
    count_rates(runs[1], row, real.median);
    runs[3].aggregate_unit = benchmark::kPercentage; /* not divided by iterations */
    runs[3].real_accumulated_time = real.deviation / real.mean;
    runs[3].cpu_accumulated_time = cpu.mean > 0 ? cpu.deviation / cpu.mean : 0;
    return runs;
}

Run error_of(const lw_gbench_row &row, benchmark::TimeUnit unit)
{
    Run run = common_run(row, unit);
    run.repetitions = 1;
    run.error_occurred = true;
    run.error_message = row.error;
    return run;
}

/* ---------------------------------------------------------------- reporters */

/* The library means to drop its CSV one day; until then its users may ask for it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
std::unique_ptr<benchmark::BenchmarkReporter> make_reporter(lw_gbench_format format, bool color, bool tabular)
{
    using benchmark::ConsoleReporter;
    const int look = (color ? ConsoleReporter::OO_Color : 0) | (tabular ? ConsoleReporter::OO_Tabular : 0);
    switch (format) {
    case LW_GBENCH_JSON: return std::unique_ptr<benchmark::BenchmarkReporter>(new benchmark::JSONReporter);
    case LW_GBENCH_CSV: return std::unique_ptr<benchmark::BenchmarkReporter>(new benchmark::CSVReporter);
    case LW_GBENCH_CONSOLE:
        return std::unique_ptr<benchmark::BenchmarkReporter>(
            new ConsoleReporter(static_cast<ConsoleReporter::OutputOptions>(look)));
    case LW_GBENCH_NONE: break;
    }
    return nullptr;
}
#pragma GCC diagnostic pop

struct Sink {
    std::unique_ptr<benchmark::BenchmarkReporter> reporter;
    std::ostream *stream = nullptr;
    bool aggregates_only = false;

    void open(std::ostream &to, const benchmark::BenchmarkReporter::Context &context)
    {
        stream = &to;
        reporter->SetOutputStream(stream);
        reporter->SetErrorStream(&std::cerr);
        reporter->ReportContext(context);
    }
    bool report(const std::vector<Run> &repetitions, const std::vector<Run> &aggregates)
    {
        if (!reporter) return true;
        if (!aggregates_only || aggregates.empty()) reporter->ReportRuns(repetitions);
        if (!aggregates.empty()) reporter->ReportRuns(aggregates);
        return static_cast<bool>(stream->flush());
    }
    bool close()
    {
        if (!reporter) return true;
        reporter->Finalize();
        return static_cast<bool>(stream->flush());
    }
};

} // namespace

struct lw_gbench_report {
    benchmark::TimeUnit unit = benchmark::kNanosecond;
    std::string executable;
    Sink display, file;
    std::ofstream out;
};

bool lw_gbench_sample(const char *name, lw_gbench_call *call, void *context, int64_t iterations, lw_elapsed *elapsed)
try {
    Silent silent;
    benchmark::RegisterBenchmark(name, [=](benchmark::State &state) {
        while (state.KeepRunningBatch(iterations)) {
            *elapsed = call(context, iterations);
            state.SetIterationTime(elapsed->wall);
        }
    })->Iterations(iterations)->Repetitions(1)->UseManualTime();
    benchmark::RunSpecifiedBenchmarks(&silent, nullptr, "all");
    benchmark::ClearRegisteredBenchmarks();
    return silent.ran;
} catch (const std::exception &) {
    return false;
}

void lw_gbench_context(const char *key, const char *value)
{
    std::string quoted; /* as the library leaves control characters in its JSON as they are */
    for (const char *at = value; *at; at++) quoted += static_cast<unsigned char>(*at) < ' ' ? ' ' : *at;
    benchmark::AddCustomContext(key, quoted);
}

lw_gbench_report *lw_gbench_report_open(const lw_gbench_options *options, char *err, size_t err_size)
try {
    std::unique_ptr<lw_gbench_report> r(new lw_gbench_report);
    r->unit = unit_of(options->time_unit);
    r->executable = options->executable ? options->executable : "bench";
    r->display.reporter = make_reporter(options->display, options->color, options->tabular);
    r->display.aggregates_only = options->aggregates_only || options->display_aggregates_only;
    r->file.reporter = options->out ? make_reporter(options->out_format, false, options->tabular) : nullptr;
    r->file.aggregates_only = options->aggregates_only;
    benchmark::BenchmarkReporter::Context::executable_name = r->executable.c_str();
    benchmark::BenchmarkReporter::Context context;
    context.name_field_width = static_cast<size_t>(options->name_width);
    if (r->file.reporter) {
        r->out.open(options->out);
        if (!r->out) {
            std::snprintf(err, err_size, "cannot create %s: %s", options->out, std::strerror(errno));
            return nullptr;
        }
        r->file.open(r->out, context);
    }
    if (r->display.reporter) r->display.open(std::cout, context);
    return r.release();
} catch (const std::exception &e) {
    std::snprintf(err, err_size, "%s", e.what());
    return nullptr;
}

bool lw_gbench_report_row(lw_gbench_report *r, const lw_gbench_row *row)
try {
    if (row->error) {
        const std::vector<Run> error = {error_of(*row, r->unit)};
        const bool shown = r->display.report(error, {});
        return r->file.report(error, {}) && shown;
    }
    const std::vector<Run> repetitions = repetitions_of(*row, r->unit), aggregates = aggregates_of(*row, r->unit);
    const bool shown = r->display.report(repetitions, aggregates);
    return r->file.report(repetitions, aggregates) && shown;
} catch (const std::exception &) {
    return false;
}

bool lw_gbench_report_close(lw_gbench_report *r)
{
    if (!r) return true;
    bool ok = r->display.close();
    ok = r->file.close() && ok;
    if (r->out.is_open()) r->out.close();
    ok = ok && !r->out.fail();
    benchmark::BenchmarkReporter::Context::executable_name = nullptr;
    delete r;
    return ok;
}
