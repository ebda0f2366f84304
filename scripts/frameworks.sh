#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# frameworks.sh [--rounds N] [--threads N[,N]] [--seconds S] [--under COMMAND]: our training beside PyTorch, and on several
# threads beside one, and our inference beside onnxruntime, on the tutorial network and MNIST: installs what is missing,
# builds, and runs all in turns. --under 'nice -n -5' runs every program of the comparison under that command.
#
# PyTorch comes from Debian (python3-torch), onnxruntime from npm (onnxruntime-node, into results/frameworks). One that
# cannot be had is left out with a line that says so. Leaves results/frameworks/samples.csv, a row per sample, and
# table.txt. Nine rounds (default) of one and of two threads take some ten minutes; nothing else should run meanwhile.
# Exit: 0 done, 2 usage, a package of the build cannot be had, or neither framework; 3 no MNIST.
. "$(dirname "$0")/lib.sh"

out=results/frameworks options=(--rounds 9 --seconds 2)
threads=1
[ "$(nproc)" -lt 2 ] || threads=1,2
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage && exit 0 ;;
    --rounds | --seconds) [[ ${2-} =~ ^[0-9.]+$ ]] || fail 2 "$1 wants a number" ;;
    --under) [ $# -gt 1 ] || fail 2 "--under wants a command" ;;
    --threads) [[ ${2-} =~ ^[0-9]+(,[0-9]+)*$ ]] || fail 2 "$1 wants numbers such as 1,2" ;;
    *) fail 2 "unknown option '$1' (--rounds, --threads, --seconds, --under)" ;;
    esac
    if [ "$1" = --threads ]; then threads=$2; else options+=("$1" "$2"); fi
    shift 2
done

# with MODULE: the first Python that has it; others than the system's do not see Debian's packages.
with() {
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -c "import $1" 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

# onnxruntime's installer would fetch libraries for GPUs; the npm package itself has what a CPU needs.
has_onnxruntime() { command -v node >/dev/null && NODE_PATH=$out/node_modules node -e 'require("onnxruntime-node")' 2>/dev/null; }
install_onnxruntime() {
    command -v npm >/dev/null || scripts/install-deps.sh npm || return
    npm install --prefix "$out" --ignore-scripts --no-audit --no-fund --loglevel=error onnxruntime-node >/dev/null
}

say "1/4 packages: the build's, PyTorch, onnxruntime"
mkdir -p "$out"
scripts/install-deps.sh build
with torch >/dev/null && with onnx >/dev/null || scripts/install-deps.sh frameworks || true
has_onnxruntime || install_onnxruntime || true
pytorch=$(with torch) || say "PyTorch is not here; training is not compared"
python=$(with onnx) || say "Python's onnx is not here; inference is not compared"
has_onnxruntime || { python='' && say "onnxruntime-node is not here; inference is not compared"; }
[ -n "$pytorch$python" ] || fail 2 "neither framework can be had"

say "2/4 build: build/bench, with $(cc --version | head -n 1)"
configure_and_build release

say "3/4 data and weights: MNIST, one epoch"
scripts/fetch-data.sh mnist || fail 3 "MNIST cannot be had"
data=${LANEWISE_DATA:-data}
[ ! -d "$data/mnist" ] || data=$data/mnist
[ -f "$out/weights.safetensors" ] || build/bench train --epochs 1 --quiet --out "$out"
[ -z "$pytorch" ] || options+=(--pytorch "$pytorch")
if [ -n "$python" ]; then
    "$python" peers/frameworks/onnx_model.py "$out/weights.safetensors" "$out/model.onnx"
    options+=(--model "$out/model.onnx")
fi

say "4/4 comparison: each contestant once a round, in turns"
NODE_PATH=$PWD/$out/node_modules "${pytorch:-$python}" peers/frameworks/compare.py --bench build/bench --data "$data" \
    --weights "$out/weights.safetensors" --samples "$out/samples.csv" --threads "$threads" "${options[@]}" |
    tee "$out/table.txt"
say "done: $out/table.txt, $out/samples.csv"
