/**
 * The shapes on the wire, by the names this app uses. They are made from the API (`make client`), so a changed
 * API fails `npm run types`. Only the frames of the two streams, which OpenAPI cannot say, are written by hand.
 */
import type { components } from "./openapi";

type Schema = components["schemas"];

export type Role = Schema["Role"];
export type Side = Schema["Side"];
export type OrderType = Schema["OrderType"];

export type Person = Schema["User"];
export type Session = Schema["SessionView"];
export type ApiKey = Schema["KeyView"];
export type NewApiKey = Schema["KeyMade"];
export type KeyRequest = Schema["NewKey"];

export type Citation = Schema["Citation"];
export type ApprovalFact = Schema["FactView"];
export type Thread = Schema["ThreadView"];
export type ThreadDetail = Omit<Schema["ThreadDetail"], "turns"> & {
  turns: (Omit<Schema["TurnView"], "answer"> & { answer: Answer | null })[];
};

export type Order = Schema["OrderView"];
export type OrderPage = Schema["Orders"];
export type Ticket = Schema["Ticket"];
export type OrderRequest = Pick<Ticket, "account" | "instrument" | "side"> & {
  quantity: number;
  type: OrderType;
  limit_price?: number;
  stop_price?: number;
  time_in_force?: TimeInForce;
  expires?: string;
  display?: number;
  post_only?: boolean;
};
export type TimeInForce = Schema["TimeInForce"];
export type Amendment = { id: string; quantity?: number; limit_price?: number };
export type RuleCheck = Schema["CheckView"];
export type OrderCheck = Schema["CheckResult"];
export type Cancelled = Schema["Cancelled"];
export type OrderAnswer = Schema["Placed"];
export type Approval = Schema["ApprovalView"];
export type DiffRow = Schema["DiffRow"];
export type Decision = Schema["Decision"];
export type Position = Schema["PositionView"];
export type Positions = Schema["Positions"];

export type Schedule = Schema["ScheduleView"];
export type ScheduleDetail = Schema["ScheduleDetail"];
export type ScheduleState = Schedule["state"];
export type ScheduleKind = Schedule["terms"]["kind"];
export type Urgency = Schedule["terms"]["urgency"];
export type SchedulePreview = Schema["PreviewView"];
export type ScheduleRequest = Omit<Partial<Schema["ScheduleForm"]>, "side"> &
  Pick<Schema["ScheduleForm"], "account" | "instrument" | "side" | "quantity">;
export type ScheduleChange = Partial<Schema["ScheduleChange"]>;
export type ScheduleStarted = Schema["ScheduleStarted"];

export type Strategy = Schema["StrategyView"];
export type Bot = Schema["BotView"];
export type BotDetail = Schema["BotDetail"];
export type BotAct = Schema["ActView"];
export type BotRequest = Partial<Schema["NewBot"]> &
  Pick<Schema["NewBot"], "account" | "strategy" | "universe" | "most" | "max_loss">;
export type Mandate = Schema["MandateView"];
export type MandateDetail = Schema["MandateDetail"];
export type MandateRequest = Schema["NewMandate"];
export type Progress = Schema["Progress"];

export type Instrument = Schema["InstrumentView"];
export type Clock = Schema["ClockView"];
export type Quote = Schema["QuoteView"];
export type Bar = Schema["BarView"];
export type Bars = Schema["Bars"];
export type Range = "1M" | "6M" | "1Y" | "5Y" | "MAX";

/** The `answer` event of POST /v1/chat. */
export interface Fact extends Omit<ApprovalFact, "value"> {
  value: number | string;
}
export interface AnswerCard {
  kind: string;
  title: string;
  body: Record<string, unknown>;
}
export interface Refusal {
  rule: string;
  limit: string;
  value: string;
  message: string;
}
export interface Answer {
  run: string;
  thread: string;
  answer: string;
  /** The question as it was understood, when it left something to the one before it. */
  read_as?: string | null;
  agents: string[];
  facts: Fact[];
  citations: Citation[];
  approval: { id: string; expires_at: string; warning?: string } | null;
  refusal: Refusal | null;
  abstained: boolean;
  model: string | null;
  fallback: string | null;
  timings: { route_ms: number | null; first_ms: number | null; total_ms: number | null };
  tokens: number | null;
  cost_usd: number | null;
  narrator: string;
  cards: AnswerCard[];
}

/** The frames of WS /v1/stream. */
export type Frame =
  | { seq: number; type: "snapshot" | "quotes"; clocks: Clock[]; quotes: Quote[] }
  | { seq: number; type: "heartbeat" }
  | { seq: number; type: "order"; account: string }
  | { seq: number; type: "approval"; id: string; state: Approval["state"] }
  | { seq: number; type: "delivery"; client_id: string; account: string; state: string }
  | { seq: number; type: "schedule"; id: string; state: ScheduleState }
  | { seq: number; type: "fraud"; kind: "streaming" | "market" }
  | { seq: number; type: "halt"; halted: boolean };
