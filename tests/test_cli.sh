#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli.sh BENCH SOURCE_DIR BUILD_DIR: what `bench` prints, where, and its exit codes.
set -u
bench=$(realpath "$1")
unset LANEWISE_KERNEL LANEWISE_DATA OMP_NUM_THREADS OMP_THREAD_LIMIT
T=$(mktemp -d /tmp/lanewise-cli.XXXXXX)
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$mounted"
    rm -rf "$T"
}
trap cleanup EXIT
cd "$T" || exit 1

tests=0 failures=0 skipped=0

# run COMMAND...: leaves out, err and rc.
run() {
    "$@" >"$T/out" 2>"$T/err" </dev/null
    rc=$?
}

ok() {
    tests=$((tests + 1))
    echo "ok      $1"
}

fail() {
    tests=$((tests + 1)) failures=$((failures + 1))
    echo "FAILED  $1: $2"
    sed 's/^/        stdout: /' "$T/out" | head -8
    sed 's/^/        stderr: /' "$T/err" | head -8
}

skip() {
    skipped=$((skipped + 1))
    echo "skipped $1: $2"
}

# verify NAME CONDITION...: the condition is a command.
verify() {
    local name=$1
    shift
    if "$@"; then ok "$name"; else fail "$name" "not so: $*"; fi
}

# refuses CODE PATTERN COMMAND...: that exit code, nothing on stdout, one matching line on stderr.
refuses() {
    local code=$1 pattern=$2
    shift 2
    run "$@"
    local name="${*/#$bench/bench}"
    if [ $rc -ne "$code" ]; then
        fail "$name" "exit code $rc instead of $code"
    elif [ -s out ]; then
        fail "$name" "standard output is not empty"
    elif [ "$(wc -l <err)" -ne 1 ]; then
        fail "$name" "not one line on standard error"
    elif ! grep -qE -- "$pattern" err; then
        fail "$name" "the line does not match: $pattern"
    else
        ok "$name -> $rc"
    fi
}

# succeeds PATTERN COMMAND...: exit code 0 and a matching line on stdout.
succeeds() {
    local pattern=$1
    shift
    run "$@"
    local name="${*/#$bench/bench}"
    if [ $rc -ne 0 ]; then
        fail "$name" "exit code $rc"
    elif ! grep -qE -- "$pattern" out; then
        fail "$name" "no line matches: $pattern"
    else
        ok "$name"
    fi
}

# csv_ok FILE ROWS: parses, constant columns, at least that many rows below the header.
csv_ok() {
    python3 - "$1" "$2" <<'PY'
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="")))
assert rows and all(len(r) == len(rows[0]) for r in rows), "columns are not constant"
assert len(set(rows[0])) == len(rows[0]), "a column's name is there twice"
assert sum(r == rows[0] for r in rows) == 1, "more than one header"
assert len(rows) - 1 >= int(sys.argv[2]), f"{len(rows) - 1} rows"
PY
}

have_python() {
    command -v python3 >/dev/null || {
        skip "$1" "no python3"
        return 1
    }
}

quick=(--quick --repetitions 3)

echo "# help and version"
succeeds '^Usage: bench COMMAND' "$bench" --help
verify "help lists exit code 130" grep -q '^  130 ' out
succeeds '^Usage: bench COMMAND' "$bench" help
succeeds 'Lanewise\) [0-9]+\.[0-9]+\.[0-9]+, revision ' "$bench" --version
for command in kernels compare tune diff verify list check train run table augment data; do
    succeeds "^Usage: bench $command" "$bench" $command --help
    verify "its talk is empty" test ! -s err
    verify "it documents its exit codes" grep -q '^Exit codes' out
    succeeds "^Usage: bench $command" "$bench" $command -h
done
run "$bench"
verify "bench without arguments exits with 2" test $rc -eq 2
verify "and prints its help on stderr" grep -q '^Usage: bench COMMAND' err

