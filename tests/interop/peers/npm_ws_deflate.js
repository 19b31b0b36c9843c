// npm_ws_deflate.js ADDRESS
//
// Talks to an echo server that compresses, as npm's `ws` does, and counts the bytes on the wire.
"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const WebSocket = require("ws");

const patience = 20_000; // milliseconds, for each step
const rounds = 10;
const messages = [1, 20, 400].map((size) =>
  JSON.stringify(Array.from({ length: size }, (_, n) => ({ id: (n * 37) % 101, symbol: "WSL", price: n / 4 }))),
);
const offers = [
  {},
  { serverNoContextTakeover: true, clientNoContextTakeover: true },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
];

// The next event of a socket, which must not take forever.
function next(socket, event) {
  return once(socket, event, { signal: AbortSignal.timeout(patience) });
}

async function talk(address, offer) {
  const socket = new WebSocket(address, { perMessageDeflate: { threshold: 0, ...offer } });
  const [[response]] = await Promise.all([next(socket, "upgrade"), next(socket, "open")]);
  assert.equal(socket.extensions, "permessage-deflate");
  const stream = response.socket;
  for (let round = 0; round < rounds; round += 1) {
    for (const message of messages) {
      const reply = next(socket, "message");
      socket.send(message);
      assert.equal(String((await reply)[0]), message);
    }
  }
  const onTheWire = stream.bytesRead + stream.bytesWritten;
  const sent = 2 * rounds * messages.join("").length;
  assert.ok(onTheWire < sent / 2, `${onTheWire} bytes on the wire for ${sent}`);
  socket.close(1000);
  assert.equal((await next(socket, "close"))[0], 1000);
  console.log(`ok: ${JSON.stringify(offer)}: ${onTheWire} bytes on the wire for ${sent}`);
}

(async () => {
  for (const offer of offers) await talk(process.argv[2], offer);
  console.log("npm ws: all compressed");
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
