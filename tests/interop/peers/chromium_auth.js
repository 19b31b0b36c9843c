// chromium_auth.js PAGE BROWSER
//
// Logs in at the auth example in a headless Chromium. Its cookie opens the WebSocket, and nothing else
// does; the cookie that comes with 101 is kept and sent again; pages of other origins are refused.
"use strict";

const assert = require("node:assert/strict");
const http = require("node:http");
const net = require("node:net");
const { once } = require("node:events");
const { chromium } = require("playwright-core");

const patience = 20_000; // milliseconds, for each step
const alice = { username: "alice", password: "opensesame" };

// Goes between the browser and the listener, and keeps how each connection begins: a page is not told
// why its WebSocket is refused, nor what was sent with it.
async function listenIn(address, heads) {
  const { hostname, port } = new URL(address);
  const server = net.createServer((browser) => {
    const listener = net.connect(Number(port), hostname);
    const head = {};
    heads.push(head);
    browser.once("data", (data) => (head.request = data.toString("latin1")));
    listener.once("data", (data) => (head.response = data.toString("latin1")));
    for (const [from, to] of [[browser, listener], [listener, browser]]) {
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

// Opens a WebSocket from the page. Gives the status of the answer, the first message if there is one,
// and the names of the cookies that went along.
async function open(page, url, heads) {
  const before = heads.length;
  const message = await page.evaluate(
    (url) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.onmessage = ({ data }) => {
          socket.onclose = () => resolve(data);
          socket.close(1000);
        };
        socket.onclose = () => resolve(null);
      }),
    url,
  );
  const path = new URL(url).pathname + new URL(url).search;
  const { request, response } = heads.slice(before).find(({ request }) => request?.startsWith(`GET ${path} `));
  const sent = request.match(/^Cookie: (.*)\r$/m)?.[1].split("; ") ?? [];
  const cookies = sent.map((cookie) => cookie.split("=")[0]).sort();
  return { status: Number(response.split(" ")[1]), message, cookies };
}

async function cookie(context, name) {
  return (await context.cookies()).find((cookie) => cookie.name === name);
}

// With another password, and so without the cookie.
async function aStranger(browser, address, chat, heads) {
  const context = await browser.newContext({ httpCredentials: { ...alice, password: "sesame" } });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  assert.equal((await page.goto(new URL("/login", address).href)).status(), 401);
  await page.goto(address);
  assert.deepEqual(await open(page, chat, heads), { status: 401, message: null, cookies: [] });
  assert.deepEqual(await context.cookies(), []);
  await context.close();
  console.log("ok: without the cookie, 401");
}

async function logIn(context, address) {
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  await page.goto(address);
  await page.locator("#chat", { hasText: "refused" }).waitFor();
  await page.click("a");
  await page.locator("#chat", { hasText: /^welcome, alice$/ }).waitFor();
  assert.equal(page.url(), address, "the redirect leads back to the page");
  const { httpOnly, sameSite, path } = await cookie(context, "session");
  assert.deepEqual({ httpOnly, sameSite, path }, { httpOnly: true, sameSite: "Strict", path: "/" });
  assert.equal(await page.evaluate(() => document.cookie), "", "no script sees the cookies");
  console.log("ok: logged in, and the cookie opens the WebSocket");
  return page;
}

// Set-Cookie of the answer 101.
async function comeAgain(context, page, chat, heads) {
  const { value, httpOnly, sameSite, path } = await cookie(context, "visits");
  assert.deepEqual([value, httpOnly, sameSite, path], ["1", true, "Strict", "/chat"]);
  for (const before of [1, 2]) {
    const message = `welcome back, alice; visits before: ${before}`;
    assert.deepEqual(await open(page, chat, heads), { status: 101, message, cookies: ["session", "visits"] });
  }
  assert.equal((await cookie(context, "visits")).value, "3");
  console.log("ok: the cookie that came with 101 is kept, and sent with the next WebSocket");
}

// Another port is another origin, but the same site: the cookies come along, and do not help. Another
// host is another site.
async function fromElsewhere(context, chat, heads) {
  const server = http.createServer((_, response) => response.end("<!doctype html>"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  for (const [host, cookies] of [["localhost", ["session", "visits"]], ["127.0.0.1", []]]) {
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    await page.goto(`http://${host}:${server.address().port}/`);
    assert.deepEqual(await open(page, chat, heads), { status: 403, message: null, cookies });
    await page.close();
  }
  assert.equal((await cookie(context, "visits")).value, "3", "a refusal sets no cookie");
  server.close();
  console.log("ok: from another origin, 403; from another site, no cookie at all");
}

async function main(listener, executablePath) {
  const heads = [];
  const between = await listenIn(listener, heads);
  const address = `http://localhost:${between.address().port}/`;
  // Not quite what the page opens by itself.
  const chat = new URL("/chat?again", address.replace(/^http/, "ws")).href;
  const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: false });
  try {
    await aStranger(browser, address, chat, heads);
    const context = await browser.newContext({ httpCredentials: alice });
    const page = await logIn(context, address);
    await comeAgain(context, page, chat, heads);
    await fromElsewhere(context, chat, heads);
    await context.clearCookies({ name: "session" });
    assert.deepEqual(await open(page, chat, heads), { status: 401, message: null, cookies: ["visits"] });
    console.log("ok: with the cookie gone, 401 again");
    console.log(`Chromium ${browser.version()}: all as it should be`);
  } finally {
    await browser.close();
    between.close();
  }
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
