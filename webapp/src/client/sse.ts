/** Server-sent events over POST: a push parser that takes chunks, and a runner that feeds it from fetch. */
import { ApiProblem, csrfHeader, problemOf } from "./http";

export interface SseEvent {
  event: string;
  data: string;
}

/** Returns a function that takes text chunks cut anywhere and yields the events they complete. */
export function sseParser(): (chunk: string) => SseEvent[] {
  let buffer = "";
  let event = "";
  let data: string[] = [];
  return (chunk) => {
    const events: SseEvent[] = [];
    buffer += chunk;
    // A lone CR at the end may be half of CRLF: keep it for the next chunk.
    const lines = buffer.split(/\r\n|\n|\r(?!$)/);
    buffer = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) events.push({ event: event || "message", data: data.join("\n") });
        event = "";
        data = [];
        continue;
      }
      if (line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") event = value;
      else if (field === "data") data.push(value);
    }
    return events;
  };
}

/** Runs one stream to its end. Rejects with ApiProblem when refused, AbortError when the signal fired. */
export async function postStream(
  path: string,
  body: unknown,
  onEvent: (name: string, data: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(`/v1${path}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { accept: "text/event-stream", "content-type": "application/json", ...csrfHeader() },
    body: JSON.stringify(body),
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new ApiProblem(0, "The server does not answer. Check that tenor is up, then retry.", "offline");
  });
  if (!response.ok || !response.body) throw await problemOf(response);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parse = sseParser();
  for (;;) {
    const { done, value } = await reader.read();
    const text = done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true });
    for (const { event, data } of parse(text)) onEvent(event, readJson(data));
    if (done) return;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
