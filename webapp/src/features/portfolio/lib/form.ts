/** The form of a weighing: what is typed, and what is sent. */
import type { Objective, WeighRequest } from "@/client/contract-desk";

export interface WeighFields {
  objective: Objective;
  /** Ids; with an account its holdings come in too. */
  picked: string[];
  account: string;
  least: string;
  most: string;
  target: string;
  sector: string;
  turnover: string;
  count: string;
  views: string;
}

export const OBJECTIVES: Record<Objective, string> = {
  minimum_variance: "Least variance",
  maximum_sharpe: "Best Sharpe ratio",
  target_return: "A wanted return at least risk",
  target_risk: "A wanted volatility at most return",
  minimum_cvar: "Least tail loss (CVaR)",
  risk_parity: "Risk parity: equal risk each",
  hierarchical: "Hierarchical risk parity",
  equal: "Equal weights",
};

export const EMPTY_FIELDS: WeighFields = {
  objective: "minimum_variance",
  picked: [],
  account: "",
  least: "",
  most: "",
  target: "",
  sector: "",
  turnover: "",
  count: "",
  views: "",
};

export const isTargeted = (objective: Objective): boolean =>
  objective === "target_return" || objective === "target_risk";

const list = (text: string): string[] =>
  text
    .split(/[;\n]/)
    .map((each) => each.trim())
    .filter(Boolean);

function read(text: string, name: string, low: number, high: number): number | string | null {
  if (!text.trim()) return null;
  const value = Number(text.trim().replace(/%$/, ""));
  if (!Number.isFinite(value) || value < low || value > high)
    return `${name} must be a number from ${low} to ${high}.`;
  return value;
}

/** The request, or the sentence that says which field is wrong. */
export function readForm(fields: WeighFields): WeighRequest | string {
  if (!fields.account && fields.picked.length < 2) return "Choose at least two instruments, or an account.";
  const numbers = {
    least_pct: read(fields.least, "At least", 0, 100),
    most_pct: read(fields.most, "At most", 0.1, 100),
    target_pct: isTargeted(fields.objective) ? read(fields.target, "The target", 0.1, 200) : null,
    turnover_pct: read(fields.turnover, "Turnover", 0, 200),
    count: read(fields.count, "Holdings", 1, 60),
  };
  const wrong = Object.values(numbers).find((each) => typeof each === "string");
  if (typeof wrong === "string") return wrong;
  if (isTargeted(fields.objective) && numbers.target_pct === null)
    return "The target is missing: how much a year, in percent.";
  if (numbers.count !== null && !Number.isInteger(numbers.count)) return "Holdings must be a whole number.";
  if (numbers.turnover_pct !== null && !fields.account)
    return "Turnover is counted from what an account holds: choose one.";
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== null));
  return {
    objective: fields.objective,
    instruments: fields.picked,
    account: fields.account,
    sectors: list(fields.sector),
    views: list(fields.views),
    ...given,
  };
}
