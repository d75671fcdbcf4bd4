#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""In JSON mode every command has exactly one document, whether it works or not.

usage: documents.py PROGRAMS_DIR

Runs the example of every command, and every command wrongly, in one session on the demo model, and
takes the documents one by one. Standard library only.
"""

import json
import os
import subprocess
import sys
import tempfile

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/demo_model")
PREPARE = """load
input golden/01_ring.npz
dump --all yesterday.npz
dump --all today.npz
dump input input.npy
break #1
restart
step
step
"""
BODIES = {name: ["end"] for name in ("define", "document", "commands", "if", "while")}
SCRIPTS = ("source", "if", "while")  # theirs are the documents of what they run
LAST = ("disconnect", "quit")
TEXT = ("echo", "monitor", "shell")  # take anything
# What a person types that no example has; the kind of the document that must come.
MORE = [
    ("", None),
    ("# a comment", None),
    ("delete", "delete"),
    ("set $x = 1", "set"),
    ("set width 100", "set"),
    ("enable", "enable"),
    ("!true", "shell"),
    ("!echo one; echo two", "shell"),
    ("!false", "shell"),
    ("run 3", "runs"),
    ("restart", "restart"),
    ("expect 1 > 2", "error"),
    ("compare golden/18_checker.npz", "compare"),
    ("no-such-command", "error"),
    ("re", "error"),
    ("print 1 2 3 '", "error"),
    ("%", "error"),
    ("if 1 +", "error"),
    ("while 0", None),
    ("while 1 +", "error"),
    ("display $layer", "displays"),
    ("info", "info"),
    ("info nonsense", "error"),
]


def documents(text):
    decoder = json.JSONDecoder()
    found = []
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        found.append(document)
    return found


def session(programs, work, lines):
    """Runs the lines in JSON mode; returns the documents."""
    path = os.path.join(work, "session.utvm")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    with open(os.path.join(work, "prepare.utvm"), "w", encoding="utf-8") as file:
        file.write(PREPARE)
    utvm = [os.path.join(programs, "utvm"), "--batch", "-n", "--keep-going"]
    arguments = ["-x", "prepare.utvm", "-ex", "echo PREPARED", "-ex", "set output json", "-x", path]
    done = subprocess.run(
        utvm + arguments + ["demo.elf"], cwd=work, stdin=subprocess.DEVNULL, capture_output=True,
        encoding="utf-8", check=False)
    if done.stderr:
        raise SystemExit(f"the error stream is not empty: {done.stderr}")
    return documents(done.stdout.split("PREPARED\n", 1)[1])


def check(programs, work):
    utvm = os.path.join(programs, "utvm")
    examples = subprocess.run([utvm, "--help-examples"], check=True, capture_output=True,
                              encoding="utf-8").stdout.splitlines()
    wanted = []  # the line, what follows it, the kinds that will do
    for example in examples:
        name = "shell" if example[0] == "!" else example.split("/")[0].split()[0]
        if name in LAST or name == "while":
            continue  # the example's loop ends by what stands in it
        wanted.append((example, BODIES.get(name, []), None if name in SCRIPTS else "any"))
        if name not in TEXT:
            wanted.append((f"{name} --no-such-option", BODIES.get(name, []), "error"))
    wanted += [(line, BODIES.get(line.split(" ")[0], []), kind) for line, kind in MORE]
    wanted += [(name, [], name) for name in LAST]
    lines = [line for command, body, _ in wanted for line in [command, *body]]
    documents_left = session(programs, work, lines)
    failed = 0
    for command, _, kind in wanted:
        if kind is None:
            continue
        if not documents_left:
            print(f"FAIL no document for '{command}'")
            return 1
        document = documents_left.pop(0)
        if kind not in ("any", document["kind"]):
            print(f"FAIL '{command}' gave {json.dumps(document)[:200]}")
            failed += 1
        if kind == "error" and not document.get("error", {}).get("message"):
            print(f"FAIL '{command}': no message")
            failed += 1
    for document in documents_left:
        print(f"FAIL a document too many: {json.dumps(document)[:200]}")
    print(f"{len(wanted)} commands, {failed} failed")
    return failed + len(documents_left)


def main():
    programs = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        for name in ("images", "golden", "labels.txt", "demo.tflite"):
            os.symlink(os.path.join(DEMO, name), os.path.join(work, name))
        subprocess.run([os.path.join(programs, "utvm-build"), "demo.tflite", "-o", "demo.elf", "--labels",
                        "labels.txt"], cwd=work, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(work, "tour.utvm"), "w", encoding="utf-8") as file:
            file.write("# nothing\n")
        return 1 if check(programs, work) else 0


if __name__ == "__main__":
    sys.exit(main())
