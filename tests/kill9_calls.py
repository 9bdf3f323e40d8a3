#!/usr/bin/env python3
"""Kills frontdesk between dialling a call and keeping that it was dialled, and counts calls.

A stand-in for Retell's API takes orders for calls; before it answers it kills frontdesk by SIGKILL,
so that the call is placed there and nothing of it is known here. frontdesk is started again on the
same data. In the end there must be one call at the provider and one row for every order, and each
row must name the provider's call. Only Python's own library is used.

    tests/kill9_calls.py --binary target/debug/frontdesk --rounds 10
"""

import argparse
import http.client
import http.server
import json
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

READY_SECONDS = 60
KEY = "key_frontdesk_kill9_calls"
NUMBER, CALLED = "+12025550100", "+12025550142"


class Provider(http.server.ThreadingHTTPServer):
    """Keeps calls by their idempotency key; kills whoever asked, when it is to."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls, self.asked, self.victim = {}, 0, None
        self.lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["content-length"] or 0)) or b"{}")
        if self.path != "/v2/create-phone-call" or self.headers["authorization"] != f"Bearer {KEY}":
            return self.answer(404, {})
        with self.server.lock:
            self.server.asked += 1
            key = order["idempotency_key"]
            known = len(self.server.calls)
            call_id = self.server.calls.setdefault(key, f"call_{known}")
            victim, self.server.victim = self.server.victim, None
        if victim is not None:
            victim.kill()
            victim.wait()
            self.close_connection = True
            return None
        return self.answer(201, {"call_id": call_id, "call_status": "registered",
                                 "metadata": order["metadata"]})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def command(binary, *args):
    done = subprocess.run([binary, *map(str, args)], check=True, capture_output=True, text=True)
    return done.stdout


def start(binary, config, data, port, log):
    process = subprocess.Popen(
        [binary, "serve", "--config", config, "--data-dir", data], stdout=log, stderr=log)
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/healthz")
            if asked.getresponse().status == 200:
                return process
        except OSError:
            time.sleep(0.02)
    raise SystemExit("frontdesk did not start")


def order(port, key, number):
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps({"to_number": CALLED})
    asked.request("POST", "/api/v1/calls", body,
                  {"authorization": f"Bearer {key}", "idempotency-key": f"order-{number}"})
    answer = asked.getresponse()
    text = answer.read()
    if answer.status != 201:
        raise SystemExit(f"an order was answered with {answer.status}: {text}")


def rows(data):
    with sqlite3.connect(f"file:{next(data.glob('*.db'))}?mode=ro", uri=True) as db:
        return db.execute(
            "SELECT c.provider_call_id, o.state FROM call_orders o JOIN calls c ON c.id = o.call_id"
        ).fetchall(), db.execute("SELECT count(*) FROM calls").fetchone()[0]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--binary", default="target/debug/frontdesk")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="frontdesk-kill9-calls-"))
    data, config, log = folder / "data", folder / "config.toml", (folder / "log").open("w")
    provider = Provider()
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config.touch(mode=0o600)
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:{port}"\n\n'
        f'[limits]\nallow_insecure_upstreams = true\noutbound_prefixes = ["+1"]\n'
        f"outbound_per_minute = 1000\n\n"
        f'[archive]\nstore = "none"\n\n[voice.retell]\napi_keys = ["{KEY}"]\n'
        f'base_url = "http://127.0.0.1:{provider.server_port}"\n')
    at = ["--config", config, "--data-dir", data]
    command(arguments.binary, "business", "add", "Kill", "--zone", "UTC",
            "--agent", "retell:agent_kill9", "--number", NUMBER, *at)
    made = command(arguments.binary, "key", "create", "Kill", "--name", "kill9",
                   "--scope", "calls:read", "--scope", "calls:write", *at)
    key = next(word for word in made.split() if word.startswith("fdk_"))
    for number in range(arguments.rounds):
        process = start(arguments.binary, config, data, port, log)
        with provider.lock:
            provider.victim, dialled = process, len(provider.calls)
        order(port, key, number)
        process.wait(timeout=READY_SECONDS)
        if len(provider.calls) != dialled + 1:
            raise SystemExit(f"round {number}: the order did not reach the provider")
        process = start(arguments.binary, config, data, port, log)
        end = time.monotonic() + READY_SECONDS
        while any(state != "placed" for _, state in rows(data)[0]) and time.monotonic() < end:
            time.sleep(0.05)
        process.terminate()
        process.wait(timeout=READY_SECONDS)
    placed, calls = rows(data)
    named = sorted(name for name, _ in placed)
    print(f"{arguments.rounds} kills between dialling and keeping: {len(provider.calls)} calls at "
          f"the provider, {calls} rows here, asked {provider.asked} times")
    wanted = sorted(provider.calls.values())
    if named != wanted or calls != arguments.rounds or len(wanted) != arguments.rounds:
        print(f"FAILED: rows {placed}, calls {wanted}; see {folder}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
