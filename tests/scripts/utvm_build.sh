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
expect 0 "lib2: 9 layers" "$demo/demo.tflite" --library lib2 --name shape_2
there lib2/libshape_2.a lib2/shape_2.h lib2/example.c lib2/example.ld
if grep -n -i "model_\|model\.h\|libmodel" lib2/*.h lib2/example.*; then
    echo "FAIL a library called shape_2 says model"
    failed=$((failed + 1))
fi
# Two in one application: no name of theirs is the same.
arm-none-eabi-ld -r --whole-archive lib/libmodel.a lib2/libshape_2.a -o both.o 2>out ||
    { echo "FAIL two libraries in one application: $(head -3 out)"; failed=$((failed + 1)); }
arm-none-eabi-gcc -mcpu=cortex-m7 -mfpu=fpv5-sp-d16 -mfloat-abi=hard -Ilib2 -Werror -c lib2/example.c -o example.o 2>out ||
    { echo "FAIL the example of shape_2: $(head -3 out)"; failed=$((failed + 1)); }
# A name that its own layers begin with, or a file of its build: still five functions.
for name in layer memory_2 library joined; do
    expect 0 "9 layers" "$demo/demo.tflite" --library named --name "$name"
    arm-none-eabi-nm -g --defined-only "named/lib$name.a" >out
    [ "$(grep -c " T ${name}_" out)" = 5 ] || { echo "FAIL a library called $name shows: $(cat out)"; failed=$((failed + 1)); }
    rm -r named
done
for bad in Model 2d a-b _x utvm_x "" string stdint m; do
    expect 1 "is no name for a library" "$demo/demo.tflite" --library lib3 --name "$bad"
done
[ ! -e lib3 ] || { echo "FAIL a failure left lib3"; failed=$((failed + 1)); }

expect 2 "no model file" -o x.elf
expect 2 "-o MODEL.elf or --library DIR is missing" "$demo/demo.tflite"
expect 2 "only a library has a name" "$demo/demo.tflite" -o x.elf --name x
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
