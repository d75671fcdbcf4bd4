#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# usage: readme_commands.sh [--update] UTVM README.md
#
# The README's command reference must be what the command table says. --update writes it.
set -u
update=no
if [ "${1:-}" = --update ]; then
    update=yes
    shift
fi
utvm=${1:?usage: readme_commands.sh [--update] UTVM README.md}
readme=${2:?usage: readme_commands.sh [--update] UTVM README.md}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

first=$(grep -nx '<!-- commands -->' "$readme" | cut -d: -f1)
last=$(grep -nx '<!-- end of commands -->' "$readme" | cut -d: -f1)
if [ -z "$first" ] || [ -z "$last" ] || [ "$first" -ge "$last" ]; then
    echo "$readme: the markers of the command reference are missing"
    exit 1
fi
"$utvm" --help-markdown >"$work/now" || exit 1
sed -n "$((first + 1)),$((last - 1))p" "$readme" >"$work/readme"
if [ $update = yes ]; then
    { head -n "$first" "$readme"; cat "$work/now"; tail -n "+$last" "$readme"; } >"$work/new" &&
        cat "$work/new" >"$readme"
    exit $?
fi
if ! diff -u "$work/readme" "$work/now"; then
    echo "$readme: the command reference is out of date; run $0 --update $utvm $readme"
    exit 1
fi
