#!/usr/bin/env python3
"""Proves that frontdesk sends mail through a real mail server, by real TLS, and never without it.

    pip install aiosmtpd trustme
    tests/sdk/mail.py --binary target/debug/frontdesk

The server is aiosmtpd; its certificate is signed by an authority made for this run, which the program is
told of by SSL_CERT_FILE.
"""

import argparse
import logging
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import warnings

try:
    import trustme
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError:
    sys.exit("tests/sdk/mail.py needs aiosmtpd and trustme: pip install them, or use tests/run")

SEND_SECONDS = 60
USER, PASSWORD = "desk", "a password of the mail server"

faults = []


def check(holds, what, seen=""):
    """Prints one line a check and remembers what does not hold."""
    print(f"ok   {what}" if holds else f"FAIL {what}: {seen}", flush=True)
    if not holds:
        faults.append(what)


class Taken:
    """Keeps the messages that came, and whether each came by TLS."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 the library names it
        by_tls = server.transport.get_extra_info("ssl_object") is not None
        self.messages.append((by_tls, envelope.rcpt_tos))
        return "250 2.0.0 queued"


class Doors:
    """Counts the passwords that were said, and lets the right one in."""

    def __init__(self):
        self.said = []

    def __call__(self, server, session, envelope, mechanism, data):
        self.said.append(data.login)
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


def free_port():
    """A port that nobody listens on; the library cannot be told to take any."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class StartTls(Controller):
    """A server that lets nobody log in or send before STARTTLS."""

    def __init__(self, handler, context, doors):
        super().__init__(handler, hostname="127.0.0.1", port=free_port())
        self.context, self.doors = context, doors

    def factory(self):
        return SMTP(self.handler, tls_context=self.context, require_starttls=True,
                    authenticator=self.doors, auth_required=True)


class Implicit(Controller):
    """A server that speaks TLS from the first byte."""

    def __init__(self, handler, context, doors):
        super().__init__(handler, hostname="127.0.0.1", port=free_port(), ssl_context=context)
        self.doors = doors

    def factory(self):
        return SMTP(self.handler, authenticator=self.doors, auth_required=True,
                    auth_require_tls=False)


class Bare(Controller):
    """A server that offers no TLS and would take a password in the open."""

    def __init__(self, handler, doors):
        super().__init__(handler, hostname="127.0.0.1", port=free_port())
        self.doors = doors

    def factory(self):
        return SMTP(self.handler, authenticator=self.doors, auth_require_tls=False)


def running(controller):
    """Starts a server. Returns its port."""
    controller.start()
    return controller.port


def send(binary, folder, port, tls, trusted, password=PASSWORD):
    """Runs `frontdesk test email`. Returns its code and all it printed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    mail = {"HOST": "localhost", "PORT": str(port), "TLS": tls, "USERNAME": USER,
            "PASSWORD": password, "FROM": "Desk <desk@desk.example>"}
    env |= {f"FRONTDESK_MAIL__{name}": value for name, value in mail.items()}
    env |= {"SSL_CERT_FILE": str(trusted), "SSL_CERT_DIR": str(folder / "none")}
    command = [binary, "test", "email", "someone@example.com", "--data-dir", str(folder / "data")]
    done = subprocess.run(command, env=env, cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=SEND_SECONDS)
    return done.returncode, done.stdout + done.stderr


def tried(binary, folder):
    ours, others = trustme.CA(), trustme.CA()
    trusted, foreign = folder / "ours.pem", folder / "others.pem"
    ours.cert_pem.write_to_path(str(trusted))
    others.cert_pem.write_to_path(str(foreign))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("localhost").configure_cert(context)

    for tls, kind in (("starttls", StartTls), ("implicit", Implicit)):
        taken, doors = Taken(), Doors()
        server = kind(taken, context, doors)
        port = running(server)
        code, printed = send(binary, folder, port, tls, trusted)
        check(code == 0 and "250 2.0.0 queued" in printed, f"{tls}: it is sent, and said so", printed)
        came = taken.messages
        check(came == [(True, ["someone@example.com"])], f"{tls}: it came by TLS", came)
        code, printed = send(binary, folder, port, tls, trusted, password="another")
        told = code != 0 and "535" in printed and "another" not in printed
        check(told, f"{tls}: a wrong password is told of by what the server said", printed)
        before = len(doors.said)
        code, printed = send(binary, folder, port, tls, foreign)
        check(code != 0, f"{tls}: a server that cannot prove its name gets nothing", printed)
        check(len(doors.said) == before, f"{tls}: not the password either", doors.said)
        server.stop()

    taken, doors = Taken(), Doors()
    server = Bare(taken, doors)
    code, printed = send(binary, folder, running(server), "starttls", trusted)
    nothing = not taken.messages and not doors.said
    check(code != 0 and nothing, "a server that offers no TLS gets nothing", printed)
    code, printed = send(binary, folder, server.port, "none", trusted)
    refused = code == 78 and "mail.tls" in printed.lower() or "MAIL__TLS" in printed
    check(refused and not doors.said, "a password without TLS is a fault of the settings", printed)
    server.stop()


def main():
    # What goes wrong on purpose is told of by the checks.
    logging.disable()
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, default="target/debug/frontdesk")
    binary = parser.parse_args().binary.resolve()
    with tempfile.TemporaryDirectory() as folder:
        tried(str(binary), pathlib.Path(folder))
    if faults:
        sys.exit(f"{len(faults)} of the checks fail")


if __name__ == "__main__":
    main()
