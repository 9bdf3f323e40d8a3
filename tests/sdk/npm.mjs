#!/usr/bin/env node
// Proves that frontdesk agrees on signatures with the SDKs that Retell and Telnyx publish for Node.
//
// The twin of retell.py and telnyx.py: the real program is started; what the SDKs sign or accept
// must be taken in, what they refuse must be refused, and what `frontdesk simulate` sends must pass
// their checks. It never makes a Retell signature itself and never says of a request whether it is
// genuine: that is the SDKs' to know. It never installs anything and talks to this machine only.
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
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

const READY_MS = 60_000;
const SIMULATE_MS = 180_000;
const STOP_MS = 30_000;
const REQUEST_MS = 10_000;
const MINUTE_MS = 60_000;

const RETELL_SIGNATURE = "x-retell-signature";
const TELNYX_SIGNATURE = "telnyx-signature-ed25519";
const TELNYX_TIME = "telnyx-timestamp";

// Node 18 has it without saying so; Retell's SDK looks here only.
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
    const how = `npm install --prefix ${modules} retell-sdk telnyx, or use tests/run`;
    throw new Told(`${error.message}\ntests/sdk/npm.mjs needs the SDKs: ${how}`);
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
  ];
  fs.writeFileSync(config, lines.join("\n"), { mode: 0o600 });
  const where = ["--config", config, "--data-dir", path.join(folder, "data")];
  const desk = { binary, port, where, ...run(binary, ["serve", ...where]) };
  const until = Date.now() + READY_MS;
  while (Date.now() < until && desk.child.exitCode === null && desk.child.signalCode === null) {
    if ((await send(port, "GET", "/readyz").catch(() => 0)) === 200) return desk;
    await delay(20);
  }
  throw new Told(`frontdesk was not ready within ${READY_MS} ms:\n${desk.told()}`);
}

async function stopped(desk) {
  desk.child.kill("SIGTERM");
  const code = await exitCode(desk, STOP_MS);
  const seen = `${code}\n${desk.told()}`;
  check("SIGTERM ends the server with 0", [{ what: "the server", holds: code === 0, seen }]);
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
    answer.writeHead(200, { "content-type": "application/json" }).end(pleased(body));
  });
  const to = `http://127.0.0.1:${await listening(receiver)}`;
  const caller = run(binary, ["simulate", provider, "--to", to, ...where]);
  const code = await exitCode(caller, SIMULATE_MS);
  receiver.close();
  const fault = `${code}\n${caller.told()}`;
  const sends = (what) => ({ what, holds: seen.some(({ to }) => to.startsWith(what)), seen: fault });
  check(`${provider}: the simulator plays a call to the end`, [
    { what: "its exit code", holds: code === 0, seen: fault },
    ...["/inbound/", "/hooks/", "/tools/"].map(sends),
  ]);
  return seen;
}

// An answer in which a caller finds whatever it looks for next.
function pleased(body) {
  if (body.includes('"call_inbound"')) return '{"call_inbound": {"dynamic_variables": {}}}';
  const start = "2030-01-07T09:00:00Z";
  const slots = [{ slot: "A", id: "A", start, starts_at: start }];
  const data = { slots, services: [], appointments: [], appointment: { id: "1" } };
  return JSON.stringify({ say: "That is done.", data, next: "none" });
}

// ---- Retell

// What the SDK signs is taken in, whatever its bytes; anything else is refused.
async function retellTakenIn({ port }, { retell: key }, symmetric, Retell) {
  const hook = (body, signature) => {
    const headers = signature === undefined ? {} : { [RETELL_SIGNATURE]: signature };
    return send(port, "POST", "/hooks/retell", headers, Buffer.from(body));
  };
  const signed = [];
  for (const body of ["call_started", "call_ended"].flatMap((event) => written(call(event)))) {
    signed.push(taken(body, true, await hook(body, await Retell.sign(body, key))));
  }
  check("retell: what the SDK signs is taken in", signed);

  const [body] = written(call("call_ended"));
  const genuine = await Retell.sign(body, key);
  const ago = (ms, by = key) => symmetric.sign(body, by, Date.now() - ms);
  const forms = [
    ["the first time", body, genuine, true],
    ["a second time", body, genuine, true],
    ["signed almost five minutes ago", body, await ago(5 * MINUTE_MS - 20_000), true],
    ["signed almost five minutes ahead", body, await ago(-5 * MINUTE_MS + 20_000), true],
    ["signed six minutes ago", body, await ago(6 * MINUTE_MS), false],
    ["signed six minutes ahead", body, await ago(-6 * MINUTE_MS), false],
    ["signed with another key", body, await ago(0, `${key}0`), false],
    ["with a space more", `${body} `, genuine, false],
    ["with another letter", body.replace("Agent", "agent"), genuine, false],
    ["with a signature that is none", body, "v=1,d=2", false],
    ["without a signature", body, undefined, false],
  ];
  const judged = [];
  for (const [how, text, signature, wanted] of forms) {
    const bySdk = signature !== undefined && (await Retell.verify(text, key, signature));
    judged.push({ what: `${how}, to the SDK`, holds: bySdk === wanted, seen: bySdk });
    judged.push(taken(`${how}, to frontdesk`, wanted, await hook(text, signature)));
  }
  check("retell: genuine and changed forms are judged alike", judged);
}

