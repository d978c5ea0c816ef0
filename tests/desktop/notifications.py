#!/usr/bin/python3
"""A desktop's notification service, as a double: owns org.freedesktop.Notifications and records.

    notifications.py [--log FILE] [--no-actions]

Every Notify is kept, and appended to FILE as one line of JSON. Shows nothing. Speaks the line
protocol of lines.py:

    {"cmd": "list"}                                what came: {"notifications": [N…]}
    {"cmd": "wait", "count": 2, "timeout_ms": 5000}    the same, once so many have come
    {"cmd": "wait", "text": "asks", …}             once one whose summary or body holds this text
    {"cmd": "invoke", "id": 1, "action": "review"} the human pressed a button, which also closes it
    {"cmd": "close", "id": 1}                      the human dismissed it
    {"cmd": "expire", "id": 1}                     its time ran out
    {"cmd": "clear"}                               forgets what came
    {"cmd": "quit"}

N is {id, app, icon, summary, body, actions: {key: label}, hints, timeout, replaces, open, closed_by}.
closed_by is null, "human", "expired" or "app". An action that was not offered, or a notification
that is no longer open, is refused: a real desktop has no button for it.
"""

import argparse
import json

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop

from lines import Conversation, NotYet, refuse

NAME = "org.freedesktop.Notifications"
EXPIRED, DISMISSED, CLOSED_BY_CALL = 1, 2, 3


def plain(value):
    """A D-Bus value as JSON can hold it; image bytes become their count."""
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, (dbus.Byte, int)):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, dbus.Array) and value.signature == "y":
        return f"{len(value)} bytes"
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    return str(value)


class Notifications(dbus.service.Object):
    """The service, and what it was sent."""

    def __init__(self, bus, log, actions):
        super().__init__(bus, "/org/freedesktop/Notifications")
        self.log = log
        self.actions = actions
        self.last = 0
        self.kept = []

    @dbus.service.method(NAME, in_signature="", out_signature="as")
    def GetCapabilities(self):
        return ["body", "persistence"] + (["actions"] if self.actions else [])

    @dbus.service.method(NAME, in_signature="", out_signature="ssss")
    def GetServerInformation(self):
        return ("double", "tests", "1", "1.2")

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, summary, body, actions, hints, timeout):
        if replaces:
            number = int(replaces)
            self.kept = [one for one in self.kept if one["id"] != number]
        else:
            self.last += 1
            number = self.last
        one = {
            "id": number,
            "app": str(app),
            "icon": str(icon),
            "summary": str(summary),
            "body": str(body),
            "actions": dict(zip(map(str, actions[::2]), map(str, actions[1::2]))),
            "hints": plain(hints),
            "timeout": int(timeout),
            "replaces": int(replaces),
            "open": True,
            "closed_by": None,
        }
        self.kept.append(one)
        if self.log:
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(json.dumps(one) + "\n")
        return number

    @dbus.service.method(NAME, in_signature="u", out_signature="")
    def CloseNotification(self, number):
        for one in self.kept:
            if one["id"] == number and one["open"]:
                self.shut(one, "app", CLOSED_BY_CALL)

    @dbus.service.signal(NAME, signature="us")
    def ActionInvoked(self, number, action):
        pass

    @dbus.service.signal(NAME, signature="uu")
    def NotificationClosed(self, number, reason):
        pass

    def shut(self, one, by, reason):
        one["open"], one["closed_by"] = False, by
        self.NotificationClosed(dbus.UInt32(one["id"]), dbus.UInt32(reason))

    def showing(self, command):
        """The open notification that a command means."""
        for one in self.kept:
            if one["id"] == command["id"] and one["open"]:
                return one
        raise NotYet(f"no notification {command['id']} is open")

    def list(self, _command):
        return {"notifications": self.kept}

    def wait(self, command):
        count, text = command.get("count", 1), command.get("text", "")
        hits = [one for one in self.kept if text in one["summary"] + "\n" + one["body"]]
        if len(hits) < count:
            raise NotYet(f"{len(hits)} of {count} notifications with {text!r} came")
        return {"notifications": hits}

    def invoke(self, command):
        one, action = self.showing(command), command["action"]
        if action not in one["actions"]:
            raise ValueError(f"no action {action!r} was offered, only {list(one['actions'])}")
        self.ActionInvoked(dbus.UInt32(one["id"]), action)
        self.shut(one, "human", DISMISSED)
        return {}

    def close(self, command):
        self.shut(self.showing(command), "human", DISMISSED)
        return {}

    def expire(self, command):
        self.shut(self.showing(command), "expired", EXPIRED)
        return {}

    def clear(self, _command):
        self.kept = []
        return {}


def main():
    words = argparse.ArgumentParser(description="A notification service that records.")
    words.add_argument("--log", help="append every Notify to this file as a line of JSON")
    words.add_argument("--no-actions", action="store_true", help="a desktop without buttons")
    chosen = words.parse_args()
    DBusGMainLoop(set_as_default=True)
    try:
        bus = dbus.SessionBus()
        name = dbus.service.BusName(NAME, bus, do_not_queue=True)
    except dbus.exceptions.NameExistsException:
        refuse("another notification service runs on this bus")
    except dbus.DBusException as fault:
        refuse(f"no session bus: {fault.get_dbus_message()}")
    double = Notifications(bus, chosen.log, not chosen.no_actions)
    verbs = ("list", "wait", "invoke", "close", "expire", "clear")
    Conversation({verb: getattr(double, verb) for verb in verbs}).run()
    del name


if __name__ == "__main__":
    main()
