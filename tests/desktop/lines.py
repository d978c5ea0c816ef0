"""The way a test talks to a double: one JSON object per line in, one per line out.

A double says `ready` on its first line, or `{"ok": false, …}` and ends when it cannot work. Each
command `{"cmd": NAME, …}` then gets exactly one answer, in order: `{"ok": true, …}` or
`{"ok": false, "error": SENTENCE}`. Any command may carry `timeout_ms`: it is tried again until it
succeeds or that time is over, so that a test needs no sleeps. When stdin closes the double ends: it
cannot outlive its test. Knows nothing of what the commands mean.
"""

import json
import os
import sys
import time

from gi.repository import GLib

RETRY_MS = 25


class NotYet(Exception):
    """What was asked for is not there; it may still come."""


def say(value):
    """Writes one line and lets it go at once."""
    print(value if isinstance(value, str) else json.dumps(value), flush=True)


def refuse(error):
    """Ends a double that cannot start."""
    say({"ok": False, "error": error})
    sys.exit(1)


class Conversation:
    """Answers commands one after the other while the main loop goes on."""

    def __init__(self, commands):
        self.commands = commands
        self.loop = GLib.MainLoop()
        self.unread = b""
        self.waiting = []
        self.closed = False

    def run(self):
        """Says `ready` and returns when stdin closes or `quit` was answered."""
        os.set_blocking(0, False)
        GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, self.read)
        say("ready")
        self.loop.run()

    def read(self, _source, _condition):
        try:
            chunk = os.read(0, 65536)
        except BlockingIOError:
            return True
        if not chunk:
            self.closed = True
            if not self.waiting:
                self.loop.quit()
            return False
        *lines, self.unread = (self.unread + chunk).split(b"\n")
        idle = not self.waiting
        self.waiting += [line for line in lines if line.strip()]
        if idle and self.waiting:
            self.begin()
        return True

    def begin(self):
        """Takes up the first command that waits."""
        try:
            command = json.loads(self.waiting[0])
            act = (self.commands | {"quit": lambda _: {}})[command["cmd"]]
            end = time.monotonic() + command.get("timeout_ms", 0) / 1000
        except (ValueError, KeyError, TypeError) as fault:
            self.answer({"ok": False, "error": f"not a command: {fault!r}"})
            return
        if self.attempt(act, command, end):
            GLib.timeout_add(RETRY_MS, self.attempt, act, command, end)

    def attempt(self, act, command, end):
        """One try. True: try again."""
        try:
            self.answer({"ok": True} | act(command), last=command["cmd"] == "quit")
        except NotYet as reason:
            if time.monotonic() < end and not self.closed:
                return True
            self.answer({"ok": False, "error": str(reason)})
        except Exception as fault:  # a double must answer, whatever the app under test did to it
            self.answer({"ok": False, "error": f"{type(fault).__name__}: {fault}"})
        return False

    def answer(self, value, last=False):
        say(value)
        self.waiting.pop(0)
        if last or (self.closed and not self.waiting):
            self.loop.quit()
        elif self.waiting:
            self.begin()
