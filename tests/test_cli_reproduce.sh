#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test_cli_reproduce.sh BENCH EXPERIMENTS: reference results are written, compared with, and refused where they belong
# to something else; and those in the folder EXPERIMENTS belong to its experiments.
shipped=$(realpath "$2")
# shellcheck source=tests/cli.sh
. "$(dirname "$0")/cli.sh"

mkdir -p experiments
printf '# order\nb\n\na # the second\n' >experiments/shipped.txt
# experiment NAME LINE...: of the synthetic digits, with these variants.
experiment() {
    printf '%s\n' '[experiment]' "name = $1" 'seeds = 1..2' '[quick]' 'fraction = 0.2' '[base]' 'data = synthetic' \
        'model = flatten dense(10)' 'epochs = 1' "${@:2}" >"experiments/$1.ini"
}
experiment a '[plain]' '[wide]' 'batch = 256'
experiment b '[only]'

echo "# what is refused"
refuses 2 'one of them, please' "$bench" reproduce --quick --full
refuses 2 'without --tables' "$bench" reproduce --write-reference --tables
refuses 2 'cannot read nowhere/shipped.txt' "$bench" reproduce --experiments nowhere
refuses 2 'cannot read experiments/c.ini' "$bench" reproduce c
refuses 3 'no reference results of b .--write-reference' "$bench" reproduce
verify "and nothing was run" test ! -e results

echo "# references"
run "$bench" reproduce --write-reference
verify "references are written" test $rc -eq 0
verify "in the order of the list" test "$(paste -sd' ' out)" = 'experiments/results/b/quick.csv experiments/results/a/quick.csv'
verify "a row per variant" test "$(wc -l <experiments/results/a/quick.csv)" -eq 3
cp experiments/results/a/quick.csv kept.csv
run "$bench" reproduce --write-reference a
verify "written again they are the same" cmp -s kept.csv experiments/results/a/quick.csv
run "$bench" reproduce
verify "finished runs are inside" test $rc -eq 0
verify "all three rows" test "$(grep -c '| inside |$' out)" -eq 3
verify "and say so" grep -q '^3 rows: 3 inside, 0 outside$' err
run "$bench" reproduce --out anew
verify "trained anew as well" test "$rc $(grep -c '| inside |$' out)" = '0 3'
refuses 3 'no reference results of b' "$bench" reproduce --full
run "$bench" reproduce --full --write-reference a
verify "the whole form has references of its own" test -e experiments/results/a/full.csv
verify "of other configurations" test "$(cut -d, -f3 kept.csv | sort -u | wc -l) $(cut -d, -f3 kept.csv experiments/results/a/full.csv | sort -u | wc -l)" = '3 5'
run "$bench" reproduce --tables a
verify "tables come without a run" grep -q '^| wide | 2 | .* |$' out

echo "# what does not agree"
# spoil COLUMN VALUE: of the second variant.
spoil() {
    python3 - "$@" <<'PY'
import csv, sys
rows = list(csv.reader(open("kept.csv", newline="")))
rows[2][rows[0].index(sys.argv[1])] = sys.argv[2]
csv.writer(open("experiments/results/a/quick.csv", "w", newline="")).writerows(rows)
PY
}
spoil test_accuracy 0.5
run "$bench" reproduce
verify "an accuracy that is another one ends with 1" test $rc -eq 1
verify "names its row" grep -qE '^\| a \| wide \| 50.000 \| .* \| outside \|$' out
verify "and no other" test "$(grep -c '| inside |$' out)" -eq 2
spoil variant narrow
refuses 3 'quick.csv has no row for wide' "$bench" reproduce a
spoil n none
refuses 3 'quick.csv has no accuracy of wide' "$bench" reproduce a
spoil test_accuracy 1.5
refuses 3 'quick.csv has no accuracy of wide' "$bench" reproduce a
sed -i 1s/configuration/config/ experiments/results/a/quick.csv
refuses 3 "has no column 'configuration'" "$bench" reproduce a
cp kept.csv experiments/results/a/quick.csv
sed -i 's/batch = 256/batch = 255/' experiments/a.ini
refuses 3 'quick.csv was made with another configuration of wide' "$bench" reproduce --dry-run
sed -i 's/batch = 255/lr = 1e38/' experiments/a.ini
run "$bench" reproduce a --write-reference
verify "what diverges is no reference" test "$rc $(grep -c 'no run of wide came to an end' err)" = '1 1'
verify "and leaves the old one" cmp -s kept.csv experiments/results/a/quick.csv

echo "# what cannot run here"
other=neon
[ "$(uname -m)" = x86_64 ] || other=avx2
experiment sets '[grid]' "kernel = scalar"
run "$bench" reproduce --write-reference sets
verify "a set that every machine has" test $rc -eq 0
experiment sets '[grid]' "kernel = scalar | $other"
refuses 2 "sets.ini.* kernel=$other: .*'$other' is not built; known" "$bench" run --quick experiments/sets.ini
refuses 2 "'$other' is not built; known" "$bench" reproduce --write-reference sets
# A reference that another machine made: the configuration lies beside the run, and has its set's name instead.
cat results/quick/sets/runs/*/configuration.txt | python3 - "$other" 3<&0 <<'PY'
import csv, hashlib, re, sys
text = "".join(line for line in open(3) if not line.startswith("#")).split("seed = ")[0] + "seed = 0\n"
path = "experiments/results/sets/quick.csv"
rows = list(csv.reader(open(path, newline="")))
rows.append([cell.replace("scalar", sys.argv[1]) for cell in rows[1]])
for row, kernel in zip(rows[1:], ("scalar", sys.argv[1])):
    again = hashlib.sha256(re.sub("kernel = .*", "kernel = " + kernel, text).encode()).hexdigest()
    assert kernel != "scalar" or row[2] == again
    row[2] = again
csv.writer(open(path, "w", newline="")).writerows(rows)
PY
run "$bench" reproduce sets
verify "a set that cannot run here is left out, and the rest is inside" test "$rc $(grep -c '| inside |$' out)" = '0 1'
verify "its row says why" grep -qE "^\| sets \| kernel=$other \| .* \| left out: .*'$other' is not built \|$" out
verify "and the last line how many" grep -q '^1 rows: 1 inside, 0 outside; 1 more ' err

echo "# what comes along"
in_list() { grep -v '^#' "$shipped/shipped.txt" | sort; }
verify "the list is that of the files" test "$(in_list | paste -sd' ')" = "$(cd "$shipped" && printf '%s\n' *.ini | sed 's/\.ini$//' | sort | paste -sd' ')"
for name in $(in_list); do
    for form in --quick --full; do
        [ -e "$shipped/results/$name/${form#--}.csv" ] || continue
        run "$bench" reproduce "$name" $form --dry-run --experiments "$shipped"
        verify "$name has the reference of its $form" grep -qE "^$name .*csv$" out
    done
done

sum_up
