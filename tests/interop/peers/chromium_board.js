// chromium_board.js PAGE BROWSER
//
// Opens the page of a board in a headless Chromium, watches the telemetry, puts load on the board, and reloads the page
// fifty times.
"use strict";

const assert = require("node:assert/strict");
const { chromium } = require("playwright-core");

const patience = 60_000; // milliseconds, for each step
const reloads = 50;
const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const number = async (page, id) => Number(await page.textContent(`#${id}`));

// Waits until the telemetry has come and gone on.
async function moving(page) {
  await page.locator("#state", { hasText: /^live$/ }).waitFor();
  await page.waitForFunction(() => Number(document.getElementById("uptime_ms").textContent) > 0);
  const before = await number(page, "uptime_ms");
  await page.waitForFunction((before) => Number(document.getElementById("uptime_ms").textContent) > before, before);
  return number(page, "uptime_ms");
}

// What the plot shows, as pixels.
const plot = (page) => page.evaluate(() => document.getElementById("plot").toDataURL());

async function watch(page) {
  await moving(page);
  console.log("ok: the telemetry moves");
  const before = await plot(page);
  await page.waitForTimeout(500);
  assert.notEqual(await plot(page), before);
  console.log("ok: the plot moves");

  const messages = await number(page, "messages");
  await page.click("#load");
  await page.waitForFunction((messages) => Number(document.getElementById("messages").textContent) >= messages + 16, messages);
  await page.locator("#load:enabled").waitFor();
  console.log("ok: 16 messages of 64 KiB were echoed");
}

async function main(address, executablePath) {
  // The driver gives the browser a fresh profile and removes it afterwards.
  const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: flags });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(patience);
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("requestfailed", (request) => faults.push(`${request.url()}: ${request.failure().errorText}`));
    await page.goto(address);
    await watch(page);
    let last = await moving(page);
    for (let count = 1; count <= reloads; count++) {
      const response = await page.reload();
      assert.equal(response.status(), 200);
      const uptime = await moving(page);
      assert.ok(uptime > last, `uptime ${uptime} after ${last}: the board has started again`);
      last = uptime;
    }
    console.log(`ok: ${reloads} reloads`);
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
