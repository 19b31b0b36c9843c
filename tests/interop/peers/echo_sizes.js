// echo_sizes.js ADDRESS LARGEST
//
// Sends messages of 1 byte and more, up to LARGEST bytes, to an echo server, each on the same connection, and reads each
// back. The sizes are those where frames change their form, and some between. For slow peers.
"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const WebSocket = require("ws");

const patience = 120_000; // milliseconds, for each step
const sizes = [1, 2, 100, 125, 126, 127, 500, 1000, 1460, 4095, 4096, 4097, 10_000, 30_000, 65_535, 65_536, 100_000];

function next(socket, event) {
  return once(socket, event, { signal: AbortSignal.timeout(patience) });
}

async function main(address, largest) {
  const socket = new WebSocket(address, { handshakeTimeout: patience, perMessageDeflate: false });
  await next(socket, "open");
  for (const size of sizes.filter((size) => size <= largest)) {
    const start = performance.now();
    const sent = Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + size) % 251));
    const reply = next(socket, "message");
    socket.send(sent);
    const [received] = await reply;
    assert.ok(received.equals(sent), `${size} bytes: ${received.length} came back, or others`);
    console.log(`ok: ${size} bytes in ${Math.round(performance.now() - start)} ms`);
  }
  const closed = next(socket, "close");
  socket.close(1000);
  const [code] = await closed;
  assert.equal(code, 1000);
  console.log("echo: all came back");
}

main(process.argv[2], Number(process.argv[3])).catch((error) => {
  console.error(error);
  process.exit(1);
});
