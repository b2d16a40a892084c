/** Finds the points near a place without looking at all of them: a grid of about one point a cell. */

export interface PointGrid {
  spots: Float32Array;
  side: number;
  /** Where each cell's points begin in `items`; one more entry than cells. */
  starts: Int32Array;
  items: Int32Array;
}

const cellOf = (value: number, side: number) =>
  Math.min(side - 1, Math.max(0, Math.floor(((value + 1) / 2) * side)));

/** A grid over points within [-1, 1], given as pairs of x and y. */
export function gridOf(spots: Float32Array): PointGrid {
  const count = spots.length / 2;
  const side = Math.max(1, Math.ceil(Math.sqrt(count)));
  const cells = new Int32Array(count);
  const starts = new Int32Array(side * side + 1);
  for (let at = 0; at < count; at++) {
    const cell = cellOf(spots[2 * at + 1] ?? 0, side) * side + cellOf(spots[2 * at] ?? 0, side);
    cells[at] = cell;
    starts[cell + 1] = (starts[cell + 1] ?? 0) + 1;
  }
  for (let cell = 0; cell < side * side; cell++) {
    starts[cell + 1] = (starts[cell + 1] ?? 0) + (starts[cell] ?? 0);
  }
  const fill = starts.slice();
  const items = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const cell = cells[at] ?? 0;
    const place = fill[cell] ?? 0;
    items[place] = at;
    fill[cell] = place + 1;
  }
  return { spots, side, starts, items };
}

/** Up to `most` points within `reach` of a place, nearest first. */
export function nearest(grid: PointGrid, x: number, y: number, reach: number, most: number): number[] {
  const { spots, side, starts, items } = grid;
  const found: [number, number][] = [];
  for (let row = cellOf(y - reach, side); row <= cellOf(y + reach, side); row++) {
    for (let column = cellOf(x - reach, side); column <= cellOf(x + reach, side); column++) {
      const cell = row * side + column;
      for (let place = starts[cell] ?? 0; place < (starts[cell + 1] ?? 0); place++) {
        const at = items[place] ?? 0;
        const far = Math.hypot((spots[2 * at] ?? 0) - x, (spots[2 * at + 1] ?? 0) - y);
        if (far <= reach) found.push([far, at]);
      }
    }
  }
  return found
    .sort(([a], [b]) => a - b)
    .slice(0, most)
    .map(([, at]) => at);
}
