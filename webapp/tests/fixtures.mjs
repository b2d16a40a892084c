// TEST FIXTURE: invented answers in the shape of docs/api.md, for looking at pages without the Python server.
const day = (n) => new Date(Date.UTC(2024, 0, 2) + n * 86_400_000).toISOString().slice(0, 10);
const soon = (s) => new Date(Date.now() + s * 1000).toISOString();
const T = "2024-11-15T20:59:58Z";

const names = [
  ["XNAS:AAPL", "Apple Inc.", "stocks", "USD", 0.01, 225],
  ["XNAS:NVDA", "NVIDIA Corporation", "stocks", "USD", 0.01, 141.98],
  ["XNYS:JPM", "JPMorgan Chase & Co.", "stocks", "USD", 0.01, 245.31],
  ["BNCE:BTCUSDT", "Bitcoin", "crypto", "USDT", 0.01, 91066.01],
  ["BNCE:ETHUSDT", "Ether", "crypto", "USDT", 0.01, 3091.5],
  ["ECB:EURUSD", "Euro in US dollars", "forex", "USD", 0.0001, 1.0583],
  ["CMDT:GOLD", "Gold, troy ounce", "commodities", "USD", 0.1, 2563.2],
  ["UST:10Y", "US Treasury 10 years, yield", "bonds", "USD", 0.001, 4.431],
];
export const instruments = names.map(([id, name, asset_class, currency, tick], at) => ({
  id,
  symbol: id.split(":")[1],
  name,
  asset_class,
  currency,
  tick,
  lot: asset_class === "crypto" ? 0.001 : 1,
  venue: id.split(":")[0],
  simulated: at === 6,
  label: at === 6 ? "simulated path" : "replay of real daily prices",
  first: day(0),
  last: day(319),
}));
export const quotes = (shift = 0) =>
  names.map(([id, , , , tick, p], at) => ({
    instrument: id,
    bid: p - tick + shift * tick,
    ask: p + tick + shift * tick,
    last: at === 7 ? null : p + shift * tick,
    change: at % 3 === 1 ? -p * 0.012 : p * 0.004,
    change_pct: at % 3 === 1 ? -1.2 : 0.4,
    time: T,
    simulated: at === 6,
  }));
