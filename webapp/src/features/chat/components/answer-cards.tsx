/** Typed extras of an answer. A kind this app does not know is shown as the fields that came. */
import Link from "next/link";
import type { ReactNode } from "react";
import type { AnswerCard } from "@/client/contract";
import type { AlertEdge, AlertNode } from "@/client/contract-desk";
import { CaseGraph } from "@/features/fraud/components/case-graph";
import { StateBadge } from "@/features/ui/badge";
import { formatChange, formatMoney, formatNumber, formatPlain, toneOf } from "@/features/ui/format";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { number, rows, text, texts } from "../lib/card";
import { CardFrame } from "./card-frame";
import { ComparisonCard } from "./comparison-card";
import { PlanCard } from "./plan-card";

function AlertCard({ card }: { card: AnswerCard }): ReactNode {
  const { body } = card;
  const nodes = rows(body.nodes) as unknown as AlertNode[];
  const edges = rows(body.edges) as unknown as AlertEdge[];
  return (
    <CardFrame card={card}>
      <p className="flex flex-wrap items-center gap-2 text-compact text-fg2">
        <StateBadge state={text(body.state)} />
        {formatMoney(number(body.amount), text(body.currency))} in {edges.length} transfers, score{" "}
        {formatNumber(number(body.score))}
        <Link
          href={`/fraud/?id=${encodeURIComponent(text(body.id))}`}
          className="inline-flex min-h-6 items-center text-accent underline"
        >
          Open case {text(body.id)}
        </Link>
      </p>
      {nodes.length > 0 ? <CaseGraph alert={{ nodes, edges, path: texts(body.path) }} /> : null}
    </CardFrame>
  );
}

function AllocationCard({ card }: { card: AnswerCard }): ReactNode {
  const { body } = card;
  const currency = text(body.currency);
  return (
    <CardFrame card={card}>
      <Scroll label={card.title} className="overflow-x-auto">
        <Table
          caption={card.title}
          rows={rows(body.rows)}
          rowKey={(row) => text(row.instrument)}
          columns={[
            { head: "Holding", cell: (row) => text(row.name) || text(row.instrument), className: "min-w-28" },
            {
              head: "Share",
              cell: (row) => {
                const share = number(row.weight_pct);
                return (
                  <span className="flex items-center justify-end gap-2">
                    <span className="h-2 w-20 bg-s3 max-sm:w-10" aria-hidden="true">
                      <span
                        className="block h-2 bg-accent"
                        style={{ width: `${Math.min(100, Math.max(0, share ?? 0))}%` }}
                      />
                    </span>
                    {formatNumber(share)} %
                  </span>
                );
              },
              right: true,
            },
            { head: `Value ${currency}`, cell: (row) => formatNumber(number(row.value)), right: true },
            {
              head: "Not taken",
              cell: (row) => <Signed value={number(row.profit)} />,
              right: true,
            },
            { head: "On the day", cell: (row) => <Signed value={number(row.day_change)} />, right: true },
          ]}
        />
      </Scroll>
      <p className="text-compact text-fg2">Total {formatMoney(number(body.total), currency)}</p>
    </CardFrame>
  );
}

const Signed = ({ value }: { value: number | null }): ReactNode => (
  <span className={toneOf(value)}>{formatChange(value)}</span>
);

function HeadlinesCard({ card }: { card: AnswerCard }): ReactNode {
  const { body } = card;
  const voter = text(body.second_vote);
  return (
    <CardFrame card={card}>
      <p className="text-compact text-fg2">
        Reads {text(body.mood)}, {text(body.trend)}. <span className="text-sim">◇ {text(body.label)}</span>
      </p>
      <Table
        caption={card.title}
        rows={rows(body.headlines)}
        rowKey={(row) => `${text(row.published)} ${text(row.title)}`}
        columns={[
          { head: "Day", cell: (row) => text(row.published), className: "whitespace-nowrap" },
          { head: "Headline", cell: (row) => text(row.title) },
          { head: "Source", cell: (row) => text(row.source), wide: true },
          { head: "Score", cell: (row) => <Signed value={number(row.score)} />, right: true },
          { head: "Confidence", cell: (row) => formatNumber(number(row.confidence)), right: true },
          ...(voter
            ? [
                {
                  head: `Second vote (${voter})`,
                  cell: (row: Record<string, unknown>) =>
                    `${text(row.model_label)}${row.agrees === true ? "" : ", disagrees"}`,
                },
              ]
            : []),
        ]}
      />
      <details className="text-compact">
        <summary className="cursor-pointer text-fg2">Words that counted</summary>
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {rows(body.headlines).map((row) => (
            <li key={`${text(row.published)} ${text(row.title)}`}>
              {text(row.title)}: {texts(row.words).join(", ") || "none"}
            </li>
          ))}
        </ul>
      </details>
    </CardFrame>
  );
}

/** Questions to go on with: each fills the question field. */
function RelatedCard({ card }: { card: AnswerCard }): ReactNode {
  return (
    <CardFrame card={card}>
      <ul className="flex flex-wrap gap-2">
        {rows(card.body.questions).map((row) => (
          <li key={text(row.id)}>
            <Link
              href={`/chat/?ask=${encodeURIComponent(text(row.question))}`}
              className="inline-flex min-h-6 items-center rounded-ctl border border-line px-2 py-1 text-compact text-accent"
            >
              {text(row.question)}
            </Link>
          </li>
        ))}
      </ul>
    </CardFrame>
  );
}

function PlainCard({ card }: { card: AnswerCard }): ReactNode {
  return (
    <CardFrame card={card}>
      <dl className="text-compact">
        {Object.entries(card.body).map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-fg2">{name.replaceAll("_", " ")}</dt>
            <dd className="min-w-0 text-right break-words">
              {typeof value === "string" || typeof value === "number"
                ? formatPlain(value)
                : JSON.stringify(value)}
            </dd>
          </div>
        ))}
      </dl>
    </CardFrame>
  );
}

const DRAWN: Record<string, (props: { card: AnswerCard }) => ReactNode> = {
  alert: AlertCard,
  allocation: AllocationCard,
  comparison: ComparisonCard,
  headlines: HeadlinesCard,
  plan: PlanCard,
  related: RelatedCard,
};

export function AnswerCards({ cards }: { cards: AnswerCard[] }): ReactNode {
  return cards.map((card) => {
    const Drawn = DRAWN[card.kind] ?? PlainCard;
    return <Drawn key={`${card.kind} ${card.title} ${text(card.body.id)}`} card={card} />;
  });
}
