# SPDX-License-Identifier: BSD-3-Clause
"""Reads the IDX files of a data set's folder: images as uint8 [n, h, w], labels as uint8 [n]."""
import gzip
import os

import numpy as np


def read(folder, name):
    path = os.path.join(folder, name)
    opened = gzip.open(path + ".gz") if not os.path.exists(path) else open(path, "rb")
    with opened as file:
        data = file.read()
    rank = data[3]
    sizes = np.frombuffer(data, ">i4", rank, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(sizes)
