#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# The tests of the kernels as a firmware on the emulated board: each must write the very bytes there, with the
# instructions of the Cortex-M7, that it writes on the host with their meaning in C. Both say a CRC for each test.
#   device.sh SOURCE-DIR BUILD-DIR test_NAME.c...
set -euo pipefail

source=$1 build=$(readlink -f "$2")
shift 2
work=$(mktemp -d)
board=
clean_up() {
    [ -z "$board" ] || kill "$board" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

cd "$source"
# What utvm-build gives to the compiler of a model.
flags() {
    sed -n "/ $1_flags\[\]/,/^};/p" core/build/compile.c | grep -o '"[^"]*"' | tr -d '"'
}
mapfile -t machine < <(flags machine)
mapfile -t code < <(flags code)
[ ${#machine[@]} -ge 4 ] && [ ${#code[@]} -ge 4 ] || { echo "no flags found in core/build/compile.c"; exit 1; }
# An int32_t is a long there, which the tests' messages need not care about; its stdint.h and inttypes.h are of two
# makers, and the second has to be told of int64_t.
export FLAGS="${machine[*]} ${code[*]} -O2 -Wno-format -D_GNU_SOURCE -D__int64_t_defined=1 -Itests/kernels/device -I$build/kernels"
compile() {
    local object=${2//\//_} extra=
    # Its reference needs the 64 bits of the host's long double: what it gives is compared with the host's alone.
    [[ $2 != */test_arith.c ]] || extra=-DRUNNER_SHOWS_ONLY
    # shellcheck disable=SC2086
    arm-none-eabi-gcc $FLAGS $extra -c "$2" -o "$1/${object%.c}.o"
}
export -f compile
tests=("${@/#/tests/kernels/}")
printf '%s\n' kernels/ops/*.c kernels/kernel_table.c core/import/prepare/*.c core/import/builtin_names.c core/error.c \
    tests/kernels/device/{board,runner}.c tests/kernels/{bench,witness}.c "${tests[@]}" |
    xargs -P "$(nproc)" -I{} bash -c "compile '$work' {}"
arm-none-eabi-gcc "${machine[@]}" -nostartfiles -Wl,--gc-sections,--no-warn-rwx-segments -T tests/kernels/device/board.ld \
    "$work"/*.o -lm -o "$work/tests.elf"
arm-none-eabi-objcopy -O binary "$work/tests.elf" "$work/tests.bin"

status=0
"$build/tests/kernels_on_host" >"$work/said_on_host" || status=$?
[ $status -eq 0 ] || { grep "^failed" "$work/said_on_host" || true; echo "the tests fail on the host: status $status"; exit 1; }

"$build/utvm-board" --timing count --stlink 0 --stay --die-with-parent --flash "$work/tests.bin" \
    --usart3 "$work/said_on_board" >"$work/board.log" 2>&1 &
board=$!
for _ in $(seq 1200); do
    if grep -q '^end' "$work/said_on_board" 2>/dev/null; then
        break
    fi
    kill -0 "$board" || { cat "$work/board.log"; exit 1; }
    sleep 0.1
done
grep -q '^end' "$work/said_on_board" || { echo "the board does not come to an end; it said:"; cat "$work/said_on_board" "$work/board.log"; exit 1; }

# Nothing may be missing on both sides either.
for file in "${tests[@]}"; do
    sed -n 's/^Test(\([a-z0-9_]*\), *\([a-z0-9_]*\).*/\1::\2/p' "$file"
done | sort >"$work/names"
[ -s "$work/names" ] || { echo "no test has a name"; exit 1; }
for side in host board; do
    tr -d '\r' <"$work/said_on_$side" | sed '/^end/d' | sort >"$work/$side"
    sed -n 's/^\([a-z0-9_]*::[a-z0-9_]*\) .*/\1/p' "$work/$side" >"$work/$side.names"
    diff "$work/names" "$work/$side.names" || { echo "the tests of the sources (<) are not those that ran on the $side (>)"; status=1; }
done
diff "$work/host" "$work/board" || { echo "the host (<) and the board (>) differ"; status=1; }
grep '^left out' "$work/host"
echo "left out: test_golden, whose networks run on the board in tests/models"
[ $status -eq 0 ] || exit 1
awk '$1 ~ /::/ { tests++; bytes += $3 } END { print tests " tests wrote the same " bytes " bytes on the host and on the board" }' "$work/board"
