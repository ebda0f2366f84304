#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs our trainer and our inference beside PyTorch and onnxruntime, interleaved, and prints ratios.

usage: compare.py --bench BENCH --data FOLDER --weights FILE --samples CSV [--model ONNX] [--pytorch PYTHON]
                  [--rounds N] [--threads N,...] [--seconds S] [--under COMMAND]

In each round every contestant runs once, as a process of its own, in an order drawn anew. A ratio is that of a round;
the median over the rounds is printed with the interval that order statistics give it (95 % or more, from six rounds on).
Samples of several threads lie between two looks at their capacity (bench machine --capacity) and are taken again, up to
five times, where it is not there. A framework that is not given is left out. Where more than one thread is asked for, our
trainer is also measured against itself on one.
"""
import argparse
import csv
import math
import os
import random
import shlex
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 64               # of training
BATCHES = (1, 64, 1024)  # of inference
CAPACITY = 0.95
TRIES = 5
FINALISTS, LOOKS = 4, 3  # configurations of PyTorch that are looked at again, and how often


under = []  # what programs are run under


def run(command, environment=None):
    """Standard output of a command, and the most memory it had, in MiB. A failure ends the comparison."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as talk:
        process = subprocess.Popen(under + command, stdout=out, stderr=talk, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0)
        talk.seek(0)
        if status != 0:
            sys.exit(f"compare.py: this failed: {' '.join(command)}\n{talk.read()}")
        return out.read(), usage.ru_maxrss / 1024


class OurTraining:
    def __init__(self, options, threads, name="lanewise"):
        self.options, self.threads, self.name = options, threads, name

    def sample(self):
        with tempfile.TemporaryDirectory() as folder:
            _, memory = run([self.options.bench, "train", "--data", self.options.data, "--threads", str(self.threads),
                             "--batch", str(BATCH), "--epochs", "1", "--no-test", "--quiet", "--out", folder])
            with open(os.path.join(folder, "epochs.csv"), newline="") as file:
                rate = float(next(csv.DictReader(file))["images_per_second"])
        return {BATCH: rate}, memory


class PyTorchTraining:
    name = "pytorch"

    def __init__(self, options, threads):
        self.options, self.threads = options, threads
        self.configuration, self.environment = self.best()

    def rates(self, configuration, environment):
        text, memory = run([self.options.pytorch, os.path.join(HERE, "pytorch_train.py"), self.options.data,
                            str(self.threads), str(BATCH), str(self.options.seconds), configuration], environment)
        return [(float(rate), name) for rate, name in (line.split() for line in text.splitlines())], memory

    def best(self):
        """Every configuration, in two environments: as it comes, and with an allocator that keeps its memory, which saves
        it the page faults of every step. Its matrix library has threads of its own, which get in the way of PyTorch's
        and would be more than asked for on one. The fastest are looked at again, each in a process of its own: behind
        others a configuration inherits memory that it would have to ask for."""
        plain = {"OPENBLAS_NUM_THREADS": "1", "OMP_PROC_BIND": "true", "OMP_WAIT_POLICY": "active"}
        keeping = {**plain, "MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 31),
                   "MALLOC_TOP_PAD_": str(1 << 28)}
        looks = []
        for words, environment in (("malloc as it is", plain), ("malloc keeps memory", keeping)):
            for rate, name in self.rates("all", environment)[0]:
                print(f"  pytorch {self.threads} threads, {words}, {name}: {rate:.0f} images/s", file=sys.stderr)
                looks.append((rate, name, environment, words))
        looks.sort(key=lambda look: look[0], reverse=True)
        medians = []
        for _, name, environment, words in looks[:FINALISTS]:
            again = [self.rates(name, environment)[0][0][0] for _ in range(LOOKS)]
            print(f"  pytorch {self.threads} threads, {words}, {name}: {' '.join(f'{rate:.0f}' for rate in again)}",
                  file=sys.stderr)
            medians.append((statistics.median(again), name, environment))
        return max(medians, key=lambda entry: entry[0])[1:]

    def sample(self):
        rates, memory = self.rates(self.configuration, self.environment)
        return {BATCH: rates[0][0]}, memory


