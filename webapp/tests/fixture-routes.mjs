// TEST FIXTURE: the routes of docs/api.md over invented data; state lives as long as the process.
import * as fix from "./fixtures.mjs";

const state = { user: null, door: false, halted: false, keys: [], alerts: { 118: "open", 119: "closing" } };

export const problem = (status, detail) => ({
  status,
  type: "application/problem+json",
  body: { type: "about:blank", title: "Refused", status, detail },
});
const session = () => ({
  user: state.user,
  csrf: "fixture",
  demo: { people: state.door ? fix.people : [] },
  label: "SIMULATED",
});
const enter = (name) => {
  const person = fix.people.find((each) => each.name === name);
  if (!person) return problem(403, "Name or password is wrong.");
  state.user = {
    ...person,
    accounts: ["trader", "customer"].includes(person.role) ? ["TRADE-1"] : [],
    demo: true,
  };
  return session();
};

export const ROUTES = [
  ["GET", /^\/session$/, session],
  [
    "POST",
    /^\/session\/door$/,
    (_m, body) => {
      if (body.token !== "open" || state.door) return problem(403, "This one-time address was used before.");
      state.door = true;
      return null;
    },
  ],
  ["POST", /^\/session(?:\/demo)?$/, (_m, body) => enter(body.name)],
  [
    "DELETE",
    /^\/session$/,
    () => {
      state.user = null;
      return null;
    },
  ],
  ["GET", /^\/schedules$/, () => ({ schedules: [] })],
  ["GET", /^\/keys$/, () => ({ keys: state.keys })],
  [
    "POST",
    /^\/keys$/,
    (_m, body) => {
      const key = {
        id: `k-${state.keys.length}`,
        name: body.name,
        scopes: body.scopes,
        created_at: new Date().toISOString(),
        expires_at: "2027-01-01T00:00:00Z",
        revoked_at: null,
      };
      state.keys.push(key);
      return { ...key, secret: "tenor_fixture_secret" };
    },
  ],
  [
    "DELETE",
    /^\/keys\/(.+)$/,
    (m) => {
      state.keys.find((k) => k.id === m[1]).revoked_at = new Date().toISOString();
      return null;
    },
  ],
  [
    "GET",
    /^\/threads$/,
    () => ({
      threads: [
        { id: "t-0", title: "What was Apple's revenue in 2023?", updated_at: "2024-11-15T20:00:00Z" },
      ],
    }),
  ],
  [
    "GET",
    /^\/threads\/(.+)$/,
    (m) => ({
      id: m[1],
      turns: [
        {
          asked_at: "2024-11-15T20:00:00Z",
          question: "What was Apple's revenue in 2023?",
          answer: fix.answer,
        },
      ],
    }),
  ],
  ["DELETE", /^\/threads\/.+$/, () => null],
  ["GET", /^\/market\/instruments$/, () => ({ instruments: fix.instruments })],
  ["GET", /^\/market\/quotes$/, () => ({ clocks: fix.clocks, quotes: fix.quotes() })],
  ["GET", /^\/market\/bars$/, (_m, _b, query) => fix.bars(query.get("instrument"))],
  ["GET", /^\/orders$/, () => ({ orders: fix.orders })],
  [
    "POST",
    /^\/orders\/check$/,
    (_m, body) => ({
      ok: body.quantity < 5000,
      checks:
        body.quantity < 5000
          ? fix.checks
          : [
              ...fix.checks,
              {
                rule: "quantity",
                value: body.quantity,
                limit: 5000,
                unit: "shares",
                ok: false,
                message: `Quantity ${body.quantity} is above the limit of 5,000.`,
              },
            ],
      estimate: { price: 142, notional: 142 * body.quantity, commission: 2.5, currency: "USD" },
      needs_approval: body.quantity > 1000,
    }),
  ],
  [
    "POST",
    /^\/orders$/,
    (_m, body) =>
      body.quantity > 1000
        ? { approval: fix.approval(40) }
        : { order: { ...fix.orders[1], ...body, id: "O-9", filled: body.quantity } },
  ],
  ["DELETE", /^\/orders\/(.+)$/, () => fix.orders[4]],
  ["GET", /^\/positions$/, () => fix.positions],
  [
    "GET",
    /^\/approvals$/,
    (_m, _b, query) => ({
      approvals: fix.approvals().filter((a) => query.get("state") === "all" || a.state === "waiting"),
    }),
  ],
  [
    "GET",
    /^\/approvals\/(.+)$/,
    (m) => fix.approvals().find((a) => a.id === m[1]) ?? problem(404, `There is no proposal ${m[1]}.`),
  ],
  ["POST", /^\/approvals\/(.+)$/, () => problem(409, "Answered before: tom refused it at 14:31:02 UTC.")],
  ["GET", /^\/filings$/, () => ({ filings: [{ ...fix.filing, sections: undefined, pages: 80 }] })],
  ["GET", /^\/filings\/[^/]+\/blocks$/, (_m, _b, query) => fix.blocks(query.get("section"))],
  [
    "GET",
    /^\/filings\/([^/]+)$/,
    (m) => (m[1] === fix.filing.id ? fix.filing : problem(404, `There is no filing ${m[1]}.`)),
  ],
  [
    "GET",
    /^\/fraud\/alerts$/,
    () => ({ alerts: Object.entries(state.alerts).map(([id, s]) => fix.alert(id, s)) }),
  ],
  ["GET", /^\/fraud\/alerts\/(.+)$/, (m) => fix.alertDetail(m[1], state.alerts[m[1]])],
  [
    "POST",
    /^\/fraud\/alerts\/(.+)$/,
    (m, body) => {
      state.alerts[m[1]] = { escalate: "escalated", close: "closing", reopen: "open" }[body.action];
      return fix.alert(m[1], state.alerts[m[1]]);
    },
  ],
  ["GET", /^\/audit\/records$/, () => ({ records: fix.records, head: fix.head })],
  ["GET", /^\/audit\/records\/(\d+)\/proof$/, (m) => fix.proof(Number(m[1]))],
  ["POST", /^\/audit\/verify$/, () => ({ ok: true, records: 9813, first_bad: null, ms: 84 })],
  [
    "POST",
    /^\/audit\/tamper-test$/,
    (_m, body) => ({
      ok: false,
      records: 9813,
      first_bad: { seq: body.seq, why: "the leaf hash differs" },
      ms: 80,
    }),
  ],
  ["GET", /^\/evals$/, () => fix.evals],
  ["POST", /^\/evals\/(.+)\/runs$/, () => ({ id: "run-2" })],
  ["GET", /^\/evals\/runs\/(.+)$/, (m) => fix.run(m[1])],
  ["GET", /^\/system$/, () => fix.system(state.halted)],
  [
    "POST",
    /^\/system\/(halt|resume)$/,
    (m) => {
      state.halted = m[1] === "halt";
      return fix.system(state.halted).halt;
    },
  ],
];
