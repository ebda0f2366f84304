#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# quickstart.sh: from a bare Debian 12 and a clone to measured kernels and a trained network.
#
# Installs the missing packages, builds into build/, fetches MNIST, measures each kernel in the quick form, and
# trains the tutorial network for one epoch. Run it again as often as you like.
# Exit: 0 done, 2 a package cannot be had; otherwise what the step that failed ended with.
. "$(dirname "$0")/lib.sh"

case ${1-} in
'') ;;
-h | --help) usage && exit 0 ;;
*) fail 2 "takes no arguments" ;;
esac

out=results/quickstart

# lines TEXT WHAT ...: two columns.
lines() { printf '   %-46s %s\n' "$@"; }

say "1/5 packages: what the build and the tests need (apt, only what is missing)"
scripts/install-deps.sh build

say "2/5 build: build/bench, with $(cc --version | head -n 1)"
configure_and_build release

say "3/5 data: MNIST, 60,000 + 10,000 handwritten digits"
data=mnist
if ! scripts/fetch-data.sh mnist; then
    data=synthetic
    say "going on with the synthetic digits: what is trained on them says nothing about MNIST"
fi

say "4/5 kernels: each op against its scalar version and this machine's peak (quick: rough numbers)"
mkdir -p $out
build/bench --kernel auto --quick --csv $out/kernels.csv

say "5/5 training: the tutorial network, one epoch on $data"
rm -f $out/epochs.csv $out/runs.csv # rows of an older version would be refused company
build/bench train --data $data --epochs 1 --out $out

say "done; the numbers as CSV:"
lines $out/kernels.csv "a row per kernel and problem" \
    $out/epochs.csv "a row per epoch (Keras' CSVLogger names)" \
    $out/runs.csv "a row per finished run"
say "what to try next:"
lines "build/bench list" "what this CPU can run, and what was chosen" \
    "build/bench --kernel scalar --op conv2d_fwd" "the same op without vectors" \
    "build/bench check" "every kernel against the fp64 reference" \
    "build/bench train --data $data --seeds 1..3" "five epochs each, with their spread" \
    "build/bench --help" "the rest"
