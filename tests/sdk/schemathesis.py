#!/usr/bin/env python3
"""Lets schemathesis try everything that /openapi.json says against the running program.

With all of its checks, as an owner who is logged in and as nobody: valid requests are not refused for
their form, invalid ones are, answers are as the document says, nothing ends in a fault of the server.
What ends the session that it runs in is tried as nobody only.

    pip install schemathesis
    tests/sdk/schemathesis.py --binary target/debug/frontdesk --schemathesis target/venv/bin/schemathesis
"""

import argparse
import http.client
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

READY_SECONDS = 60
PASSWORD = "seven lanterns under a bridge"
# Rules that no schema can say, such as names of time zones, are told by 400; an unknown id by 404; a
# fourth request for a new password within an hour by 429.
CONFIG = """\
[checks.positive_data_acceptance]
expected-statuses = [ "2xx", 400, 401, 403, 404, 409, 412, 422, 429 ]
"""
# These end the session or the account with which all else is tried.
ENDINGS = ["/api/v1/auth/logout", "/api/v1/auth/password/change", "/api/v1/sessions/{id}",
           "/api/v1/auth/totp", "/api/v1/auth/totp/off"]
LIMITS = {"api_requests": 1_000_000, "bookings": 100_000, "diagnostics": 1_000, "outbound": 1_000,
          "login": 1_000, "register": 1_000, "refused": 100_000}


def run(binary, where, *command):
    done = subprocess.run([binary, *command, *where], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr}")
    return done.stdout


def post(port, path, body):
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    asked.request("POST", path, json.dumps(body))
    answer = asked.getresponse()
    text = answer.read()
    if answer.status not in (200, 201):
        sys.exit(f"{path}: {answer.status} {text}")
    return json.loads(text)


def configured(folder, port):
    limits = "".join(f"{name}_per_minute = {most}\n" for name, most in LIMITS.items())
    config = folder / "config.toml"
    config.touch(mode=0o600)
    config.write_text(f'[server]\nlisten = "127.0.0.1:{port}"\n\n[limits]\n{limits}'
                      f'outbound_per_minute_per_user = 1000\n\n[archive]\nstore = "none"\n\n[voice.retell]\napi_keys = ["k"]\n')
    (folder / "schemathesis.toml").write_text(CONFIG)
    return ["--config", str(config), "--data-dir", str(folder / "data")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="the frontdesk to try")
    parser.add_argument("--schemathesis", required=True, help="the program of schemathesis")
    parser.add_argument("--examples", type=int, default=20, help="requests an operation and phase")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    tool = str(pathlib.Path(options.schemathesis).absolute())
    with tempfile.TemporaryDirectory(prefix="frontdesk-schemathesis-") as name:
        folder = pathlib.Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        where = configured(folder, port)
        run(binary, where, "business", "add", "Practice", "--zone", "Europe/Berlin", "--service",
            "Check-up:30", "--hours", "mon-fri 09:00-17:00", "--number", "+12025550100")
        link = run(binary, where, "user", "add", "owner@example.com", "--business", "Practice",
                   "--role", "owner").split()[-1]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([binary, "serve", *where], stdout=log, stderr=log)
        try:
            until = time.monotonic() + READY_SECONDS
            while time.monotonic() < until:
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=1):
                        break
                except OSError:
                    time.sleep(0.02)
            post(port, "/api/v1/auth/register", {"token": link, "password": PASSWORD})
            failed = False
            for who in ("owner", "nobody"):
                command = [tool, "--config-file", str(folder / "schemathesis.toml"), "run",
                           f"http://127.0.0.1:{port}/openapi.json", "--checks", "all",
                           "--continue-on-failure", "-n", str(options.examples), "--seed", "1",
                           "--no-color"]
                if who == "owner":
                    token = post(port, "/api/v1/auth/login",
                                 {"email": "owner@example.com", "password": PASSWORD})["access_token"]
                    command += ["--header", f"Authorization: Bearer {token}"]
                    for path in ENDINGS:
                        command += ["--exclude-path", path]
                print(f"as {who}:", flush=True)
                failed |= subprocess.run(command, cwd=folder, timeout=570).returncode != 0
            if server.poll() is not None:
                sys.exit("the server ended")
            if b"panic" in (folder / "log").read_bytes():
                sys.exit("a handler ended by a panic")
            sys.exit(1 if failed else 0)
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