echo "# refusals of the command line"
refuses 2 "unknown command 'frobnicate'.*kernels, compare, tune, diff, .*list, check, train, .*run, table, .*data, roofline" "$bench" frobnicate
refuses 2 "unknown command 'kernel'; did you mean 'kernels'" "$bench" kernel
refuses 2 "unknown option '--frob'" "$bench" kernels --frob
refuses 2 "unknown option '--thread-number'|did you mean '--threads'" "$bench" kernels --thread-number 2
refuses 2 "unknown option '--treads'; did you mean '--threads'" "$bench" --treads 2
refuses 2 "unknown option '-Z'" "$bench" list -Z
refuses 2 "--threads wants a whole number from 1 to [0-9]+, got 'x'" "$bench" kernels --threads x
refuses 2 "--threads wants a whole number from 1 to [0-9]+, got '0'" "$bench" kernels --threads 0
refuses 2 "--threads wants a whole number from 1 to [0-9]+, got '1024'" "$bench" kernels --threads 1024 --op add
refuses 2 "--threads wants a value" "$bench" kernels --threads
refuses 2 "--quick takes no value" "$bench" kernels --quick=yes
refuses 2 "--seed wants a whole number" "$bench" check --seed -1
refuses 2 "unexpected argument 'avx2'" "$bench" kernels avx2
refuses 2 "unknown op 'sgem'; did you mean 'sgemm'" "$bench" kernels --op sgem
refuses 2 "unknown op 'zzzzzzz'" "$bench" check --op add,zzzzzzz

echo "# kernel requests"
for command in kernels list check; do
    refuses 2 "sse17.*scalar.*autovec.*avx2" "$bench" $command --kernel sse17
    refuses 2 "sse17.*scalar.*autovec.*avx2" env LANEWISE_KERNEL=sse17 "$bench" $command
done
case $(uname -m) in
x86_64) elsewhere=neon ;;
*) elsewhere=avx2 ;;
esac
refuses 2 "$elsewhere" "$bench" kernels --kernel $elsewhere
refuses 2 "$elsewhere" "$bench" check --kernel $elsewhere
succeeds '^scalar .*dispatched' env LANEWISE_KERNEL=scalar "$bench" list
succeeds '^scalar .*dispatched' env LANEWISE_KERNEL=autovec "$bench" list --kernel scalar
succeeds '^scalar .*dispatched' env LANEWISE_KERNEL=sse17 "$bench" list --kernel scalar
succeeds '^autovec .*dispatched' "$bench" list --kernel autovec
succeeds '/scalar ' env LANEWISE_KERNEL=autovec "$bench" kernels --kernel scalar --op add "${quick[@]}"

echo "# problems"
refuses 2 "'12x'|12x" "$bench" kernels --op sgemm --problem 12x
refuses 2 "mb64ic32" "$bench" check --op conv2d_fwd --problem mb64ic32
refuses 2 "fits no op" "$bench" kernels --problem '@!'
refuses 2 "wants a value that is not empty" "$bench" kernels --op add --problem ''
succeeds 'sgemm +[0-9]+x[0-9]+:' "$bench" kernels --list-problems
succeeds '^conv2d_fwd +mb' "$bench" kernels --list-problems --quick --op conv2d_fwd
# Each problem of the default list is taken as --problem: its text is what a record names.
"$bench" kernels --list-problems | tail -n +2 >problems
while read -r op problem _; do
    "$bench" kernels --list-problems --op "$op" --problem "$problem" >out 2>err ||
        fail "--op $op --problem $problem" "its own spelling is refused"
    [ "$(awk 'NR == 2 { print $2 }' out)" = "$problem" ] || fail "--problem $problem" "it is printed otherwise"
done <problems
verify "the default list names every op" test "$(cut -d' ' -f1 problems | sort -u | wc -l)" -eq 29

echo "# bench list"
succeeds '^scalar +yes +yes +yes +yes' "$bench" list
verify "every set has a line" test "$(grep -cE '^(scalar|autovec|avx2|avx512|neon) ' out)" -eq 5
verify "some variant is marked as dispatched" grep -q '\*' out
if have_python "bench list --csv -"; then
    succeeds '^schema,isa' "$bench" list --csv -
    verify "its CSV parses" csv_ok out 20
fi

echo "# bench check"
succeeds 'kernels are right' "$bench" check --quick --op add,sgemm
verify "it shows the worst error" grep -qE '^sgemm.* scalar +[0-9]+ +[0-9]\.[0-9]+ +[0-9.]+ +ok' out
succeeds 'kernels are right' "$bench" check --kernel scalar --op conv2d_fwd --problem mb1ic3ih5oc2oh5kh3ph1
if have_python "bench check --csv"; then
    succeeds 'kernels are right' "$bench" check --quick --op relu_fwd --csv check.csv
    verify "its CSV parses" csv_ok check.csv 2
    run "$bench" check --quick --op relu_fwd --csv -
    verify "--csv - leaves only CSV on stdout" csv_ok out 2
    verify "and the table on stderr" grep -q 'kernels are right' err
fi

