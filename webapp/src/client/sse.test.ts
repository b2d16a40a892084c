import { describe, expect, it } from "vitest";
import { sseParser } from "./sse";

const STREAM =
  'event: run\ndata: {"run":"r1"}\n\n: ping\n\nevent: answer\r\ndata: line one\r\ndata: line two\r\n\r\ndata:plain\n\n';
const EVENTS = [
  { event: "run", data: '{"run":"r1"}' },
  { event: "answer", data: "line one\nline two" },
  { event: "message", data: "plain" },
];

describe("sseParser", () => {
  it("reads events, comments, both line ends and several data lines", () => {
    expect(sseParser()(STREAM)).toEqual(EVENTS);
  });

  it("gives the same events for every cut into two and into single characters", () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const parse = sseParser();
      expect([...parse(STREAM.slice(0, cut)), ...parse(STREAM.slice(cut))]).toEqual(EVENTS);
    }
    const parse = sseParser();
    expect([...STREAM].flatMap((char) => parse(char))).toEqual(EVENTS);
  });

  it("gives nothing for an event that was not ended", () => {
    expect(sseParser()("event: run\ndata: {}")).toEqual([]);
  });
});
