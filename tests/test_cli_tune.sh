#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_tune.sh BENCH: `bench tune` writes a choice, whole or not at all; training and answering follow it, say
# so, and do not go on from where another choice stopped; --variant forces rows.
# shellcheck source=tests/cli_training.sh
. "$(dirname "$0")/cli_training.sh"

head=schema,set,op,problem,variant
other_weights() { ! same_weights "$@"; }

"$bench" list --csv list.csv >out || exit 1
# variants_of SET OP: its variants that run here, the one that the set calls by itself first.
variants_of() {
    python3 - "$@" <<'PY'
import csv, sys
rows = [row for row in csv.DictReader(open("list.csv"))
        if (row["isa"], row["op"], row["usable"]) == (sys.argv[1], sys.argv[2], "yes")]
print("\n".join(row["variant"] for row in sorted(rows, key=lambda row: -int(row["priority"]))))
PY
}
conv=$(variants_of scalar conv2d_fwd) gemm=$(variants_of scalar sgemm)

echo "# bench tune"
refuses 2 '--out FILE says where' "$bench" tune --model tutorial
refuses 2 'unknown op' "$bench" tune --op gemm --out no.csv
refuses 2 'without --op, --problem and --batch' "$bench" tune --model tutorial --op sgemm --out no.csv
refuses 2 'not-a-layer' "$bench" tune --model 'not-a-layer(3) dense(2)' --out no.csv
refuses 2 'sets of our own; openblas' "$bench" tune --kernel openblas --op sgemm --out no.csv
refuses 2 '--resize: ' "$bench" tune --model tutorial --resize 28 --out no.csv
refuses 4 'no/no.csv' "$bench" tune --op sgemm --out no/no.csv
ends 1 "nothing to choose: .* 'scalar'" "$bench" tune --kernel scalar --op sgemm --quick --out no.csv
verify "a refused choice leaves no file" test ! -e no.csv -a ! -e no.csv.part

echo "# --choice"
model=(--model 'conv(4,3) relu maxpool(2) conv(6,3) relu flatten dense(10)' --batch 32 --fraction 0.02 --threads 1)
always=(train --data synthetic --validation-split 0 --no-test --kernel scalar --quiet "${model[@]}")
train=("${always[@]}" --epochs 1)
# A file of `bench tune` where the set's own kernels are the fastest.
{ echo $head
  echo "1,scalar,conv2d_fwd,mb32ic4ih13oc6oh11kh3ph0_relu,$conv"
  echo "1,scalar,sgemm,32x726:726x10,$gemm"; } >own.csv
sed 's/32x726:726x10/32x726:726x11/' own.csv >other.csv
run "$bench" "${train[@]}" --out plain
run "$bench" "${train[@]}" --choice own.csv --out chosen
verify "rows that would run anyway change no bit" same_weights plain chosen
verify "runs.csv names the file" [ "$(field chosen/runs.csv choice 0)" = own.csv ]
verify "and what it chose" [ -n "$(field chosen/runs.csv choice_sha256 0)" ]
verify "and no variants, as there are none" [ -z "$(field chosen/runs.csv variants 0)" ]
verify "a run without a choice names none" \
    [ -z "$(field plain/runs.csv choice 0)$(field plain/runs.csv choice_sha256 0)" ]
run env LANEWISE_CHOICE=own.csv "$bench" "${train[@]}" --out environment
verify "LANEWISE_CHOICE is a choice as well" \
    [ "$(field environment/runs.csv choice_sha256 0)" = "$(field chosen/runs.csv choice_sha256 0)" ]
run "$bench" infer --weights plain/weights.safetensors --data synthetic --kernel scalar --threads 1 --batch 4 \
    --min-time 0.01 --choice own.csv --csv infer.csv
verify "answers follow it" [ "$(field infer.csv choice_sha256 0)" = "$(field chosen/runs.csv choice_sha256 0)" ]
refuses 2 'missing.csv' "$bench" "${train[@]}" --choice missing.csv --out no
refuses 2 "no file of .bench tune. \(no column 'set'\)" "$bench" "${train[@]}" --choice list.csv --out no
sed "s/,$gemm\$/,sgemm_9x9/" own.csv >bad.csv
refuses 2 "bad.csv, line 3: scalar has no variant 'sgemm_9x9' of sgemm" "$bench" "${train[@]}" --choice bad.csv --out no
refuses 2 "bad.csv, line 3" "$bench" infer --weights plain/weights.safetensors --choice bad.csv
refuses 2 "bad.csv, line 3" env LANEWISE_CHOICE=bad.csv "$bench" "${train[@]}" --out no
refuses 2 "without --choice, LANEWISE_CHOICE and --variant" "$bench" train --compare-kernels scalar,autovec \
    --data synthetic --choice own.csv
verify "none of them left a folder" test ! -e no

echo "# resume"
steps=(--epochs 400 --checkpoint-every 3)
interrupt_after stopped/epochs.csv 2 "$bench" "${always[@]}" "${steps[@]}" --choice own.csv --out stopped
verify "a checkpoint is there" test -e stopped/checkpoint-seed1
refuses 3 'another configuration' "$bench" "${always[@]}" "${steps[@]}" --resume --choice other.csv --out stopped
refuses 3 'another configuration' "$bench" "${always[@]}" "${steps[@]}" --resume --out stopped

