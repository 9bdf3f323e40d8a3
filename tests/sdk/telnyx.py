#!/usr/bin/env python3
"""Proves that frontdesk and Telnyx's own SDK agree on signatures.

Telnyx publishes how to verify, not how to sign. So: what `frontdesk simulate telnyx` sends must pass
both of the SDK's checks, and the real program must take in exactly what the SDK accepts of the same
requests, genuine and changed, sent to it again.

    pip install telnyx pynacl
    tests/sdk/telnyx.py --binary target/debug/frontdesk
"""

import argparse
import base64
import http.client
import http.server
import json
import pathlib
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
    from nacl.signing import SigningKey
    from telnyx import Telnyx
    from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature
except ImportError:
    sys.exit("tests/sdk/telnyx.py needs telnyx and pynacl: pip install them, or use tests/run")

READY_SECONDS = 60
NAMES = ("telnyx-signature-ed25519", "telnyx-timestamp")

faults = []


def check(holds, what, seen=""):
    """Prints one line a check and remembers what does not hold."""
    print(f"ok   {what}" if holds else f"FAIL {what}: {seen}", flush=True)
    if not holds:
        faults.append(what)


class Recorder(http.server.BaseHTTPRequestHandler):
    """Takes everything, keeps it, and answers that a tool is done."""

    protocol_version = "HTTP/1.1"
    seen = []

    def do_POST(self):  # noqa: N802 the base class names it
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Recorder.seen.append((self.path, {name: self.headers[name] for name in NAMES}, body))
        slots = [{"slot": "A", "start": "2030-01-07T09:00:00Z"}]
        answer = json.dumps({"say": "Done.", "data": {"slots": slots}, "next": "none"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def accepted_by_sdk(client, public, headers, body):
    """Both of the SDK's checks, which must agree."""
    text = body.decode()
    try:
        verify_webhook_signature(text, headers, public)
        first = True
    except WebhookVerificationError:
        first = False
    try:
        client.webhooks.unwrap(text, headers=headers, key=public)
        second = True
    except Exception:  # noqa: BLE001 the SDK raises what it likes
        second = False
    # The second reads the body too: only events are of its kind.
    return first, second


def request(port, method, path, headers=None, body=b""):
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asked.request(method, path, body, headers or {})
        answer = asked.getresponse()
        answer.read()
        return answer.status
    finally:
        asked.close()


def run(binary, folder):
    key = SigningKey.generate()
    public = base64.b64encode(bytes(key.verify_key)).decode()
    seed = base64.b64encode(bytes(key)).decode()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "config.toml"
    config.touch(mode=0o600)
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:{port}"\n\n[archive]\nstore = "none"\n\n[voice.telnyx]\n'
        f'public_keys = ["{public}"]\nsimulation_seed = "{seed}"\n'
    )
    where = ["--config", str(config), "--data-dir", str(folder / "data")]
    recorder = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=recorder.serve_forever, daemon=True).start()
    to = f"http://127.0.0.1:{recorder.server_address[1]}"
    done = subprocess.run([binary, "simulate", "telnyx", "--to", to, *where],
                          capture_output=True, text=True, timeout=180)
    check(done.returncode == 0, "the simulator plays a call to the end", done.stderr[-2000:])
    recorder.shutdown()
    client = Telnyx(api_key="KEY_made_up")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([binary, "serve", *where], stdout=log, stderr=log)
    try:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                if request(port, "GET", "/readyz") == 200:
                    break
            except OSError:
                time.sleep(0.02)
        check(len(Recorder.seen) >= 6, "events, tools and who is calling were sent",
              [path for path, _, _ in Recorder.seen])
        other = base64.b64encode(bytes(SigningKey.generate().verify_key)).decode()
        for path, headers, body in Recorder.seen:
            first, second = accepted_by_sdk(client, public, headers, body)
            is_event = b'"event_type"' in body
            check(first and (second or not is_event), f"{path} passes the SDK", headers)
            check(not accepted_by_sdk(client, other, headers, body)[0],
                  f"{path} fails the SDK with another key")
            late = str(int(headers[NAMES[1]]) - 301)
            changed = {
                "as it was sent": (headers, body),
                "with a space more": (headers, body + b" "),
                "with another time": (headers | {NAMES[1]: late}, body),
                "without a signature": ({NAMES[1]: headers[NAMES[1]], NAMES[0]: ""}, body),
            }
            for how, (sent, text) in changed.items():
                wanted = accepted_by_sdk(client, public, sent, text)[0]
                status = request(port, "POST", path, sent, text)
                check((status == 200) == wanted, f"{path} {how}: as the SDK judges", status)
    finally:
        server.terminate()
        check(server.wait(30) == 0, "SIGTERM ends the server with 0")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="the frontdesk to try")
    binary = str(pathlib.Path(parser.parse_args().binary).resolve())
    with tempfile.TemporaryDirectory(prefix="frontdesk-sdk-") as folder:
        run(binary, pathlib.Path(folder))
    if faults:
        sys.exit(f"{len(faults)} of the checks failed; first: {faults[0]}")
    print("frontdesk and telnyx agree")


if __name__ == "__main__":
    main()
