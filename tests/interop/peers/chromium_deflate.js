// chromium_deflate.js ADDRESS BROWSER
//
// Lets a headless Chromium echo text over a listener that compresses, and counts the bytes on the wire: through a
// proxy of its own.
"use strict";

const assert = require("node:assert/strict");
const net = require("node:net");
const { once } = require("node:events");
const { chromium } = require("playwright-core");

const patience = 20_000; // milliseconds, for each step
const rounds = 10;

// In the page: sends the message again and again, and says what was negotiated.
function echo([address, message, rounds]) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    let left = rounds;
    socket.onopen = () => socket.send(message);
    socket.onmessage = ({ data }) => {
      if (data !== message) reject(new Error("another message came back"));
      left -= 1;
      if (left > 0) socket.send(message);
      else socket.close(1000);
    };
    socket.onclose = ({ code }) => resolve({ extensions: socket.extensions, left, code });
  });
}

async function main(address, executablePath) {
  let bytes = 0;
  const { hostname, port, pathname } = new URL(address);
  const proxy = net.createServer((near) => {
    const far = net.connect(Number(port), hostname);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on("data", (data) => (bytes += data.length));
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const through = `ws://127.0.0.1:${proxy.address().port}${pathname}`;
  const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: false });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(patience);
    const message = JSON.stringify(Array.from({ length: 400 }, (_, n) => ({ id: (n * 37) % 101, price: n / 4 })));
    const told = await page.evaluate(echo, [through, message, rounds]);
    assert.match(told.extensions, /^permessage-deflate/);
    assert.deepEqual([told.left, told.code], [0, 1000]);
    const sent = 2 * rounds * message.length;
    assert.ok(bytes < sent / 2, `${bytes} bytes on the wire for ${sent}`);
    console.log(`Chromium ${browser.version()}: ${told.extensions}, ${bytes} bytes on the wire for ${sent}`);
  } finally {
    await browser.close();
    proxy.close();
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
