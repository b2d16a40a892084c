const LONGEST = 320;

/** The words of a question that a passage is marked with: three letters and more, as stems. */
function terms(q: string): string[] {
  return q
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2)
    .map((word) => (word.length > 4 ? word.replace(/(?:ies|es|s|ing|ed)$/, "") : word));
}

/** The stretch of a passage that holds most of the words, with an ellipsis where it is cut. */
export function snippet(text: string, q: string, longest = LONGEST): string {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= longest) return flat;
  const lower = flat.toLowerCase();
  const wanted = terms(q);
  let best = 0;
  let most = -1;
  for (let start = 0; start < flat.length; start += 80) {
    const part = lower.slice(start, start + longest);
    const held = wanted.filter((word) => part.includes(word)).length;
    if (held > most) [best, most] = [start, held];
  }
  const from = best === 0 ? 0 : flat.indexOf(" ", best) + 1;
  const end = from + longest < flat.length ? flat.lastIndexOf(" ", from + longest) : flat.length;
  return `${from > 0 ? "… " : ""}${flat.slice(from, end)}${end < flat.length ? " …" : ""}`;
}

/** The text in pieces, each with whether it begins with a word of the question. */
export function markTerms(text: string, q: string): [string, boolean][] {
  const wanted = terms(q).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (wanted.length === 0) return [[text, false]];
  return text
    .split(new RegExp(`(\\b(?:${wanted.join("|")})\\w*)`, "gi"))
    .filter(Boolean)
    .map((piece) => [piece, wanted.some((word) => piece.toLowerCase().startsWith(word))]);
}
