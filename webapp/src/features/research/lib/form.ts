/** The form of a study: what is typed, and what is sent. */
import type { StrategyName, Study, StudyForm } from "@/client/queries-research";

export interface StudyFields {
  picked: string[];
  years: string;
  start: string;
  end: string;
  strategy: string;
  knobs: Record<string, string>;
  goal: string;
  free: boolean;
}

export const EMPTY_STUDY: StudyFields = {
  picked: ["XNAS:AAPL"],
  years: "10",
  start: "",
  end: "",
  strategy: "moving_average",
  knobs: {},
  goal: "",
  free: false,
};

export const GOALS: Record<string, string> = {
  "": "as given",
  sharpe: "search for the best Sharpe ratio",
  sortino: "search for the best Sortino ratio",
  drawdown: "search for the least drawdown",
};

/** The request, or the sentence that says which field is wrong. */
export function readStudy(fields: StudyFields, strategies: StrategyName[]): StudyForm | string {
  const strategy = strategies.find((each) => each.name === fields.strategy);
  if (!strategy) return "Choose a strategy.";
  if (fields.picked.length === 0) return "Choose at least one instrument.";
  if (strategy.learned && fields.picked.length > 1)
    return `${strategy.title} is studied on one instrument; ${fields.picked.length} are chosen.`;
  const years = Number(fields.years);
  if (!Number.isInteger(years) || years < 1 || years > 40)
    return "Years must be a whole number from 1 to 40.";
  const form: StudyForm = { strategy: strategy.name, instruments: [...fields.picked].sort(), years };
  if (strategy.learned) return form;
  const knobs: Record<string, number> = {};
  for (const name of Object.keys(strategy.knobs)) {
    const text = fields.knobs[name]?.trim();
    if (!text) continue;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) return `${name} must be a whole number of days.`;
    knobs[name] = value;
  }
  const goal = Object.keys(strategy.knobs).length > 0 ? fields.goal : "";
  return { ...form, start: fields.start, end: fields.end, knobs: goal ? {} : knobs, goal, free: fields.free };
}

/** A kept study's form as fields again. */
export function fieldsOf(form: Study["asked"]): StudyFields {
  return {
    picked: form.instruments,
    years: String(form.years),
    start: form.start,
    end: form.end,
    strategy: form.strategy,
    knobs: Object.fromEntries(Object.entries(form.knobs ?? {}).map(([name, value]) => [name, String(value)])),
    goal: form.goal,
    free: form.free,
  };
}

export const STEPS = ["data", "signal", "backtest", "tear sheet"] as const;
export type Step = (typeof STEPS)[number];

const STEP_OF: Record<string, Step> = {
  data: "data",
  search: "signal",
  backtest: "backtest",
  baseline: "backtest",
  proof: "backtest",
  intervals: "tear sheet",
  sheet: "tear sheet",
};

const WORDS: Record<string, string> = {
  data: "reading prices",
  search: "trying knobs",
  backtest: "trading through the gate",
  baseline: "trading the baseline",
  proof: "proving that it does not look ahead",
  intervals: "intervals",
  sheet: "writing the sheet",
};

/** Where a study stands: the step of the four, and what it does in words. */
export function stepOf(study: Study): { step: Step; words: string } {
  return { step: STEP_OF[study.step] ?? "data", words: WORDS[study.step] ?? "beginning" };
}

export type StepState = "open" | "now" | "done" | "failed";

/** The state of each of the four steps, for a form that is filled or not and a study that may be there. */
export function stepStates(ready: boolean, study: Study | undefined): StepState[] {
  if (!study) return [ready ? "done" : "now", ready ? "done" : "open", ready ? "now" : "open", "open"];
  if (study.state === "done") return ["done", "done", "done", "done"];
  const at = study.state === "running" ? STEPS.indexOf(stepOf(study).step) : 2;
  const here: StepState = study.state === "running" ? "now" : "failed";
  return STEPS.map((_, place) => (place < at ? "done" : place === at ? here : "open"));
}