echo "# bench kernels"
succeeds '^add .* add.*/.* GB/s' "$bench" kernels --op add "${quick[@]}"
verify "the head names the peak" grep -qE '^peak +[0-9.]+ GFLOP/s' out
verify "the head names the CPU" grep -qE '^threads +1, (bound to CPU [0-9]+|not bound)' out
succeeds 'sgemm.* GFLOP/s +[0-9.]+ %' "$bench" --kernel scalar --op sgemm --problem 64x64:64x64 --repetitions 3
if have_python "bench kernels --csv"; then
    run "$bench" kernels --op add,sgemm "${quick[@]}" --csv -
    verify "--csv - parses" csv_ok out 2
    verify "and the table is on stderr" grep -q '^sgemm ' err
    succeeds '^add ' "$bench" kernels --kernel all --op add "${quick[@]}" --csv rows.csv
    verify "--csv FILE parses" csv_ok rows.csv 2
    # A row's command measures the same thing.
    python3 - <<'PY' >repeat
import csv, shlex
row = list(csv.DictReader(open("rows.csv")))[1]
print(row["command"].split(" ", 1)[1])
PY
    # shellcheck disable=SC2046
    succeeds '^add ' "$bench" $(cat repeat)
fi
if [ "$(nproc)" -ge 2 ]; then
    succeeds '^sgemm ' "$bench" kernels --op sgemm --threads 2 --problem 64x64:64x64 --repetitions 3
    verify "two threads sit on two CPUs" grep -qE '^threads +2, (bound to CPU [0-9]+ [0-9]+|not bound)' out
    refuses 2 "--threads wants .* got '2': this process may use 1 CPU" taskset -c 0 "$bench" kernels --threads 2 --op add
else
    skip "--threads 2" "one CPU"
fi

echo "# bench compare and the peers"
succeeds '^openblas +(yes|no) ' "$bench" list
verify "every peer has a line" test "$(grep -cE '^(openblas|blis|onednn|libxsmm) +(yes|no) ' out)" -eq 4
refuses 2 "mkl.*peers: openblas blis onednn" "$bench" compare --kernel auto,mkl
refuses 2 "has a name that is empty" "$bench" compare --kernel auto,,openblas
refuses 2 "no peer among 'scalar' is there" "$bench" compare --kernel scalar
refuses 2 "--peer-isa wants" "$bench" compare --peer-isa sse2
refuses 2 "LANEWISE_PEER_ISA wants same, any, avx2 or avx512, got 'sse2'" env LANEWISE_PEER_ISA=sse2 "$bench" compare
refuses 2 "openblas" "$bench" train --kernel openblas --data synthetic --out bad
peer= # one that offers sgemm
for name in onednn blis openblas; do
    "$bench" list | grep -qE "^$name +yes" && peer=$name
done
if [ -n "$peer" ]; then
    succeeds "^sgemm .*/$peer .*(faster|slower|not distinguishable)" "$bench" compare --kernel auto,$peer --op sgemm \
        --problem 64x64:64x64 --repetitions 9 --csv compare.csv
    verify "it sums up" grep -qE "^sgemm +best peer +1 +[0-9.]+x" out
    verify "the head names the library" grep -qE "$peer [0-9.]+, " out
    succeeds "too few samples" "$bench" compare --kernel scalar,$peer --op sgemm --problem 8x8:8x8 --repetitions 3
    succeeds "^sgemm .* sgemm/$peer " "$bench" kernels --kernel scalar,$peer --op sgemm --problem 8x8:8x8 --repetitions 3
    succeeds "kernels are right" "$bench" check --kernel $peer --op sgemm --problem 33x65:65x17
    run "$bench" compare --kernel auto,$peer --op add
    verify "an op that no peer offers ends with 1" test $rc -eq 1
    verify "and says so" grep -q 'no peer offers these ops' err
    if have_python "bench compare --csv"; then
        verify "its CSV parses" csv_ok compare.csv 2
        # A row's command measures the same thing.
        python3 - <<'PY' >repeat
import csv, shlex
row = list(csv.DictReader(open("compare.csv")))[1]
print(row["command"].split(" ", 1)[1])
PY
        # shellcheck disable=SC2046
        succeeds "^sgemm .*/$peer " "$bench" $(cat repeat)
    fi
    [ "$(nproc)" -lt 2 ] || succeeds "^sgemm .*/$peer " "$bench" compare --kernel auto,$peer --op sgemm --threads 2 \
        --problem 64x64:64x64 --repetitions 7
else
    skip "bench compare" "no peer is there"
    refuses 2 "no peer among" "$bench" compare
fi
for name in openblas blis onednn libxsmm; do
    "$bench" list | grep -qE "^$name +yes" && continue
    refuses 2 "kernel '$name' is not there: .*package" "$bench" compare --kernel auto,$name
done

