/** The shapes that docs/api.md names, written by hand until `npm run client` generates them from OpenAPI. */

export type Role = "customer" | "analyst" | "trader" | "compliance" | "evaluator" | "administrator";
export type Side = "buy" | "sell";
export type OrderType = "market" | "limit";

export interface Person {
  name: string;
  display_name: string;
  role: Role;
  accounts: string[];
  demo: boolean;
}
export interface DemoPerson {
  name: string;
  display_name: string;
  role: Role;
  about: string;
}
export interface Session {
  user: Person | null;
  csrf: string;
  demo: { people: DemoPerson[] };
  label: string | null;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
}
export interface NewApiKey extends ApiKey {
  secret: string;
}

export interface Fact {
  id: string;
  label: string;
  value: number | string | null;
  unit: string | null;
  currency: string | null;
  as_of: string | null;
  source: string | null;
  locator: string | null;
}
export interface Citation {
  document: string;
  filing: string;
  page: number | string | null;
  section: string | null;
  quote: string;
  start: number | null;
  end: number | null;
}
export interface AnswerCard {
  kind: string;
  [field: string]: unknown;
}
export interface Answer {
  run: string;
  thread: string;
  answer: string;
  agents: string[];
  facts: Fact[];
  citations: Citation[];
  approval: { id: string; expires_at: string } | null;
  refusal: {
    rule: string;
    limit: number | string | null;
    value: number | string | null;
    message: string;
  } | null;
  abstained: boolean;
  model: string | null;
  fallback: string | null;
  timings: { route_ms: number | null; first_ms: number | null; total_ms: number | null };
  tokens: number | null;
  cost_usd: number | null;
  narrator: string;
  cards?: AnswerCard[];
}
export interface Thread {
  id: string;
  title: string;
  updated_at: string;
}
export interface ThreadDetail {
  id: string;
  turns: { asked_at: string; question: string; answer: Answer | null }[];
}

export type OrderState = "accepted" | "working" | "filled" | "cancelled" | "rejected";
export interface Order {
  id: string;
  client_id: string;
  account: string;
  instrument: string;
  side: Side;
  quantity: number;
  type: OrderType;
  limit_price: number | null;
  time_in_force: string | null;
  state: OrderState;
  filled: number;
  average_price: number | null;
  created_at: string;
  reason: string | null;
  by: string | null;
}
export interface OrderRequest {
  account: string;
  instrument: string;
  side: Side;
  quantity: number;
  type: OrderType;
  limit_price?: number;
}
export interface RuleCheck {
  rule: string;
  limit: number | string | null;
  value: number | string | null;
  unit: string | null;
  ok: boolean;
  message: string;
}
export interface OrderCheck {
  ok: boolean;
  checks: RuleCheck[];
  estimate: { price: number | null; notional: number | null; commission: number | null; currency: string };
  needs_approval: boolean;
}
export type OrderAnswer = { order: Order; approval?: undefined } | { approval: Approval; order?: undefined };

export interface Approval {
  id: string;
  state: "waiting" | "approved" | "refused" | "expired" | "failed";
  account: string;
  proposed_by: { agent: string; user: string };
  created_at: string;
  expires_at: string;
  orders: Order[];
  diff: { rows: DiffRow[] };
  limits: RuleCheck[];
  cost: {
    notional: number | null;
    commission: number | null;
    spread: number | null;
    total: number | null;
    currency: string;
  };
  why: string;
  facts: Fact[];
  citations: Citation[];
  answers: { user: string; decision: string; reason: string | null; at: string }[];
  needs: { role: string; people: number; reason: string | null };
  may_answer: boolean;
  may_not: string | null;
}
export interface DiffRow {
  field: string;
  unit: string | null;
  before: number | string | null;
  after: number | string | null;
  limit: number | string | null;
}

export interface Position {
  account: string;
  instrument: string;
  name: string;
  asset_class: string;
  quantity: number;
  average_cost: number | null;
  price: number | null;
  currency: string;
  value: number | null;
  unrealised: number | null;
  price_time: string | null;
}
export interface Positions {
  positions: Position[];
  cash: { account: string; currency: string; amount: number }[];
  totals: { account: string; currency: string; equity: number | null; exposure: number | null }[];
}

export interface Instrument {
  id: string;
  symbol: string;
  name: string;
  asset_class: string;
  currency: string;
  tick: number;
  lot: number;
  venue: string;
  simulated: boolean;
  label: string | null;
  first: string | null;
  last: string | null;
}
export interface Clock {
  asset_class: string;
  time: string;
  mode: string;
}
export interface Quote {
  instrument: string;
  bid: number | null;
  ask: number | null;
  last: number | null;
  change: number | null;
  change_pct: number | null;
  time: string | null;
  simulated: boolean;
}
export type Range = "1M" | "6M" | "1Y" | "5Y" | "MAX";
export interface Bar {
  time: string;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number;
}
export interface Bars {
  instrument: string;
  label: string | null;
  bars: Bar[];
}
export type Frame =
  | { seq: number; type: "snapshot" | "quotes"; clocks?: Clock[]; quotes: Quote[] }
  | { seq: number; type: "heartbeat" }
  | { seq: number; type: "order"; order: Order }
  | { seq: number; type: "approval"; id: string; state: Approval["state"] }
  | { seq: number; type: "halt"; halted: boolean };
