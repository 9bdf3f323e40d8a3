#!/usr/bin/env python3
"""Kills frontdesk again and again while deliveries come in, and counts what it had acknowledged.

Clients send signed Retell webhooks over connections kept alive and write down every 2xx; half of
them also book appointments by live tool calls and write down what they were told. The server dies
by SIGKILL after a random while and is started again on the same data. What got no answer is sent
again, as a provider would. In the end every acknowledged body must be in the inbox exactly once,
every call it tells of must be one row and every booking one appointment that shares no time with
another. Only Python's own library is used.

    tests/kill9.py --binary target/debug/frontdesk --rounds 20 --seed 1

With --slow-writes-us every write to a file is delayed by strace (Debian: apt-get install strace),
so that many kills fall between a group of writes and its commit: a server that answers before the
commit is caught within a few rounds.
"""

import argparse
import collections
import datetime
import hashlib
import hmac
import http.client
import json
import pathlib
import random
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

READY_SECONDS = 60
RESEND = 0.05
STOP_SECONDS = 30
# One client of so many also books.
BOOKS_EVERY = 2
AGENT, OTHER_AGENT = "agent_kill9", "agent_made_up"
# Bookings are offered so far ahead, a booking so many minutes: above the notice of an hour, with
# time for the run, and below the horizon of 60 days.
MINUTES, FIRST_HOURS, DAYS = 5, 3, 59
# How long the tracer that slows writes down takes to find every thread.
TRACER_SECONDS = 0.3
# How long the count of waiting jobs may stand still before what is left is taken for later work.
STILL_SECONDS = 5


class Server:
    """The real program, started over and over on one data folder."""

    def __init__(self, binary, folder, key, slow_writes_us):
        self.binary, self.folder, self.key = binary, folder, key
        self.slow_writes_us = slow_writes_us
        self.data = folder / "data"
        self.log = folder / "frontdesk.log"
        self.port, self.process = 0, None
        self.up = threading.Event()
        self.ready_ms = []

    def configure(self):
        """Takes a new port and writes the configuration; what a command needs to be told of it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = self.folder / "config.toml"
        config.touch(mode=0o600)
        config.write_text(
            f'[server]\nlisten = "127.0.0.1:{self.port}"\n\n'
            f'[archive]\nstore = "none"\n\n[voice.retell]\napi_keys = ["{self.key}"]\n'
        )
        return ["--config", config, "--data-dir", self.data]

    def add_business(self):
        """A business that is always open, for the agent of the clients that book."""
        subprocess.run(
            [self.binary, "business", "add", "Kill", "--zone", "UTC"]
            + ["--hours", "daily 00:00-24:00", "--service", f"Check-up:{MINUTES}"]
            + ["--agent", f"retell:{AGENT}", *self.configure()],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self):
        """Starts it on a new port and waits until it is ready."""
        told = self.configure()
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", *told],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        while time.monotonic() < began + READY_SECONDS and self.process.poll() is None:
            if self.is_ready():
                self.ready_ms.append((time.monotonic() - began) * 1000)
                self.slow_down()
                self.up.set()
                return
            time.sleep(0.005)
        self.kill()
        tail = self.log.read_text(errors="replace")[-4000:]
        sys.exit(f"frontdesk was not ready within {READY_SECONDS} s:\n{tail}")

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def slow_down(self):
        """Makes every write to a file take longer, so that a kill falls between an answer and its
        commit where a server answers too early. The tracer ends with the server."""
        if not self.slow_writes_us:
            return
        inject = f"inject=pwrite64:delay_enter={self.slow_writes_us}"
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-p", str(self.process.pid), "-o", "/dev/null"]
            + ["-e", "trace=pwrite64", "-e", inject],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        time.sleep(TRACER_SECONDS)
        if tracer.poll() is not None:
            why = tracer.stderr.read().decode(errors="replace").strip()
            sys.exit(f"strace ended with {tracer.returncode}, so writes are not slow: {why}")

    def kill(self):
        self.up.clear()
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it as systemd would."""
        self.up.clear()
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


