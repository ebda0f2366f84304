#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_scripts.sh SCRIPTS: what scripts/lib.sh promises those that source it.
set -u
scripts=$(realpath "$1")
T=$(mktemp -d /tmp/lanewise-scripts.XXXXXX)
trap 'rm -rf "$T"' EXIT
failures=0
mkdir "$T/scripts" && cp "$scripts/lib.sh" "$T/scripts/"

# ends NAME CODE PATTERN: the script on standard input ends with that code, and prints the pattern.
ends() {
    local rc=0
    { echo '. "$(dirname "$0")/scripts/lib.sh"'; cat; } >"$T/script"
    bash "$T/script" >"$T/out" 2>&1 || rc=$?
    if [ $rc -eq "$2" ] && grep -E -- "$3" "$T/out" >/dev/null; then
        echo "ok      $1"
    else
        failures=$((failures + 1))
        echo "FAILED  $1: exit code $rc, not $2, or no '$3' in:"
        sed 's/^/        /' "$T/out"
    fi
}

ends "fail says who failed, in one line, with the code" 4 '^script: the disk is full$' <<'EOF'
fail 4 "the disk is full"
EOF
ends "what went beside is shown, and a script whose parts all passed ends with 0" 0 '^from beside$' <<'EOF'
beside echo "from beside"
join
EOF
ends "what fails beside stops there, and the script with it, with its code" 3 '^from beside$' <<'EOF'
broken() { echo "from beside"; (exit 3); echo "went on"; }
beside broken
join
echo "not reached"
EOF
if grep -E 'went on|not reached' "$T/out"; then failures=$((failures + 1)); fi
ends "a script that fails before it joins" 1 '^begun$' <<EOF
both() { bash -c 'echo \$\$ >"$T/pid"; exec sleep 60'; true; }
beside both
while [ ! -s "$T/pid" ]; do sleep 0.01; done
echo begun
false
EOF
for _ in $(seq 100); do
    kill -0 "$(cat "$T/pid")" 2>/dev/null || break
    sleep 0.02
done
if kill -0 "$(cat "$T/pid")" 2>/dev/null; then
    echo "FAILED  takes with it what goes beside: it still runs"
    failures=$((failures + 1))
else
    echo "ok      takes with it what goes beside, and what that had begun"
fi
[ $failures -eq 0 ]
