# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# cli.sh: what the tests of the command line share; sourced by a script whose first argument is the program. Leaves it in
# $bench, and the script in a folder of its own, which goes when it ends. Paths are made absolute before.
set -u
bench=$(realpath "$1")
unset LANEWISE_KERNEL LANEWISE_CHOICE LANEWISE_DATA OMP_NUM_THREADS OMP_THREAD_LIMIT
export OMP_WAIT_POLICY=passive
T=$(mktemp -d "/tmp/lanewise-$(basename "$0" .sh).XXXXXX")
mounted=
clean_up() {
    [ -z "$mounted" ] || umount "$mounted"
    rm -rf "$T"
}
trap clean_up EXIT
cd "$T" || exit 1

tests=0 failures=0 skipped=0

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

skip() {
    skipped=$((skipped + 1))
    echo "skipped $1: $2"
}

# ends CODE PATTERN COMMAND...: that exit code, and one line on stderr, which matches.
ends() {
    local code=$1 pattern=$2
    shift 2
    run "$@"
    one_line() { [ $rc -eq "$code" ] && [ "$(wc -l <err)" -eq 1 ] && grep -qE -- "$pattern" err; }
    verify "${*/#$bench/bench} -> $code" one_line
}

# refuses CODE PATTERN COMMAND...: so, and nothing on stdout: nothing had begun.
refuses() {
    ends "$@"
    verify "  before anything else" test ! -s out
}

# succeeds PATTERN COMMAND...: exit code 0 and a line on stdout that matches.
succeeds() {
    local pattern=$1
    shift
    run "$@"
    says() { [ $rc -eq 0 ] && grep -qE -- "$pattern" out; }
    verify "${*/#$bench/bench}" says
}

# interrupt_after FILE LINES COMMAND...: SIGINT as soon as FILE has that many lines; how long a start takes, and a
# sanitizer's, nobody knows. With $after, so many seconds later.
after=0
interrupt_after() {
    local file=$1 lines=$2 pid
    shift 2
    rm -f "$file"
    "$@" >out 2>err </dev/null &
    pid=$!
    for _ in $(seq 6000); do
        [ -f "$file" ] && [ "$(wc -l <"$file")" -ge "$lines" ] && break
        sleep 0.05
    done
    sleep "$after"
    kill -INT $pid
    wait $pid
    rc=$?
}

# small_disk SIZE: mounted as small/ until `small_disk` alone; false where nothing can be mounted.
small_disk() {
    if [ $# -eq 0 ]; then
        umount small && mounted=
        return
    fi
    mkdir -p small
    mount -t tmpfs -o size="$1" tmpfs small 2>/dev/null && mounted=$T/small
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

# field FILE COLUMN ROW: of a CSV file; rows from 0.
field() { python3 -c 'import csv, sys; print(list(csv.DictReader(open(sys.argv[1])))[int(sys.argv[3])][sys.argv[2]])' "$@"; }

# sum_up: the last command of a script.
sum_up() {
    echo "# $tests tests, $failures failures, $skipped skipped"
    [ $tests -gt 0 ] && [ $failures -eq 0 ]
}
