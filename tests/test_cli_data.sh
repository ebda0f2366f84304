#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_data.sh BENCH: data sets and models, as `bench data` and `bench train` take and refuse them, and what a run leaves.
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

echo "# bench data and bench train"
be32() {
    printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"
}
# images MAGIC COUNT PRESENT: a header for COUNT images of 28 x 28 and the pixels of PRESENT of them.
images() {
    be32 "$1" && be32 "$2" && be32 28 && be32 28 && head -c $(($3 * 784)) /dev/zero
}
# labels MAGIC COUNT BYTE: COUNT times the label that `printf %b` makes of BYTE.
labels() {
    be32 "$1" && be32 "$2" && for _ in $(seq "$2"); do printf '%b' "$3"; done
}
# dataset FOLDER: four well-formed files: 20 images for training, 10 for the test.
dataset() {
    mkdir -p "$1"
    images 2051 20 20 >"$1/train-images-idx3-ubyte"
    labels 2049 20 '\x03' >"$1/train-labels-idx1-ubyte"
    images 2051 10 10 >"$1/t10k-images-idx3-ubyte"
    labels 2049 10 '\x03' >"$1/t10k-labels-idx1-ubyte"
}
for folder in good truncated magic count label; do dataset $folder; done
images 2051 20 13 >truncated/train-images-idx3-ubyte
images 2052 20 20 >magic/train-images-idx3-ubyte
labels 2049 19 '\x03' >count/train-labels-idx1-ubyte
labels 2049 20 '\x0a' >label/train-labels-idx1-ubyte
small=(--model 'flatten dense(10)' --epochs 1)

run "$bench" data
verify "bench data knows mnist" grep -q mnist out
verify "bench data knows fashion-mnist" grep -q fashion-mnist out
run "$bench" train --data good "${small[@]}" --out good-run
verify "bench train on a folder of IDX files" test $rc -eq 0
verify "its epochs.csv parses" csv_ok "$(find good-run -name epochs.csv)" 1
verify "its runs.csv parses" csv_ok "$(find good-run -name runs.csv)" 1
run "$bench" train --data good --model 'flatten dense(8) leakyrelu(0.1) dense(10)' --epochs 1 --out leaky
verify "bench train with a leaky ReLU" test $rc -eq 0
refuses 2 "column 9: leakyrelu lacks slope" "$bench" train --data good --model 'flatten leakyrelu dense(10)' --out bad

compare=("$bench" train --data synthetic --model 'conv(4,3) relu flatten dense(10)' --steps 12 --out compared)
refuses 2 "2 to [0-9]+ sets" "${compare[@]}" --compare-kernels scalar
refuses 2 "scalar twice" "${compare[@]}" --compare-kernels scalar,scalar
refuses 2 "sse17.*known:.*scalar" "${compare[@]}" --compare-kernels scalar,sse17
refuses 2 "without --kernel" "${compare[@]}" --compare-kernels scalar,auto --kernel scalar
refuses 2 "without --schedule, --augment" "${compare[@]}" --compare-kernels scalar,auto --augment rotate=10
refuses 2 "--steps belongs to --compare-kernels" "${compare[@]}"
if [ "$("$bench" list | awk '/<- dispatched/ { print $1 }')" = scalar ]; then
    skip "bench train --compare-kernels" "only scalar code runs here"
else
    succeeds "losses differ from step [0-9]+ of 12 on .*weights by [0-9.e-]+ at most" \
        "${compare[@]}" --compare-kernels scalar,auto --seeds 1..2
    verify "its accuracies stand beside the seeds' spread" grep -qE '^[a-z0-9]+ .*against scalar: [0-9.]+ of what seeds' out
    verify "it names no first step beyond the last" awk '/differ from step/ && $8 > 12 { exit 1 }' out
    verify "compare-kernels.csv parses" csv_ok compared/compare-kernels.csv 2
fi
refuses 2 "model, column 8" "$bench" train --data good --model 'conv(32' --out bad
refuses 2 "" "$bench" train --data good --model '' --out bad
refuses 2 "residual. of column 1 lacks its" "$bench" train --data good --model 'residual(relu' --out bad
refuses 2 "and the shortcut 28x28x1" "$bench" train --data synthetic --model 'residual(conv(4,3)) flatten dense(10)' --out bad
refuses 2 "branches wants two or more" "$bench" train --data good --model 'branches(relu) flatten dense(10)' --out bad
refuses 2 "unknown model 'frob'; known: accurate .*tutorial" "$bench" train --data synthetic --model frob --out bad
refuses 2 "cannot read the model none.txt" "$bench" train --data synthetic --model @none.txt --out bad
printf '# a comment (with residual(\nflatten # and another\ndense(10)\n' >model.txt
run "$bench" train --data good --model @model.txt --epochs 1 --out from-file
verify "bench train takes a model from a file" test $rc -eq 0
run "$bench" train --data synthetic --epochs 1 --out graph \
    --model 'maxpool(4) residual(conv(1,3,pad=same)) branches(conv(2,1)|conv(3,1) batchnorm relu) flatten dense(10)'
verify "the summary names what meets" grep -qE '^add \(Add of conv2d, max_pooling2d\) +7x7x1 ' out
verify "the summary marks branches" grep -qE '^  b conv2d_2 \(Conv2D\) +7x7x3 ' out
refuses 2 "frob" "$bench" train --data good --model 'flatten frob(3) dense(10)' --out bad
refuses 2 "sse17.*scalar" "$bench" train --data good --kernel sse17 --out bad
refuses 3 "truncated/train-images" "$bench" train --data truncated "${small[@]}" --out bad
refuses 3 "magic/train-images" "$bench" train --data magic "${small[@]}" --out bad
refuses 3 "20 training images but 19 labels" "$bench" train --data count "${small[@]}" --out bad
refuses 3 "10" "$bench" train --data label "${small[@]}" --out bad
refuses 3 "nowhere" "$bench" train --data ./nowhere "${small[@]}" --out bad
refuses 3 "good/train-images" "$bench" train --data good/train-images-idx3-ubyte "${small[@]}" --out bad
refuses 4 "" "$bench" train --data good "${small[@]}" --out /proc/nonexistent
run "$bench" train --data synthetic --lr 1e30 --model 'flatten dense(64) relu dense(10)' --epochs 2 --out diverged
verify "a loss that is no number ends with 5" test $rc -eq 5
verify "and says so" grep -qiE 'nan|infinit|diverged' err
if small_disk 16k; then
    run "$bench" train --data good "${small[@]}" --out small/run
    verify "bench train on a disk that fills up ends with 4" test $rc -eq 4
    verify "and says which file" grep -q 'small/run/.*: No space left' err
    small_disk
else
    skip "bench train on a disk that fills up" "cannot mount a tmpfs here"
fi
interrupt_after stopped/epochs.csv 3 "$bench" train --data synthetic --model 'flatten dense(10)' --epochs 100000 --out stopped
verify "interrupted training exits with 130" test $rc -eq 130
verify "its epochs are kept" csv_ok stopped/epochs.csv 2

sum_up
