#!/usr/bin/env python3
"""Kills an erasure at each of its writes to the disk, goes on with it, and looks for what is left.

For every n the same data folder is copied, `frontdesk privacy erase` is killed with SIGKILL at its
n-th pwrite (strace puts the signal in), `frontdesk privacy resume` goes on, and the files are searched,
log included, for the person's number, address, name and words. The last n is the one at which the
erasure ends unharmed.

    tests/kill9_erase.py --binary target/debug/frontdesk [--step 1]
"""

import argparse
import hashlib
import hmac
import http.client
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

KEY = "key_made_up"
PHONE, EMAIL = "+12025550177", "wanda.quisling@example.net"
NAME, WORDS = "Wanda Quisling", "my left knee hurts since the zeppelin race"
LOOKED_FOR = [PHONE, EMAIL, NAME, WORDS, "quisling", "zeppelin"]
CALLS = 6
READY_SECONDS = 60
# More writes than an erasure has: a run that is never spared is a fault of this script.
MOST = 2_000


def run(binary, where, *command, strace=()):
    done = subprocess.run([*strace, binary, *command, *where], capture_output=True, text=True,
                          timeout=120)
    return done


def post(port, path, body):
    body = json.dumps(body).encode()
    now = str(int(time.time() * 1000))
    mac = hmac.new(KEY.encode(), body + now.encode(), hashlib.sha256).hexdigest()
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    asked.request("POST", path, body, {"x-retell-signature": f"v={now},d={mac}"})
    answer = asked.getresponse()
    text = answer.read()
    if answer.status not in (200, 204):
        sys.exit(f"{path} was answered with {answer.status}: {text[:200]}")
    return json.loads(text) if text else None


def call(n):
    now = int(time.time() * 1000)
    return {"call_type": "phone_call", "call_id": f"call_hers_{n}", "agent_id": "agent_1",
            "call_status": "ended", "direction": "inbound", "from_number": PHONE,
            "to_number": "+12025550100", "start_timestamp": now - 9_000, "end_timestamp": now,
            "transcript_object": [{"role": "user", "content": WORDS, "words": []}],
            "call_analysis": {"call_summary": WORDS}}


def fill(binary, folder, where, port):
    """A person who called, booked and left messages."""
    done = run(binary, where, "business", "add", "Practice", "--zone", "UTC",
               "--number", "+12025550100", "--agent", "retell:agent_1", "--hours", "daily 00:00-24:00",
               "--service", "Check-up:30")
    if done.returncode != 0:
        sys.exit(done.stderr)
    server = subprocess.Popen([binary, "serve", *where], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                time.sleep(0.02)
        for n in range(CALLS):
            live = call(n) | {"call_status": "ongoing"}
            found = post(port, "/tools/retell", {"name": "check_availability", "call": live,
                                                 "args": {"service": "Check-up"}})
            slot = found["data"]["slots"][0]["slot"]
            args = {"slot": slot, "service": "Check-up", "name": NAME, "email": EMAIL, "notes": WORDS}
            booked = post(port, "/tools/retell", {"name": "book_appointment", "call": live, "args": args})
            if booked["data"].get("status") != "booked":
                sys.exit(f"it was not booked: {booked}")
            post(port, "/tools/retell", {"name": "take_message", "call": live,
                                         "args": {"message": WORDS, "name": NAME}})
            post(port, "/hooks/retell", {"event": "call_analyzed", "call": call(n)})
        time.sleep(1)
    finally:
        server.send_signal(signal.SIGTERM)
        if server.wait(30) != 0:
            sys.exit("the server did not end well")


def left(data):
    """Words of the person that are somewhere in the files."""
    found = []
    for file in data.iterdir():
        content = file.read_bytes().lower() if file.is_file() else b""
        found += [f"{word!r} in {file.name}" for word in LOOKED_FOR if word.lower().encode() in content]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="the frontdesk to try")
    parser.add_argument("--step", type=int, default=1, help="kill at every so many writes")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    with tempfile.TemporaryDirectory(prefix="frontdesk-erase-") as name:
        folder = pathlib.Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config = folder / "config.toml"
        config.touch(mode=0o600)
        config.write_text(f'[server]\nlisten = "127.0.0.1:{port}"\n\n[archive]\nstore = "none"\n\n[voice.retell]\n'
                          f'api_keys = ["{KEY}"]\n')
        where = ["--config", str(config), "--data-dir", str(folder / "data")]
        fill(binary, folder, where, port)
        if not left(folder / "data"):
            sys.exit("nothing of the person is there to begin with")
        killed = 0
        for n in range(1, MOST, options.step):
            shutil.rmtree(folder / "copy", ignore_errors=True)
            shutil.copytree(folder / "data", folder / "copy")
            there = ["--config", str(config), "--data-dir", str(folder / "copy")]
            inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e",
                      f"inject=pwrite64:signal=KILL:when={n}"]
            done = run(binary, there, "privacy", "erase", "Practice", "--phone", PHONE, "--email",
                       EMAIL, "--yes", strace=inject)
            spared = done.returncode == 0
            killed += not spared
            resumed = run(binary, there, "privacy", "resume")
            if resumed.returncode != 0:
                sys.exit(f"write {n}: it could not be resumed: {resumed.stderr}")
            if "ended: 0" in resumed.stdout and left(folder / "copy"):
                # Killed before the request itself was written: it is asked for again.
                again = run(binary, there, "privacy", "erase", "Practice", "--phone", PHONE, "--email",
                            EMAIL, "--yes")
                if again.returncode != 0:
                    sys.exit(f"write {n}: it could not be asked for again: {again.stderr}")
            found = left(folder / "copy")
            if found:
                sys.exit(f"killed at write {n}, something is left: {found}")
            verified = run(binary, there, "audit", "verify")
            if verified.returncode != 0:
                sys.exit(f"killed at write {n}: {verified.stdout}")
            if spared:
                print(f"killed at {killed} writes of {n}, gone on with each time: nothing is left")
                return
        sys.exit("the erasure never came to its end")


if __name__ == "__main__":
    main()
