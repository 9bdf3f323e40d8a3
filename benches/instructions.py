#!/usr/bin/env python3
"""Counts the instructions that one request costs the server, under valgrind's callgrind.

    benches/instructions.py [--binary target/release/frontdesk] [--requests 400]

Instructions do not depend on what else the machine does, so they are the figure that is compared
between changes. Each kind of request is counted as the difference of two runs of the same server
with different numbers of requests: what starting and stopping cost falls out. A webhook is counted
whole: taken in, then applied to its call by a job, which is most of it. valgrind has none of a
processor's SHA instructions: of a webhook some 140,000, of a forged one 52,000 are SHA-256, which take
a twentieth of that elsewhere. Says whether each kind's goal is met, and exits with 1 when one costs a
twentieth more than is written down here: whoever makes it cost more says so by writing that down anew. The
figures are those of a release build; another version of the compiler or of libc may move them. Needs
valgrind (Debian: apt-get install valgrind).
"""

import argparse
import datetime
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

# Each kind's goal, and what it cost when that was last written down.
KINDS = {
    "webhook": (200_000, 1_053_000),
    "availability": (3_500_000, 662_000),
    "forged": (100_000, 105_500),
    "taken": (800_000, 663_000),
}
RISE_MAX = 1.05
FEW = 100


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="target/release/frontdesk")
    parser.add_argument("--requests", type=int, default=400)
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    risen = False
    for kind, (goal, known) in KINDS.items():
        few = count(options.binary, kind, FEW)
        many = count(options.binary, kind, FEW + options.requests)
        each = (many - few) / options.requests
        word = "met" if each <= goal else "missed"
        line = f"{kind:<13} {each:>12,.0f} instructions a request; goal {goal:,}: {word}"
        if each > known * RISE_MAX:
            risen = True
            line += f"; RISEN from {known:,}"
        print(line, flush=True)
    sys.exit(1 if risen else 0)


def count(binary, kind, requests):
    """Instructions of a whole server that answers so many requests of one kind."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-instructions-") as folder:
        key = "key_test_" + secrets.token_hex(16)
        port = free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")}
        env.update(
            FRONTDESK_SERVER__LISTEN=f"127.0.0.1:{port}",
            FRONTDESK_VOICE__RETELL__API_KEYS=key,
            FRONTDESK_LOG__LEVEL="error",
            # Forgeries are counted as they are refused, not as their address is turned away.
            FRONTDESK_LIMITS__REFUSED_PER_MINUTE="100000",
            # Fetching a recording is work of its own: `frontdesk bench archive` measures it.
            FRONTDESK_ARCHIVE__STORE="none",
            # Everything is slower under valgrind: no time limit may cut a request short.
            FRONTDESK_LIMITS__TOOL_DEADLINE_MS="10000",
        )
        data = ["--data-dir", os.path.join(folder, "data")]
        set_up = ["business", "add", "Bench", "--zone", "Europe/Berlin", "--hours",
                  "mon-sat 09:00-17:00", "--service", "Check-up:30", "--agent", "retell:agent_bench"]
        subprocess.run([binary, *set_up, *data], env=env, check=True, capture_output=True)
        out = os.path.join(folder, "callgrind.out")
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary, "serve"]
        server = subprocess.Popen([*command, *data], env=env, cwd=folder,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until_ready(port)
        send(port, key, kind, requests)
        wait_for_jobs(os.path.join(folder, "data", "frontdesk.db"))
        server.send_signal(signal.SIGTERM)
        report = server.communicate(timeout=120)[1]
    found = re.search(r"Collected : (\d+)", report)
    if server.returncode != 0 or not found:
        sys.exit(f"the server did not end as it should:\n{report}")
    return int(found.group(1))


def send(port, key, kind, requests):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(requests):
        path, body, expected = request(kind, number)
        now = str(int(time.time() * 1000))
        code = hmac.new(key.encode(), body + now.encode(), hashlib.sha256).hexdigest()
        if kind == "forged":
            code = code[::-1]
        headers = {"content-type": "application/json", "x-retell-signature": f"v={now},d={code}"}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        names_times = kind in ("availability", "taken") and number > 0
        if answer.status != expected or (names_times and b'"slots"' not in text):
            sys.exit(f"{kind} was answered with {answer.status}: {text!r}")
    connection.close()


def request(kind, number):
    """A path, a body of about 1.5 KB for events, and the status that is expected."""
    call = {"call_id": f"call_{number:032x}", "agent_id": "agent_bench", "agent_version": 1,
            "call_type": "phone_call", "direction": "inbound", "call_status": "ended",
            "from_number": "+12025550142", "to_number": "+12025550100"}
    if kind == "availability":
        call["call_status"] = "ongoing"
        body = {"name": "check_availability", "args": {"service": "Check-up"}, "call": call}
        return "/tools/retell", json.dumps(body).encode(), 200
    if kind == "taken":
        # The first of them gets it, the others are offered other times.
        call["call_status"] = "ongoing"
        args = {"start": f"{next_monday()}T12:00", "name": f"Caller {number}"}
        body = {"name": "book_appointment", "args": args, "call": call}
        return "/tools/retell", json.dumps(body).encode(), 200
    turns = [{"role": "agent" if n % 2 == 0 else "user", "words": [],
              "content": f"Turn {n} of a call that somebody made about an appointment."}
             for n in range(10)]
    call.update(transcript_object=turns, duration_ms=40_000, disconnection_reason="user_hangup")
    body = json.dumps({"event": "call_ended", "call": call}).encode()
    return "/hooks/retell", body, 401 if kind == "forged" else 204


def next_monday():
    today = datetime.date.today()
    return today + datetime.timedelta(days=7 - today.weekday())


def wait_until_ready(port):
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not start")


def wait_for_jobs(database):
    """What was taken in is applied in full, so that every run counts the same work."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    for _ in range(1_200):
        if connection.execute("SELECT count(*) FROM jobs").fetchone()[0] == 0:
            connection.close()
            return
        time.sleep(0.1)
    sys.exit("the jobs were not worked off")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
