#!/usr/bin/env python3
"""Compares how long a log-in takes for a user that does not exist and for a wrong password.

Tries are mixed at random; what is printed are the medians and how often a random division of all tries
differs as much as these two do (a permutation test of the medians). A small share would mean that the
two can be told apart. Prints, and judges nothing.

    benches/login_timing.py --binary target/release/frontdesk [--tries 200]
"""

import argparse
import http.client
import json
import pathlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PASSWORD = "seven lanterns under a bridge"
READY_SECONDS = 30
DIVISIONS = 10_000


def run(binary, where, *command):
    done = subprocess.run([binary, *command, *where], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def post(port, path, body):
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = json.dumps(body)
    began = time.perf_counter()
    asked.request("POST", path, body)
    answer = asked.getresponse()
    answer.read()
    return answer.status, (time.perf_counter() - began) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--tries", type=int, default=200, help="of each kind")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    with tempfile.TemporaryDirectory(prefix="frontdesk-timing-") as name:
        folder = pathlib.Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config = folder / "config.toml"
        config.touch(mode=0o600)
        config.write_text(f'[server]\nlisten = "127.0.0.1:{port}"\n'
                          'trusted_proxies = ["127.0.0.1"]\n\n[limits]\nlogin_per_minute = 1000\n'
                          'register_per_minute = 1000\nrefused_per_minute = 100000\n')
        where = ["--config", str(config), "--data-dir", str(folder / "data")]
        # A user each, so that no limit of one user is met.
        users = options.tries // 15 + 1
        links = [run(binary, where, "user", "add", f"u{n}@example.com", "--operator").split()[-1]
                 for n in range(users)]
        server = subprocess.Popen([binary, "serve", *where], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + READY_SECONDS
            while time.monotonic() < until:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            for link in links:
                status, _ = post(port, "/api/v1/auth/register", {"token": link, "password": PASSWORD})
                if status != 201:
                    sys.exit(f"register: {status}")
            kinds = ["wrong password", "unknown user"] * options.tries
            random.shuffle(kinds)
            took = {"wrong password": [], "unknown user": []}
            for n, kind in enumerate(kinds):
                email = f"u{n % users}@example.com" if kind == "wrong password" else f"x{n}@example.com"
                status, ms = post(port, "/api/v1/auth/login",
                                  {"email": email, "password": "wrong horse battery staple"})
                if status != 401:
                    sys.exit(f"login: {status}")
                took[kind].append(ms)
        finally:
            server.terminate()
            server.wait(30)
    one, other = took.values()
    differ = abs(statistics.median(one) - statistics.median(other))
    every = one + other
    as_much = 0
    for _ in range(DIVISIONS):
        random.shuffle(every)
        left, right = every[:len(one)], every[len(one):]
        as_much += abs(statistics.median(left) - statistics.median(right)) >= differ
    for kind, times in took.items():
        print(f"{kind}: median {statistics.median(times):.2f} ms of {len(times)}")
    print(f"they differ by {differ:.3f} ms; of random divisions {as_much / DIVISIONS:.1%} differ as much")


if __name__ == "__main__":
    main()
