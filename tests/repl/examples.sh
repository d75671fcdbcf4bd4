#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# usage: examples.sh PROGRAMS_DIR
#
# Runs the example of every command's help on the demo model. Each must succeed.
set -u
programs=$(cd "${1:?usage: examples.sh PROGRAMS_DIR}" && pwd) || exit 2
demo=$(cd "$(dirname "$0")/../../scripts/demo_model" && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
for name in images golden labels.txt demo.tflite; do
    ln -s "$demo/$name" .
done
"$programs/utvm-build" demo.tflite -o demo.elf --labels labels.txt >/dev/null || exit 2

# What some examples need to be there.
cat >prepare.utvm <<'END'
load > load.txt
input golden/01_ring.npz
dump --all yesterday.npz
dump --all today.npz
dump input input.npy
END
echo 'echo a tour' >tour.utvm
"$programs/utvm" --batch -n -x prepare.utvm demo.elf >prepare.log 2>&1 || { cat prepare.log; exit 2; }

failed=0
"$programs/utvm" --help-examples >examples
while IFS= read -r example; do
    {
        echo 'load > load.txt'
        echo 'input golden/01_ring.npz'
        case $example in
        commands* | save*) echo 'break #1' ;;
        condition* | ignore*) echo 'break #1 --after' ;;
        loop_*) printf 'set $i = 0\nwhile $i < 1\nset $i = 1\n' ;;
        document*) printf 'define twice\nend\n' ;;
        back*) echo step ;;
        expect*output* | stats* | hist*) echo step ;;
        esac
        printf '%s\n' "$example"
        case $example in
        commands* | define* | document* | if* | loop_*) echo end ;;
        while*) printf 'step\nend\n' ;;
        esac
    } >example.utvm
    if ! "$programs/utvm" --batch -n -x example.utvm demo.elf >example.log 2>&1 </dev/null; then
        echo "FAIL $example"
        tail -3 example.log
        failed=$((failed + 1))
    fi
done <examples
[ "$(wc -l <examples)" -gt 30 ] || { echo "too few examples"; exit 1; }
echo "$(wc -l <examples) examples, $failed failed"
[ $failed = 0 ]
