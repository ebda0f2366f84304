#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Trains the tutorial network with PyTorch and prints `images_per_second CONFIGURATION`, one line per configuration.

usage: pytorch_train.py FOLDER THREADS BATCH SECONDS CONFIGURATION...

A configuration is words joined by `+`: a memory layout (contiguous, channels_last), a form of Adam (loop, foreach), and
how the model is run (eager, script). Several take turns, so that drift of the machine meets all alike. `all` is every
combination. The data set is in memory, already fp32; a step takes a batch of a random order, as ours does.
"""
import itertools
import statistics
import sys
import time

import torch
from torch import nn

import idx

TURNS = 5  # per configuration; the median counts
WORDS = (("contiguous", "channels_last"), ("loop", "foreach"), ("eager", "script"))


class Training:
    def __init__(self, configuration, images, labels, batch):
        layout, adam, run = configuration.split("+")
        self.images, self.labels, self.batch = images, labels, batch
        self.layout = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        model = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10))
        model = model.to(memory_format=self.layout)
        self.optimizer = torch.optim.Adam(model.parameters(), foreach=adam == "foreach")
        self.model = torch.jit.script(model) if run == "script" else model
        self.loss = nn.CrossEntropyLoss()
        self.order = torch.randperm(len(labels))
        self.at = 0

    def step(self):
        if self.at + self.batch > len(self.order):
            self.order = torch.randperm(len(self.order))
            self.at = 0
        chosen = self.order[self.at:self.at + self.batch]
        self.at += self.batch
        self.optimizer.zero_grad(set_to_none=True)
        images = self.images[chosen].contiguous(memory_format=self.layout)
        self.loss(self.model(images), self.labels[chosen]).backward()
        self.optimizer.step()

    def rate(self, seconds):
        steps, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            self.step()
            steps += 1
        return steps * self.batch / took


def main():
    folder, threads, batch, seconds, *names = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    if names == ["all"]:
        names = ["+".join(words) for words in itertools.product(*WORDS)]
    pixels = torch.from_numpy(idx.read(folder, "train-images-idx3-ubyte").copy())
    images = pixels.unsqueeze(1).to(torch.float32).div_(255)
    labels = torch.from_numpy(idx.read(folder, "train-labels-idx1-ubyte").copy()).long()
    trainings = [Training(name, images, labels, int(batch)) for name in names]
    for training in trainings:
        training.rate(0.5)  # what is built once: primitives, and what the script's profile decides
    rates = [[] for _ in names]
    for _ in range(TURNS):
        for training, taken in zip(trainings, rates):
            taken.append(training.rate(float(seconds) / TURNS))
    for name, taken in zip(names, rates):
        print(f"{statistics.median(taken):.1f} {name}")


main()
