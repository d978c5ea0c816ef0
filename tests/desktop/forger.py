#!/usr/bin/python3
"""A program of the same session that forges what a desktop tells: it owns no name of anybody.

Speaks the line protocol of lines.py:

    {"cmd": "forge", "count": 250, "notification": 3, "seed": 7, "denies": true}

sends so many signals and calls from a connection of its own, by turns: that a button of this
notification (and of others) was pressed, that it was closed, that entries of the tray's menu were
clicked, that the tray's icon was, that the session was locked and the machine goes to sleep. The
answer is {"sent": {KIND: HOW MANY}}, once the bus has passed all of them on.

What is pressed was never offered, unless `denies`: then the very last one is the notification's own
`deny`. Of the menu's entries only those that end the app or open its main window are left alone.
"""

import random

import dbus
import dbus.lowlevel
from dbus.mainloop.glib import DBusGMainLoop

from lines import Conversation, refuse

NOTIFICATIONS = ("/org/freedesktop/Notifications", "org.freedesktop.Notifications")
LOGIN = "org.freedesktop.login1"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
FORGED = ("allow", "Allow", "approve", "answer", "yes", "0", "", "allow-pin", "deny ", "Review")
LEFT_ALONE = ("Quit TraceNet", "Open TraceNet")
# A notification that is answered so often with what it never offered is given up.
PATIENCE = 24


class Forger:
    """Its connection, and what it knows of the tray."""

    def __init__(self, bus):
        self.bus = bus

    def signal(self, path, interface, member, signature, *words):
        message = dbus.lowlevel.SignalMessage(path, interface, member)
        message.append(signature=signature, *words)
        self.bus.send_message(message)

    def call(self, owner, path, interface, member, signature, *words):
        message = dbus.lowlevel.MethodCallMessage(owner, path, interface, member)
        message.set_no_reply(True)
        message.append(signature=signature, *words)
        self.bus.send_message(message)

    def tray(self):
        """(owner, item, menu, ids that may be clicked) of the first item; None without one."""
        try:
            watcher = self.bus.get_object(
                "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", introspect=False
            )
            items = dbus.Interface(watcher, dbus.PROPERTIES_IFACE).Get(
                "org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems"
            )
            owner, _, path = str(items[0]).partition("/")
            item = self.bus.get_object(owner, "/" + path, introspect=False)
            menu = str(dbus.Interface(item, dbus.PROPERTIES_IFACE).Get(ITEM, "Menu"))
            entries = dbus.Interface(self.bus.get_object(owner, menu, introspect=False), MENU)
            _, layout = entries.GetLayout(0, -1, dbus.Array([], signature="s"), timeout=5)
        except (dbus.DBusException, IndexError):
            return None
        ids, spared = [], set()

        def walk(node):
            number, properties, children = node
            label = str(properties.get("label", "")).replace("_", "")
            if label in LEFT_ALONE:
                spared.add(int(number))
            # Its own Deny is a no of a source that may say no: it ends the ask, so it is left too.
            elif not label.startswith("Deny"):
                ids.append(int(number))
            for child in children:
                walk(child)

        walk(layout)
        made_up = [n for n in range(100_000, 100_050) if n not in spared]
        return owner, "/" + path, menu, ids + made_up

    def forge(self, command):
        dice = random.Random(command["seed"])
        notification, tray = command["notification"], self.tray()
        kinds = ["pressed", "closed", "clicked", "poked", "locked"]
        sent = dict.fromkeys(kinds, 0)
        # After a press of what was never offered the app listens anew, and may miss what comes at once.
        at_it = PATIENCE if command["denies"] else 0
        for _ in range(command["count"]):
            kind = dice.choice(kinds if tray else ["pressed", "closed", "locked"])
            sent[kind] += 1
            if kind == "pressed":
                its_own = at_it < PATIENCE
                at_it += its_own
                number = notification if its_own else notification + dice.randint(1, 1_000)
                action = dice.choice(FORGED if its_own else (*FORGED, "deny", "review"))
                self.signal(*NOTIFICATIONS, "ActionInvoked", "us", dbus.UInt32(number), action)
            elif kind == "closed":
                number = dbus.UInt32(notification + dice.randint(1, 1_000))
                reason = dbus.UInt32(dice.randint(0, 9))
                self.signal(*NOTIFICATIONS, "NotificationClosed", "uu", number, reason)
            elif kind == "clicked":
                owner, _, menu, ids = tray
                what = dice.choice(("clicked", "hovered", "opened", "closed", "x-allow"))
                words = (dice.choice(ids), what, dbus.String("", variant_level=1), dbus.UInt32(0))
                self.call(owner, menu, MENU, "Event", "isvu", *words)
            elif kind == "poked":
                owner, item, _, _ = tray
                member = dice.choice(("Activate", "SecondaryActivate", "ContextMenu"))
                self.call(owner, item, ITEM, member, "ii", dice.randint(0, 99), dice.randint(0, 99))
            elif dice.random() < 0.5:
                path = f"/org/freedesktop/login1/session/_3{dice.randint(0, 9)}"
                self.signal(path, f"{LOGIN}.Session", "Lock", "")
            else:
                sleeps = dbus.Boolean(dice.random() < 0.5)
                self.signal(
                    "/org/freedesktop/login1", f"{LOGIN}.Manager", "PrepareForSleep", "b", sleeps
                )
        if command["denies"]:
            sent["pressed"] += 1
            number = dbus.UInt32(notification)
            self.signal(*NOTIFICATIONS, "ActionInvoked", "us", number, "deny")
        # The bus answers in the order in which it was spoken to: all of the above has gone out.
        self.bus.get_object("org.freedesktop.DBus", "/", introspect=False).GetId(
            dbus_interface="org.freedesktop.DBus"
        )
        return {"sent": sent}


def main():
    DBusGMainLoop(set_as_default=True)
    try:
        forger = Forger(dbus.SessionBus(private=True))
    except dbus.DBusException as fault:
        refuse(f"no session bus: {fault.get_dbus_message()}")
    Conversation({"forge": forger.forge}).run()


if __name__ == "__main__":
    main()