export const clocks = [...new Set(names.map((n) => n[2]))].map((asset_class) => ({
  asset_class,
  time: T,
  mode: "replay",
}));
export const bars = (id) => {
  const base = names.find((n) => n[0] === id)?.[5] ?? 100;
  let close = base * 0.8;
  const list = Array.from({ length: 319 }, (_, n) => {
    const open = close;
    close = open * (1 + Math.sin(n / 9) * 0.006 + Math.sin(n * 7.3) * 0.009 + 0.0006);
    const closesOnly = id.startsWith("ECB") || id.startsWith("UST");
    return {
      time: day(n),
      open: closesOnly ? null : open,
      high: closesOnly ? null : Math.max(open, close) * 1.004,
      low: closesOnly ? null : Math.min(open, close) * 0.995,
      close,
    };
  });
  return { instrument: id, label: "replay of real daily prices", bars: list };
};
const order = (n, state, extra = {}) => ({
  id: `O-${n}`,
  client_id: `c-${n}`,
  account: "TRADE-1",
  instrument: "XNAS:NVDA",
  side: n % 2 ? "buy" : "sell",
  quantity: 400,
  type: "limit",
  limit_price: 142.5,
  time_in_force: "day",
  state,
  filled: state === "filled" ? 400 : 0,
  average_price: state === "filled" ? 142.43 : null,
  created_at: soon(-3600 * n),
  reason: null,
  by: "tara",
  ...extra,
});
export const orders = [
  order(5, "working"),
  order(4, "filled"),
  order(3, "filled", { type: "market", limit_price: null }),
  order(2, "rejected", { reason: "Position limit 5,000 would be passed: 5,400" }),
  order(1, "cancelled"),
];
export const positions = {
  positions: names.slice(0, 5).map(([id, name, asset_class, currency, , p], at) => ({
    account: "TRADE-1",
    instrument: id,
    name,
    asset_class,
    quantity: at > 2 ? 0.75 : 400 + at * 100,
    average_cost: p * (at % 2 ? 1.05 : 0.91),
    price: p,
    currency,
    value: p * (at > 2 ? 0.75 : 400 + at * 100),
    unrealised: p * (at % 2 ? -31 : 44),
    price_time: T,
    note: "",
  })),
  cash: [{ account: "TRADE-1", currency: "USD", amount: 1204310.55 }],
  totals: [{ account: "TRADE-1", currency: "USD", equity: 1523310.02, exposure: 318999.47 }],
};
const fact = (id, label, value, unit, currency) => ({
  id,
  label,
  value,
  unit,
  currency,
  as_of: "2023-09-30",
  source: "Apple Inc. 10-K FY2023",
  locator: "p. 41, Net sales",
});
export const citation = {
  document: "Apple Inc. 10-K FY2023",
  filing: "aapl-10k-2023",
  page: 41,
  section: "Net sales",
  quote: "Total net sales were $383,285 million in 2023, down 3% from 2022.",
  start: 1119,
  end: 1183,
};
const rule = (name, value, limit, unit, ok, message) => ({ rule: name, value, limit, unit, ok, message });
export const checks = [
  rule("order_notional", 56972, 250000, "USD", true, "within"),
  rule("position_quantity", 1400, 5000, "shares", true, "within"),
  rule("price_age", 0.4, 10, "s", true, "within"),
];
export const approval = (n, extra = {}) => ({
  id: `P-${n}`,
  state: "waiting",
  account: "TRADE-1",
  proposed_by: { agent: "execution", user: "carla" },
  created_at: soon(-300),
  expires_at: soon(250 + n),
  orders: [order(7, "accepted")],
  order: order(7, "accepted"),
  diff: {
    rows: [
      { field: "position", unit: "shares", before: 1000, after: 1400, limit: 5000 },
      { field: "cash", unit: "USD", before: 1204310.55, after: 1147310.55, limit: 0 },
      { field: "value_at_risk", unit: "USD", before: 21400.1, after: 23880.4, limit: 60000 },
      { field: "order_type", unit: null, before: null, after: "limit day", limit: null },
    ],
  },
  limits: [
    ...checks,
    rule(
      "single_name_share",
      0.31,
      0.3,
      "of equity",
      false,
      "NVDA would be 31 % of equity; the limit is 30 %. A second trader must agree.",
    ),
  ],
  cost: { notional: 57000, commission: 28.5, spread: 4, total: 57032.5, currency: "USD" },
  why: "Momentum is positive and the headlines read **positive** ([0.62](#fact-f2)). The trade keeps value at risk inside its limit.",
  facts: [fact("f2", "Sentiment score NVDA", 0.62, "score", null)],
  citations: [citation],
  answers: [{ user: "tom", decision: "approve", reason: "fits the plan", at: soon(-60) }],
  needs: { role: "trader", people: 2, reason: "above 50,000 USD" },
  may_answer: true,
  may_not: null,
  ...extra,
});
export const approvals = () => [
  approval(31),
  approval(30, {
    expires_at: soon(45),
    may_answer: false,
    may_not: "you asked for this trade, so another trader must answer.",
  }),
  approval(29, { state: "expired", expires_at: soon(-500) }),
];
export const answer = {
  run: "r-1",
  thread: "t-1",
  answer:
    "Apple's total net sales in fiscal 2023 were [383,285,000,000 USD](#fact-f3), a change of [−2.8 %](#fact-f4).\n\n| Segment | Net sales |\n|---|---|\n| Products | 298,085 |\n| Services | 85,200 |\n\n- The figure is from the income statement.\n- The next filing may restate it.",
  agents: ["customer_query", "market_data"],
  facts: [
    fact("f3", "Total net sales, fiscal 2023", 383285000000, null, "USD"),
    fact("f4", "Change against fiscal 2022", -2.8, "%", null),
  ],
  citations: [citation],
  approval: null,
  refusal: null,
  abstained: false,
  model: null,
  fallback: null,
  timings: { route_ms: 2.1, first_ms: 9.4, total_ms: 412 },
  tokens: 0,
  cost_usd: 0,
  narrator: "offline narrator",
  cards: [
    {
      kind: "comparison",
      title: "Net sales",
      rows: [
        { year: 2022, sales: 394328 },
        { year: 2023, sales: 383285 },
      ],
    },
  ],
};
const text = (start, s) => ({ start, end: start + s.length, text: s });
export const filing = {
  id: "aapl-10k-2023",
  title: "Apple Inc. 10-K FY2023",
  company: "Apple Inc.",
  form: "10-K",
  period: "FY2023",
  filed: "2023-11-03",
  source: "bundled",
  sections: [
    { id: "s1", title: "Item 1. Business", level: 1, start: 0 },
    { id: "s7", title: "Item 7. Management's Discussion", level: 1, start: 1000 },
    { id: "s7a", title: "Net sales", level: 2, start: 1100 },
  ],
};
export const blocks = (section) => ({
  section: { id: section, title: "Net sales" },
  blocks: [
    { id: "b1", kind: "heading", ...text(1100, "Net sales"), rows: null, page: 41 },
    {
      id: "b2",
      kind: "paragraph",
      ...text(
        1110,
        "Overall. Total net sales were $383,285 million in 2023, down 3% from 2022. The weakness of foreign currencies had an unfavourable effect.",
      ),
      rows: null,
      page: 41,
    },
    {
      id: "b3",
      kind: "table",
      ...text(1260, "Net sales by category"),
      rows: [
        ["(in millions)", "2023", "Change", "2022"],
        ["iPhone", "$200,583", "(2)%", "$205,489"],
        ["Services", "85,200", "9%", "78,129"],
        ["Total net sales", "$383,285", "(3)%", "$394,328"],
      ],
      page: 42,
    },
  ],
});
const nodes = ["ACC-101", "ACC-205", "ACC-318", "ACC-422", "ACC-517", "ACC-640"].map((id, at) => ({
  id,
  label: id,
  kind: at === 5 ? "bank" : "account",
  flagged: at < 3,
}));
const edge = (n, s, t, amount) => ({
  id: `e${n}`,
  source: nodes[s].id,
  target: nodes[t].id,
  amount,
  time: `2024-11-1${n % 5}T0${n}:15:00Z`,
});
export const alert = (id, state = "open") => ({
  id,
  typology: id === "118" ? "cycle" : "fan_out",
  title: id === "118" ? "Money returns to its sender in 3 days" : "One account feeds five in an hour",
  accounts: nodes.slice(0, 4).map((n) => n.id),
  amount: 48210.5,
  currency: "USD",
  start: "2024-11-11T01:15:00Z",
  end: "2024-11-14T04:15:00Z",
  rules: [{ id: "cycle-3", text: "A closed ring of at least 3 accounts within 7 days, amounts within 10 %" }],
  score: 0.82,
  state,
  transfers: 6,
});
export const alertDetail = (id, state) => ({
  ...alert(id, state),
  narrative:
    "Four accounts passed nearly the same amount in a ring, and the first one got it back after three days.",
  innocent: "A family company that settles mutual loans would look the same; ask for the loan contracts.",
  nodes,
  edges: [
    edge(1, 0, 1, 12100),
    edge(2, 1, 2, 12050),
    edge(3, 2, 3, 12010),
    edge(4, 3, 0, 11990),
    edge(5, 3, 4, 60.5),
    edge(6, 4, 5, 59),
  ],
  path: ["e1", "e2", "e3", "e4"],
  history:
    state === "closing"
      ? [{ user: "cleo", action: "close", reason: "loan contracts seen", at: soon(-900) }]
      : [],
});
const hex = (n) => n.toString(16).padStart(2, "0").repeat(32);
export const records = Array.from({ length: 30 }, (_, n) => ({
  seq: 9812 - n,
  kind: ["ORDER_SENT", "APPROVAL_ANSWERED", "ANSWER_GIVEN"][n % 3],
  subject: "tara",
  event_time: T,
  knowledge_time: soon(-n * 60),
  body: { client_id: `c-${n}`, quantity: 400, account: "TRADE-1" },
  leaf_hash: hex(n + 16),
}));
export const head = { size: 9813, root: hex(200), time: soon(-20), signature: "ed25519:00", key: hex(77) };
export const proof = (seq) => ({
  seq,
  leaf_hash: hex(18),
  size: 9813,
  root: hex(200),
  path: Array.from({ length: 7 }, (_, n) => ({ hash: hex(100 + n), side: n % 2 ? "left" : "right" })),
});
const result = {
  suite: "sentiment",
  cases: 4840,
  passed: 4012,
  failed: 828,
  metrics: { accuracy: { value: 0.829, low: 0.818, high: 0.839 }, macro_f1: 0.801, p50_ms: 1.8 },
  cases_detail: [
    { id: "s-17", passed: false, score: 0, reason: "said neutral, gold positive", ms: 1.7, cost_usd: 0 },
    { id: "s-18", passed: true, score: 1, reason: null, ms: 1.6, cost_usd: 0 },
  ],
};
export const evals = {
  suites: [
    {
      name: "sentiment",
      description: "Headlines labelled by people",
      cases: 4840,
      metrics: ["accuracy", "macro_f1"],
    },
    {
      name: "filings",
      description: "Questions on real filings",
      cases: 150,
      metrics: ["page_hit@5", "numeric_accuracy"],
    },
  ],
  runs: [
    { id: "run-2", suite: "filings", state: "running", started_at: soon(-30), result: null },
    { id: "run-1", suite: "sentiment", state: "done", started_at: soon(-3000), result },
  ],
};
export const run = (id) =>
  id === "run-1" ? { ...evals.runs[1], done: 4840, cases: 4840 } : { ...evals.runs[0], done: 61, cases: 150 };
