#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli.sh BENCH: what `bench` lists, checks and measures, where it prints, and its exit codes.
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

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
# Each problem of the default list is taken as --problem, and printed so: its text is what a record names.
"$bench" kernels --list-problems | tail -n +2 >problems
own_spelling() {
    local op problem
    while read -r op problem _; do
        "$bench" kernels --list-problems --op "$op" --problem "$problem" >out 2>err </dev/null || return 1
        [ "$(awk 'NR == 2 { print $2 }' out)" = "$problem" ] || return 1
    done <problems
}
verify "each problem of the default list is taken as it is spelled" own_spelling
verify "the default list names every op" test "$(cut -d' ' -f1 problems | sort -u | wc -l)" -eq 29

echo "# bench list"
succeeds '^scalar +yes +yes +yes +yes' "$bench" list
verify "every set has a line" test "$(grep -cE '^(scalar|autovec|avx2|avx512|neon) ' out)" -eq 5
verify "some variant is marked as dispatched" grep -q '\*' out
succeeds '^schema,isa' "$bench" list --csv -
verify "its CSV parses" csv_ok out 20

echo "# bench check"
succeeds 'kernels are right' "$bench" check --quick --op add,sgemm
verify "it shows the worst error" grep -qE '^sgemm.* scalar +[0-9]+ +[0-9]\.[0-9]+ +[0-9.]+ +ok' out
succeeds 'kernels are right' "$bench" check --kernel scalar --op conv2d_fwd --problem mb1ic3ih5oc2oh5kh3ph1
succeeds 'kernels are right' "$bench" check --quick --op relu_fwd --csv check.csv
verify "its CSV parses" csv_ok check.csv 2
run "$bench" check --quick --op relu_fwd --csv -
verify "--csv - leaves only CSV on stdout" csv_ok out 2
verify "and the table on stderr" grep -q 'kernels are right' err

echo "# bench kernels"
succeeds '^add .* add.*/.* GB/s' "$bench" kernels --op add "${quick[@]}"
verify "the head names the peak" grep -qE '^peak +[0-9.]+ GFLOP/s' out
verify "the head names the CPU" grep -qE '^threads +1, (bound to CPU [0-9]+|not bound)' out
succeeds 'sgemm.* GFLOP/s +[0-9.]+ %' "$bench" --kernel scalar --op sgemm --problem 64x64:64x64 --repetitions 3
run "$bench" kernels --op add,relu_fwd "${quick[@]}" --csv -
verify "--csv - parses" csv_ok out 2
verify "and the table is on stderr" grep -q '^relu_fwd ' err
succeeds '^add ' "$bench" kernels --kernel all --op add --problem n4096 "${quick[@]}" --csv rows.csv
verify "--csv FILE parses" csv_ok rows.csv 2
# A row's command measures the same thing.
python3 - <<'PY' >repeat
import csv, shlex
row = list(csv.DictReader(open("rows.csv")))[1]
print(row["command"].split(" ", 1)[1])
PY
# shellcheck disable=SC2046
succeeds '^add ' "$bench" $(cat repeat)
if [ "$(nproc)" -ge 2 ]; then
    succeeds '^sgemm ' "$bench" kernels --op sgemm --threads 2 --problem 64x64:64x64 --repetitions 3
    verify "two threads sit on two CPUs" grep -qE '^threads +2, (bound to CPU [0-9]+ [0-9]+|not bound)' out
    refuses 2 "--threads wants .* got '2': this process may use 1 CPU" taskset -c 0 "$bench" kernels --threads 2 --op add
else
    skip "--threads 2" "one CPU"
fi

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
if small_disk 8k; then
    # Two pages: one is filled here, the other takes some rows and then no more.
    head -c 4096 /dev/zero >small/filler
    run "$bench" kernels --kernel scalar --repetitions 3 --op add,relu_fwd --problem 'nN N=100..119' --csv small/rows.csv
    verify "a disk that fills up ends with 4" test $rc -eq 4
    verify "and is named" grep -q 'cannot write small/rows.csv: No space left' err
    verify "its rows are whole" csv_ok small/rows.csv 1
    small_disk
else
    skip "a disk that fills up" "cannot mount a tmpfs here"
fi
"$bench" list --csv - 2>err | head -1 >out
verify "a closed pipe is no noise" test ! -s err

echo "# Ctrl-C"
interrupt_after kept.csv 2 "$bench" kernels --kernel scalar --min-time 0.2 --passes 1 --csv kept.csv
verify "an interrupted run exits with 130" test $rc -eq 130
verify "and says what it kept" grep -qE 'interrupted; [0-9]+ rows? kept' err
verify "its rows are whole" csv_ok kept.csv 1
# With the table's head measuring begins. A pass takes a quarter of a second, and a run has samples for six such.
after=1 interrupt_after out 8 "$bench" kernels --op add --problem n4096 --min-time 4 --passes 16 --csv passes.csv
verify "an interrupted run of several passes exits with 130" test $rc -eq 130
verify "and keeps what the passes gave" python3 -c "
import csv
rows = list(csv.DictReader(open('passes.csv')))
assert len(rows) == 1 and 1 <= int(rows[0]['passes']) < 16 and int(rows[0]['samples']) > 0, rows"
interrupt_after checked.csv 1 "$bench" check --extra 100000 --csv checked.csv
verify "an interrupted check exits with 130" test $rc -eq 130

sum_up
