#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# The library of the demo model inside its example application, which boots by itself on the emulated board and says on
# a serial port what the model says: the same as the image under the debugger, given the same input.
#   test_library.sh SOURCE-DIR BUILD-DIR
set -euo pipefail

source=$1 build=$2
work=$(mktemp -d)
board=
clean_up() {
    [ -z "$board" ] || kill "$board" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

# Whatever a model's name has in it, its own image and its library are of one file.
model=$source/scripts/demo_model/demo.tflite
"$build/utvm-build" --quiet "$model" -o "$work/model.elf" --library "$work/library"
cd "$work/library"
# The command that stands on top of the example.
sed -n '/^ \* *arm-none-eabi-gcc/,/example\.elf$/{s/^ \* *//;p}' example.c >build.sh
sh -e build.sh
arm-none-eabi-objcopy -O binary example.elf example.bin

# Nobody is attached to this board. It is started like a child that is told to end.
"$build/utvm-board" --stlink 0 --stay --die-with-parent --flash example.bin --usart3 "$work/serial" >"$work/board.log" 2>&1 &
board=$!
for _ in $(seq 300); do
    if grep -q $'\r' "$work/serial" 2>/dev/null; then
        break
    fi
    kill -0 "$board" || { cat "$work/board.log"; exit 1; }
    sleep 0.1
done
said=$(tr -d '\r' <"$work/serial")

# The pattern that the example feeds, given to the image.
/usr/bin/python3 - "$work" <<'PY'
import sys, numpy
values = (numpy.arange(32 * 32 * 3) * 7 % 256 - 128).astype(numpy.int8).reshape(1, 32, 32, 3)
numpy.save(sys.argv[1] + "/pattern.npy", values)
PY
"$build/utvm" -n --batch -ex load -ex "input '$work/pattern.npy'" -ex run -ex "dump softmax '$work/softmax.npy'" \
    "$work/model.elf" >"$work/log" || { cat "$work/log"; exit 1; }
expected="largest output: $(/usr/bin/python3 -c 'import sys, numpy; print(numpy.load(sys.argv[1]).argmax())' "$work/softmax.npy")"

echo "the application: $said"
if [ "$said" != "$expected" ]; then
    echo "the debugger: $expected"
    exit 1
fi
