export const MAX_QUESTION_BYTES = 100_000;

/** Null when the text may be sent, else the sentence that says why not. */
export function refuseQuestion(text: string): string | null {
  if (!text.trim()) return "Write a question first; an empty one cannot be asked.";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)) {
    return "This is binary data, not text. Paste the text itself.";
  }
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_QUESTION_BYTES) {
    return `The question has ${Math.ceil(bytes / 1000)} kB; the limit is 100 kB. Shorten it or ask in parts.`;
  }
  return null;
}
