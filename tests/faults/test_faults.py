#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""usage: test_faults.py PROGRAMS_DIR

Each kind of `utvm-board --fault`, met through utvm itself: what the user is told, with which exit
code, and that the session goes on once the fault is over. utvm runs from a directory of its own, in
which utvm-board is a script that adds the faults to the first board that is started, and to no other.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

SECONDS = 120
WRAPPER = """#!/bin/sh
if [ ! -e "$UTVM_TEST_DIR/used" ]; then
    : >"$UTVM_TEST_DIR/used"
    set -- "$@" $UTVM_TEST_FAULTS
fi
exec "$UTVM_TEST_BOARD" "$@"
"""
LOAD = ["load", "run"]
STEPS = ["load", "step 2", "print/r pool1[0, 0, 0, 0] > value.txt", "step", "back", "step"]
RECOVERY = ["load", "run", "expect class ring"]
FINE = None

# Link, fault, script, what the messages say (FINE = no message at all), exit code. Numbers are
# places: within the connection, within the upload (a flash sector is read, programmed and read
# again), or behind it.
CASES = [
    ("stlink", "stlink-drop=3000", LOAD,
     r"connect embedded-stlink: cannot start OpenOCD: .*its adapter broke the connection", 4),
    ("stlink", "stlink-drop=20000", LOAD,
     r"cannot load 'demo': cannot program \d+ bytes at 0x0800....: OpenOCD no longer reaches the "
     r"core: .*'connect' starts over", 4),
    ("stlink", "stlink-delay=30000:2000", LOAD, FINE, 0),
    ("stlink", "stlink-status=60:0x11", LOAD, FINE, 0),
    ("stlink", "stlink-status=700:0x11:8", LOAD,
     r"cannot load 'demo': cannot (program|read|erase) .*: OpenOCD: .*'load' tries again", 1),
    ("stlink", "stlink-status=300:0x15:5", LOAD,
     r"cannot load 'demo': cannot (reset and halt the core|read|program|erase).*'load' tries again",
     1),
    ("stlink", "stlink-status=90:0x10:40", LOAD, FINE, 0),
    ("stlink", "stlink-short=1500:1", LOAD,
     r"OpenOCD hangs, or its link to the board does: .*'connect' starts over", 4),
    ("stlink", "wait=300:3", LOAD,
     r"cannot load 'demo': cannot read \d+ bytes at 0x0800....: OpenOCD: Failed to read memory at "
     r"0x0800....; 'load' tries again", 1),
    ("stlink", "wait=2000:500", LOAD, r"OpenOCD no longer reaches the core: .*'connect' starts over",
     4),
    ("stlink", "ack-fault=30", LOAD, FINE, 0),
    ("stlink", "ack-fault=2500", LOAD,
     r"cannot load 'demo': cannot read \d+ bytes at 0x0800....: OpenOCD: Failed to read memory at "
     r"0x0800....; 'load' tries again", 1),
    ("stlink", "reset-access=30000", LOAD,
     r"cannot load 'demo': cannot (erase|program) \d+ bytes at 0x0800....: OpenOCD: "
     r".*'load' tries again", 1),
    # More cycles than the flash loader spends waiting for OpenOCD's bytes on a slow machine.
    ("stlink", "reset-cycles=300000000", ["load", "run 40"],
     r"the board was reset: .*load the model again", 1),
    ("stlink", "reset-access=94000", STEPS, r"the board (was|has been) reset|something has reset it", 1),
    ("stlink", "brown-out=3000", LOAD,
     r"cannot load 'demo': cannot program \d+ bytes at 0x08000000: OpenOCD: .*external reset "
     r"detected.*'load' tries again", 1),
    ("stlink", "flash-word=0x08000100", ["load", "run", "load --no-verify"],
     r"cannot load 'demo': verification failed at 0x08000100: 0x.. was written, 0x.. is there", 1),
    ("bitbang", "bitbang-drop=20000", LOAD,
     r"connect embedded-bitbang: cannot start OpenOCD: .*its adapter broke the connection", 4),
    ("bitbang", "bitbang-drop=400000", LOAD,
     r"cannot load 'demo': cannot read \d+ bytes at 0x0800....: OpenOCD ended with signal \d+: its "
     r"adapter broke the connection; 'connect' starts over", 4),
    ("bitbang", "bitbang-delay=100000:1000", LOAD, FINE, 0),
    ("bitbang", "bitbang-tdo=30:4", LOAD,
     r"connect embedded-bitbang: cannot start OpenOCD: OpenOCD ended with status 1: .*IR capture "
     r"error", 4),
    ("bitbang", "wait=300:3", LOAD, FINE, 0),
    ("bitbang", "ack-fault=2500", LOAD,
     r"cannot load 'demo': cannot read \d+ bytes at 0x0800....: OpenOCD: .*STICKY ERROR.*'load' "
     r"tries again", 1),
    ("bitbang", "flash-word=0x08000100", LOAD,
     r"cannot load 'demo': verification failed at 0x08000100: 0x.. was written, 0x.. is there", 1),
]


