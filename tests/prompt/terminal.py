# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""A program on a pseudo-terminal: type, wait for text, see how it ended. Standard library only."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

DEADLINE_S = 30  # for things that take milliseconds; only a hang reaches it
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\x07")


class Terminal:
    def __init__(self, argv, cwd, env, columns=100, rows=40):
        self.text = ""
        self.raw = ""
        self.seen = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(argv[0], argv, env)
        self.resize(columns, rows)

    def resize(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def _read(self, timeout):
        ready, _, _ = select.select([self.fd], [], [], timeout)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            return False
        if not data:
            return False
        self.raw += data.decode("utf-8", "replace")
        self.text = ESCAPES.sub("", self.raw).replace("\r", "")
        return True

    def wait_for(self, wanted):
        """Reads until wanted (a string) comes; returns what was before it, since the last wait."""
        end = time.monotonic() + DEADLINE_S
        while True:
            at = self.text.find(wanted, self.seen)
            if at >= 0:
                before = self.text[self.seen : at]
                self.seen = at + len(wanted)
                return before
            if time.monotonic() > end or not self._read(0.2):
                raise AssertionError(f"no {wanted!r} in {self.text[self.seen:]!r}")

    def command(self, line):
        """Types a line at the prompt; returns what it printed."""
        self.type(line + "\r")
        self.wait_for("\n")
        return self.wait_for("utvm> ")

    def end(self):
        """Waits for the end; returns the exit code, or minus the signal."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            self._read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError("it did not end")


def processes():
    """Command lines of all processes, by process id, with the parent's id."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rsplit(b")", 1)[1].split()[1])
        except OSError:
            continue
        found[int(name)] = (parent, b" ".join(words).decode("utf-8", "replace"))
    return found


def children_of(pid):
    every = processes()
    return {p for p in every if every[p][0] == pid}


def still_there(pids):
    """Those of the processes that have not ended, after giving them a while."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        every = processes()
        alive = {p: every[p][1] for p in pids if p in every and every[p][1].strip()}
        if not alive:
            return {}
        time.sleep(0.05)
    return alive
