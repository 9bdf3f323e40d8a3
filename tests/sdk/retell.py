#!/usr/bin/env python3
"""Proves that frontdesk and Retell's own SDK agree on signatures, in both directions.

The real program is started. What the SDK signs must be taken in and what it did not sign refused;
what `frontdesk simulate retell` sends must pass the SDK's check. How a signature is made is nowhere
in this file: that is the SDK's to know.

    pip install retell-sdk
    tests/sdk/retell.py --binary target/debug/frontdesk
"""

import argparse
import http.client
import http.server
import json
import pathlib
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent

# This file is called as the SDK is: look for the SDK beyond this folder.
sys.path = [path for path in sys.path if pathlib.Path(path).resolve() != HERE]

try:
    from retell import Retell
    from retell.lib import webhook_auth
    from retell.types.llm_response import GeneralToolCustomTool
except ImportError:
    sys.exit("tests/sdk/retell.py needs retell-sdk: pip install retell-sdk, or use tests/run")

READY_SECONDS = 60
SIMULATE_SECONDS = 180
FIVE_MINUTES_MS = 5 * 60 * 1000

faults = []


def check(holds, what, seen=""):
    """Prints one line a check and remembers what does not hold."""
    if holds:
        print(f"ok   {what}", flush=True)
    else:
        print(f"FAIL {what}: {seen}", flush=True)
        faults.append(what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The real program with a configuration and a data folder of its own."""

    def __init__(self, binary, folder, key):
        self.binary, self.folder, self.port = binary, folder, free_port()
        self.config = folder / "config.toml"
        self.config.touch(mode=0o600)
        self.config.write_text(
            f'[server]\nlisten = "127.0.0.1:{self.port}"\n\n'
            f'[archive]\nstore = "none"\n\n[voice.retell]\napi_keys = ["{key}"]\n\n'
            "[limits]\nallow_insecure_upstreams = true\n"
        )
        self.log = folder / "frontdesk.log"
        self.where = ["--config", str(self.config), "--data-dir", str(folder / "data")]

    def __enter__(self):
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", *self.where],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.request("GET", "/readyz") == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        self.process.kill()
        self.process.wait()
        sys.exit(f"frontdesk was not ready within {READY_SECONDS} s:\n{self.logged()}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            ended = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            ended = self.process.wait()
        check(ended == 0, "SIGTERM ends the server with 0", f"{ended}\n{self.logged()}")

    def logged(self):
        return self.log.read_text(errors="replace")[-4000:]

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def hook(self, body, signature):
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers["X-Retell-Signature"] = signature
        return self.request("POST", "/hooks/retell", body.encode(), headers)


def call(event):
    """What Retell sends of a call that was answered and ended, each time another call."""
    now = int(time.time() * 1000)
    told = {
        "call_id": f"call_{secrets.token_hex(16)}",
        "call_type": "phone_call",
        "agent_id": "agent_made_up",
        "agent_version": 1,
        "call_status": "ongoing",
        "direction": "inbound",
        "from_number": "+12025550143",
        "to_number": "+12025550199",
        "start_timestamp": now - 61_000,
    }
    if event == "call_ended":
        told |= {
            "call_status": "ended",
            "end_timestamp": now,
            "duration_ms": 61_000,
            "disconnection_reason": "user_hangup",
            "transcript": "Agent: Grüß Gott.\nUser: A table “by the window” – 見晴らし.\n",
            "transcript_object": [{"role": "agent", "content": "Grüß Gott.", "words": []}],
        }
    return {"event": event, "call": told}


def taken_in(server, key):
    """What the SDK signs is taken in, whatever its bytes; anything else is refused."""
    sign = webhook_auth.symmetric["sign"]
    writings = {
        "as the SDK's examples write JSON": {"separators": (",", ":")},
        "with odd white space": {"indent": 3},
        "with letters beyond ASCII": {"ensure_ascii": False},
    }
    for event in ("call_started", "call_ended"):
        for how, options in writings.items():
            body = json.dumps(call(event), **options)
            status = server.hook(body, sign(body, key))
            check(200 <= status < 300, f"{event} {how}, signed by the SDK, is taken in", status)

    body = json.dumps(call("call_ended"))
    signature, now = sign(body, key), int(time.time() * 1000)
    for again in ("first", "second"):
        status = server.hook(body, signature)
        check(200 <= status < 300, f"the same delivery is taken in the {again} time", status)
    status = server.hook(body, sign(body, key, now - FIVE_MINUTES_MS + 20_000))
    check(200 <= status < 300, "a signature of almost five minutes ago is taken in", status)

    other = f"key_{secrets.token_hex(16)}"
    refused = {
        "signed with a wrong key": sign(body, other),
        "signed for another body": sign(body + " ", key),
        "signed six minutes ago": sign(body, key, now - 6 * 60_000),
        "signed six minutes ahead": sign(body, key, now + 6 * 60_000),
        "with a signature that is none": "v=1,d=2",
        "without a signature": None,
    }
    for how, signature in refused.items():
        status = server.hook(body, signature)
        check(status == 401, f"a delivery {how} is refused with 401", status)


class Recorder(http.server.BaseHTTPRequestHandler):
    """Takes everything, keeps it, and answers as a back office would."""

    protocol_version = "HTTP/1.1"
    seen = []

    def do_POST(self):  # noqa: N802 the base class names it
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Recorder.seen.append((self.path, self.headers.get("X-Retell-Signature"), body))
        try:
            told = json.loads(body)
        except ValueError:
            told = {}
        told = told if isinstance(told, dict) else {}
        if "call_inbound" in told:
            self.answer(200, {"call_inbound": {"dynamic_variables": {}}})
        elif "event" in told:
            self.answer(204)
        else:
            self.answer(200, self.tool())

    def tool(self):
        """An answer in which a caller finds whatever it looks for next."""
        start = "2030-01-07T09:00:00Z"
        slots = [{"slot": "A", "id": "A", "start": start, "starts_at": start}]
        data = {"slots": slots, "services": [], "appointments": [], "appointment": {"id": "1"}}
        return {"say": "That is done.", "data": data, "next": "none"}

    def answer(self, status, value=None):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if value is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):  # noqa: N802 the base class names it
        self.answer(200, {"status": "ok"})

    def log_message(self, *_):
        pass


def sent_out(server, key):
    """What the simulator sends passes the SDK's own check."""
    recorder = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=recorder.serve_forever, daemon=True).start()
    to = f"http://127.0.0.1:{recorder.server_address[1]}"
    command = [server.binary, "simulate", "retell", "--to", to, *server.where]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SIMULATE_SECONDS,
        )
        told = f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        check(done.returncode == 0, "the simulator plays a call to the end", told)
    except subprocess.TimeoutExpired:
        check(False, f"the simulator ends within {SIMULATE_SECONDS} s")
    finally:
        recorder.shutdown()

    client, other = Retell(api_key=key), f"key_{secrets.token_hex(16)}"
    events = set()
    for path, signature, body in Recorder.seen:
        text = body.decode()
        name = describe(text)
        events.add(name)
        if signature is None:
            check(False, f"{name} to {path} carries x-retell-signature")
            continue
        check(client.verify(text, key, signature), f"{name} to {path} passes the SDK", signature)
        if client.verify(text, other, signature):
            check(False, f"{name} to {path} fails the SDK with another key")
    for wanted in ("call_started", "call_ended"):
        check(wanted in events, f"the simulator sends {wanted}", sorted(events))
    tools = any(name.startswith("tool ") for name in events)
    check(tools, "the simulator calls a tool", sorted(events))