class Failure(Exception):
    pass


def run_case(work, programs, demo, case):
    link, fault, script, expected, code = case
    home = os.path.join(work, "%s-%s" % (link, re.sub(r"\W", "-", fault)))
    os.mkdir(home)
    commands = os.path.join(home, "case.utvm")
    permanent = fault.startswith("flash-word")
    recovery = ["connect > connect.txt"] + RECOVERY if permanent else RECOVERY
    with open(commands, "w", encoding="utf-8") as file:
        file.write("\n".join(["input %s/golden/01_ring.npz" % demo] + script +
                             ["echo == recovery"] + recovery + ["echo == done"]) + "\n")
    environment = dict(os.environ, HOME=home, TMPDIR=home, LC_ALL="C.UTF-8", UTVM_TEST_DIR=home,
                       UTVM_TEST_FAULTS="--fault " + fault,
                       UTVM_TEST_BOARD=os.path.join(programs, "utvm-board"))
    result = subprocess.run(
        [os.path.join(work, "utvm"), "--batch", "-n", "--set", "target=embedded-" + link,
         "-ex", "source --keep-going " + commands, os.path.join(work, "demo.elf")],
        cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    text = result.stdout.decode(errors="replace")
    before, _, after = text.partition("== recovery")

    def check(holds, what):
        if not holds:
            raise Failure("%s, fault %s: %s\n%s" % (link, fault, what, text))

    check(os.path.exists(os.path.join(home, "used")), "the board was not started here")
    errors = re.findall(r"^error: .*$", before, re.M)
    if expected is FINE:
        check(not errors, "an error that should not be")
    else:
        check(errors and re.search(expected, errors[0]), "the first error is not /%s/" % expected)
    check(result.returncode == code, "exit code %d, not %d" % (result.returncode, code))
    check("== done" in after and "error:" not in after, "the session did not recover")
    check("End of the model" in after, "the model did not run again")


def kinds_of(board):
    text = subprocess.run([board, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    return set(re.findall(r"^  ([a-z]+(?:-[a-z]+)*)=", text[text.index("Faults on demand"):], re.M))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    programs = os.path.abspath(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    demo = os.path.abspath(os.path.join(here, "../../scripts/demo_model"))
    # reset-ms strikes at a time on the wall, so what it hits differs from run to run.
    missing = kinds_of(os.path.join(programs, "utvm-board")) - {c[1].split("=")[0] for c in CASES}
    failures = ["no case for the fault '%s'" % kind for kind in sorted(missing - {"reset-ms"})]
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([os.path.join(programs, "utvm-build"), os.path.join(demo, "demo.tflite"),
                        "-o", os.path.join(work, "demo.elf"), "--labels",
                        os.path.join(demo, "labels.txt")], stdout=subprocess.DEVNULL, check=True)
        shutil.copy(os.path.join(programs, "utvm"), work)
        board = os.path.join(work, "utvm-board")
        with open(board, "w", encoding="utf-8") as file:
            file.write(WRAPPER)
        os.chmod(board, 0o755)
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            jobs = [(case, pool.submit(run_case, work, programs, demo, case)) for case in CASES]
            for case, job in jobs:
                try:
                    job.result()
                    print("ok   %s %s" % case[:2])
                except (Failure, subprocess.TimeoutExpired) as problem:
                    failures.append(str(problem))
                    print("FAIL %s %s" % case[:2])
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
