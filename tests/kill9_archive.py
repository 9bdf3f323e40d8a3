#!/usr/bin/env python3
"""Kills frontdesk again and again while it archives recordings, and counts what there is afterwards.

A stand-in for Retell serves its API and the recordings, a stand-in for an S3 store keeps what it is sent.
Calls end; while their recordings are fetched and stored, frontdesk is killed by SIGKILL at random moments
and started again on the same data. In the end every recording is in the store once, with the right
digest, and after a sweep nothing else is left, neither in the store nor on the disk. Only Python's own
library is used.

    tests/kill9_archive.py --binary target/debug/frontdesk --recordings 200 --kills 20
"""

import argparse
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import random
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

READY_SECONDS = 60
DONE_SECONDS = 240
STOP_SECONDS = 30
KEY = "key_frontdesk_kill9_archive"
NUMBER = "+12025550100"
BUCKET = "recordings"
SEED = 20261127
SAMPLES_MOST = 200_000
LONG_BYTES = 9 << 20
LONG_ONES = 4


def wav(number, samples):
    """A mono WAV of 8 kHz whose bytes follow from its number."""
    data = random.Random(number).randbytes(samples * 2)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
    return head + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + struct.pack(
        "<I", len(data)) + data


class Outside(http.server.ThreadingHTTPServer):
    """Retell's API, the files, and a store; one server for all three."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, count):
        super().__init__(("127.0.0.1", 0), Handler)
        chance = random.Random(SEED)
        sizes = [chance.randrange(100, SAMPLES_MOST) for _ in range(count - LONG_ONES)]
        sizes += [LONG_BYTES // 2] * LONG_ONES
        self.files = {f"call_{n}": wav(n, size) for n, size in enumerate(sizes)}
        self.objects, self.uploads, self.begun, self.puts = {}, {}, {}, 0
        self.lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "content_length" not in headers:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def place(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        return url.path, query

    def do_GET(self):
        path, query = self.place()
        name = path.rsplit("/", 1)[-1]
        if "uploads" in query:
            begun = "".join(f"<Upload><Key>{key}</Key><UploadId>{upload}</UploadId></Upload>"
                            for upload, key in list(self.server.begun.items())
                            if upload in self.server.uploads and key.startswith(query["prefix"]))
            return self.say(200, f"<ListMultipartUploadsResult>{begun}</ListMultipartUploadsResult>".encode())
        if path.startswith("/v2/get-call/"):
            known = name in self.server.files
            url = f"http://127.0.0.1:{self.server.server_port}/files/{name}"
            answer = {"call_id": name, "call_status": "ended", "recording_url": url}
            return self.say(200 if known else 404, json.dumps(answer).encode(),
                            content_type="application/json")
        body = self.server.files.get(name) or self.server.objects.get(path)
        if body is None:
            return self.say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        stored = {"content_type": "audio/wav", "etag": '"x"',
                  "last_modified": "Fri, 27 Nov 2026 00:00:00 GMT"}
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["range"] or "")
        if not part:
            return self.say(200, body, **stored)
        first, last = int(part[1]), min(int(part[2]), len(body) - 1)
        return self.say(206, body[first:last + 1], **stored,
                        content_range=f"bytes {first}-{last}/{len(body)}")

    def do_HEAD(self):
        path, _ = self.place()
        body = self.server.objects.get(path)
        if body is None:
            return self.say(404)
        return self.say(200, content_length=str(len(body)), etag='"x"',
                        last_modified="Fri, 27 Nov 2026 00:00:00 GMT")

    def do_PUT(self):
        path, query = self.place()
        body = self.rfile.read(int(self.headers["content-length"]))
        if len(body) != int(self.headers["content-length"]):
            self.close_connection = True
            return None
        with self.server.lock:
            if "uploadId" in query:
                parts = self.server.uploads.get(query["uploadId"])
                if parts is None:
                    return self.say(404, b"<Error><Code>NoSuchUpload</Code></Error>")
                parts[int(query["partNumber"])] = body
            else:
                self.server.objects[path] = body
                self.server.puts += 1
        return self.say(200, etag='"x"')

    def do_POST(self):
        path, query = self.place()
        self.rfile.read(int(self.headers["content-length"] or 0))
        with self.server.lock:
            if "uploads" in query:
                name = f"upload{random.getrandbits(64)}"
                self.server.uploads[name] = {}
                self.server.begun[name] = path.removeprefix(f"/{BUCKET}/")
                answer = f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"
                return self.say(200, answer.encode())
            parts = self.server.uploads.pop(query["uploadId"], None)
            if parts is None:
                return self.say(404, b"<Error><Code>NoSuchUpload</Code></Error>")
            self.server.objects[path] = b"".join(parts[n] for n in sorted(parts))
            self.server.puts += 1
        answer = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
        return self.say(200, answer.encode())

    def do_DELETE(self):
        path, query = self.place()
        with self.server.lock:
            if "uploadId" in query:
                self.server.uploads.pop(query["uploadId"], None)
            else:
                self.server.objects.pop(path, None)
        return self.say(204)


def command(binary, *args):
    done = subprocess.run([binary, *map(str, args)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"frontdesk {args}: {done.stdout}{done.stderr}")
    return done.stdout


def start(binary, at, port, log):
    process = subprocess.Popen([binary, "serve", *at], stdout=log, stderr=log)
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


def end_call(port, name):
    now = int(time.time() * 1000)
    call = {"call_id": name, "call_type": "phone_call", "agent_id": "agent_kill9",
            "call_status": "ended", "direction": "inbound", "from_number": "+12025550142",
            "to_number": NUMBER, "start_timestamp": now - 60_000, "end_timestamp": now}
    body = json.dumps({"event": "call_ended", "call": call}).encode()
    digest = hmac.new(KEY.encode(), body + str(now).encode(), hashlib.sha256).hexdigest()
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    asked.request("POST", "/hooks/retell", body,
                  {"x-retell-signature": f"v={now},d={digest}", "content-type": "application/json"})
    status = asked.getresponse().status
    if status != 204:
        raise SystemExit(f"the end of a call was answered with {status}")


def traces(log):
    """What the log says of each trace id, in order, from the delivery to the archived file."""
    steps = {}
    for line in log.splitlines():
        if '"trace.id"' in line:
            told = json.loads(line)
            fields = told.get("fields", told)
            steps.setdefault(fields["trace.id"], []).append(fields["message"])
    return steps


def rows(data, sql):
    with sqlite3.connect(f"file:{data / 'frontdesk.db'}?mode=ro", uri=True, timeout=20) as db:
        return db.execute(sql).fetchall()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--binary", default="target/debug/frontdesk")
    arguments.add_argument("--recordings", type=int, default=200)
    arguments.add_argument("--kills", type=int, default=20)
    arguments = arguments.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="frontdesk-kill9-archive-"))
    data, config, log = folder / "data", folder / "config.toml", (folder / "log").open("w")
    outside = Outside(arguments.recordings)
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{outside.server_port}"
    config.touch(mode=0o600)
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:{port}"\n\n[log]\nlevel = "debug"\nformat = "json"\n\n'
        f"[limits]\nallow_insecure_upstreams = true\nupstream_requests_per_minute = 1000000\n\n"
        f'[archive]\nstore = "s3"\n\n'
        f'[archive.s3]\nendpoint = "{base}"\nregion = "eu-central-1"\nbucket = "{BUCKET}"\n'
        f'access_key = "AK"\nsecret_key = "SK"\n\n'
        f'[voice.retell]\napi_keys = ["{KEY}"]\nbase_url = "{base}"\n')
    at = ["--config", config, "--data-dir", data]
    command(arguments.binary, "business", "add", "Kill", "--zone", "UTC",
            "--agent", "retell:agent_kill9", "--number", NUMBER, *at)

    chance = random.Random(SEED)
    process = start(arguments.binary, at, port, log)
    names = list(outside.files)
    share = -(-len(names) // arguments.kills)
    for kill in range(arguments.kills):
        for name in names[kill * share:(kill + 1) * share]:
            end_call(port, name)
        time.sleep(chance.uniform(0.01, 0.4))
        process.kill()
        process.wait()
        process = start(arguments.binary, at, port, log)
    pending = "SELECT count(*) FROM recordings WHERE state <> 'archived'"
    end = time.monotonic() + DONE_SECONDS
    while time.monotonic() < end:
        if rows(data, pending)[0][0] == 0 and rows(data, "SELECT count(*) FROM recordings")[0][0] == len(names):
            break
        time.sleep(0.1)
    process.terminate()
    process.wait(timeout=STOP_SECONDS)

    left = [path for path in (data / "archive").rglob("*") if path.is_file()]
    for path in left:
        # As if it had lain there for a day.
        os.utime(path, (time.time() - 86_400,) * 2)
    swept = command(arguments.binary, "archive", "sweep", *at).strip()
    verified = command(arguments.binary, "archive", "verify", *at)
    print(f"     {len(names)} recordings, {arguments.kills} kills; {outside.puts} files put; "
          f"on the disk before the sweep: {len(left)}; {swept}")
    kept = rows(data, "SELECT c.provider_call_id, r.state, r.store, r.key, lower(hex(r.sha256)) "
                      "FROM recordings r JOIN calls c ON c.id = r.call_id")
    wanted = {name: hashlib.sha256(body).hexdigest() for name, body in outside.files.items()}
    found = {f"/{BUCKET}/{key}": digest for _, _, _, key, digest in kept}
    stored = {path: hashlib.sha256(body).hexdigest() for path, body in outside.objects.items()}
    beside = [path.name for path in data.iterdir() if not re.match(r"frontdesk\.|master\.key|archive", path.name)]
    after = [path for path in (data / "archive").rglob("*") if path.is_file()]
    traced = traces((folder / "log").read_text())
    checks = [
        (any(steps == ["a delivery is kept", "fetched", "archived"] for steps in traced.values()),
         "the steps of a recording share one trace id in the log"),
        (len(kept) == len(names) and all((s, t) == ("archived", "s3") for _, s, t, _, _ in kept),
         "every recording is archived, once"),
        ({name: digest for name, _, _, _, digest in kept} == wanted, "each with its digest"),
        (stored == found, "the store has these files and no other"),
        (not outside.uploads, f"no upload in parts is left: {len(outside.uploads)}"),
        (not after, f"nothing is left on the disk: {after[:3]}"),
        (not beside, f"nor beside it: {beside}"),
        (rows(data, "SELECT count(*) FROM jobs")[0][0] == 0, "no job is left"),
        (rows(data, "SELECT count(*) FROM removals")[0][0] == 0, "nor a file to be taken away"),
        (f"{len(names)} recording(s) read, 0 not" in verified, "and all of it reads back"),
    ]
    for holds, what in checks:
        print("ok  " if holds else "FAIL", what)
    if not all(holds for holds, _ in checks):
        print(f"see {folder}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
