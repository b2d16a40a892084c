// TEST FIXTURE: serves out/ with the strict CSP, and canned answers under /v1. Never part of the product.
// usage: node tests/fixture-server.mjs [port]; the door token is "open".
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { problem, ROUTES } from "./fixture-routes.mjs";
import * as fix from "./fixtures.mjs";

const out = fileURLToPath(new URL("../out/", import.meta.url));
const hashes = JSON.parse(readFileSync(join(out, "csp.json"), "utf8"))["script-src"];
const csp = `default-src 'none'; script-src 'self' ${hashes.join(" ")}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`;
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".txt": "text/plain",
  ".json": "application/json",
};
async function chat(response, body) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  send("run", { run: "r-1", thread: body.thread ?? "t-1" });
  send("route", { agents: ["customer_query", "market_data"], by: "classifier", ms: 2.1 });
  for (const agent of ["customer_query", "market_data"]) {
    send("step", { agent, state: "started" });
    await pause(body.message.includes("slow") ? 4000 : 150);
    send("tool", {
      agent,
      tool: "search_filings",
      arguments: { company: "Apple", period: "FY2023" },
      ok: true,
      ms: 12.5,
      summary: "3 passages",
    });
    send("step", { agent, state: "finished", ms: 140 });
  }
  send("answer", fix.answer);
  send("done", {});
  response.end();
}

async function api(request, response, url) {
  let raw = "";
  for await (const chunk of request) raw += chunk;
  const body = raw ? JSON.parse(raw) : {};
  const path = url.pathname.slice(3);
  const reply = (status, type, data) => {
    response.writeHead(status, { "content-type": type });
    response.end(data);
  };
  const refuse = (p) => reply(p.status, p.type, JSON.stringify(p.body));
  if (request.method !== "GET" && path !== "/session/door" && request.headers["x-csrf-token"] !== "fixture")
    return refuse(problem(403, "The x-csrf-token header is missing."));
  if (path === "/chat") return chat(response, body);
  for (const [method, pattern, answer] of ROUTES) {
    const match = request.method === method && path.match(pattern);
    if (!match) continue;
    const result = answer(match, body, url.searchParams);
    if (result?.type === "application/problem+json") return refuse(result);
    if (result === null) return response.writeHead(204).end();
    return reply(200, "application/json", JSON.stringify(result));
  }
  refuse(problem(404, `No route ${request.method} ${path}.`));
}

function file(response, pathname) {
  let path = join(out, normalize(decodeURIComponent(pathname)));
  if (existsSync(path) && statSync(path).isDirectory()) path = join(path, "index.html");
  const found = path.startsWith(out) && existsSync(path);
  if (!found) path = join(out, "404.html");
  response.writeHead(found ? 200 : 404, {
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    "content-security-policy": csp,
  });
  response.end(readFileSync(path));
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname.startsWith("/v1/")) api(request, response, url).catch((error) => response.destroy(error));
  else file(response, url.pathname);
});

server.on("upgrade", (request, socket) => {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let seq = 0;
  const send = (frame) => {
    const data = Buffer.from(JSON.stringify({ seq: seq++, ...frame }));
    const size =
      data.length < 126
        ? Buffer.from([0x81, data.length])
        : Buffer.from([0x81, 126, data.length >> 8, data.length & 255]);
    socket.write(Buffer.concat([size, data]));
  };
  send({ type: "snapshot", clocks: fix.clocks, quotes: fix.quotes() });
  const beat = setInterval(() => {
    send({ type: "heartbeat" });
    send({ type: "quotes", clocks: fix.clocks, quotes: fix.quotes(seq % 7).slice(0, 3) });
  }, 1000);
  socket.on("close", () => clearInterval(beat));
  socket.on("error", () => clearInterval(beat));
  socket.on("data", () => {});
});
server.listen(Number(process.argv[2] ?? 8499), "127.0.0.1");
