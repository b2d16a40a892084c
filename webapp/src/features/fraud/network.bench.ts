import { bench } from "vitest";
import { layoutNetwork } from "./lib/network-layout";
import { gridOf, nearest } from "./lib/point-grid";
import { syntheticNetwork } from "./network.synthetic";

const network = syntheticNetwork(5000, 20_000);
const spots = layoutNetwork(network);
const grid = gridOf(spots);

bench("layout of 5,000 accounts, 20,000 links", () => void layoutNetwork(network), { time: 1500 });
bench("grid of 5,000 accounts", () => void gridOf(spots), { time: 500 });
bench("one pick", () => void nearest(grid, 0.3, -0.4, 0.05, 4), { time: 300 });
