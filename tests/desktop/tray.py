#!/usr/bin/python3
"""A desktop's tray, as a double: owns org.kde.StatusNotifierWatcher and is the host as well.

Items register as with a real panel; nothing is drawn. Speaks the line protocol of lines.py:

    {"cmd": "list", "timeout_ms": 5000}          {"items": [I…]}; waits for the first one if given time
    {"cmd": "find", "label": "Quit", …}          the first entry that matches: {"entry": E}
    {"cmd": "find", "prefix": "Review", …}       the same by the label's beginning
    {"cmd": "click", "label" or "prefix" …}      finds the entry and clicks it: {"entry": E}
    {"cmd": "gone", "prefix": "Review", …}       waits until no entry matches
    {"cmd": "quit"}

I is {id, title, status, icon, icon_name, tooltip, menu: [E…]}; icon is the picture's file, or null.
E is {id, label, path, enabled, visible, kind, checked, children: [E…]}; path is the labels from the
top. `item` (an item's id or its beginning) chooses among several items. A label is compared without
its mnemonic underscore. Entries that are hidden or disabled, also by a parent, can be found and not
clicked. The menu is read anew for every command, after telling the app that it is about to be shown.
"""

import os

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop

from lines import Conversation, NotYet, refuse

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
ANSWER_S = 5  # how long an app may take to answer one call


def spoken(label):
    """A label as a human reads it: `_Quit` is Quit, `a__b` is a_b."""
    return str(label).replace("__", "\0").replace("_", "").replace("\0", "_")


def entry(node, above):
    """One node of a dbusmenu layout with everything below it."""
    number, properties, children = node
    label = spoken(properties.get("label", ""))
    path = above + [label]
    return {
        "id": int(number),
        "label": label,
        "path": path,
        "enabled": bool(properties.get("enabled", True)),
        "visible": bool(properties.get("visible", True)),
        "kind": str(properties.get("type", "standard")),
        "checked": int(properties.get("toggle-state", -1)) == 1,
        "children": [entry(child, path) for child in children],
    }


def flat(entries, usable=True):
    """Every entry with whether a human could click it, top to bottom."""
    for one in entries:
        can = usable and one["enabled"] and one["visible"]
        yield one, can
        yield from flat(one["children"], can)


class Tray(dbus.service.Object):
    """The watcher, and the items that registered."""

    def __init__(self, bus):
        super().__init__(bus, "/StatusNotifierWatcher")
        self.bus = bus
        self.items = []  # (bus name, path) in the order of registration
        bus.add_signal_receiver(
            self.owner_changed, "NameOwnerChanged", "org.freedesktop.DBus", arg2=""
        )

    @dbus.service.method(WATCHER, in_signature="s", out_signature="", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender=None):
        # Ayatana gives an object path on its own connection, KDE's library gives a bus name.
        service = str(service)
        if service.startswith("/"):
            item = (str(sender), service)
        else:
            item = (str(self.bus.get_name_owner(service)), "/StatusNotifierItem")
        if item not in self.items:
            self.items.append(item)
            self.StatusNotifierItemRegistered("".join(item))

    @dbus.service.method(WATCHER, in_signature="s", out_signature="")
    def RegisterStatusNotifierHost(self, service):
        pass

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, service):
        pass

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemUnregistered(self, service):
        pass

    @dbus.service.signal(WATCHER, signature="")
    def StatusNotifierHostRegistered(self):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, _interface, name):
        return self.GetAll(_interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        return {
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
            "RegisteredStatusNotifierItems": dbus.Array(
                ["".join(item) for item in self.items], signature="s"
            ),
        }

    def owner_changed(self, name, _old, _new):
        for item in [item for item in self.items if item[0] == name]:
            self.items.remove(item)
            self.StatusNotifierItemUnregistered("".join(item))

    def look(self, item):
        """An item as a panel would show it, and its menu's interface (None without a menu)."""
        owner, path = item
        remote = self.bus.get_object(owner, path, introspect=False)
        said = dbus.Interface(remote, dbus.PROPERTIES_IFACE).GetAll(ITEM, timeout=ANSWER_S)
        menu, entries = None, []
        if said.get("Menu", "/") not in ("/", "/NO_DBUSMENU"):
            remote = self.bus.get_object(owner, said["Menu"], introspect=False)
            menu = dbus.Interface(remote, MENU)
            menu.AboutToShow(0, timeout=ANSWER_S)
            names = dbus.Array([], signature="s")
            _, layout = menu.GetLayout(0, -1, names, timeout=ANSWER_S)
            entries = [entry(child, []) for child in layout[2]]
        name, folder = str(said.get("IconName", "")), str(said.get("IconThemePath", ""))
        files = (name, os.path.join(folder, name), os.path.join(folder, name + ".png"))
        tooltip = said.get("ToolTip", ("", [], "", ""))
        return {
            "id": str(said.get("Id", "")),
            "title": str(said.get("Title", "")),
            "status": str(said.get("Status", "")),
            "icon": next((file for file in files if os.path.isfile(file)), None),
            "icon_name": name,
            "tooltip": str(tooltip[2]),
            "menu": entries,
        }, menu

    def seen(self, command):
        """The items that a command means."""
        shown = [self.look(item) for item in self.items]
        shown = [each for each in shown if each[0]["id"].startswith(command.get("item", ""))]
        if not shown:
            raise NotYet("no tray item is registered")
        return shown

    def matching(self, command):
        """(entry, can be clicked, menu) for everything that matches, usable ones first."""
        label, prefix = command.get("label"), command.get("prefix")
        if (label is None) == (prefix is None):
            raise ValueError("name the entry either by label or by prefix")
        hits = [
            (one, can, menu)
            for item, menu in self.seen(command)
            for one, can in flat(item["menu"])
            if (one["label"] == label if prefix is None else one["label"].startswith(prefix))
        ]
        return sorted(hits, key=lambda hit: not hit[1])

    def best(self, command):
        hits = self.matching(command)
        if not hits:
            raise NotYet(f"no entry {command.get('label', command.get('prefix'))!r} in the menu")
        return hits[0]

    def list(self, command):
        return {"items": [item for item, _ in self.seen(command)]}

    def find(self, command):
        return {"entry": self.best(command)[0]}

    def click(self, command):
        one, can, menu = self.best(command)
        if not can:
            raise NotYet(f"the entry {one['label']!r} cannot be clicked")
        nothing = dbus.String("", variant_level=1)
        menu.Event(one["id"], "clicked", nothing, dbus.UInt32(0), timeout=ANSWER_S)
        return {"entry": one}

    def gone(self, command):
        left = self.matching(command)
        if left:
            raise NotYet(f"the entry {left[0][0]['label']!r} is still in the menu")
        return {}


def main():
    DBusGMainLoop(set_as_default=True)
    try:
        bus = dbus.SessionBus()
        name = dbus.service.BusName(WATCHER, bus, do_not_queue=True)
    except dbus.exceptions.NameExistsException:
        refuse("another tray runs on this bus")
    except dbus.DBusException as fault:
        refuse(f"no session bus: {fault.get_dbus_message()}")
    double = Tray(bus)
    double.StatusNotifierHostRegistered()
    verbs = ("list", "find", "click", "gone")
    Conversation({verb: getattr(double, verb) for verb in verbs}).run()
    del name


if __name__ == "__main__":
    main()