class Ledger:
    """What was answered: the digest of each body with its call, and each booking with its id."""

    def __init__(self, choice):
        self.lock = threading.Lock()
        # Starts that nobody has asked for yet, as milliseconds since 1970.
        first = (int(time.time()) // 3600 + FIRST_HOURS) * 3_600_000
        self.starts = [first + n * MINUTES * 60_000 for n in range(DAYS * 24 * 60 // MINUTES)]
        choice.shuffle(self.starts)
        # Of bookings, by call and start, which is unique: what was asked for, and the ids told.
        self.asked, self.booked = set(), {}
        self.rebooked, self.booked_late, self.changed = 0, 0, []
        self.acked = {}
        self.sent = set()
        self.resent = 0
        self.again = 0
        self.strange = collections.Counter()


class Client(threading.Thread):
    """One sender with a connection kept alive."""

    def __init__(self, server, ledger, number, seed):
        super().__init__(daemon=True)
        self.server, self.ledger, self.number = server, ledger, number
        self.choice = random.Random(f"{seed}/{number}")
        self.name_of_run = secrets.token_hex(8)
        self.own, self.bookings, self.connection, self.port = [], [], None, None
        self.books = number % BOOKS_EVERY == 0
        self.done = threading.Event()

    def run(self):
        count = 0
        while not self.done.is_set():
            if self.own and self.choice.random() < RESEND:
                if self.deliver(*self.choice.choice(self.own)):
                    with self.ledger.lock:
                        self.ledger.resent += 1
                continue
            if self.bookings and self.choice.random() < RESEND:
                self.book(*self.choice.choice(self.bookings))
                continue
            call_id = f"call_{self.name_of_run}{self.number:02x}{count:06x}"
            count += 1
            # In any order, and half of them without their start: both happen.
            events = ["call_started", "call_ended"][self.choice.randrange(2) :]
            self.choice.shuffle(events)
            agent = AGENT if self.books else OTHER_AGENT
            bodies = [body_of(event, call_id, agent, self.choice) for event in events]
            self.send(call_id, bodies[0])
            # Mostly one booking a call, at times two or none.
            for _ in range(self.choice.choice([0, 1, 1, 1, 2]) if self.books else 0):
                self.ask_for_time(call_id)
            for body in bodies[1:]:
                self.send(call_id, body)
        if self.connection:
            self.connection.close()

    def send(self, call_id, body):
        """Sends a new body until it is acknowledged or the run is over."""
        digest = hashlib.sha256(body).hexdigest()
        with self.ledger.lock:
            self.ledger.sent.add(digest)
        tries = 0
        while not self.done.is_set():
            tries += 1
            if self.deliver(call_id, body):
                with self.ledger.lock:
                    self.ledger.acked[digest] = call_id
                    self.ledger.again += tries > 1
                self.own.append((call_id, body))
                return

    def ask_for_time(self, call_id):
        """Books a time that nobody else asks for."""
        with self.ledger.lock:
            if not self.ledger.starts:
                return
            start = self.ledger.starts.pop()
            self.ledger.asked.add((call_id, start))
        question = (call_id, start, tool_body(call_id, start))
        if self.book(*question):
            self.bookings.append(question)

    def book(self, call_id, start, body):
        """Asks until it is answered or the run is over, and holds a booking to its first answer."""
        key, tries, ledger = (call_id, start), 0, self.ledger
        while not self.done.is_set():
            tries += 1
            told = json.loads(self.post("/tools/retell", body) or '{"reason": "late"}')
            if told.get("reason") == "late":
                # Nothing was promised: ask again.
                continue
            with ledger.lock:
                if told.get("data", {}).get("status") != "booked":
                    ledger.strange[f"tool refused: {told.get('reason')}"] += 1
                    return False
                made = told["data"]["appointment_id"]
                ledger.rebooked += key in ledger.booked
                ledger.booked_late += tries > 1 and key not in ledger.booked
                if ledger.booked.setdefault(key, made) != made:
                    ledger.changed.append(f"{call_id}: {ledger.booked[key]}, then {made}")
            return True
        return False

    def deliver(self, _call_id, body):
        """Posts a delivery once; whether it was acknowledged."""
        return self.post("/hooks/retell", body) is not None

    def post(self, path, body):
        """Posts a signed body once; what was answered with a 2xx."""
        if not self.server.up.wait(0.05):
            return None
        stamp = str(int(time.time() * 1000))
        proof = hmac.new(self.server.key.encode(), body + stamp.encode(), hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "x-retell-signature": f"v={stamp},d={proof.hexdigest()}",
        }
        try:
            if self.connection is None or self.port != self.server.port:
                self.port = self.server.port
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            if self.connection:
                self.connection.close()
            self.connection = None
            self.done.wait(0.01)
            return None
        if 200 <= answer.status < 300:
            return told
        if answer.status != 503:
            with self.ledger.lock:
                self.ledger.strange[f"{path}: status {answer.status}"] += 1
        self.done.wait(0.02)
        return None


def tool_body(call_id, start_ms):
    """What Retell sends when the agent books an exact start."""
    start = datetime.datetime.fromtimestamp(start_ms / 1000, datetime.timezone.utc)
    args = {"service": "Check-up", "start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "name": "Caller"}
    call = {"call_id": call_id, "call_type": "phone_call", "agent_id": AGENT}
    call |= {"direction": "inbound", "from_number": "+12025550100", "to_number": "+12025550199"}
    return json.dumps({"name": "book_appointment", "args": args, "call": call}).encode()


def body_of(event, call_id, agent, choice):
    """What Retell sends, with a transcript of some length."""
    began = 1_790_000_000_000 + choice.randrange(1_000_000_000)
    told = {
        "call_id": call_id,
        "call_type": "phone_call",
        "agent_id": agent,
        "agent_version": 1,
        "call_status": "ongoing",
        "direction": "inbound",
        "from_number": f"+1202555{choice.randrange(100, 200):04d}",
        "to_number": "+12025550199",
        "start_timestamp": began,
    }
    if event == "call_ended":
        length = choice.randrange(5_000, 300_000)
        turns = [f"{'Agent' if turn % 2 == 0 else 'User'}: turn {turn}" for turn in range(12)]
        told |= {
            "call_status": "ended",
            "end_timestamp": began + length,
            "duration_ms": length,
            "disconnection_reason": choice.choice(["user_hangup", "agent_hangup", "inactivity"]),
            "transcript": "\n".join(turns),
            "call_cost": {"combined_cost": choice.randrange(100), "product_costs": []},
        }
    return json.dumps({"event": event, "call": told}).encode()


def ask(database, query):
    """Rows of a read-only look at the database."""
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def tells(what, found, of=""):
    """One line of the result, with the first few of what was found."""
    some = "".join(f"\n    {one}" for one in list(found)[:5])
    print(f"{what:<34}{len(found)}{of}{some}", flush=True)
    return bool(found)


def check_inbox(database, ledger):
    """Every acknowledged body once, no body twice, none that nobody sent."""
    rows = dict(ask(database, "SELECT lower(hex(sha256)), count(*) FROM inbox GROUP BY 1"))
    bad = tells("lost bodies", [digest for digest in ledger.acked if digest not in rows])
    bad |= tells("doubled bodies", [f"{d} × {n}" for d, n in rows.items() if n > 1])
    bad |= tells("bodies that nobody sent", [d for d in rows if d not in ledger.sent])
    integrity = [row[0] for row in ask(database, "PRAGMA integrity_check")]
    bad |= tells("faults of the file", [told for told in integrity if told != "ok"])
    return bad


def check_bookings(database, ledger):
    """Every booking told of is one appointment, none shares time, none that nobody asked for."""
    columns = "lower(hex(a.id)), c.provider_call_id, a.starts_at, a.ends_at"
    joined = "appointments a LEFT JOIN calls c ON c.id = a.call_id"
    rows = ask(database, f"SELECT {columns} FROM {joined} ORDER BY a.starts_at")
    ids = collections.Counter(row[0] for row in rows)
    made = collections.Counter((row[1], row[2]) for row in rows)
    stored = {told: ids[told.replace("-", "")] for told in ledger.booked.values()}
    lost = [told for key, told in ledger.booked.items() if not stored[told] or not made[key]]
    doubled = [f"{told} × {n}" for told, n in stored.items() if n > 1]
    doubled += [f"{key} × {n}" for key, n in made.items() if n > 1]
    # There is one business. In the order of starts, each against the latest end before it.
    overlapping, latest = [], 0
    for made_id, _, start, end in rows:
        if start < latest:
            overlapping.append(made_id)
        latest = max(latest, end)
    bad = tells("lost bookings", lost)
    bad |= tells("doubled bookings", doubled)
    bad |= tells("overlapping bookings", overlapping)
    bad |= tells("bookings that nobody asked for", [key for key in made if key not in ledger.asked])
    return bad | tells("bookings told with another id", ledger.changed)


def settle(database, wanted, seconds):
    """Waits until no job is due and every call is there, or for so long."""
    until = time.monotonic() + seconds
    waiting, since = None, time.monotonic()
    while time.monotonic() < until:
        now = ask(database, "SELECT count(*) FROM jobs WHERE state = 'pending'")[0][0]
        if now != waiting:
            waiting, since = now, time.monotonic()
        still = time.monotonic() - since > STILL_SECONDS
        if now == 0 or (still and not wanted - set(calls_in(database))):
            break
        time.sleep(0.1)
    return waiting


def calls_in(database):
    return dict(ask(database, "SELECT provider_call_id, count(*) FROM calls GROUP BY 1"))


def check_calls(database, wanted):
    """Every call that an acknowledged body tells of is one row."""
    rows = calls_in(database)
    bad = tells("lost calls", sorted(call for call in wanted if call not in rows))
    return bad | tells("doubled calls", [f"{call} × {n}" for call, n in rows.items() if n > 1])


def loop(server, ledger, options):
    """Rounds of load and SIGKILL; the server is up again at the end."""
    clients = [Client(server, ledger, n, options.seed) for n in range(options.clients)]
    choice = random.Random(options.seed)
    server.add_business()
    server.start()
    for client in clients:
        client.start()
    for number in range(1, options.rounds + 1):
        time.sleep(choice.uniform(options.min_ms, options.max_ms) / 1000)
        server.kill()
        server.start()
        ready = f"ready in {server.ready_ms[-1]:.0f} ms"
        print(f"round {number}: {len(ledger.acked)} acked, {ready}", flush=True)
    # One more while without a kill, so that what was under way is sent again.
    time.sleep(options.max_ms / 1000)
    for client in clients:
        client.done.set()
    for client in clients:
        client.join(30)


def run(server, options):
    """The whole trial; whether something was wrong."""
    ledger = Ledger(random.Random(f"{options.seed}/starts"))
    database = server.data / "frontdesk.db"
    loop(server, ledger, options)
    ended = server.stop()
    ready = sorted(server.ready_ms[1:]) or server.ready_ms
    print(f"{'rounds':<34}{options.rounds} (seed {options.seed}, {options.clients} clients)")
    print(f"{'acked':<34}{len(ledger.acked)} bodies of {len(set(ledger.acked.values()))} calls")
    print(f"{'acked only when sent again':<34}{ledger.again}")
    print(f"{'acked ones sent again':<34}{ledger.resent}")
    print(f"{'bookings acked':<34}{len(ledger.booked)} of {len(ledger.asked)} asked for")
    again = f"{ledger.rebooked}, and {ledger.booked_late} acked only then"
    print(f"{'bookings asked for again':<34}{again}")
    print(f"{'restart to ready':<34}p50 {ready[len(ready) // 2]:.0f} ms, max {ready[-1]:.0f} ms")
    bad = check_inbox(database, ledger)
    bad |= check_bookings(database, ledger)
    bad |= tells("strange answers", [f"{what} × {n}" for what, n in ledger.strange.items()])
    if ended != 0:
        bad = True
        print(f"SIGTERM ended the server with {ended}, not with 0")
    if not ledger.acked or not ledger.booked:
        bad = True
        print("no delivery or no booking was acked, so nothing was proved")

    server.start()
    wanted = set(ledger.acked.values()) | {call_id for call_id, _ in ledger.booked}
    print(f"{'jobs still waiting':<34}{settle(database, wanted, options.settle_seconds)}")
    server.stop()
    return bad | check_calls(database, wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="the frontdesk to kill")
    parser.add_argument("--rounds", type=int, default=20, help="how often (20)")
    parser.add_argument("--seed", type=int, default=None, help="of times and choices (random)")
    parser.add_argument("--clients", type=int, default=4, help="senders at once (4)")
    parser.add_argument("--min-ms", type=int, default=50, help="shortest life of the server (50)")
    parser.add_argument("--max-ms", type=int, default=600, help="longest life of the server (600)")
    parser.add_argument("--settle-seconds", type=int, default=60, help="for jobs at the end (60)")
    parser.add_argument(
        "--slow-writes-us", type=int, default=0, help="delay each write by strace (0: not)"
    )
    parser.add_argument("--keep", help="a new folder for data and log, kept afterwards")
    options = parser.parse_args()
    if options.slow_writes_us and not shutil.which("strace"):
        sys.exit("--slow-writes-us needs strace (Debian: apt-get install strace)")
    if options.seed is None:
        options.seed = secrets.randbelow(1_000_000)
    binary = str(pathlib.Path(options.binary).resolve())
    key = f"key_{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory(prefix="frontdesk-kill9-") as scratch:
        folder = pathlib.Path(options.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        server = Server(binary, folder, key, options.slow_writes_us)
        try:
            bad = run(server, options)
        finally:
            if server.process and server.process.poll() is None:
                server.kill()
        if bad:
            print(f"log: {server.log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
    if bad:
        sys.exit("kill -9: what was promised was not kept")
    print("kill -9: nothing acknowledged was lost or doubled")


if __name__ == "__main__":
    main()
