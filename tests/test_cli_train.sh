#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_train.sh BENCH: schedules, optimisers, early stopping, fine-tuning, pixels, augmentation.
# shellcheck source=tests/cli_training.sh
. "$(dirname "$0")/cli_training.sh"

echo "# schedules, optimisers, early stopping"
run "$bench" train --help
for word in constant step exponential polynomial cosine onecycle plateau; do
    verify "--help explains the schedule $word" grep -qE "^    $word" out
done
refuses 2 "no schedule 'cosin'.*onecycle" "$bench" train "${small[@]}" --schedule cosin
refuses 2 'schedule cosine: no setting .mini.' "$bench" train "${small[@]}" --schedule 'cosine(mini=1)'
refuses 2 'patience wants a validation loss' "$bench" train "${small[@]}" --patience 1 --validation-split 0
refuses 2 'plateau|this --schedule' "$bench" train "${small[@]}" --schedule plateau --validation-split 0
refuses 2 'keep wants one of' "$bench" train "${small[@]}" --keep both
run "$bench" train "${small[@]}" --epochs 3 --schedule 'step(every=1,factor=0.5)' --optimizer rmsprop --lr 0.004 --out steps
verify "rates halve from epoch to epoch" test "$(cut -d, -f8 steps/epochs.csv | paste -sd' ')" = 'lr 0.004 0.002 0.001'
run "$bench" train "${small[@]}" --epochs 40 --lr 0.03 --patience 2 --keep best --out early
verify "a run that no longer improves stops" test "$(wc -l <early/epochs.csv)" -lt 41
best_is_last_but_patience() {
    python3 - <<'PY'
import csv
epochs = list(csv.DictReader(open("early/epochs.csv")))
run, = csv.DictReader(open("early/runs.csv"))
best = min(range(len(epochs)), key=lambda i: float(epochs[i]["val_loss"]))
assert best == len(epochs) - 3 and int(run["tested_epoch"]) == best and int(run["epochs_run"]) == len(epochs)
assert run["val_loss"] == epochs[best]["val_loss"]
PY
}
verify "two epochs after the best one, which is the one that is tested" best_is_last_but_patience
run "$bench" train "${small[@]}" --epochs 2 --ema 0.99 --out ema
run "$bench" train "${small[@]}" --epochs 2 --out plain
verify "without augmentation pixels are data" parts_of_time plain data augment
verify "an average trains with the same losses" test "$(cut -d, -f2,3 ema/epochs.csv)" = "$(cut -d, -f2,3 plain/epochs.csv)"
verify "and validates with other weights" test "$(cut -d, -f4,5 ema/epochs.csv)" != "$(cut -d, -f4,5 plain/epochs.csv)"
run "$bench" train "${small[@]}" --epochs 2 --label-smoothing 0.1 --out smooth
verify "smoothed labels train to a higher loss" awk -F, 'FNR == 2 { loss[FILENAME] = $3 } END { exit !(loss["smooth/epochs.csv"] > loss["plain/epochs.csv"]) }' plain/epochs.csv smooth/epochs.csv
verify "and say so" grep -q ',0.1,' smooth/runs.csv

echo "# fine-tuning"
run "$bench" train "${small[@]:0:6}" --epochs 1 --init-from plain/weights.safetensors --anew dense_1 --freeze dense --fraction 0.5 --out tuned
verify "it ends well" test $rc -eq 0
verify "says what starts anew" grep -q '^weights   from plain/weights.safetensors; anew: dense_1/kernel, dense_1/bias$' out
verify "and what is frozen" grep -q 'dense (Dense + ReLU, frozen)' out
verify "a frozen tensor ends as it was" same_tensor dense/kernel plain/weights.safetensors tuned/weights.safetensors
verify "another one does not" differs dense_1/kernel plain/weights.safetensors tuned/weights.safetensors
refuses 2 "no layer 'head' with parameters in this model; it has: dense, dense_1" "$bench" train "${small[@]}" --freeze head --out tuned
refuses 2 "no layer 'head' with parameters" "$bench" train "${small[@]}" --lr-factor head=2 --out tuned
refuses 2 "dense is frozen" "$bench" train "${small[@]}" --freeze dense --lr-factor dense=2 --out tuned
run "$bench" train "${small[@]}" --epochs 2 --lr-factor dense=1,dense_1=1 --out ones
verify "factors of 1 change no bit" same_tensor dense/kernel plain/weights.safetensors ones/weights.safetensors
run "$bench" train "${small[@]:0:6}" --epochs 2 --lr-factor dense_1=0.25 --out slower
verify "another factor is shown" grep -q 'dense_1 (Dense, rate x 0.25)' out
verify "and recorded" grep -q ',dense_1=0.25,' slower/runs.csv
verify "and trains to other weights" differs dense_1/kernel plain/weights.safetensors slower/weights.safetensors
refuses 2 "--anew belongs to --init-from" "$bench" train "${small[@]}" --anew dense --out tuned
refuses 2 "--init-from: cannot read none.safetensors" "$bench" train "${small[@]}" --init-from none.safetensors --out tuned

