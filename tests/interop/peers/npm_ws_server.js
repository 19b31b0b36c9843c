// npm_ws_server.js PORT [CERTIFICATE KEY]
//
// A server with npm's `ws` for our client: echoes, compresses, agrees to subprotocols, refuses, redirects, closes.
// With a certificate, over TLS.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const { WebSocketServer } = require("ws");

const known = ["chat.v2", "chat.v1"];
const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: 0,
  perMessageDeflate: { threshold: 0 }, // for clients that offer it
  handleProtocols: (offered) => known.find((name) => offered.has(name)) ?? false,
});

// What paths other than the echo's are answered with; nothing opens the WebSocket.
function answer(path, headers) {
  if (path === "/forbidden") {
    return "HTTP/1.1 403 Forbidden\r\nX-Why: members\r\nTransfer-Encoding: chunked\r\n\r\nd\r\nmembers only\n\r\n0\r\n\r\n";
  }
  if (path === "/moved") {
    return "HTTP/1.1 302 Found\r\nLocation: /chat?moved\r\nSet-Cookie: session=7; HttpOnly\r\nContent-Length: 0\r\n\r\n";
  }
  if (path === "/chat" && !(headers.cookie ?? "").includes("session=7")) {
    return "HTTP/1.1 401 Unauthorized\r\nContent-Length: 11\r\n\r\nno session\n";
  }
  return undefined;
}

const [port, certificate, key] = process.argv.slice(2);
const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })
  : http.createServer();
server.on("upgrade", (request, stream, head) => {
  const path = request.url.split("?")[0];
  const refusal = answer(path, request.headers);
  if (refusal) {
    stream.end(refusal);
    return;
  }
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.on("message", (message, binary) => {
      if (path === "/close") {
        socket.once("pong", () => socket.close(4001, "that was it"));
        socket.ping("still there?");
      } else {
        socket.send(message, { binary });
      }
    });
  });
});
server.listen(Number(port), "127.0.0.1");