def defined(server):
    """The definitions to paste are what the SDK takes for custom functions."""
    done = subprocess.run(
        [server.binary, "tools", "--for", "retell", *server.where],
        capture_output=True,
        text=True,
        timeout=SIMULATE_SECONDS,
    )
    tools = json.loads(done.stdout)
    check(len(tools) >= 3, "the tools are defined", [tool["name"] for tool in tools])
    for tool in tools:
        model = GeneralToolCustomTool.model_validate(tool)
        known = set(GeneralToolCustomTool.model_fields)
        check(set(tool) <= known, f"{model.name} is a custom function of the SDK", set(tool) - known)
        check(model.url.endswith("/tools/retell"), f"{model.name} is called here", model.url)


def describe(text):
    try:
        told = json.loads(text)
    except ValueError:
        return "a body that is no JSON"
    return told.get("event") or (f"tool {told['name']}" if "name" in told else "a body of no kind")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="the frontdesk to try")
    binary = str(pathlib.Path(parser.parse_args().binary).resolve())
    key = f"key_{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory(prefix="frontdesk-sdk-") as folder:
        with Server(binary, pathlib.Path(folder), key) as server:
            taken_in(server, key)
            sent_out(server, key)
            defined(server)
    if faults:
        sys.exit(f"{len(faults)} of the checks failed; first: {faults[0]}")
    print("frontdesk and retell-sdk agree")


if __name__ == "__main__":
    main()
