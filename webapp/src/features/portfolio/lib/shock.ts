/** A person's own scenario: what moves by how many per cent, and the words in which the desk takes it. */

export const SHOCK_FACTORS: Record<string, string> = {
  equity: "Stocks",
  bonds: "Long bonds",
  dollar: "Dollar",
  oil: "Oil",
  crypto: "Crypto",
};

export type ShockFields = Record<string, string>;

/** `equity=-20,oil=30`, or why that cannot be; fields left empty or at zero do not move. */
export function readShock(fields: ShockFields): { shock: string; error: string } {
  const parts: string[] = [];
  for (const [factor, name] of Object.entries(SHOCK_FACTORS)) {
    const typed = (fields[factor] ?? "").trim().replace(",", ".").replace("−", "-");
    if (typed === "") continue;
    const move = Number(typed);
    if (!Number.isFinite(move)) return { shock: "", error: `${name}: “${typed}” is no number of per cent.` };
    if (move < -100 || move > 500) return { shock: "", error: `${name} can move between −100 and 500 %.` };
    if (move !== 0) parts.push(`${factor}=${move}`);
  }
  return parts.length > 0
    ? { shock: parts.join(","), error: "" }
    : { shock: "", error: "Give at least one move in per cent." };
}
