#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_infer.sh BENCH: `bench infer` answers as `bench train` tested, whatever the threads and the kernel set, and
# refuses what it cannot answer; `bench machine --capacity`.
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

model='conv(4,3,stride=2) batchnorm relu dropout(0.1) maxpool(2) flatten dense(10)'
"$bench" train --data synthetic --model "$model" --fraction 0.02 --epochs 1 --threads 1 --quiet --out w >/dev/null || exit 1
weights=w/weights.safetensors

run "$bench" infer --weights $weights --data synthetic --threads 2 --batch 1,70 --min-time 0.01 --csv rows.csv
verify "the table has a line per batch size" grep -qE '^ +70 ' out
verify "as many images are right as training counted" \
    [ "$(field rows.csv test_correct 0)" = "$(field w/runs.csv test_correct 0)" ]

"$bench" train --data synthetic --model "$model" --fraction 0.02 --epochs 1 --threads 1 --quiet --resize 20x24 \
    --normalize standard --out pixels >/dev/null || exit 1
run "$bench" infer --weights pixels/weights.safetensors --data synthetic --threads 1 --batch 1 --min-time 0.01 --csv pixels.csv
verify "images get the size and the scale that the weights remember" \
    [ "$(field pixels.csv test_correct 0)" = "$(field pixels/runs.csv test_correct 0)" ]
python3 - <<'PY'
import re
data = open("pixels/weights.safetensors", "rb").read()
said = re.search(rb'"normalize" *: *"[^"]*"', data).group()
open("standard.safetensors", "wb").write(data.replace(said, b'"normalize":"standard"'.ljust(len(said))))
PY
refuses 3 "standard.safetensors: normalize in its metadata: 'standard' wants MEAN,SD" "$bench" infer \
    --weights standard.safetensors --data synthetic
verify "a row per batch size" [ "$(field rows.csv batch 0),$(field rows.csv batch 1)" = 1,70 ]
verify "the file says which model it is" [ "$(field rows.csv model 1)" = "$model" ]
verify "percentiles rise" python3 -c "
import csv
for row in csv.DictReader(open('rows.csv')):
    times = [float(row[name]) for name in ('call_p50', 'call_p90', 'call_p99', 'call_max')]
    assert 0 < times[0] and times == sorted(times), times
    assert abs(float(row['images_per_second']) * float(row['median_seconds']) / int(row['batch']) - 1) < 1e-4"

# Three images of 28 x 28: an empty one, a bar, a bar across.
python3 - <<'PY'
import struct
empty = bytes(784)
bar = bytes(255 if 12 <= i % 28 < 16 and 4 <= i // 28 < 24 else 0 for i in range(784))
across = bytes(255 if 12 <= i // 28 < 16 and 4 <= i % 28 < 24 else 0 for i in range(784))
head = struct.pack(">4B3I", 0, 0, 8, 3, 3, 28, 28)
open("three-idx3-ubyte", "wb").write(head + empty + bar + across)
open("labels-idx1-ubyte", "wb").write(struct.pack(">4BI", 0, 0, 8, 1, 3) + bytes(3))
open("small-idx3-ubyte", "wb").write(struct.pack(">4B3I", 0, 0, 8, 3, 1, 20, 20) + bytes(400))
PY
run "$bench" infer --weights $weights --predict three-idx3-ubyte --threads 1
cp out one
verify "a line per image, after the names" [ "$(head -n 1 one) $(wc -l <one)" = 'image,class,probability 4' ]
verify "classes and probabilities" sh -c '! grep -vE "^image|^[0-2],[0-9],(0\.[0-9]+|1)$" one'
run "$bench" infer --weights $weights --predict three-idx3-ubyte --threads 2
verify "the same bits by two threads" cmp -s one out
classes() { cut -d, -f2 "$1"; }
run "$bench" infer --weights $weights --predict three-idx3-ubyte --kernel scalar
verify "the same classes by scalar kernels" [ "$(classes one)" = "$(classes out)" ]

refuses 2 '--weights FILE' "$bench" infer
refuses 2 "--batch wants .* got '0'" "$bench" infer --weights $weights --batch 0
refuses 2 "--batch wants .* got '8,'" "$bench" infer --weights $weights --batch 8,
refuses 3 'cannot read missing' "$bench" infer --weights missing --predict three-idx3-ubyte
refuses 3 'not a safetensors file' "$bench" infer --weights three-idx3-ubyte --predict three-idx3-ubyte
refuses 3 'another shape' "$bench" infer --weights $weights --model 'conv(5,3,stride=2) flatten dense(10)' --data synthetic
refuses 3 'another shape' "$bench" infer --weights $weights --predict small-idx3-ubyte
refuses 3 'labels-idx1-ubyte' "$bench" infer --weights $weights --predict labels-idx1-ubyte
refuses 3 'cannot read nothing' "$bench" infer --weights $weights --predict nothing
refuses 2 'not-a-layer' "$bench" infer --weights $weights --model 'not-a-layer(3) dense(2)' --predict three-idx3-ubyte
refuses 4 'rows.csv' "$bench" infer --weights $weights --data synthetic --batch 1 --min-time 0.01 --csv no/rows.csv

run "$bench" machine --capacity --threads 1
verify "a part of the capacity" grep -qxE '[01]\.[0-9]{3}' out

sum_up
