#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""The shell on a terminal: editing, completion, history, signals, recording.

usage: test_prompt.py PROGRAMS_DIR [unittest options]
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from terminal import Terminal, children_of, still_there

PROGRAMS = ""
DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/demo_model")


class Prompt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp()
        build = [os.path.join(PROGRAMS, "utvm-build"), os.path.join(DEMO, "demo.tflite")]
        labels = ["--labels", os.path.join(DEMO, "labels.txt")]
        for name, options in (("demo.elf", []), ("ram.elf", ["--ram"])):
            path = os.path.join(cls.work, name)
            subprocess.run(build + ["-o", path] + labels + options, check=True, stdout=subprocess.DEVNULL)
        for name in ("images", "golden"):
            os.symlink(os.path.join(DEMO, name), os.path.join(cls.work, name))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work)

    def setUp(self):
        self.home = tempfile.mkdtemp()
        self.terminals = []

    def tearDown(self):
        for terminal in self.terminals:
            try:
                os.kill(terminal.pid, signal.SIGKILL)
                os.waitpid(terminal.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        shutil.rmtree(self.home)

    def start(self, *arguments, columns=100, rows=40, **variables):
        env = {"HOME": self.home, "TERM": "xterm", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        env.update(variables)
        argv = [os.path.join(PROGRAMS, "utvm"), *arguments]
        terminal = Terminal(argv, self.work, env, columns, rows)
        self.terminals.append(terminal)
        terminal.wait_for("utvm> ")
        return terminal

    def test_greets_and_quits(self):
        t = self.start()
        self.assertIn("'help' lists the commands", t.text)
        t.type("quit 3\r")
        self.assertEqual(t.end(), 3)

    def test_completes_commands_layers_and_files(self):
        t = self.start("-n", "demo.elf")
        t.type("info lay\t\r")
        self.assertIn("softmax", t.command(""))
        t.type("until con\t\t\t")
        t.wait_for("conv1  conv2  conv3")
        t.type("\x15input images/00\t\r")
        t.wait_for("pixels as 0 to 1")
        t.wait_for("utvm> ")
        os.makedirs(os.path.join(self.work, "many", "in"), exist_ok=True)
        os.makedirs(os.path.join(self.work, "many", "out"), exist_ok=True)
        t.type("\x15source many/\t\t")
        t.wait_for("in/  out/ ")
        t.type("i\t")
        t.wait_for("many/in/")
        t.type("\x15set output \t\t")
        t.wait_for("csv   json  text")

    def test_empty_line_repeats_step_and_nothing_else(self):
        t = self.start("-n", "demo.elf")
        t.command("load")
        self.assertIn("#0 conv1", t.command("step"))
        self.assertIn("#1 pool1", t.command(""))
        self.assertIn("42", t.command("print 42"))
        self.assertEqual(t.command(""), "")

    def test_x_goes_on_at_the_next_address(self):
        t = self.start("-n", "demo.elf")
        t.command("load")
        self.assertTrue(t.command("x/4xw 0x08000000").startswith("0x08000000:"))
        self.assertTrue(t.command("").startswith("0x08000010:"))

    def test_ctrl_c_at_the_prompt_clears_the_line(self):
        t = self.start("-n")
        t.type("nonsense")
        t.wait_for("nonsense")
        t.type("\x03")
        t.wait_for("utvm> ")
        self.assertEqual(t.command("print 1"), "1\n")

    def test_ctrl_c_gives_up_lines_up_to_end_and_means_no(self):
        t = self.start("-n", "demo.elf")
        t.type("define twice\r")
        t.wait_for("\n>")
        t.type("echo a\r")
        t.wait_for("\n>")
        t.type("\x03")
        t.wait_for("error: interrupted before 'end'")
        t.wait_for("utvm> ")
        self.assertIn("undefined command 'twice'", t.command("twice"))
        t.command("break conv1")
        t.type("delete\r")
        t.wait_for("(y or n) ")
        t.type("\x03")
        t.wait_for("utvm> ")
        self.assertIn("conv1", t.command("info breakpoints"))

    def test_ctrl_c_halts_an_endless_kernel_and_keeps_the_session(self):
        t = self.start("-n", "ram.elf")
        t.command("load")
        info = t.command("info layers conv2")
        address = info.split("code at")[1].split()[0]
        t.command(f"monitor mwh {address} 0xe7fe")  # b .
        t.command("until conv2")  # so that on a slow machine, too, it is in the loop soon
        t.type("continue\r")
        t.wait_for("continue\n")
        time.sleep(0.5)
        t.type("\x03")
        t.wait_for("Interrupted in layer 2 'conv2' at " + address)
        t.wait_for("utvm> ")
        self.assertIn("inside layer #2 conv2", t.command("info session"))
        self.assertIn("half written", t.command("print conv2"))
        self.assertIn("Loaded", t.command("load"))
        self.assertIn("End of the model", t.command("run"))

    def test_ctrl_c_ends_a_profile(self):
        t = self.start("-n", "demo.elf")
        t.command("load")
        said = ""
        for _ in range(10):  # one that comes between two runs is in no layer
            t.type("profile 1000\r")
            t.wait_for("profile 1000\n")
            time.sleep(0.3)
            t.type("\x03")
            t.wait_for("error: the profile was interrupted")
            said = t.wait_for("utvm> ")
            if " in layer " in said:
                break
        self.assertRegex(said, r" in layer \d+ '\w+' at 0x\w+, \S+\.[ch]:\d+")
        self.assertRegex(t.command("list"), r"(?m)^> \d+", "the line in which it stands")
        self.assertIn("End of the model", t.command("run"))
        self.assertNotRegex(t.command("list 1,999"), r"(?m)^> \d+", "and stands no more")

    def test_a_second_ctrl_c_gives_up_on_a_board_that_hangs(self):
        t = self.start("-n", "ram.elf")
        t.command("load")
        address = t.command("info layers conv2").split("code at")[1].split()[0]
        t.command(f"monitor mwh {address} 0xe7fe")  # b .
        t.type("run\r")
        t.wait_for("run\n")
        time.sleep(0.5)
        children = children_of(t.pid)
        for pid in children:
            os.kill(pid, signal.SIGSTOP)
        t.type("\x03")
        time.sleep(0.2)
        t.type("\x03")
        t.wait_for("abandoned while the core was still running")
        t.wait_for("utvm> ")
        for pid in children:
            os.kill(pid, signal.SIGCONT)
        self.assertIn("Loaded", t.command("load"))
        self.assertIn("End of the model", t.command("run"))

    def test_nothing_is_left_behind(self):
        endings = {
            "ctrl-d": lambda t: t.type("\x04"),
            "quit": lambda t: t.type("quit\r"),
            "SIGTERM": lambda t: os.kill(t.pid, signal.SIGTERM),
            "SIGHUP": lambda t: os.kill(t.pid, signal.SIGHUP),
            "SIGKILL": lambda t: os.kill(t.pid, signal.SIGKILL),
        }
        for name, finish in endings.items():
            with self.subTest(name):
                t = self.start("-n", "demo.elf")
                t.command("load")
                started = children_of(t.pid)
                self.assertGreaterEqual(len(started), 2, "the board and OpenOCD")
                finish(t)
                t.end()
                self.assertEqual(still_there(started), {})

    def test_a_killed_board_is_noticed_and_connect_starts_over(self):
        t = self.start("-n", "demo.elf")
        t.command("load")
        for pid in children_of(t.pid):
            os.kill(pid, signal.SIGKILL)
        self.assertIn("error: ", t.command("step"))
        self.assertIn("target is lost", t.command("step"))
        self.assertIn("Connected", t.command("connect"))
        t.command("load")
        self.assertIn("#0 conv1", t.command("step"))

    def test_keeps_a_history_that_only_the_user_can_read(self):
        t = self.start()
        t.command("print 1111")
        t.type("\x04")
        self.assertEqual(t.end(), 0)
        path = os.path.join(self.home, ".utvm_history")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        t = self.start()
        t.type("\x10\r")  # Ctrl-P
        self.assertIn("1111", t.wait_for("utvm> "))
        t.type("\x12111")  # Ctrl-R
        t.wait_for("print 1111")

    def test_history_can_be_elsewhere_and_off(self):
        state = os.path.join(self.home, "state")
        t = self.start(XDG_STATE_HOME=state)
        t.command("print 1")
        t.type("\x04")
        t.end()
        self.assertTrue(os.path.exists(os.path.join(state, "utvm/history")))
        t = self.start()
        t.command("set history off")
        t.type("\x04")
        t.end()
        self.assertFalse(os.path.exists(os.path.join(self.home, ".utvm_history")))

    def test_start_up_files(self):
        with open(os.path.join(self.home, ".utvminit"), "w") as file:
            file.write("set $mine = 7\nset auto-load-local-init on\n")
        local = os.path.join(self.work, ".utvminit")
        with open(local, "w") as file:
            file.write("set $local = 8\n")
        os.chmod(local, 0o644)
        try:
            t = self.start()
            self.assertEqual(t.command("print $mine + $local"), "15\n")
            t = self.start("-n")
            self.assertIn("no variable", t.command("print $mine"))
            os.chmod(local, 0o666)
            t = self.start()
            self.assertIn("only you can write", t.text)
            self.assertIn("no variable", t.command("print $local"))
        finally:
            os.remove(local)

    def test_builds_without_a_home_where_nobody_else_can_write(self):
        model = os.path.join(DEMO, "demo.tflite")
        t = self.start("-n", model, HOME="", TMPDIR=self.home)
        own = os.path.join(self.home, f"utvm-{os.geteuid()}")
        self.assertIn(f"Built {own}/demo-", t.text)
        os.chmod(own, 0o777)
        t = self.start("-n", model, HOME="", TMPDIR=self.home)
        self.assertIn("is not yours alone; 'build MODEL OUTPUT' names a place", t.text.replace("\n", ""))

    def test_asks_before_deleting_everything(self):
        t = self.start("-n", "demo.elf")
        t.command("break conv2")
        t.type("delete\r")
        t.wait_for("(y or n) ")
        t.type("n\r")
        t.wait_for("utvm> ")
        self.assertIn("conv2", t.command("info breakpoints"))
        t.type("delete\r")
        t.wait_for("(y or n) ")
        t.type("y\r")
        t.wait_for("utvm> ")
        self.assertIn("No breakpoints", t.command("info breakpoints"))

    def test_pages_on_request(self):
        t = self.start("-n", rows=10)
        t.command("set pagination on")
        t.type("help\r")
        t.wait_for("--more--")
        t.type("\r")
        t.wait_for("--more--")
        t.type("q\r")
        t.wait_for("utvm> ")
        self.assertEqual(t.command("print 1"), "1\n")

    def test_colours_obey(self):
        t = self.start("-n")
        t.command("nonsense")
        self.assertIn("\x1b[1;31merror:", t.raw)
        t = self.start("-n", NO_COLOR="1")
        t.command("nonsense")
        self.assertNotIn("\x1b[1;31m", t.raw)

    def test_completes_expressions_layers_and_classes(self):
        t = self.start("-n", "demo.elf")
        for typed, shown in (
            ("p conv1.rawm\t\t", "conv1.rawmax  conv1.rawmin"),
            ("p 1+fc_\t\t", "1+fc_bias     1+fc_weights"),
            ("b AVER\t", "b AVERAGE_POOL_2D "),
            ("info layers po\t\t\t", "pool1  pool2  pool3"),
            ("expect class tri\t", "expect class triangle "),
        ):
            t.type("\x15" + typed)
            t.wait_for(shown)

    def test_a_window_made_wider_is_noticed(self):
        t = self.start("-n", "demo.elf", columns=60)
        t.type("p conv\t\t")
        t.wait_for("conv1          conv2          conv3\n")
        t.resize(columns=200, rows=40)
        t.type("\t\t")
        t.wait_for("conv1          conv1_bias     conv1_weights  conv2          conv2_bias")

    def test_the_prompt_comes_back_with_the_foreground(self):
        t = self.start("-n")
        t.type("print 4")
        t.wait_for("print 4")
        os.kill(t.pid, signal.SIGSTOP)
        os.waitpid(t.pid, os.WUNTRACED)
        os.kill(t.pid, signal.SIGCONT)
        t.wait_for("utvm> print 4")
        self.assertEqual(t.command("2"), "42\n")

    def test_a_picture_fits_the_window(self):
        t = self.start("-n", "demo.elf", columns=80, rows=24)
        t.command("load")
        t.command("step")
        picture = t.command("show conv1")
        self.assertGreater(picture.count("\n"), 15)
        self.assertLess(picture.count("\n"), 24)

    def test_numbers_of_a_step_are_not_wrapped(self):
        t = self.start("-n", "demo.elf", columns=80)
        t.command("load")
        self.assertRegex(t.command("step"), r"32\]\n    [0-9,]+ cycles \(modelled\)  [0-9.]+ KiB live\n$")

    def test_a_terminal_without_utf8_gets_ascii(self):
        t = self.start("-n", "demo.elf", LC_ALL="C")
        t.command("load")
        self.assertIn("CONV_2D > conv1", t.command("step"))
        self.assertTrue(t.command("show input").isascii())

    def test_tables_fit_the_window(self):
        t = self.start("-n", "demo.elf", columns=60)
        table = t.command("info layers")
        self.assertLessEqual(max(len(line) for line in table.splitlines()), 60)

    def test_a_recorded_session_replays_to_the_same_transcript(self):
        lines = [
            "load",
            "input images/05_star.png",
            "define twice",
            "print $arg0 * 2",
            "end",
            "step 2",
            "twice $cycles",
            "print conv9",
            "stats pool1",
            "continue",
        ]
        script = os.path.join(self.home, "session.utvm")
        t = self.start("-n", "demo.elf")
        t.command(f"record {script}")
        for line in lines[:2]:
            t.command(line)
        t.type("define twice\r")
        t.wait_for(">")
        t.type("print $arg0 * 2\r")
        t.wait_for("print $arg0 * 2\n>")
        t.type("end\r")
        t.wait_for("utvm> ")
        live = [t.command(line) for line in lines[5:]]
        t.command("record off")
        t.type("\x04")
        t.end()
        with open(script) as file:
            self.assertIn("# failed: print conv9\n", file.read())
        runs = []
        for _ in range(2):
            argv = [os.path.join(PROGRAMS, "utvm"), "--batch", "-n", "--set", "trace-commands=on"]
            run = subprocess.run(argv + ["-x", script, "demo.elf"], cwd=self.work, text=True,
                                 capture_output=True, check=True)
            runs.append(run.stdout)
        self.assertEqual(runs[0], runs[1])
        for line, printed in zip(lines[5:], live):
            if line != "print conv9":
                self.assertIn(f"utvm> {line}\n{printed}", runs[0])

    def test_a_hostile_script_does_the_terminal_no_harm(self):
        script = os.path.join(self.home, "evil.utvm")
        with open(script, "wb") as file:
            file.write(b"echo \x1b]0;title\x07\x1b[2J\nprint '\x1b[31m'\necho " + b"A" * (1 << 20) + b"\n")
        name = os.path.join(self.home, "a'b[c\n]\x1b[31m.utvm")
        shutil.copy(script, name)
        t = self.start("-n")
        t.command(f"source --keep-going {script} > {self.home}/out")
        self.assertNotIn("\x1b[31m", t.raw)
        self.assertNotIn("\x1b]0;", t.raw)
        with open(os.path.join(self.home, "out"), "rb") as file:
            self.assertNotIn(b"\x1b", file.read())
        run = subprocess.run([os.path.join(PROGRAMS, "utvm"), "--batch", "-n", "-x", name],
                             capture_output=True)
        self.assertNotIn(b"\x1b", run.stderr + run.stdout)
        self.assertEqual(run.returncode, 1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAMS = os.path.abspath(sys.argv.pop(1))
    unittest.main()
