// npm_ws.js ADDRESS [CERTIFICATE]
//
// Talks to an echo server as npm's `ws` does: messages of every kind, a ping, a clean close. Offers
// permessage-deflate, as this client always does. Over TLS, it trusts the certificate alone.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { once } = require("node:events");
const WebSocket = require("ws");

const patience = 20_000; // milliseconds, for each step
const mebibyte = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7) % 251));

// Each message is a list of fragments, and each is either all text or all bytes.
const messages = [
  ["text", ["grüß 你好 🙂"]],
  ["binary", [Buffer.from(Array.from({ length: 256 }, (_, index) => index))]],
  ["empty text", [""]],
  ["empty binary", [Buffer.alloc(0)]],
  ["1 MiB of binary", [mebibyte]],
  ["1 MiB of text", ["ü".repeat(1 << 19)]],
  ["fragmented text", ["one ", "", "two ", "grüß"]],
  ["fragmented binary", [Buffer.alloc(1, 0), Buffer.alloc(70_000, 1), Buffer.alloc(1, 2)]],
];

// The next event of a socket, which must not take forever.
function next(socket, event) {
  return once(socket, event, { signal: AbortSignal.timeout(patience) });
}

// Sends one message and reads it back.
async function echo(socket, name, fragments) {
  const binary = typeof fragments[0] !== "string";
  const reply = next(socket, "message");
  fragments.forEach((fragment, index) => socket.send(fragment, { binary, fin: index === fragments.length - 1 }));
  const [received, isBinary] = await reply;
  assert.equal(isBinary, binary, `${name}: text came back for binary, or the other way round`);
  const expected = Buffer.concat(fragments.map((fragment) => Buffer.from(fragment)));
  assert.ok(received.equals(expected), `${name}: received ${received.length} bytes of ${expected.length}, or others`);
  console.log(`ok: ${name}`);
}

async function main(address, certificate) {
  const ca = certificate && fs.readFileSync(certificate);
  const socket = new WebSocket(address, { handshakeTimeout: patience, maxPayload: 0, ca });
  await next(socket, "open");
  for (const [name, fragments] of messages) {
    await echo(socket, name, fragments);
  }

  const pong = next(socket, "pong");
  socket.ping("are you there");
  const [payload] = await pong;
  assert.equal(payload.toString(), "are you there");
  console.log("ok: ping answered");

  const closed = next(socket, "close");
  socket.close(1000, "done");
  const [code] = await closed;
  assert.equal(code, 1000);
  console.log("ok: clean close, 1000");
  console.log("npm ws: all as it should be");
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