echo "# outputs that cannot be written"
refuses 4 "nonexistent/folder/x.csv: No such file" "$bench" kernels --op add --csv /nonexistent/folder/x.csv
refuses 4 "directory" "$bench" list --csv "$T"
refuses 4 "/dev/full: No space left" "$bench" kernels --op add --csv /dev/full
refuses 4 "/dev/full: No space left" "$bench" check --op add --csv /dev/full
for command in "--help" "list" "list --csv -" "kernels --help" "kernels --list-problems" \
    "kernels --op add --quick --repetitions 3" "kernels --op add --quick --csv -" "check --quick --op add"; do
    # shellcheck disable=SC2086
    "$bench" $command >/dev/full 2>err
    rc=$?
    : >out
    verify "bench $command >/dev/full exits with 4" test $rc -eq 4
    verify "and says so" grep -qE 'cannot write|No space left' err
done
mkdir small
if mount -t tmpfs -o size=8k tmpfs small 2>/dev/null; then
    mounted=$T/small
    # Two pages: one is filled here, the other takes some rows and then no more.
    head -c 4096 /dev/zero >small/filler
    run "$bench" kernels --kernel scalar --repetitions 3 --op add,relu_fwd --problem 'nN N=1000..1019' --csv small/rows.csv
    verify "a disk that fills up ends with 4" test $rc -eq 4
    verify "and is named" grep -q 'cannot write small/rows.csv: No space left' err
    have_python "its rows" && verify "its rows are whole" csv_ok small/rows.csv 1
    umount small && mounted=
else
    skip "a disk that fills up" "cannot mount a tmpfs here"
fi
"$bench" list --csv - 2>err | head -1 >out
verify "a closed pipe is no noise" test ! -s err

echo "# Ctrl-C"
# interrupt_after FILE LINES COMMAND...: SIGINT as soon as FILE has that many lines, and $after seconds more have gone by.
after=0
interrupt_after() {
    local file=$1 lines=$2
    shift 2
    rm -f "$file"
    "$@" >out 2>err </dev/null &
    local pid=$! i
    for i in $(seq 6000); do
        [ -f "$file" ] && [ "$(wc -l <"$file")" -ge "$lines" ] && break
        sleep 0.05
    done
    sleep "$after"
    kill -INT $pid
    wait $pid
    rc=$?
}
interrupt_after kept.csv 2 "$bench" kernels --kernel scalar --min-time 0.2 --passes 1 --csv kept.csv
verify "an interrupted run exits with 130" test $rc -eq 130
verify "and says what it kept" grep -qE 'interrupted; [0-9]+ rows? kept' err
have_python "kept rows" && verify "its rows are whole" csv_ok kept.csv 1
# With the table's head measuring begins. A pass takes a quarter of a second, and a run has samples for six such.
after=1 interrupt_after out 8 "$bench" kernels --op add --problem n4096 --min-time 4 --passes 16 --csv passes.csv
verify "an interrupted run of several passes exits with 130" test $rc -eq 130
if have_python "passes of an interrupted row"; then
    verify "and keeps what the passes gave" python3 -c "
import csv
rows = list(csv.DictReader(open('passes.csv')))
assert len(rows) == 1 and 1 <= int(rows[0]['passes']) < 16 and int(rows[0]['samples']) > 0, rows"
fi
interrupt_after checked.csv 1 "$bench" check --extra 100000 --csv checked.csv
verify "an interrupted check exits with 130" test $rc -eq 130

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
if have_python "its CSV"; then
    verify "its epochs.csv parses" csv_ok "$(find good-run -name epochs.csv)" 1
    verify "its runs.csv parses" csv_ok "$(find good-run -name runs.csv)" 1
fi
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
    if have_python "its CSV"; then verify "compare-kernels.csv parses" csv_ok compared/compare-kernels.csv 2; fi
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
if mount -t tmpfs -o size=16k tmpfs small 2>/dev/null; then
    mounted=$T/small
    run "$bench" train --data good "${small[@]}" --out small/run
    verify "bench train on a disk that fills up ends with 4" test $rc -eq 4
    verify "and says which file" grep -q 'small/run/.*: No space left' err
    umount small && mounted=
else
    skip "bench train on a disk that fills up" "cannot mount a tmpfs here"
fi
interrupt_after stopped/epochs.csv 3 "$bench" train --data synthetic --model 'flatten dense(10)' --epochs 100000 --out stopped
verify "interrupted training exits with 130" test $rc -eq 130
have_python "its epochs" && verify "its epochs are kept" csv_ok stopped/epochs.csv 2

echo
echo "$tests checks, $failures failed, $skipped skipped"
[ $tests -gt 0 ] && [ $failures -eq 0 ]
