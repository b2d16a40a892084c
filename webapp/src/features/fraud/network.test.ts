import { describe, expect, it } from "vitest";
import { layoutNetwork } from "./lib/network-layout";
import { linksOf } from "./lib/network-links";
import { gridOf, nearest } from "./lib/point-grid";
import { syntheticNetwork } from "./network.synthetic";

const radius = (spots: Float32Array, at: number) => Math.hypot(spots[2 * at] ?? 0, spots[2 * at + 1] ?? 0);

describe("the network around a case", () => {
  const network = syntheticNetwork(5000, 20_000);
  const spots = layoutNetwork(network);
  it("lies on the disk, nearer accounts further in, no two on one spot", () => {
    expect(spots.length).toBe(10_000);
    const widest = [0, 1, 2, 3, 4].map((hops) =>
      Math.max(0, ...network.nodes.map((node, at) => (node.hops === hops ? radius(spots, at) : 0))),
    );
    expect(widest).toEqual([...widest].sort((a, b) => a - b));
    expect(Math.max(...widest)).toBeLessThanOrEqual(1);
    const seen = new Set(network.nodes.map((_, at) => `${spots[2 * at]},${spots[2 * at + 1]}`));
    expect(seen.size).toBe(5000);
  });
  it("is placed when there is one account, and when no link says how it hangs together", () => {
    const alone = layoutNetwork({ nodes: [{ id: "a", hops: 0 }], links: [] });
    expect(radius(alone, 0)).toBe(0);
    const loose = layoutNetwork({ nodes: [0, 1, 1].map((hops, at) => ({ id: `${at}`, hops })), links: [] });
    expect([...loose].every(Number.isFinite)).toBe(true);
  });
  it("is picked through the grid as by looking at every point", () => {
    const grid = gridOf(spots);
    for (const [x, y, reach] of [
      [0, 0, 0.1],
      [0.4, -0.6, 0.05],
      [-0.99, 0.99, 0.3],
      [1.4, 0, 0.2],
    ] as const) {
      const far = (at: number) => Math.hypot((spots[2 * at] ?? 0) - x, (spots[2 * at + 1] ?? 0) - y);
      const all = network.nodes.map((_, at) => at).filter((at) => far(at) <= reach);
      expect(nearest(grid, x, y, reach, 6)).toEqual(all.sort((a, b) => far(a) - far(b)).slice(0, 6));
    }
  });
  it("tells the links of one account both ways, largest first", () => {
    const when = { payments: 1, first: "2024-11-01", last: "2024-11-02" };
    const nodes = ["a", "b", "c"].map((id, hops) => ({ id, hops }));
    const links = [
      { source: 0, target: 1, amount: 5, ...when },
      { source: 2, target: 0, amount: 9, ...when },
      { source: 1, target: 2, amount: 7, ...when },
    ];
    expect(linksOf({ nodes, links }, 0).map((each) => [each.way, each.other, each.amount])).toEqual([
      ["in", "c", 9],
      ["out", "b", 5],
    ]);
  });
});
