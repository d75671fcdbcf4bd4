#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# The demo model through run_models.sh, the runner's own failures, then the real networks where there are any.
#   test_models.sh SOURCE-DIR BUILD-DIR
# UTVM_TEST_NETWORKS, globs of folder names, leaves out the real networks that match none.
set -uo pipefail

source=$1 build=$2
here=$source/tests/models
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

mkdir -p "$work/good/demo" "$work/bad/demo" "$work/short/demo"
for set in good bad short; do
    cp "$source/scripts/demo_model/demo.tflite" "$work/$set/demo/model.tflite"
    cp "$source"/scripts/demo_model/golden/*.npz "$work/$set/demo/"
done

"$here/run_models.sh" "$build" "$work/good" || status=1

# One golden value off by one must be found, and so must a case that cannot be read.
/usr/bin/python3 - "$work/bad/demo/01_ring.npz" <<'PY'
import sys, numpy
path = sys.argv[1]
arrays = dict(numpy.load(path))
arrays["t5"].flat[777] ^= 1
numpy.savez(path, **arrays)
PY
if "$here/run_models.sh" "$build" "$work/bad" >"$work/out"; then
    echo "a changed golden value was not noticed"
    cat "$work/out"
    status=1
fi
truncate -s 1000 "$work/short/demo/01_ring.npz"
if "$here/run_models.sh" "$build" "$work/short" >"$work/out" 2>&1; then
    echo "a truncated case was not noticed"
    cat "$work/out"
    status=1
fi
if "$here/run_models.sh" "$build" "$work/good" no-such-network >"$work/out"; then
    echo "a run of no network passed"
    status=1
fi

models=${UTVM_MODELS:-$source/../shared/models}
if [ -d "$models" ]; then
    [ -z "${UTVM_TEST_NETWORKS-}" ] || echo "left out: the real networks other than $UTVM_TEST_NETWORKS"
    set -f
    # shellcheck disable=SC2086  # a list of globs
    "$here/run_models.sh" "$build" "$models" ${UTVM_TEST_NETWORKS-} || status=1
else
    echo "left out: the real networks (no folder UTVM_MODELS)"
fi
exit $status
