// Collects the sha256 of every inline script of the export, so that the server can send
// `script-src 'self'` plus these hashes and nothing looser. Writes out/csp.json.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const out = fileURLToPath(new URL("../out/", import.meta.url));
const inlineScript = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;
const hashes = new Set();
for (const name of readdirSync(out, { recursive: true })) {
  if (!String(name).endsWith(".html")) continue;
  for (const [, body] of readFileSync(`${out}/${name}`, "utf8").matchAll(inlineScript)) {
    if (body) hashes.add(`'sha256-${createHash("sha256").update(body, "utf8").digest("base64")}'`);
  }
}
writeFileSync(`${out}/csp.json`, `${JSON.stringify({ "script-src": [...hashes].sort() }, null, 1)}\n`);
console.log(`csp.json: ${hashes.size} inline scripts hashed`);
