#!/usr/bin/env python3
"""Connects to frontdesk and leaves, thousands of times and in every manner, and looks for leaks.

Each manner is one that clients have: a whole request, several on one connection, none at all, a head
or a body cut off, a reset in the middle of an answer, HTTP/2 begun and left. A first part warms up
what is kept for ever. After the second part, ten times as long, the server must hold no descriptor
more than before and hardly more memory. Only Python's own library is used.

    tests/connections.py --binary target/debug/frontdesk --connections 10000
"""

import argparse
import http.client
import os
import pathlib
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

READY_SECONDS = 60
SETTLE_SECONDS = 30
ANSWER_SECONDS = 20
CLIENTS = 16
WARM_UP_SHARE = 10
# What the second part may add: its size must not matter, so this is less than 1 KiB a connection.
GROWTH_KIB = 4 << 10
KEY = "key_for_this_run_only_0123456789"
SEED = 20261127

HEAD = b"GET /readyz HTTP/1.1\r\nHost: desk\r\n"
GET = HEAD + b"\r\n"
LAST = HEAD + b"Connection: close\r\n\r\n"
FORGED = (b"POST /hooks/retell HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\n"
          b"X-Retell-Signature: v=1,d=00\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
BODY_CUT = (b"POST /hooks/retell HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\n"
            b"Content-Length: 4096\r\n\r\n{\"event\":")
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def reset(sock):
    """Ends a connection by RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def read_to_end(sock):
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def expect(data, start):
    if not data.startswith(start):
        raise AssertionError(f"answered with {data[:80]!r} instead of {start!r}")


def whole(sock):
    sock.sendall(LAST)
    expect(read_to_end(sock), b"HTTP/1.1 200")


def several(sock):
    sock.sendall(GET * 3 + LAST)
    answers = read_to_end(sock).count(b"HTTP/1.1 200")
    if answers != 4:
        raise AssertionError(f"{answers} answers to four requests")


def forged(sock):
    # 401, and 429 once there were too many of them.
    sock.sendall(FORGED)
    expect(read_to_end(sock), b"HTTP/1.1 4")


def nothing(_):
    pass


def nothing_and_reset(sock):
    reset(sock)


def head_cut(sock):
    sock.sendall(HEAD)


def head_cut_and_reset(sock):
    sock.sendall(HEAD[:9])
    reset(sock)


def body_cut(sock):
    sock.sendall(BODY_CUT)


def answer_not_read(sock):
    sock.sendall(GET)
    reset(sock)


def answer_begun(sock):
    sock.sendall(GET * 4)
    sock.recv(16)
    reset(sock)


def idle_after_answer(sock):
    sock.sendall(GET)
    expect(sock.recv(16), b"HTTP/1.1 200")


def rubbish(sock):
    sock.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    read_to_end(sock)


def half_closed(sock):
    sock.sendall(LAST)
    sock.shutdown(socket.SHUT_WR)
    read_to_end(sock)


def http2_left(sock):
    sock.sendall(HTTP2)
    sock.recv(9)


MANNERS = [whole, several, forged, nothing, nothing_and_reset, head_cut, head_cut_and_reset, body_cut,
           answer_not_read, answer_begun, idle_after_answer, rubbish, half_closed, http2_left]


def connect(port, count, seed):
    """Comes and leaves `count` times from CLIENTS threads; returns how often in each manner."""
    done, faults, lock = {}, [], threading.Lock()

    def client(number):
        chance = random.Random(seed + number)
        for _ in range(count // CLIENTS):
            manner = chance.choice(MANNERS)
            try:
                with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as sock:
                    manner(sock)
            except (ConnectionResetError, BrokenPipeError) as error:
                # The server may end what is no request before it is read to its end.
                if manner in (whole, several, forged, half_closed, idle_after_answer):
                    faults.append(f"{manner.__name__}: {error}")
            except (AssertionError, OSError) as error:
                faults.append(f"{manner.__name__}: {error}")
            with lock:
                done[manner.__name__] = done.get(manner.__name__, 0) + 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, faults


def held(pid):
    """Open descriptors, open connections and resident KiB of a process."""
    folder = pathlib.Path(f"/proc/{pid}/fd")
    links = []
    for entry in folder.iterdir():
        try:
            links.append(os.readlink(entry))
        except FileNotFoundError:
            continue
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    rss = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return len(links), sum(link.startswith("socket:") for link in links), int(rss)


def settled(pid, sockets):
    """Waits until no more connections than `sockets` are open; returns what is held then."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        now = held(pid)
        if now[1] <= sockets or time.monotonic() > end:
            return now
        time.sleep(0.1)


def started(process, log, path):
    """The port, once the server answers on it."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"Listening on http://127\.0\.0\.1:(\d+)", path.read_text(encoding="utf-8"))
        if found:
            return int(found[1])
        time.sleep(0.05)
    raise SystemExit(f"frontdesk did not start: {path.read_text(encoding='utf-8')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, default="target/debug/frontdesk")
    parser.add_argument("--connections", type=int, default=10_000)
    args = parser.parse_args()
    binary = args.binary.resolve()

    with tempfile.TemporaryDirectory(prefix="frontdesk-connections-") as folder:
        folder = pathlib.Path(folder)
        path = folder / "log"
        env = {**os.environ, "FRONTDESK_SERVER__LISTEN": "127.0.0.1:0",
               "FRONTDESK_VOICE__RETELL__API_KEYS": f'["{KEY}"]'}
        with path.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [binary, "serve", "--data-dir", folder / "data"], stdout=log, stderr=log, env=env)
        try:
            port = started(process, log, path)
            idle = held(process.pid)
            _, faults = connect(port, args.connections // WARM_UP_SHARE, SEED)
            before = settled(process.pid, idle[1])
            began = time.monotonic()
            done, more = connect(port, args.connections, SEED + CLIENTS)
            took = time.monotonic() - began
            after = settled(process.pid, idle[1])
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
            asked.request("GET", "/healthz")
            healthy = asked.getresponse().status == 200
            asked.close()
            process.terminate()
            code = process.wait(SETTLE_SECONDS)
        finally:
            process.kill()

    faults += more
    for name, count in sorted(done.items()):
        print(f"     {count:6d}  {name}")
    print(f"     {sum(done.values())} connections in {took:.1f} s")
    print(f"     idle, warm, after: descriptors {idle[0]}, {before[0]}, {after[0]}; "
          f"connections {idle[1]}, {before[1]}, {after[1]}; KiB {idle[2]}, {before[2]}, {after[2]}")
    checks = [
        (not faults, f"every whole request is answered: {faults[:5]}"),
        (set(done) == {manner.__name__ for manner in MANNERS}, "every manner had its turn"),
        (after[0] <= before[0] and after[1] == idle[1], "no descriptor is left"),
        (after[2] - before[2] <= GROWTH_KIB, f"memory grew by {after[2] - before[2]} KiB"),
        (healthy, "the server still answers"),
        (code == 0, f"and stops in order: {code}"),
    ]
    for holds, what in checks:
        print("ok  " if holds else "FAIL", what)
    if not all(holds for holds, _ in checks):
        sys.exit(1)


if __name__ == "__main__":
    main()
