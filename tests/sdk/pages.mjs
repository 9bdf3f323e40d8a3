#!/usr/bin/env node
// Proves that people can use the pages: a real browser without JavaScript goes the whole way from the
// first link to an appointment's history, and axe finds nothing on any page, light and dark, on a
// desk's screen and on a phone's.
//
//   npm install --prefix DIR playwright-core axe-core; apt-get install chromium
//   tests/sdk/pages.mjs --binary target/debug/frontdesk --modules DIR [--shots DIR]

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

const READY_MS = 60_000;
const STOP_MS = 20_000;
const EMAIL = "op@example.com";
const PASSWORD = "four words of my own";
const KEY = "key_for_this_run_only_0123456789";
const SIZES = [{ width: 1360, height: 900 }, { width: 390, height: 844 }];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

const { values } = parseArgs({
  options: {
    binary: { type: "string", default: "target/debug/frontdesk" },
    modules: { type: "string" },
    browser: { type: "string", default: "/usr/bin/chromium" },
    shots: { type: "string" },
  },
});
const binary = resolve(values.binary);
const need = createRequire(join(resolve(values.modules ?? "."), "node_modules", "x.js"));
const { chromium } = need("playwright-core");
const axe = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");

const faults = [];
function check(holds, what, seen = "") {
  console.log(holds ? `ok   ${what}` : `FAIL ${what}: ${seen}`);
  if (!holds) faults.push(what);
}

const folder = mkdtempSync(join(tmpdir(), "frontdesk-pages-"));
const env = { ...process.env, FRONTDESK_SERVER__LISTEN: "127.0.0.1:0",
  FRONTDESK_ARCHIVE__STORE: "none",
  FRONTDESK_VOICE__RETELL__API_KEYS: `["${KEY}"]` };

// Runs the program to its end. Returns what it printed.
function run(...args) {
  return new Promise((done, failed) => {
    const child = spawn(binary, [...args, "--data-dir", join(folder, "data")], { cwd: folder, env });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (told += text));
    child.on("close", (code) => (code === 0 ? done(told) : failed(new Error(`${args}: ${told}`))));
  });
}

async function started() {
  const child = spawn(binary, ["serve", "--data-dir", join(folder, "data")], { cwd: folder, env });
  const desk = { child, told: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (desk.told += text));
  for (const until = Date.now() + READY_MS; Date.now() < until; await delay(20)) {
    const base = desk.told.match(/Listening on (http:\/\/[^,\s]+)/)?.[1];
    const token = desk.told.match(/Token, good once: (\S+)/)?.[1];
    if (base && token) return Object.assign(desk, { base, token });
  }
  throw new Error(`frontdesk did not get ready:\n${desk.told}`);
}

// From the first link to an appointment's history, without JavaScript. Returns the way's addresses
// and the cookies.
async function walked(browser, desk) {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: desk.base });
  const page = await context.newPage();
  await page.goto(`/password?token=${desk.token}`);
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Choose this password" }).click();
  check(await page.getByRole("alert").isVisible(), "a weak password is refused on the page");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Choose this password" }).click();
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  check(page.url().endsWith("/businesses"), "the first user logs in", page.url());
  await page.getByRole("link", { name: "Practice", exact: true }).click();
  const list = page.url();
  check(list.includes("/appointments?business="), "and comes to the appointments", list);
  await page.getByLabel("From").fill("");
  await page.getByLabel("State").selectOption("confirmed");
  await page.getByRole("button", { name: "Show" }).click();
  const rows = await page.locator("tbody tr").count();
  check(rows === 1, "the appointment of the call is there", rows);
  await page.locator("tbody a").first().click();
  const one = page.url();
  const words = await page.locator("main").innerText();
  check(/History/.test(words) && /caller/.test(words), "with its history", words);
  await page.getByRole("link", { name: "Audit log" }).click();
  const audit = page.url();
  const file = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  check((await file).suggestedFilename() === "audit.csv", "the audit log is handed out as a file");
  const cookies = await context.cookies();
  await context.close();
  return { cookies, list, one, audit };
}

// Looks at every page in both schemes and both sizes.
async function looked(browser, desk, { cookies, list, one, audit }) {
  const open = [["login", "/login"], ["forgot", "/forgot"], ["password", "/password"]];
  const own = [["businesses", "/businesses"], ["appointments", list], ["appointment", one],
    ["audit", audit], ["access", "/access"], ["missing", "/nowhere"]];
  let seen = 0;
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of SIZES) {
      for (const [pages, known] of [[open, []], [own, cookies]]) {
        const context = await browser.newContext({ colorScheme, viewport, baseURL: desk.base,
          bypassCSP: true });
        await context.addCookies(known);
        for (const [name, path] of pages) {
          const page = await context.newPage();
          const wrong = [];
          page.on("pageerror", (error) => wrong.push(String(error)));
          page.on("requestfailed", (request) => wrong.push(`not loaded: ${request.url()}`));
          await page.goto(path);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) wrong.push(`${wide} pixels too wide`);
          await page.addScriptTag({ content: axe });
          const found = await page.evaluate(() => globalThis.axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] }));
          for (const { id, nodes } of found.violations) wrong.push(`${id}: ${nodes[0].html}`);
          const what = `${name}, ${colorScheme}, ${viewport.width}`;
          if (wrong.length > 0) check(false, what, wrong.join("\n     "));
          if (values.shots) {
            mkdirSync(values.shots, { recursive: true });
            const path = join(values.shots, `${name}-${colorScheme}-${viewport.width}.png`);
            await page.screenshot({ path, fullPage: true });
          }
          seen += 1;
          await page.close();
        }
        await context.close();
      }
    }
  }
  check(seen === 36, "every page was looked at, light and dark, wide and narrow", seen);
}

async function byKeyboard(browser, desk, { cookies, list }) {
  const context = await browser.newContext({ baseURL: desk.base });
  await context.addCookies(cookies);
  const page = await context.newPage();
  await page.goto(list);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.textContent);
  check(first === "Skip to the page", "the first key leads past the menu", first);
  await page.keyboard.press("Enter");
  const at = await page.evaluate(() => document.activeElement.id);
  check(at === "main", "and to the page itself", at);
  await context.close();
}

let desk;
try {
  await run("business", "add", "Practice", "--zone", "Europe/Berlin", "--service", "Check-up:30",
    "--hours", "mon-sun 00:00-23:59", "--number", "+12025550100");
  // With one business alone, its appointments are the first page.
  await run("business", "add", "Other practice", "--zone", "Europe/Paris", "--service", "Call:15",
    "--hours", "mon-fri 09:00-17:00", "--number", "+12025550111");
  desk = await started();
  await run("simulate", "retell", "--to", desk.base);
  const browser = await chromium.launch({ executablePath: values.browser, args: FLAGS });
  const way = await walked(browser, desk);
  await looked(browser, desk, way);
  await byKeyboard(browser, desk, way);
  await browser.close();
} catch (error) {
  check(false, "the way is gone to its end", error.stack);
} finally {
  if (desk) {
    const ended = new Promise((done) => desk.child.on("exit", done));
    desk.child.kill("SIGTERM");
    const code = await Promise.race([ended, delay(STOP_MS, "not at all")]);
    check(code === 0, "the server stops in order", code);
    desk.child.kill("SIGKILL");
  }
  rmSync(folder, { recursive: true, force: true });
}
if (faults.length > 0) {
  console.error(`${faults.length} of the checks fail`);
  process.exit(1);
}