echo "# pixels"
refuses 2 "--resize: expected HEIGHTxWIDTH, each from 1 to 4096, such as 32x32; got '32'" "$bench" train "${small[@]}" --resize 32 --out pixels
refuses 2 "--normalize: expected unit, standard or MEAN,SD .*got '0.5,0'" "$bench" train "${small[@]}" --normalize 0.5,0 --out pixels
run "$bench" train "${small[@]:0:6}" --epochs 2 --resize 14x20 --normalize standard --out pixels
verify "it ends well" test $rc -eq 0
verify "says the size" grep -q '^images    resized to 14x20$' out
verify "and what is seen" grep -qE '^pixels    less 0\.[0-9]+, divided by 0\.[0-9]+ \(standard\)$' out
run "$bench" train "${small[@]}" --epochs 1 --init-from pixels/weights.safetensors --out pixels-on
pixels_are_kept() {
    python3 - <<'PY'
import csv
first, = csv.DictReader(open("pixels/runs.csv"))
second, = csv.DictReader(open("pixels-on/runs.csv"))
assert first["resize"] == second["resize"] == "14x20" and first["normalize"] == "standard"
assert first["pixel_mean"] == second["pixel_mean"] and first["pixel_sd"] == second["pixel_sd"]
assert 0 < float(first["pixel_mean"]) < 0.5 and 0 < float(first["pixel_sd"]) < 0.5
PY
}
verify "weights take their pixels along" pixels_are_kept
run "$bench" train "${small[@]}" --epochs 1 --init-from pixels/weights.safetensors --normalize unit --resize 28x28 --anew dense --out pixels-off
verify "what is asked for comes first" grep -q ',28x28,unit,0,1,' pixels-off/runs.csv
run "$bench" train "${small[@]}" --epochs 1 --normalize 0,1 --out same
run "$bench" train "${small[@]}" --epochs 1 --out as-ever
verify "0,1 is unit" same_tensor dense/kernel same/weights.safetensors as-ever/weights.safetensors

echo "# augmentation"
refuses 2 "augment: augmentation: no setting 'rot'" "$bench" train "${small[@]}" --augment rot=3
refuses 2 'out FILE.png says' "$bench" augment --data synthetic
refuses 2 'augmentation: scale wants' "$bench" augment --data synthetic --augment scale=2 --out sheet.png
refuses 4 'cannot write .*sheet.png' "$bench" augment --data synthetic --out nowhere/sheet.png
run "$bench" augment --data synthetic --rows 3 --columns 4 --augment rotate=20,elastic=2,erase=0.5 --out sheet.png
verify "a sheet is drawn" grep -q '3 images' out
sheet_is_right() {
    python3 - <<'PY'
import struct, zlib
data = open("sheet.png", "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
at, chunks = 8, {}
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    chunks[kind] = data[at + 8:at + 8 + length]
    assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + chunks[kind])
    at += 12 + length
w, h = struct.unpack(">II", chunks[b"IHDR"][:8])
rows = zlib.decompress(chunks[b"IDAT"])
assert (w, h) == (2 + 5 * 30, 2 + 3 * 30) and len(rows) == h * (w + 1) and list(chunks)[-1] == b"IEND"
first = [rows[(2 + y) * (w + 1) + 3:][:28] for y in range(28)]
second = [rows[(2 + y) * (w + 1) + 33:][:28] for y in range(28)]
assert first != second and max(map(max, first)) > 128 and max(map(max, second)) > 128
PY
}
verify "it is a PNG file with images in it" sheet_is_right
run "$bench" train "${small[@]}" --epochs 2 --augment rotate=10,translate=0.1 --out augmented
verify "augmented images are harder to fit" test "$(cut -d, -f2,3 plain/epochs.csv)" != "$(cut -d, -f2,3 augmented/epochs.csv)"

sum_up