// What the simulator sends passes the SDK, and no longer does once any one byte is another.
async function retellSentOut(desk, { retell: key }, Retell) {
  const [passes, strangers, changed] = [[], [], []];
  for (const { to, headers, body } of await simulated(desk, "retell")) {
    const signature = headers[RETELL_SIGNATURE] ?? "";
    const verify = (text, by = key) => Retell.verify(text.toString(), by, signature);
    passes.push({ what: to, holds: await verify(body), seen: `${signature}\n${body}` });
    strangers.push({ what: to, holds: !(await verify(body, `${key}0`)), seen: signature });
    for (let at = 0; at < body.length; at += 1) {
      const other = Buffer.from(body);
      other[at] ^= 1;
      changed.push({ what: `${to}, byte ${at}`, holds: !(await verify(other)), seen: "accepted" });
    }
  }
  check("retell: what the simulator sends passes the SDK", passes);
  check("retell: it fails the SDK with another key", strangers);
  check("retell: it fails the SDK with any one byte changed", changed);
}

// What Retell sends of a call that was answered or ended, each time another call.
function call(event) {
  const now = Date.now();
  const told = {
    call_id: `call_${crypto.randomBytes(16).toString("hex")}`,
    agent_id: "agent_made_up",
    call_status: "ongoing",
    direction: "inbound",
    from_number: "+12025550143",
    to_number: "+12025550199",
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
  const [passes, accepted, refused] = [[], [], []];
  for (const { to, headers, body } of await simulated(desk, "telnyx")) {
    const header = (name) => ({ [name]: headers[name] ?? "" });
    const genuine = { ...header(TELNYX_SIGNATURE), ...header(TELNYX_TIME) };
    passes.push({ what: to, holds: await accepts(telnyx, keys, genuine, body), seen: genuine });
    for (const [how, told, text] of telnyxForms(genuine, body, keys)) {
      const wanted = await accepts(telnyx, keys, told, text);
      const one = taken(`${to} ${how}`, wanted, await send(desk.port, "POST", to, told, text));
      (wanted ? accepted : refused).push(one);
    }
  }
  check("telnyx: what the simulator sends passes the SDK", passes);
  check("telnyx: what the SDK accepts is taken in", accepted);
  check("telnyx: what the SDK refuses is refused", refused);
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
    ["as it was sent", genuine, body],
    ["signed almost five minutes ago", signed(now - 280), body],
    ["signed almost five minutes ahead", signed(now + 280), body],
    ["signed more than five minutes ago", signed(now - 320), body],
    ["signed more than five minutes ahead", signed(now + 320), body],
    ["signed with another key", signed(now, stranger), body],
    ["with a space more", genuine, Buffer.concat([body, Buffer.from(" ")])],
    ["with a byte changed", genuine, other],
    ["with another time", { ...genuine, [TELNYX_TIME]: `${Number(time) - 1}` }, body],
    ["with a time that is none", signed("now"), body],
    ["with half a signature", { ...genuine, [TELNYX_SIGNATURE]: signature.slice(0, 44) }, body],
    ["without a signature", { [TELNYX_TIME]: time }, body],
    ["without a time", { [TELNYX_SIGNATURE]: signature }, body],
  ];
}

async function accepts(telnyx, { public: key }, headers, body) {
  try {
    await telnyx.webhooks.unwrap(body.toString(), { headers, key });
    return true;
  } catch (error) {
    // Anything else is no judgement, but a fault of this file or of the SDK.
    if (error.name === "TelnyxWebhookVerificationError") return false;
    throw error;
  }
}

// ---- telling

function taken(what, wanted, status) {
  const holds = wanted ? status >= 200 && status < 300 : status === 401;
  return { what, holds, seen: `${status}, wanted ${wanted ? "2xx" : "401"}` };
}

// Prints one line a check, with its counts, and remembers what differed. Nothing tried is a fault.
function check(name, tried) {
  const wrong = tried.filter((one) => !one.holds);
  const counts = `${tried.length - wrong.length} of ${tried.length}`;
  const passed = tried.length > 0 && wrong.length === 0;
  console.log(`${passed ? "ok  " : "FAIL"} ${name}: ${counts}`);
  for (const { what, seen } of wrong.slice(0, 5)) {
    console.log(`     ${what}: ${typeof seen === "object" ? JSON.stringify(seen) : seen}`);
  }
  if (!passed) faults.push(`${name}: ${wrong[0]?.what ?? "nothing was tried"}`);
}
