// chromium_http2.js PAGE BROWSER
//
// Loads the page of the http2 example over TLS in a headless Chromium. The WebSockets have to come on
// the connection that the page came by (RFC 8441), and one of them carries a megabyte both ways.
"use strict";

const assert = require("node:assert/strict");
const { chromium } = require("playwright-core");

const patience = 20_000; // milliseconds, for each step
const flags = [
  "--ignore-certificate-errors",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Opens a WebSocket from the page, and says what it was greeted with and how it closed.
async function open(page) {
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(location.href.replace(/^http/, "ws"), ["other", "greeting"]);
        let greeting;
        socket.onmessage = ({ data }) => {
          greeting = data;
          socket.close(4000, "seen");
        };
        socket.onclose = ({ code, wasClean }) =>
          resolve({ greeting, code, wasClean, protocol: socket.protocol });
        setTimeout(() => reject(new Error("no answer")), 15_000);
      }),
  );
}

async function main(address, executablePath) {
  const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: flags });
  try {
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    page.setDefaultTimeout(patience);
    await page.goto(address);
    assert.equal(await page.textContent("#page"), "h2");
    await page.locator("#echoed", { hasText: "1048576 bytes" }).waitFor();
    assert.equal(await page.textContent("#socket"), "over HTTP/2");
    console.log("ok: page and WebSocket over HTTP/2, 1 MiB both ways");

    for (let count = 0; count < 20; count++) {
      assert.deepEqual(await open(page), {
        greeting: "over HTTP/2",
        code: 4000,
        wasClean: true,
        protocol: "greeting",
      });
    }
    console.log("ok: 20 more on the same connection, with a subprotocol and a clean close");

    const refused = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const socket = new WebSocket(location.href.replace(/^http/, "ws") + "elsewhere");
          socket.onopen = () => resolve("opened");
          socket.onclose = ({ code }) => resolve(code);
        }),
    );
    assert.equal(refused, 1006);
    console.log("ok: one that is refused");
    await page.reload();
    await page.locator("#echoed", { hasText: "1048576 bytes" }).waitFor();
    assert.equal(await page.textContent("#socket"), "over HTTP/2");
    console.log(`Chromium ${browser.version()}: all as it should be`);
  } finally {
    await browser.close();
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
