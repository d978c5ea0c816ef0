#!/usr/bin/python3
"""The Secret Service of a test's own session (see session.sh), with the password `test`.

    keychain.py start     starts gnome-keyring with an unlocked login keyring that is the default
    keychain.py lock      locks that keyring
    keychain.py unlock    unlocks it again, as a human would with the password
    keychain.py state     prints absent, locked or unlocked
    keychain.py stop      ends the service

Each verb returns when the state has been reached, or fails after ten seconds. It refuses to run
outside a session, so that it can never touch a human's own keyring.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

import dbus

SECRETS = "org.freedesktop.secrets"
SERVICE = "/org/freedesktop/secrets"
LOGIN = "/org/freedesktop/secrets/collection/login"
PASSWORD = b"test"


def state(bus):
    """absent, locked or unlocked."""
    if not bus.name_has_owner(SECRETS):
        return "absent"
    try:
        login = bus.get_object(SECRETS, LOGIN, introspect=False)
        properties = dbus.Interface(login, dbus.PROPERTIES_IFACE)
        locked = properties.Get("org.freedesktop.Secret.Collection", "Locked", timeout=5)
    except dbus.DBusException:
        return "absent"
    return "locked" if locked else "unlocked"


def reach(bus, wanted):
    """Waits until the keychain is in the wanted state."""
    end = time.monotonic() + 10
    while state(bus) != wanted:
        if time.monotonic() > end:
            sys.exit(f"keychain.py: the keychain is still {state(bus)}, not {wanted}")
        time.sleep(0.05)


def start(bus):
    # The default is named beforehand: a Secret Service without a default keyring refuses a write.
    keyrings = pathlib.Path(os.environ["XDG_DATA_HOME"]) / "keyrings"
    keyrings.mkdir(mode=0o700, parents=True, exist_ok=True)
    (keyrings / "default").write_text("login")
    subprocess.run(
        ["gnome-keyring-daemon", "--daemonize", "--unlock", "--components=secrets"],
        input=PASSWORD,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    reach(bus, "unlocked")


def lock(bus):
    service = bus.get_object(SECRETS, SERVICE, introspect=False)
    dbus.Interface(service, "org.freedesktop.Secret.Service").Lock(
        dbus.Array([dbus.ObjectPath(LOGIN)], signature="o"), timeout=5
    )
    reach(bus, "locked")


def unlock(bus):
    # The interface through which gnome-keyring itself is unlocked without a prompt.
    service = bus.get_object(SECRETS, SERVICE, introspect=False)
    _, session = dbus.Interface(service, "org.freedesktop.Secret.Service").OpenSession(
        "plain", dbus.String("", variant_level=1), timeout=5
    )
    secret = dbus.Struct(
        (session, dbus.ByteArray(b""), dbus.ByteArray(PASSWORD), "text/plain"), signature="oayays"
    )
    internal = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
    dbus.Interface(service, internal).UnlockWithMasterPassword(
        dbus.ObjectPath(LOGIN), secret, timeout=5
    )
    reach(bus, "unlocked")


def stop(bus):
    if not bus.name_has_owner(SECRETS):
        return
    pid = bus.get_object("org.freedesktop.DBus", "/", introspect=False).GetConnectionUnixProcessID(
        SECRETS, dbus_interface="org.freedesktop.DBus"
    )
    os.kill(pid, signal.SIGTERM)
    reach(bus, "absent")


def main():
    verbs = {
        "start": start,
        "lock": lock,
        "unlock": unlock,
        "stop": stop,
        "state": lambda bus: print(state(bus)),
    }
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    if "TRACENET_SESSION" not in os.environ:
        sys.exit("keychain.py works only inside tests/desktop/session.sh")
    verbs[sys.argv[1]](dbus.SessionBus())


if __name__ == "__main__":
    main()
