#!/usr/bin/env python3
"""Lets the disk run full in the middle of recordings, and looks that all of them come once there is room.

frontdesk runs on a file system of its own that is too small for what a stand-in for Retell serves. While it
is full, the calls go on and recordings wait without a try being spent; then it is made larger. It needs to
mount: it is run as root, or by whoever may make namespaces (`unshare -rm`). Only Python's own library is used.

    tests/disk_full.py --binary target/debug/frontdesk
"""

import argparse
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import kill9_archive as kill9

WAIT_SECONDS = 150
SMALL_MB, LARGE_MB, RESERVE_MB = 48, 200, 8
RECORDINGS, RECORDING_BYTES = 12, 5 << 20


def within_namespace(arguments):
    """Runs this again where it may mount."""
    again = [sys.executable, __file__, "--binary", arguments.binary, "--mounts"]
    if os.geteuid() == 0:
        return subprocess.run(["unshare", "-m", *again], check=False).returncode
    return subprocess.run(["unshare", "-rm", *again], check=False).returncode


def until(what, holds):
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if holds():
            print("ok  ", what)
            return True
        time.sleep(0.2)
    print("FAIL", what)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default="target/debug/frontdesk")
    parser.add_argument("--mounts", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.mounts:
        return within_namespace(arguments)

    folder = pathlib.Path(tempfile.mkdtemp(prefix="frontdesk-disk-full-"))
    disk, config = folder / "disk", folder / "config.toml"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_MB}m", "frontdesk", disk]
    subprocess.run(mount, check=True)
    data, log = disk / "data", (folder / "log").open("w")
    outside = kill9.Outside(kill9.LONG_ONES)
    outside.files = {f"call_{n}": kill9.wav(n, RECORDING_BYTES // 2) for n in range(RECORDINGS)}
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    with kill9.socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{outside.server_port}"
    config.touch(mode=0o600)
    config.write_text(
        f'[server]\nlisten = "127.0.0.1:{port}"\n\n'
        f"[limits]\nallow_insecure_upstreams = true\ndisk_reserve_mb = {RESERVE_MB}\n\n"
        f'[archive]\nstore = "disk"\n\n'
        f'[voice.retell]\napi_keys = ["{kill9.KEY}"]\nbase_url = "{base}"\n')
    at = ["--config", config, "--data-dir", data]
    kill9.command(arguments.binary, "business", "add", "Full", "--zone", "UTC",
                  "--agent", "retell:agent_kill9", "--number", kill9.NUMBER, *at)
    process = kill9.start(arguments.binary, at, port, log)

    def states():
        return dict(kill9.rows(data, "SELECT state, count(*) FROM recordings GROUP BY state"))

    def waiting():
        return kill9.rows(data, "SELECT count(*), coalesce(sum(attempts), 0) FROM recordings "
                                "WHERE reason = 'disk_full'")[0]

    fine = True
    for name in outside.files:
        kill9.end_call(port, name)
    fine &= until("some are archived, the others wait for room, and no try is spent",
                  lambda: waiting()[0] > 0 and waiting()[1] == 0
                  and waiting()[0] + states().get("archived", 0) == RECORDINGS)
    print(f"     {states()}, {waiting()[0]} wait for room")
    fine &= until("nothing half written is left", lambda: not list((data / "archive").rglob("*.part")))
    subprocess.run(["mount", "-o", f"remount,size={LARGE_MB}m", disk], check=True)
    fine &= until("with room again all are archived, by themselves",
                  lambda: states() == {"archived": RECORDINGS})
    wanted = {name: hashlib.sha256(body).hexdigest() for name, body in outside.files.items()}
    kept = dict(kill9.rows(data, "SELECT c.provider_call_id, lower(hex(r.sha256)) FROM recordings r "
                                 "JOIN calls c ON c.id = r.call_id"))
    fine &= until("each with its digest", lambda: kept == wanted)
    fine &= until("and it reads back", lambda: ", 0 not" in kill9.command(
        arguments.binary, "archive", "verify", *at))
    process.terminate()
    fine &= process.wait(timeout=kill9.STOP_SECONDS) == 0
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
