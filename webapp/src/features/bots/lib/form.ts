/** What a person types about bots and mandates, read into requests; a sentence when something is wrong. */
import type { BotRequest, MandateRequest, Strategy } from "@/client/contract";

export interface Parameter {
  name: string;
  about: string;
  usual: string;
  flag: boolean;
}

type Schema = { properties?: Record<string, { description?: string; default?: unknown; type?: string }> };

export function parametersOf(strategy: Strategy | undefined): Parameter[] {
  const schema = (strategy?.parameters ?? {}) as Schema;
  return Object.entries(schema.properties ?? {}).map(([name, each]) => ({
    name,
    about: each.description ?? name,
    usual: String(each.default ?? ""),
    flag: each.type === "boolean",
  }));
}

export interface BotFields {
  account: string;
  strategy: string;
  universe: string[];
  most: string;
  maxLoss: string;
  barMinutes: string;
  mandate: string;
  parameters: Record<string, string>;
}

const clean = (text: string) => text.replaceAll(",", "").trim();
const isAmount = (text: string) => /^\d+(\.\d+)?$/.test(clean(text)) && Number(clean(text)) > 0;

export function readBot(fields: BotFields, known: Parameter[]): BotRequest | string {
  if (!fields.strategy) return "Choose a strategy.";
  if (fields.universe.length === 0) return "Choose at least one instrument.";
  if (!isAmount(fields.most)) return "The most it may hold of each instrument must be above 0.";
  if (!isAmount(fields.maxLoss)) return "The loss at which it halts must be above 0.";
  const parameters: Record<string, number | boolean> = {};
  for (const each of known) {
    const typed = fields.parameters[each.name] ?? "";
    if (typed === "") continue;
    if (each.flag) parameters[each.name] = typed === "true";
    else if (Number.isFinite(Number(clean(typed)))) parameters[each.name] = Number(clean(typed));
    else return `${each.about}: ${typed} is not a number.`;
  }
  return {
    account: fields.account,
    strategy: fields.strategy,
    universe: fields.universe,
    parameters,
    most: clean(fields.most),
    max_loss: clean(fields.maxLoss),
    bar_minutes: Number(fields.barMinutes) || 1,
    mandate: fields.mandate,
  };
}

export interface MandateFields {
  account: string;
  universe: string[];
  strategies: string[];
  budget: string;
  daily: string;
  perOrder: string;
  ordersADay: string;
  maxLoss: string;
  opens: string;
  closes: string;
  days: string;
  dryRun: boolean;
}

export function readMandate(fields: MandateFields, now: number): MandateRequest | string {
  if (fields.universe.length === 0) return "Choose at least one instrument.";
  if (fields.strategies.length === 0) return "Choose at least one strategy.";
  const amounts = { Budget: fields.budget, "Each day": fields.daily, "Each order": fields.perOrder };
  for (const [name, text] of Object.entries({ ...amounts, "Most it may lose": fields.maxLoss })) {
    if (!isAmount(text)) return `${name} must be an amount above 0.`;
  }
  const days = Number(clean(fields.days));
  if (!(days > 0 && days <= 366)) return "It may last up to 366 days.";
  return {
    account: fields.account,
    universe: fields.universe,
    strategies: fields.strategies,
    budget: clean(fields.budget),
    daily: clean(fields.daily),
    per_order: clean(fields.perOrder),
    orders_a_day: Number(fields.ordersADay) || 100,
    max_loss: clean(fields.maxLoss),
    opens: fields.opens,
    closes: fields.closes,
    expires_at: new Date(now + days * 86_400_000).toISOString(),
    dry_run: fields.dryRun,
  };
}

/** The inputs that moved a wish, strongest first: "wire +0.31". */
export function influenceWords(influence: Record<string, number>): string[] {
  return Object.entries(influence)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([source, share]) => `${source} ${share < 0 ? "−" : "+"}${Math.abs(share).toFixed(2)}`);
}