class OurInference:
    name = "lanewise"

    def __init__(self, options, threads):
        self.options, self.threads = options, threads

    def sample(self):
        text, memory = run([self.options.bench, "infer", "--weights", self.options.weights, "--data", self.options.data,
                            "--threads", str(self.threads), "--batch", ",".join(map(str, BATCHES)), "--min-time",
                            str(self.options.seconds / 2), "--csv", "-"])
        return {int(row["batch"]): float(row["images_per_second"]) for row in csv.DictReader(text.splitlines())}, memory


class OnnxruntimeInference:
    name = "onnxruntime"

    def __init__(self, options, threads):
        self.options, self.threads = options, threads

    def sample(self):
        files = [os.path.join(self.options.data, name) for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")]
        text, memory = run(["node", os.path.join(HERE, "onnxruntime_infer.js"), self.options.model, *files,
                            str(self.threads), str(self.options.seconds / 2), *map(str, BATCHES)])
        rows = [line.split() for line in text.splitlines()]
        if any(int(row[3]) < 900 for row in rows):
            sys.exit("compare.py: onnxruntime gets more than a tenth of the images wrong: a wrong answer has no speed")
        return {int(row[0]): float(row[1]) for row in rows}, memory


def capacity(options, threads):
    return float(run([options.bench, "machine", "--capacity", "--threads", str(threads)])[0]) if threads > 1 else 1.0


def sample_with_capacity(options, contestant):
    for _ in range(TRIES):
        before = capacity(options, contestant.threads)
        rates, memory = contestant.sample()
        least = min(before, capacity(options, contestant.threads))
        if least >= CAPACITY:
            break
    return rates, memory, least


def interval(values):
    """Of the median, by order statistics, as text: fewer than six values give none."""
    values, n = sorted(values), len(values)
    below, k = 0.0, 0
    while below + math.comb(n, k) / 2 ** n <= 0.025:
        below += math.comb(n, k) / 2 ** n
        k += 1
    return f"{values[k - 1]:.2f} .. {values[n - k]:.2f}" if k else "none below 6"


def compare(options, what, threads, contestants, writer):
    """The two contestants' rates, round by round; prints a line per batch size."""
    rates, memories, starved = {c.name: [] for c in contestants}, {c.name: [] for c in contestants}, 0
    for number in range(options.rounds):
        for contestant in random.sample(contestants, len(contestants)):
            taken, memory, least = sample_with_capacity(options, contestant)
            rates[contestant.name].append(taken)
            memories[contestant.name].append(memory)
            starved += least < CAPACITY
            for batch, rate in taken.items():
                writer.writerow([what, contestant.threads, batch, contestant.name,
                                 getattr(contestant, "configuration", ""), number, rate, round(memory, 1), least])
    ours, theirs = contestants
    for batch in rates[ours.name][0]:
        a, b = ([taken[batch] for taken in rates[c.name]] for c in contestants)
        ratios = [x / y for x, y in zip(a, b)]
        print(f"{what:<9} {threads:>7} {batch:>6} {statistics.median(a):>10.0f} {statistics.median(b):>10.0f} "
              f"{statistics.median(ratios):>6.2f}  {interval(ratios):<12}  {max(memories[ours.name]):>6.0f} "
              f"{max(memories[theirs.name]):>6.0f}  {theirs.name} {getattr(theirs, 'configuration', '')}"
              f"{f', {starved} samples without capacity' if starved else ''}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    for name in ("bench", "data", "weights", "samples", "model", "pytorch"):
        parser.add_argument("--" + name)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", default="1")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--under", default="")
    options = parser.parse_args()
    under.extend(shlex.split(options.under))
    random.seed(1)
    with open(options.samples, "w", newline="", buffering=1) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["what", "threads", "batch", "contestant", "configuration", "round", "images_per_second",
                         "peak_mib", "capacity"])
        print(f"{'what':<9} {'threads':>7} {'batch':>6} {'images/s':>10} {'theirs':>10} {'ratio':>6}  {'interval':<12}  "
              f"{'MiB':>6} {'theirs':>6}  beside", flush=True)
        for threads in map(int, options.threads.split(",")):
            if threads > 1:
                compare(options, "scaling", threads, [OurTraining(options, threads),
                                                      OurTraining(options, 1, "lanewise on 1 thread")], writer)
            if options.pytorch:
                compare(options, "training", threads,
                        [OurTraining(options, threads), PyTorchTraining(options, threads)], writer)
            if options.model:
                compare(options, "inference", threads,
                        [OurInference(options, threads), OnnxruntimeInference(options, threads)], writer)


main()
