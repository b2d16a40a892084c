import type { Role } from "@/client/contract";

export interface TourStep {
  title: string;
  text: string;
  path: string;
}

const status: TourStep = {
  title: "The strip on top",
  text: "It says what is simulated, how old the live data is, on which date each market replays, and who writes the text.",
  path: "/",
};
const chat: TourStep = {
  title: "Ask the agents",
  text: "Write a question. You see which agents work on it; every figure in the answer opens its source, and the line below tells what the answer cost.",
  path: "/chat/",
};
const system: TourStep = {
  title: "What runs for real",
  text: "System names each back end as embedded, connected or unreachable, with the setting that changes it.",
  path: "/system/",
};
const approvals: TourStep = {
  title: "Nothing moves without a yes",
  text: "An agent's trade waits here with the difference it makes, its limits, its cost and its deadline. “Not now” is not a refusal.",
  path: "/approvals/",
};
const filings: TourStep = {
  title: "Read the filing itself",
  text: "A citation opens the exact passage, marked, in its section. n and p step through the cited passages.",
  path: "/filings/",
};

export const TOURS: Record<Role, [TourStep, TourStep, TourStep, TourStep, TourStep]> = {
  customer: [
    status,
    {
      title: "Your money",
      text: "Positions and cash of your accounts, with the time of each price.",
      path: "/",
    },
    chat,
    approvals,
    system,
  ],
  analyst: [
    status,
    chat,
    filings,
    {
      title: "Ask in the filing",
      text: "The box in the reader asks the agents; its answer cites pages, or says that the filing does not tell.",
      path: "/filings/",
    },
    system,
  ],
  trader: [
    status,
    {
      title: "From symbol to order",
      text: "Pick a row of the watchlist or press Ctrl K and write “buy 10 aapl @ mkt”. Preview runs every check; only Send sends.",
      path: "/",
    },
    approvals,
    {
      title: "The halt switch",
      text: "Halt desk, top right or Alt Shift H, stops every order at the gate. Two people must vote to resume.",
      path: "/",
    },
    chat,
  ],
  compliance: [
    status,
    {
      title: "Alerts as evidence",
      text: "A case shows the transfers as a graph and as a table, the rules that fired, and the innocent explanation. Closing takes two people.",
      path: "/fraud/",
    },
    {
      title: "Check the log yourself",
      text: "Audit verifies the whole log, shows the proof of one record, and can spoil a copy to show that it would be noticed.",
      path: "/audit/",
    },
    filings,
    system,
  ],
  evaluator: [
    status,
    {
      title: "Run a suite",
      text: "Start a run and open its result: metrics with intervals where known, and every failed case with its reason.",
      path: "/evals/",
    },
    {
      title: "Read the failures",
      text: "Filter a run to its failed cases. “No better than the baseline” is a valid result.",
      path: "/evals/",
    },
    chat,
    system,
  ],
  administrator: [
    status,
    system,
    {
      title: "Keys for machines",
      text: "System creates API keys with scopes and an end date. A secret is shown once.",
      path: "/system/",
    },
    {
      title: "The halt switch",
      text: "Halt desk, top right or Alt Shift H, stops every order at the gate. Two people must vote to resume.",
      path: "/",
    },
    {
      title: "The audit log",
      text: "Each action leaves a record that anybody can verify from the export.",
      path: "/audit/",
    },
  ],
};
