"use client";
import { type ReactNode, useCallback, useState } from "react";
import type { Network } from "@/client/contract-desk";
import { useNetwork } from "@/client/queries-fraud";
import { Button, Choice } from "@/features/ui/controls";
import { formatDate, formatNumber } from "@/features/ui/format";
import { Banner, Loaded } from "@/features/ui/panel";
import { Scroll } from "@/features/ui/scroll";
import { Table } from "@/features/ui/table";
import { linksOf } from "../lib/network-links";
import { NetworkCanvas } from "./network-canvas";

/** Who paid whom around the case; asked for only when wanted, it can be 5,000 accounts. */
export function NetworkView({ alert }: { alert: string }): ReactNode {
  const [wanted, setWanted] = useState(false);
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-head font-semibold text-fg3">Network around</h3>
      {wanted ? (
        <Around alert={alert} />
      ) : (
        <div>
          <Button onClick={() => setWanted(true)}>Show the network around</Button>
        </div>
      )}
    </section>
  );
}

function Around({ alert }: { alert: string }): ReactNode {
  const query = useNetwork(alert);
  return (
    <Loaded
      query={query}
      label="the network"
      isEmpty={(data) => data.nodes.length === 0}
      empty="The desk holds no transfers around this case."
    >
      {(network) => <Shown network={network} />}
    </Loaded>
  );
}

function Shown({ network }: { network: Network }): ReactNode {
  const [look, setLook] = useState<"picture" | "table">("picture");
  const [missing, setMissing] = useState(false);
  const [picked, setPicked] = useState<number | null>(null);
  const lost = useCallback(() => setMissing(true), []);
  const count = (value: number) => formatNumber(value, 0);
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-compact text-fg2">
          {count(network.nodes.length)} accounts and {count(network.links.length)} links; left out:{" "}
          {count(network.nodes_left_out)} accounts, {count(network.links_left_out)} links.
        </p>
        <Choice<"picture" | "table">
          label="How the network is shown"
          value={missing ? "table" : look}
          onChange={setLook}
          options={[
            { value: "picture", label: "Picture" },
            { value: "table", label: "Table" },
          ]}
        />
      </div>
      {missing ? <Banner tone="info">▣ This browser draws no WebGL; the table says the same.</Banner> : null}
      {missing || look === "table" ? (
        <Accounts network={network} picked={picked} onPick={setPicked} />
      ) : (
        <NetworkCanvas network={network} picked={picked} onPick={setPicked} onMissing={lost} />
      )}
      {picked === null ? null : <Picked network={network} node={picked} />}
    </>
  );
}

const PAGE = 100;

function Accounts(props: {
  network: Network;
  picked: number | null;
  onPick: (node: number) => void;
}): ReactNode {
  const [most, setMost] = useState(PAGE);
  const rows = props.network.nodes.slice(0, most).map((node, at) => ({ ...node, at }));
  return (
    <Scroll label="Accounts of the network" className="max-h-[480px] overflow-auto">
      <Table
        caption="Accounts of the network, nearest first"
        rows={rows}
        rowKey={(row) => String(row.at)}
        selected={props.picked === null ? null : String(props.picked)}
        columns={[
          {
            head: "Account",
            cell: (row) => (
              <button
                type="button"
                aria-pressed={row.at === props.picked}
                className="min-h-6 text-accent underline decoration-dotted"
                onClick={() => props.onPick(row.at)}
              >
                {row.id}
              </button>
            ),
          },
          { head: "Hops from the case", cell: (row) => row.hops, right: true },
        ]}
      />
      {most < props.network.nodes.length ? (
        <Button className="m-2" onClick={() => setMost(most + PAGE)}>
          {PAGE} more
        </Button>
      ) : null}
    </Scroll>
  );
}

function Picked({ network, node }: { network: Network; node: number }): ReactNode {
  const rows = linksOf(network, node);
  const name = network.nodes[node]?.id ?? "";
  return (
    <Scroll label={`Links of ${name}`} className="max-h-72 overflow-auto">
      <Table
        caption={`Links of ${name}, largest first`}
        rows={rows}
        rowKey={(row) => `${row.way}-${row.other}`}
        columns={[
          { head: name, cell: (row) => (row.way === "out" ? "paid" : "was paid by") },
          { head: "Account", cell: (row) => row.other },
          { head: "Payments", cell: (row) => formatNumber(row.payments, 0), right: true },
          { head: `Sum ${network.currency}`, cell: (row) => formatNumber(row.amount), right: true },
          { head: "First", cell: (row) => formatDate(row.first), right: true },
          { head: "Last", cell: (row) => formatDate(row.last), right: true },
        ]}
      />
    </Scroll>
  );
}
