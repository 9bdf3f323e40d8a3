#!/usr/bin/env node
// Proves that frontdesk agrees on signatures with the SDKs that Retell and Telnyx publish for Node.
//
// The twin of retell.py and telnyx.py: the real program is started; what the SDKs sign or accept
// must be taken in, what they refuse must be refused, and what `frontdesk simulate` sends must pass
// their checks. It never makes a signature of Retell's itself, which is the SDK's to know, never
// installs anything, and talks to this machine only.
//
//     npm install --prefix target/node retell-sdk telnyx
//     node tests/sdk/npm.mjs --binary target/debug/frontdesk --modules target/node

import { spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

const READY_MS = 60_000;
const SIMULATE_MS = 180_000;
const REQUEST_MS = 10_000;
const RETELL_SIGNATURE = "x-retell-signature";
const TELNYX_SIGNATURE = "telnyx-signature-ed25519";
const TELNYX_TIME = "telnyx-timestamp";

// Node 18 has it, but not here, where Retell's SDK looks.
globalThis.crypto ??= crypto.webcrypto;

// What is wrong with how this was called, or with what was found: needs no trace.
class Told extends Error {}

const children = new Set();
const faults = [];

// Leaves nothing behind, however this ends: a handler of `exit` may not wait for anything.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "frontdesk-npm-"));
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

await main().catch((error) => {
  console.error(error instanceof Told ? error.message : error);
  process.exit(1);
});

async function main() {
  const { binary, modules } = asked();
  const { Retell, symmetric, telnyx } = sdks(modules);
  const keys = madeUp();
  const desk = await started(binary, keys);
  try {
    await retellTakenIn(desk, keys, symmetric, Retell);
    await retellSentOut(desk, keys, Retell);
    await telnyxJudged(desk, keys, telnyx);
  } finally {
    await stopped(desk);
  }
  if (faults.length > 0) throw new Told(`${faults.length} checks failed; first: ${faults[0]}`);
  console.log("ok");
}

function asked() {
  const options = { binary: { type: "string" }, modules: { type: "string" } };
  const { binary, modules } = parseArgs({ options }).values;
  if (binary && modules) return { binary: path.resolve(binary), modules: path.resolve(modules) };
  throw new Told("usage: npm.mjs --binary FRONTDESK --modules FOLDER, where npm put the SDKs");
}

// The SDKs of that folder, none from elsewhere.
function sdks(modules) {
  const load = createRequire(path.join(modules, "from-here.js"));
  try {
    const inside = fs.realpathSync(path.join(modules, "node_modules")) + path.sep;
    for (const name of ["retell-sdk", "telnyx"]) {
      if (!load.resolve(name).startsWith(inside)) throw new Error(`${name} is not in ${inside}`);
      console.log(`with ${name} ${load(`${name}/version`).VERSION}, node ${process.version}`);
    }
    const [{ Retell }, { Telnyx }] = [load("retell-sdk"), load("telnyx")];
    // The only one that signs for another time than now.
    const { symmetric } = load("retell-sdk/lib/webhook_auth");
    return { Retell, symmetric, telnyx: new Telnyx({ apiKey: "made up" }) };
  } catch (error) {
    throw new Told(`${error.message}\nnpm.mjs needs the SDKs: see its head, or use tests/run`);
  }
}

// Keys for one run. The key pair is kept as what the configuration wants of it.
function madeUp() {
  const pair = crypto.generateKeyPairSync("ed25519");
  const jwk = pair.privateKey.export({ format: "jwk" });
  const base64 = (text) => Buffer.from(text, "base64url").toString("base64");
  const retell = `key_${crypto.randomBytes(16).toString("hex")}`;
  return { retell, private: pair.privateKey, public: base64(jwk.x), seed: base64(jwk.d) };
}

// ---- the real program

async function started(binary, keys) {
  const probe = http.createServer();
  const port = await listening(probe);
  await new Promise((done) => probe.close(done));
  const config = path.join(folder, "config.toml");
  const lines = [
    `[server]\nlisten = "127.0.0.1:${port}"\n`,
    `[voice.retell]\napi_keys = ["${keys.retell}"]\n`,
    `[voice.telnyx]\npublic_keys = ["${keys.public}"]\nsimulation_seed = "${keys.seed}"\n`,
    "[limits]\nallow_insecure_upstreams = true\n",
    '[archive]\nstore = "none"\n',
  ];
  fs.writeFileSync(config, lines.join("\n"), { mode: 0o600 });
  const where = ["--config", config, "--data-dir", path.join(folder, "data")];
  const desk = { binary, port, where, ...run(binary, ["serve", ...where]) };
  const until = Date.now() + READY_MS;
  while (Date.now() < until && desk.child.exitCode === null && desk.child.signalCode === null) {
    if ((await send(port, "GET", "/readyz").catch(() => 0)) === 200) return desk;
    await delay(20);
  }
  throw new Told(`frontdesk did not get ready, or not within ${READY_MS} ms:\n${desk.told()}`);
}

async function stopped(desk) {
  desk.child.kill("SIGTERM");
  const code = await exitCode(desk, READY_MS);
  const one = { what: `ended with ${code}`, holds: code === 0, seen: desk.told() };
  check("SIGTERM ends the server with 0", [one]);
}

// Runs a command, keeps the end of what it tells, and never gives it an input.
function run(binary, words) {
  const child = spawn(binary, words, { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  let text = "";
  const keep = (some) => (text = (text + some).slice(-4000));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const ended = new Promise((done) => {
    child.on("error", (error) => done(keep(error.message)));
    child.on("close", (code, signal) => done(code ?? signal));
  });
  ended.then(() => children.delete(child));
  return { child, ended, told: () => text };
}

// What it ends with: SIGKILL when it takes longer.
async function exitCode({ child, ended }, most) {
  const late = setTimeout(() => child.kill("SIGKILL"), most);
  const code = await ended;
  clearTimeout(late);
  return code;
}

// The status of the answer.
function send(port, method, to, headers = {}, body = Buffer.alloc(0)) {
  return new Promise((done, failed) => {
    const told = { "content-type": "application/json", "content-length": body.length, ...headers };
    const options = { host: "127.0.0.1", port, method, path: to, headers: told, agent: false };
    const request = http.request({ ...options, timeout: REQUEST_MS }, (answer) => {
      answer.resume().on("end", () => done(answer.statusCode)).on("error", failed);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer from ${to}`)));
    request.on("error", failed).end(body);
  });
}

// The port, of those that were free.
async function listening(server) {
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server.address().port;
}

// ---- what the simulator sends

// All that `frontdesk simulate` sends to one who takes everything, as it came.
async function simulated({ binary, where }, provider) {
  const seen = [];
  const receiver = http.createServer(async (request, answer) => {
    const body = Buffer.concat(await request.toArray());
    seen.push({ to: request.url, headers: request.headers, body });
    answer.writeHead(200, { "content-type": "application/json" }).end(pleased());
  });
  const to = `http://127.0.0.1:${await listening(receiver)}`;
  const caller = run(binary, ["simulate", provider, "--to", to, ...where]);
  const code = await exitCode(caller, SIMULATE_MS);
  receiver.close();
  const sent = (to) => ({ what: `sends to ${to}`, holds: seen.some((one) => one.to.includes(to)) });
  const tried = ["/inbound/", "/hooks/", "/tools/"].map(sent);
  tried.unshift({ what: `ended with ${code}`, holds: code === 0, seen: caller.told() });
  check(`${provider}: the simulator plays a call to the end`, tried);
  return seen;
}

// An answer in which a caller finds whatever it looks for next.
function pleased() {
  const start = "2030-01-07T09:00:00Z";
  const slots = [{ slot: "A", id: "A", start, starts_at: start }];
  const data = { slots, services: [], appointments: [], appointment: { id: "1" } };
  return JSON.stringify({ say: "That is done.", data, next: "none", call_inbound: {} });
}

// ---- Retell

// What the SDK signs is taken in, whatever its bytes; anything else is refused.
async function retellTakenIn({ port }, { retell: key }, symmetric, Retell) {
  const named = (signature) => (signature ? { [RETELL_SIGNATURE]: signature } : {});
  const form = (how, wanted, text, by) => [how, wanted, named(by), Buffer.from(text)];
  const bodies = ["call_started", "call_ended"].flatMap((event) => written(call(event)));
  const each = bodies.map(async (body) => form(body, true, body, await Retell.sign(body, key)));
  const [body] = written(call("call_ended"));
  const genuine = await Retell.sign(body, key);
  const ago = (ms, by = key) => symmetric.sign(body, by, Date.now() - ms);
  const forms = [
    ...(await Promise.all(each)),
    ...["first", "second"].map((time) => form(`the ${time} time`, true, body, genuine)),
    form("signed almost five minutes ago", true, body, await ago(280_000)),
    form("signed almost five minutes ahead", true, body, await ago(-280_000)),
    form("signed more than five minutes ago", false, body, await ago(320_000)),
    form("signed more than five minutes ahead", false, body, await ago(-320_000)),
    form("signed with another key", false, body, await ago(0, `${key}0`)),
    form("with a space more", false, `${body} `, genuine),
    form("with another letter", false, body.replace("Agent", "agent"), genuine),
    form("with a signature that is none", false, body, "v=1,d=2"),
    form("without a signature", false, body),
  ];
  const verify = (headers, text) => Retell.verify(`${text}`, key, headers[RETELL_SIGNATURE] ?? "");
  const tried = await judged(port, "/hooks/retell", forms, verify);
  check("retell: what the SDK accepts is taken in, what it refuses is refused", tried);
}

// What the simulator sends passes the SDK, and no longer does once any one byte is another.
async function retellSentOut(desk, { retell: key }, Retell) {
  const [passes, fails] = [[], []];
  for (const { to, headers, body } of await simulated(desk, "retell")) {
    const signature = headers[RETELL_SIGNATURE] ?? "";
    const verify = (text, by = key) => Retell.verify(text.toString(), by, signature);
    passes.push({ what: to, holds: await verify(body), seen: signature });
    fails.push({ what: `${to}, another key`, holds: !(await verify(body, `${key}0`)) });
    for (const at of body.keys()) {
      const other = Buffer.from(body);
      other[at] ^= 1;
      fails.push({ what: `${to}, byte ${at}`, holds: !(await verify(other)) });
    }
  }
  check("retell: what the simulator sends passes the SDK", passes);
  check("retell: it fails the SDK with another key, or any one byte changed", fails);
}

// What Retell sends of a call that was answered or ended, each time another call.
function call(event) {
  const now = Date.now();
  const told = {
    call_id: `call_${crypto.randomBytes(16).toString("hex")}`,
    call_status: "ongoing",
    direction: "inbound",
    from_number: "+12025550143",
    start_timestamp: now - 61_000,
    transcript: "Agent: Grüß Gott.\nUser: A table “by the window” – 見晴らし.\n",
  };
  const over = { call_status: "ended", end_timestamp: now, disconnection_reason: "user_hangup" };
  return { event, call: event === "call_ended" ? { ...told, ...over } : told };
}

// The same JSON in bytes that differ: as Node writes it, in ASCII alone, with odd white space.
function written(told) {
  const plain = JSON.stringify(told);
  const escaped = (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return [plain, plain.replace(/[\u0080-\uffff]/g, escaped), JSON.stringify(told, null, 3)];
}

// ---- Telnyx

// Of all that the simulator sends, genuine and changed, frontdesk takes in what the SDK accepts.
async function telnyxJudged(desk, keys, telnyx) {
  const accepts = (headers, body) => telnyxAccepts(telnyx, keys, headers, body);
  const tried = [];
  for (const { to, headers, body } of await simulated(desk, "telnyx")) {
    const header = (name) => ({ [name]: headers[name] ?? "" });
    const genuine = { ...header(TELNYX_SIGNATURE), ...header(TELNYX_TIME) };
    const forms = telnyxForms(genuine, body, keys);
    tried.push(...(await judged(desk.port, to, forms, accepts)));
  }
  check("telnyx: what the SDK accepts is taken in, what it refuses is refused", tried);
}

// Telnyx publishes no way to sign, so these are signed here; the SDK says what they are worth.
function telnyxForms(genuine, body, keys) {
  const now = Math.floor(Date.now() / 1000);
  const signed = (time, by = keys.private) => {
    const text = Buffer.concat([Buffer.from(`${time}|`), body]);
    const signature = crypto.sign(null, text, by).toString("base64");
    return { [TELNYX_SIGNATURE]: signature, [TELNYX_TIME]: `${time}` };
  };
  const stranger = crypto.generateKeyPairSync("ed25519").privateKey;
  const { [TELNYX_SIGNATURE]: signature, [TELNYX_TIME]: time } = genuine;
  const other = Buffer.from(body);
  other[body.length >> 1] ^= 1;
  return [
    ["as it was sent", true, genuine, body],
    ["signed almost five minutes ago", true, signed(now - 280), body],
    ["signed almost five minutes ahead", true, signed(now + 280), body],
    ["signed more than five minutes ago", false, signed(now - 320), body],
    ["signed more than five minutes ahead", false, signed(now + 320), body],
    ["signed with another key", false, signed(now, stranger), body],
    ["with a space more", false, genuine, Buffer.concat([body, Buffer.from(" ")])],
    ["with a byte changed", false, genuine, other],
    ["with another time", false, { ...genuine, [TELNYX_TIME]: `${Number(time) - 1}` }, body],
    ["with a time that is none", false, signed("now"), body],
    ["half signed", false, { ...genuine, [TELNYX_SIGNATURE]: signature.slice(0, 44) }, body],
    ["without a signature", false, { [TELNYX_TIME]: time }, body],
    ["without a time", false, { [TELNYX_SIGNATURE]: signature }, body],
  ];
}

async function telnyxAccepts(telnyx, { public: key }, headers, body) {
  try {
    await telnyx.webhooks.unwrap(body.toString(), { headers, key });
    return true;
  } catch (error) {
    // Anything else is no judgement, but a fault of this file or of the SDK.
    if (error.name === "TelnyxWebhookVerificationError") return false;
    throw error;
  }
}

// How the SDK and frontdesk judge each form: how it is, whether it is genuine, headers, body.
async function judged(port, to, forms, accepts) {
  const tried = [];
  for (const [how, genuine, headers, body] of forms) {
    const bySdk = await accepts(headers, body);
    const status = await send(port, "POST", to, headers, body);
    const holds = genuine ? status === 200 || status === 204 : status === 401;
    tried.push({ what: `SDK: ${to} ${how}`, holds: bySdk === genuine, seen: `accepts: ${bySdk}` });
    tried.push({ what: `frontdesk: ${to} ${how}`, holds, seen: `answers ${status}` });
  }
  return tried;
}

// Prints one line a check, with its counts, and remembers what differed. Nothing tried is a fault.
function check(name, tried) {
  const wrong = tried.filter((one) => !one.holds);
  const passed = tried.length > 0 && wrong.length === 0;
  const counts = `${tried.length - wrong.length} of ${tried.length}`;
  console.log(`${passed ? "ok  " : "FAIL"} ${name}: ${counts}`);
  for (const { what, seen = "no" } of wrong.slice(0, 5)) console.log(`     ${what}: ${seen}`);
  if (!passed) faults.push(`${name}: ${wrong[0]?.what ?? "nothing was tried"}`);
}
