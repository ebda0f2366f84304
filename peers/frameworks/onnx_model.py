#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the tutorial network with weights of `bench train` as an ONNX model, for any batch size.

usage: onnx_model.py WEIGHTS.safetensors MODEL.onnx

ONNX wants NCHW and filters OIHW; ours are NHWC and HWIO. The first dense layer reads 3 x 3 x 64 values in the order in
which `Flatten` leaves them, so its rows are put into that order.
"""
import json
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    values = data[8 + length:]
    return {name: np.frombuffer(values[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def main():
    source, target = sys.argv[1:]
    weights = read_safetensors(source)
    nodes, constants = [], []

    def add(kind, inputs, **attributes):
        name = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def conv(at, layer):
        kernel = constant(layer + "/kernel", weights[layer + "/kernel"].transpose(3, 2, 0, 1))
        at = add("Conv", [at, kernel, constant(layer + "/bias", weights[layer + "/bias"])])
        return add("Relu", [at])

    def dense(at, layer, kernel):
        return add("Gemm", [at, constant(layer + "/kernel", kernel), constant(layer + "/bias", weights[layer + "/bias"])])

    at = conv("images", "conv2d")
    at = add("MaxPool", [at], kernel_shape=[2, 2], strides=[2, 2])
    at = conv(at, "conv2d_1")
    at = add("MaxPool", [at], kernel_shape=[2, 2], strides=[2, 2])
    at = conv(at, "conv2d_2")
    at = add("Flatten", [at])
    first = weights["dense/kernel"]
    at = add("Relu", [dense(at, "dense", first.reshape(3, 3, 64, -1).transpose(2, 0, 1, 3).reshape(first.shape))])
    at = add("Softmax", [dense(at, "dense_1", weights["dense_1/kernel"])], axis=1)
    graph = helper.make_graph(
        nodes, "tutorial", [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info(at, TensorProto.FLOAT, ["batch", 10])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, target)


main()
