/** One running turn as a value: stream events fold into it, components only read it. */
import type { Answer } from "@/client/contract";

export type StepState = "queued" | "started" | "finished" | "failed";
export interface ToolCall {
  tool: string;
  arguments: unknown;
  ok: boolean;
  ms: number | null;
  summary: string;
}
export interface Step {
  agent: string;
  state: StepState;
  ms: number | null;
  tools: ToolCall[];
}
/** `choices` are the two agents the router was in doubt between, the one that answers first; else none. */
export interface Route {
  by: string;
  ms: number | null;
  confidence: number | null;
  choices: string[];
}
export interface Turn {
  question: string;
  state: "running" | "done" | "failed" | "stopped";
  thread: string | null;
  route: Route | null;
  steps: Step[];
  answer: Answer | null;
  error: string | null;
  startedAt: number;
}

export function newTurn(question: string, startedAt: number): Turn {
  return {
    question,
    state: "running",
    thread: null,
    route: null,
    steps: [],
    answer: null,
    error: null,
    startedAt,
  };
}

type Fields = Record<string, unknown>;
const text = (value: unknown) => (typeof value === "string" ? value : "");
const number = (value: unknown) => (typeof value === "number" ? value : null);

function withStep(turn: Turn, agent: string, change: (step: Step) => Step): Turn {
  const fresh: Step = { agent, state: "started", ms: null, tools: [] };
  const known = turn.steps.some((step) => step.agent === agent);
  const steps = known ? turn.steps : [...turn.steps, fresh];
  return { ...turn, steps: steps.map((step) => (step.agent === agent ? change(step) : step)) };
}

/** Unknown events change nothing, so a newer server may send more. */
export function foldEvent(turn: Turn, name: string, data: unknown): Turn {
  if (typeof data !== "object" || data === null) return turn;
  const fields = data as Fields;
  switch (name) {
    case "run":
      return { ...turn, thread: text(fields.thread) || null };
    case "route": {
      const agents = Array.isArray(fields.agents) ? fields.agents.map(text) : [];
      const queued = agents.map((agent): Step => ({ agent, state: "queued", ms: null, tools: [] }));
      const route: Route = {
        by: text(fields.by),
        ms: number(fields.ms),
        confidence: number(fields.confidence),
        choices: Array.isArray(fields.choices) ? fields.choices.map(text) : [],
      };
      return { ...turn, route, steps: queued };
    }
    case "step": {
      const state = text(fields.state) as StepState;
      return withStep(turn, text(fields.agent), (step) => ({
        ...step,
        state,
        ms: number(fields.ms) ?? step.ms,
      }));
    }
    case "tool": {
      const call: ToolCall = {
        tool: text(fields.tool),
        arguments: fields.arguments ?? {},
        ok: fields.ok !== false,
        ms: number(fields.ms),
        summary: text(fields.summary),
      };
      return withStep(turn, text(fields.agent), (step) => ({ ...step, tools: [...step.tools, call] }));
    }
    case "answer":
      return { ...turn, state: "done", answer: data as Answer };
    case "error":
      return {
        ...turn,
        state: "failed",
        error: text(fields.detail) || text(fields.title) || "The run failed.",
      };
    case "done":
      return turn.state === "running"
        ? { ...turn, state: "failed", error: "The run ended without an answer. Retry." }
        : turn;
    default:
      return turn;
  }
}
