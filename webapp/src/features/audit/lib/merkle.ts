/** RFC 6962 inner nodes, recomputed in the browser: SHA-256(0x01 || left || right) from the leaf to the root. */
import type { Proof } from "@/client/contract-desk";

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function toHex(data: ArrayBuffer): string {
  return [...new Uint8Array(data)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function rootOf(proof: Proof): Promise<string> {
  let node = proof.leaf_hash;
  for (const step of proof.path) {
    const [left, right] = step.side === "left" ? [step.hash, node] : [node, step.hash];
    const joined = new Uint8Array([1, ...bytes(left), ...bytes(right)]);
    node = toHex(await crypto.subtle.digest("SHA-256", joined));
  }
  return node;
}
