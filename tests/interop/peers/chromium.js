// chromium.js PAGE BROWSER
//
// Clicks through the test page of the echo example in a headless Chromium and reads back what the
// page shows.
"use strict";

const assert = require("node:assert/strict");
const { chromium } = require("playwright-core");

const patience = 20_000; // milliseconds, for each step
const greeting = "grüß 你好 🙂";
const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--ignore-certificate-errors",
];

// Does something on the page, and returns the next entry of this kind that its log then shows.
async function logged(page, kind, act) {
  const entries = page.locator(`#log li[data-kind="${kind}"]`);
  const before = await entries.count();
  await act();
  const entry = entries.nth(before);
  await entry.waitFor();
  return { text: await entry.getAttribute("data-text"), bytes: Number(await entry.getAttribute("data-bytes")) };
}

async function state(page, expected) {
  await page.locator("#state", { hasText: new RegExp(`^${expected}$`) }).waitFor();
}

async function talk(page) {
  await logged(page, "open", () => page.click("#connect"));
  await state(page, "connected");
  console.log("ok: connected");

  await page.fill("#message", greeting);
  const text = await logged(page, "text", () => page.click("#send"));
  assert.equal(text.text, greeting);
  assert.equal(text.bytes, Buffer.byteLength(greeting));
  console.log("ok: text");

  const binary = await logged(page, "binary", () => page.click("#send-binary"));
  assert.equal(binary.bytes, Buffer.byteLength(greeting));
  assert.equal(binary.text, greeting);
  console.log("ok: binary");

  await page.fill("#message", "");
  assert.deepEqual(await logged(page, "text", () => page.click("#send")), { text: "", bytes: 0 });
  assert.deepEqual(await logged(page, "binary", () => page.click("#send-binary")), { text: "", bytes: 0 });
  console.log("ok: empty messages");

  const large = await logged(page, "binary", () => page.click("#send-large"));
  assert.equal(large.bytes, 1 << 20);
  console.log("ok: 1 MiB");

  assert.match(await page.textContent("#latency"), /^\d+(\.\d+)? ms$/);
  console.log("ok: latency");
}

async function close(page) {
  await page.fill("#close-code", "1000");
  const closed = await logged(page, "close", () => page.click("#close"));
  assert.match(closed.text, /^1000\b/);
  assert.match(closed.text, /\bclean\b/);
  await state(page, "closed");
  console.log("ok: closed with 1000");

  await logged(page, "open", () => page.click("#connect"));
  await logged(page, "close", () => page.click("#disconnect"));
  await state(page, "closed");
  console.log("ok: connected again and disconnected");
}

async function main(address, executablePath) {
  // The driver gives the browser a fresh profile and removes it afterwards.
  const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: flags });
  try {
    // The certificate of https:// was made up by the suite.
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    page.setDefaultTimeout(patience);
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await page.goto(address);
    await talk(page);
    await close(page);
    assert.deepEqual(faults, [], "the page reported errors");
    console.log(`Chromium ${browser.version()}: all as it should be`);
  } finally {
    await browser.close();
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
