#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# reproduce.sh [--full] [--write-tables] [NAME...]: from a bare Debian 12 and a clone to every published accuracy, or to
# a word on which of them this machine does not give.
#
#   --full          all seeds and epochs: hours; otherwise the reduced form, minutes
#   --write-tables  run nothing: put the reference results of --full into docs/TABLES.md, between its two lines
#   NAME            these experiments only (default: all of experiments/shipped.txt)
#
# Installs the missing packages, builds into build/, fetches MNIST and Fashion-MNIST, runs the experiments and compares
# them with experiments/results/. Stopped and called again, it goes on where it was.
# Exit: 0 all rows are inside their intervals, 1 one is outside, 2 usage, or a package cannot be had, 3 a data set
# cannot be had; otherwise what the step that failed ended with.
. "$(dirname "$0")/lib.sh"

form=--quick tables='' names=()
for word; do
    case $word in
    -h | --help) usage && exit 0 ;;
    --quick | --full) form=$word ;;
    --write-tables) tables=1 ;;
    -*) fail 2 "unknown option '$word' (--quick, --full, --write-tables)" ;;
    *) names+=("$word") ;;
    esac
done

say "packages: what the build needs"
scripts/install-deps.sh build
say "building: build/bench"
configure_and_build release

if [ -n "$tables" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    build/bench reproduce --full --tables "${names[@]}" >"$work/tables"
    awk -v new="$work/tables" '
        /^<!-- end of reproduce -->/ { inside = 0 }
        !inside { print }
        /^<!-- reproduce -->/ { inside = 1; while ((getline line <new) > 0) print line; print "" }
    ' docs/TABLES.md >"$work/page"
    cp "$work/page" docs/TABLES.md
    exit 0
fi

say "data: MNIST and Fashion-MNIST"
scripts/fetch-data.sh all
say "experiments, and their reference results beside them"
build/bench reproduce "$form" "${names[@]}"
