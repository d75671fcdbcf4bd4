#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# Builds real networks, runs every case of each on the emulated board through the real OpenOCD and compares every layer
# with the golden values.
#   run_models.sh BUILD-DIR MODELS-DIR [GLOB...]     networks whose folder name matches a GLOB (all)
# Ends with "N passed, M failed"; a case that was not compared counts as failed.
set -uo pipefail

build=$1 models=$2
shift 2
[ $# -gt 0 ] || set -- '*'
dirs=()
for glob in "$@"; do
    dirs+=("$models"/$glob/)
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

for dir in "${dirs[@]}"; do
    name=$(basename "$dir")
    if [ ! -f "$dir/model.tflite" ]; then
        echo "left out: $name (no model.tflite)"
        continue
    fi
    if ! "$build/utvm-build" --quiet "$dir/model.tflite" -o "$work/model.elf" >"$work/build.log" 2>&1; then
        echo "$name: utvm-build failed"
        cat "$work/build.log"
        failed=$((failed + 1))
        continue
    fi
    # One session for all cases of a network, as a user would do it.
    echo load >"$work/script"
    cases=("$dir"*.npz)
    for case in "${cases[@]}"; do
        # A case of several invocations has them as seq_<index>.
        if grep -qa 'seq_[0-9]*\.npy' "$case"; then
            echo "run --reset-state --sequence '$case'"
        else
            printf "input '%s'\nrun --reset-state\n" "$case"
        fi
        printf "compare '%s'\necho case-is-equal %s\n" "$case" "$(basename "$case")"
    done >>"$work/script"
    "$build/utvm" -n --batch --keep-going -x "$work/script" "$work/model.elf" >"$work/log" 2>&1
    status=$?
    equal=$(grep -cE '^  beyond the tolerance +0$' "$work/log")
    diverged=$(grep -cE '^  beyond the tolerance +[1-9]' "$work/log")
    if [ $status -eq 0 ] && [ "$equal" -eq ${#cases[@]} ] && [ "$diverged" -eq 0 ]; then
        echo "$name: $equal cases equal"
        passed=$((passed + 1))
    else
        echo "$name: $equal of ${#cases[@]} cases equal, $diverged diverge, exit code $status"
        grep -E 'error:|diverge|beyond|differs' "$work/log" | head -20
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