echo "# experiments"
cat >choice.ini <<'INI'
[experiment]
name = choice
seeds = 1
[base]
data = synthetic
model = flatten dense(10)
epochs = 1
fraction = 0.05
kernel = scalar
[plain]
[chosen]
choice = own.csv
[forced]
variant = VARIANT
INI
sed -i "s/VARIANT/$gemm/" choice.ini
run "$bench" run choice.ini --out runs
verify "three configurations, three runs" [ "$(find runs -name epochs.csv | wc -l)" = 3 ]
sed -i 's/choice = own.csv/choice = bad.csv/' choice.ini
refuses 2 'choice.ini:[0-9]+: chosen: bad.csv, line 3' "$bench" run choice.ini --out runs
refuses 2 'choice.ini:[0-9]+: .*none of scalar' "$bench" run choice.ini --set choice=own.csv --set variant=sgemm_9x9 \
    --out runs

echo "# --variant"
refuses 2 "variant 'conv2d_fwd_x' is none of scalar's" "$bench" "${train[@]}" --variant conv2d_fwd_x --out no
refuses 2 "relu_fwd has one kernel for all sizes" "$bench" "${train[@]}" --out no --variant "$(variants_of scalar relu_fwd)"
run "$bench" "${train[@]}" --variant "$gemm,$conv" --out forced
verify "rows that would run anyway can be forced" same_weights plain forced
ends 2 "variant '$conv' serves no layer" "$bench" train --data synthetic --kernel scalar \
    --model 'flatten dense(10)' --variant "$conv" --out no
dense=$(find runs -name weights.safetensors | head -n 1)
refuses 2 "variant '$conv' serves no layer" "$bench" infer --weights "$dense" --kernel scalar --data synthetic \
    --variant "$conv"
printf 'a: sgemm 8x8:8x8\nb: conv2d_fwd mb1ic3ih5oc2oh5kh3ph1\n' >small.txt
run "$bench" kernels --kernel scalar,autovec --batch small.txt --quick --repetitions 3 --variant "$gemm" \
    --csv kernels.csv
verify "bench kernels measures that row alone" [ "$(tail -n +2 kernels.csv | cut -d, -f4 | sort -u)" = "$gemm" ]
refuses 2 "'scalar' has no variant 'sgemm_9x9'" "$bench" kernels --kernel scalar --variant sgemm_9x9
refuses 2 "variant '$gemm' serves none" "$bench" kernels --kernel scalar --op conv2d_fwd --variant "$gemm"
run "$bench" compare --kernel scalar,autovec --variant "$gemm" --op sgemm --problem 32x32:32x32 --repetitions 9
verify "bench compare needs no peer for that" grep -qE "^sgemm .*$gemm/autovec" out
refuses 2 "variant '$gemm' serves none" "$bench" compare --kernel scalar,autovec --op conv2d_fwd --variant "$gemm"

echo "# a set with two kernels for a call"
found=
for set in avx512 avx2 neon; do
    [ -z "$found" ] && [ "$(variants_of $set conv2d_fwd | wc -l)" -gt 1 ] && found=$set
done
two=(--model 'conv(8,3) relu conv(16,3,pad=same) relu maxpool(2) conv(16,3) relu flatten dense(10)')
train=(train --data synthetic --validation-split 0 --no-test --kernel "$found" --epochs 1 --batch 32 --fraction 0.02 --quiet "${two[@]}")
# others CHOICE: the same problems, each with a kernel that it did not choose.
others() {
    python3 - "$1" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
for row in rows:
    names = [text.split()[0] for text in row["candidates"].split("; ")]
    row["variant"] = next(name for name in names if name != row["variant"])
out = csv.DictWriter(sys.stdout, rows[0])
out.writeheader()
out.writerows(rows)
PY
}
faster_beyond_doubt() {
    python3 - <<'PY'
import csv
for row in csv.DictReader(open("choice.csv")):
    names = [text.split()[0] for text in row["candidates"].split("; ")]
    assert len(names) > 1 and row["variant"] in names and names[0] == row["default"], row
    assert row["variant"] == row["default"] or float(row["time_ratio_high"]) < 1, row
PY
}
if [ -z "$found" ]; then
    echo "skipped: no set that runs here has them"
else
    run "$bench" tune --kernel "$found" "${two[@]}" --batch-size 32 --repetitions 9 --threads 1 --out choice.csv
    verify "bench tune chooses among them" [ $rc = 0 ]
    verify "only what is faster beyond doubt is chosen" faster_beyond_doubt
    others choice.csv >others.csv
    run "$bench" "${train[@]}" --threads 1 --choice choice.csv --out a
    run "$bench" "${train[@]}" --threads 1 --choice others.csv --out b
    run "$bench" "${train[@]}" --threads 2 --choice others.csv --out c
    verify "training takes them" [ "$(field a/runs.csv variants 0)" != "$(field b/runs.csv variants 0)" ]
    verify "another kernel, other bits" other_weights a b
    verify "the team changes no bit" same_weights b c
    run "$bench" infer --weights a/weights.safetensors --data synthetic --kernel "$found" --threads 1 --batch 64 \
        --min-time 0.01 --choice others.csv --csv two.csv
    verify "and so do answers" grep -q ' forward ' two.csv
    variant=$(variants_of "$found" conv2d_bwd_data | tail -n 1)
    run "$bench" "${train[@]}" --fraction 0.1 --threads 1 --variant "$variant" --profile --out d
    verify "--variant forces one" grep -q "backward data $variant" d/runs.csv
    verify "the profile measures it" grep -q "$variant" d/profile.csv
fi

sum_up
