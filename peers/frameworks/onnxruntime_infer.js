// SPDX-License-Identifier: BSD-3-Clause
// Runs an ONNX model with onnxruntime and prints `batch images_per_second call_seconds right` for each batch size.
//
// usage: node onnxruntime_infer.js MODEL.onnx IMAGES LABELS THREADS SECONDS BATCH...
//
// IMAGES and LABELS are plain IDX files. A call is one session.run on fp32 images that are there already. `right` is how
// many of the first 1000 images get their label, so that no wrong answer has a speed.
"use strict";
const fs = require("fs");
const ort = require("onnxruntime-node");

const [model, imageFile, labelFile, threads, seconds, ...batches] = process.argv.slice(2);

function readIdx(path) {
    const bytes = fs.readFileSync(path);
    return bytes.subarray(4 + 4 * bytes[3]);
}

function tensor(pixels, first, count) {
    const values = Float32Array.from(pixels.subarray(first * 784, (first + count) * 784), (v) => v / 255);
    return new ort.Tensor("float32", values, [count, 1, 28, 28]);
}

async function answersRight(run, pixels, labels) {
    const count = Math.min(1000, labels.length);
    const prob = (await run(tensor(pixels, 0, count))).data;
    let right = 0;
    for (let i = 0; i < count; i++) {
        const row = prob.subarray(10 * i, 10 * i + 10);
        right += row.indexOf(Math.max(...row)) === labels[i];
    }
    return right;
}

async function rate(run, images, batch) {
    for (let i = 0; i < 10; i++) await run(images);
    const times = [];
    const began = process.hrtime.bigint();
    let now = began;
    while (Number(now - began) < 1e9 * Number(seconds)) {
        await run(images);
        const after = process.hrtime.bigint();
        times.push(Number(after - now) * 1e-9);
        now = after;
    }
    times.sort((a, b) => a - b);
    return [(times.length * batch) / (Number(now - began) * 1e-9), times[times.length >> 1]];
}

async function main() {
    const pixels = readIdx(imageFile), labels = readIdx(labelFile);
    const session = await ort.InferenceSession.create(model, {
        executionProviders: ["cpu"], graphOptimizationLevel: "all", executionMode: "sequential",
        intraOpNumThreads: Number(threads), interOpNumThreads: 1,
    });
    const input = session.inputNames[0], output = session.outputNames[0];
    const run = async (images) => (await session.run({ [input]: images }))[output];
    const right = await answersRight(run, pixels, labels);
    for (const batch of batches.map(Number)) {
        const [perSecond, call] = await rate(run, tensor(pixels, 0, batch), batch);
        console.log(`${batch} ${perSecond.toFixed(1)} ${call.toExponential(4)} ${right}`);
    }
}

main();