const backend = (role, state, product, setting, detail) => ({ role, state, product, setting, detail });
export const system = (halted) => ({
  version: "0.1.0",
  kernel: "native",
  narrator: "offline narrator",
  clocks,
  data_folder: "~/.tenor",
  started_at: soon(-4000),
  backends: [
    backend("chat_model", "embedded", "plans, no model", "TENOR_LLM_BASE_URL", "agents run their plans"),
    backend("store", "connected", "PostgreSQL 17", "TENOR_DATABASE_URL", null),
    backend("event_bus", "embedded", "in process", "TENOR_REDIS_URL", null),
    backend(
      "filing_index",
      "unreachable",
      "Chroma server",
      "TENOR_CHROMA_URL",
      "connection refused; retry in 12 s",
    ),
    backend("transaction_graph", "embedded", "scipy", "TENOR_NEO4J_URL", null),
  ],
  halt: halted
    ? { halted: true, reason: "odd fills on NVDA", by: "tom", at: soon(-120), resume: ["tom"], needed: 2 }
    : { halted: false, reason: null, by: null, at: null, resume: [], needed: 2 },
});
export const people = [
  ["carla", "Carla Customer", "customer", "asks the robo-advisor, owns a small portfolio"],
  ["anna", "Anna Analyst", "analyst", "reads filings and news"],
  ["tara", "Tara Trader", "trader", "trades, approves, may halt"],
  ["cleo", "Cleo Compliance", "compliance", "works fraud cases, checks the log"],
  ["eve", "Eve Evaluator", "evaluator", "runs the suites"],
  ["adam", "Adam Admin", "administrator", "keys and back ends"],
].map(([name, display_name, role, about]) => ({ name, display_name, role, about }));
