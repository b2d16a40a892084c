/** Shapes of the rooms around trading: filings, fraud, audit, evals, system. Same source as contract.ts. */

export interface FilingHead {
  id: string;
  title: string;
  company: string;
  form: string;
  period: string | null;
  filed: string | null;
  pages?: number | null;
}
export interface FilingSection {
  id: string;
  title: string;
  level: number;
  start: number;
}
export interface Filing extends FilingHead {
  source: string | null;
  sections: FilingSection[];
}
export interface FilingBlock {
  id: string;
  kind: "heading" | "paragraph" | "table";
  text: string;
  rows: (string | number | null)[][] | null;
  start: number;
  end: number;
  page: number | string | null;
}
export interface FilingBlocks {
  section: { id: string; title: string } | null;
  blocks: FilingBlock[];
}

export interface Alert {
  id: string;
  typology: string;
  title: string;
  accounts: string[];
  amount: number | null;
  currency: string;
  start: string;
  end: string;
  rules: { id: string; text: string }[];
  score: number | null;
  state: "open" | "escalated" | "closing" | "closed";
  transfers: number | null;
}
export interface AlertNode {
  id: string;
  label: string;
  kind: string;
  flagged: boolean;
}
export interface AlertEdge {
  id: string;
  source: string;
  target: string;
  amount: number;
  time: string;
}
export interface AlertDetail extends Alert {
  narrative: string;
  innocent: string;
  nodes: AlertNode[];
  edges: AlertEdge[];
  path: string[];
  history: { user: string; action: string; reason: string | null; at: string }[];
}

export interface AuditRecord {
  seq: number;
  kind: string;
  subject: string | null;
  event_time: string;
  knowledge_time: string;
  body: unknown;
  leaf_hash: string;
}
export interface AuditPage {
  records: AuditRecord[];
  head: { size: number; root: string; time: string; signature: string | null; key: string | null };
}
export interface Proof {
  seq: number;
  leaf_hash: string;
  size: number;
  root: string;
  path: { hash: string; side: "left" | "right" }[];
}
export interface Verification {
  ok: boolean;
  records: number;
  first_bad: { seq: number; why: string } | null;
  ms?: number;
}

export interface Suite {
  name: string;
  description: string;
  cases: number | null;
  metrics: string[];
}
export interface Interval {
  value: number | null;
  low?: number | null;
  high?: number | null;
}
export interface EvalCase {
  id: string;
  passed: boolean;
  score: number | null;
  reason: string | null;
  ms: number | null;
  cost_usd: number | null;
}
export interface EvalResult {
  suite: string;
  cases: number;
  passed: number;
  failed: number;
  metrics: Record<string, number | null | Interval>;
  intervals?: Record<string, [number, number] | null>;
  cases_detail?: EvalCase[];
}
export interface EvalRun {
  id: string;
  suite: string;
  state: "running" | "done" | "failed";
  started_at?: string;
  done?: number | null;
  cases?: number | null;
  result: EvalResult | null;
}

export interface Backend {
  role: string;
  state: "embedded" | "connected" | "unreachable";
  product: string;
  setting: string | null;
  detail: string | null;
}
export interface Halt {
  halted: boolean;
  reason: string | null;
  by: string | null;
  at: string | null;
  resume: string[];
  needed: number;
}
export interface SystemState {
  version: string;
  backends: Backend[];
  kernel: string;
  narrator: string;
  clocks: { asset_class: string; time: string; mode: string }[];
  halt: Halt;
  data_folder: string | null;
  started_at: string;
}
