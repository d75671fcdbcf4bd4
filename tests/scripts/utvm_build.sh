#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# usage: utvm_build.sh PROGRAMS_DIR
#
# The command line of utvm-build: what it prints, what it writes, what it refuses and with which code.
set -u
programs=$(cd "${1:?usage: utvm_build.sh PROGRAMS_DIR}" && pwd) || exit 2
demo=$(cd "$(dirname "$0")/../../scripts/demo_model" && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

# expect CODE WORDS ARGUMENT...: utvm-build ends with CODE and prints WORDS (a fixed string; empty = anything).
expect() {
    code=$1 words=$2
    shift 2
    "$programs/utvm-build" "$@" >out 2>&1
    got=$?
    if [ $got != "$code" ] || { [ -n "$words" ] && ! grep -qF -e "$words" out; }; then
        echo "FAIL utvm-build $*: code $got (not $code), output without '$words':"
        head -5 out
        failed=$((failed + 1))
    fi
}

# there FILE...: each is a file that is not empty.
there() {
    for file in "$@"; do
        [ -s "$file" ] || { echo "FAIL no $file"; failed=$((failed + 1)); }
    done
}

expect 0 "usage: utvm-build" --help
expect 0 "utvm-build " --version
expect 0 "CONV_2D" --list-operators
expect 0 "lower bound" --plan "$demo/demo.tflite"
expect 0 "conv1" --plan "$demo/demo.tflite"
[ "$(ls)" = out ] || { echo "FAIL --plan wrote: $(ls)"; failed=$((failed + 1)); }

expect 0 "9 layers" "$demo/demo.tflite" -o plain.elf -j 1
expect 0 "" "$demo/demo.tflite" -q -o "a name.elf" --ram --arena sram --stack 8192 --clock 100000000 -O s \
    --labels "$demo/labels.txt" --keep kept
[ ! -s out ] || { echo "FAIL -q printed: $(cat out)"; failed=$((failed + 1)); }
there plain.elf "a name.elf" kept/*.c
expect 0 "lib: 9 layers" "$demo/demo.tflite" --library lib
there lib/libmodel.a lib/model.h

expect 2 "no model file" -o x.elf
expect 2 "-o MODEL.elf or --library DIR is missing" "$demo/demo.tflite"
expect 2 "--help" --no-such-option
for bad in "--stack -1" "--stack 12x" "--clock 0x" "--arena flash" "--code ram" "--jobs 0"; do
    # shellcheck disable=SC2086  # an option and its value
    expect 2 "${bad#* }" "$demo/demo.tflite" -o x.elf $bad
done
expect 1 "nosuch.tflite" nosuch.tflite -o x.elf
printf 'no model' >text.tflite
expect 1 "text.tflite" text.tflite -o x.elf
expect 1 "/nowhere/x.elf" "$demo/demo.tflite" -o /nowhere/x.elf
expect 1 "no-such-compiler" "$demo/demo.tflite" -o x.elf --compiler no-such-compiler
expect 1 "" "$demo/demo.tflite" -o x.elf --kernels /nowhere
[ ! -e x.elf ] || { echo "FAIL a failure left x.elf"; failed=$((failed + 1)); }

echo "$failed failed"
[ $failed = 0 ]
