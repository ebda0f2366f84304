# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# cli.sh: what the tests of the command line share; sourced by a script whose first argument is the program. Leaves it in
# $bench, and the script in a folder of its own, which goes when it ends. Paths are made absolute before.
set -u
bench=$(realpath "$1")
unset LANEWISE_KERNEL LANEWISE_CHOICE LANEWISE_DATA OMP_NUM_THREADS OMP_THREAD_LIMIT
export OMP_WAIT_POLICY=passive
T=$(mktemp -d "/tmp/lanewise-$(basename "$0" .sh).XXXXXX")
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1

tests=0 failures=0

# run COMMAND...: leaves out, err and rc.
run() {
    "$@" >"$T/out" 2>"$T/err" </dev/null
    rc=$?
}

# verify NAME CONDITION...: the condition is a command.
verify() {
    local name=$1
    shift
    tests=$((tests + 1))
    if "$@"; then
        echo "ok      $name"
    else
        failures=$((failures + 1))
        echo "FAILED  $name: not so: $*"
        sed 's/^/        stdout: /' "$T/out" | head -8
        sed 's/^/        stderr: /' "$T/err" | head -8
    fi
}

# refuses CODE PATTERN COMMAND...: that exit code, and one line on stderr, which matches.
refuses() {
    local code=$1 pattern=$2
    shift 2
    run "$@"
    one_line() { [ $rc -eq "$code" ] && [ "$(wc -l <err)" -eq 1 ] && grep -qE -- "$pattern" err; }
    verify "${*/#$bench/bench} -> $code" one_line
}

# field FILE COLUMN ROW: of a CSV file; rows from 0.
field() { python3 -c 'import csv, sys; print(list(csv.DictReader(open(sys.argv[1])))[int(sys.argv[3])][sys.argv[2]])' "$@"; }

# sum_up: the last command of a script.
sum_up() {
    echo "# $tests tests, $failures failures"
    [ $tests -gt 0 ] && [ $failures -eq 0 ]
}
