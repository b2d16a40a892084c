"""The rule over amounts: payments out of character, grouped and named by their shape.

It speaks only where senders mostly pay one and the same amount, or pay a pair twice at one instant. On sparse graphs it
finds rings and collectors whose hops lie weeks apart, in any order of time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from desk.fraud.alerts import Finding
from desk.fraud.completion import build_links, complete
from desk.fraud.graph import Columns, Flags, Ints
from desk.fraud.scene import Scene
from desk.fraud.typologies import Typology

Pair = tuple[int, int]


def find_unusual(scene: Scene, taken: Flags) -> list[Finding]:
    """Rings and chains of one equal amount, several senders or receivers out of character, lone payments.

    Each connected group of such payments is completed with the accounts its members are best linked with.
    """
    if not scene.amounts_tell:
        return []
    rows = np.flatnonzero((scene.odd | scene.repeated) & ~taken)
    if not len(rows):
        return []
    sorter = _Sorter(scene)
    found = sorter.equal(rows)
    for typology in ("fan_in", "fan_out"):
        found += sorter.stars(typology, _without(rows, found))
    named = list(found)
    for pair in _by_pair(scene.columns, _without(rows, found)).values():
        found.append(sorter.lone(pair, named))
    return _completed(scene, rows, found)


@dataclass(frozen=True)
class _Sorter:
    """Groups rows of a scene by shape and says which of the reasons holds for them."""

    scene: Scene

    def why(self, rows: Ints) -> tuple[str, ...]:
        """The reasons that hold for some of the rows, by rule id."""
        fired = [("unusual_amount", self.scene.odd), ("same_instant", self.scene.repeated)]
        return tuple(name for name, flags in fired if bool(flags[rows].any()))

    def equal(self, rows: Ints) -> list[Finding]:
        """Rows of one exact amount, head to tail."""
        c, found = self.scene.columns, []
        for group in self._equal_groups(rows):
            ring = _is_ring(c, group)
            rules = ("equal_ring" if ring else "equal_chain", *self.why(group))
            found.append(Finding("cycle", tuple(_walk(c, group)), rules, 0.9 if ring else 0.7))
        return found

    def stars(self, typology: Typology, rows: Ints) -> list[Finding]:
        """Rows that share a receiver (fan-in) or a sender (fan-out) and have at least two other ends."""
        c = self.scene.columns
        hub, member = (c.target, c.source) if typology == "fan_in" else (c.source, c.target)
        rule = "senders" if typology == "fan_in" else "receivers"
        order = rows[np.argsort(hub[rows], kind="stable")]
        groups = np.split(order, np.flatnonzero(np.diff(hub[order])) + 1) if len(order) else []
        found = []
        for group in sorted((np.sort(g) for g in groups), key=lambda g: int(g[0])):
            members = len(np.unique(member[group]))
            if members > 1:
                score = 0.55 + 0.05 * members
                found.append(Finding(typology, tuple(group.tolist()), (rule, *self.why(group)), score))
        return found

    def lone(self, pair: list[int], named: list[Finding]) -> Finding:
        """One pair's rows: differing amounts are a collector's; else the name of those with the nearest amounts."""
        c, rows = self.scene.columns, np.array(pair, dtype=np.int64)
        score = 0.4 + 0.1 * bool(self.scene.repeated[rows].any())
        if len(pair) > 1 and len(np.unique(c.minor[rows])) > 1:
            return Finding("fan_in", tuple(pair), ("varying", *self.why(rows)), score)
        near = self._nearest(float(c.minor[rows[0]]), named)
        rules = (*(["amount_cluster"] if near else []), *self.why(rows))
        return Finding(near or "unusual", tuple(pair), rules, score)

    def _nearest(self, amount: float, named: list[Finding]) -> Typology | None:
        c, t = self.scene.columns, self.scene.t
        away = sorted(
            (abs(float(np.log(amount / c.minor[row]))), finding.rows[0], finding.typology)
            for finding in named
            for row in finding.rows[:1]
        )[: t.near_amounts]
        names = Counter[Typology](name for _, _, name in away)
        best = sorted((-count, name) for name, count in names.items())
        return best[0][1] if best else None

    def _equal_groups(self, rows: Ints) -> list[Ints]:
        """Rows of one exact amount that touch, where some account both gets and gives it."""
        c = self.scene.columns
        order = rows[np.argsort(c.minor[rows], kind="stable")]
        cuts = np.flatnonzero(np.diff(c.minor[order])) + 1
        found = []
        for same in np.split(order, cuts):
            if len(same) > 1 and len(np.intersect1d(c.source[same], c.target[same])):
                groups = self.scene.graph.components(np.sort(same))
                found += [g for g in groups if len(np.intersect1d(c.source[g], c.target[g]))]
        return found


def _completed(scene: Scene, rows: Ints, found: list[Finding]) -> list[Finding]:
    """Each connected group's missing members, added to its largest finding."""
    c, out = scene.columns, list(found)
    links = build_links(c)
    largest: dict[int, int] = {}
    for place, finding in enumerate(found):
        for account in finding.accounts(c):
            if account not in largest or len(found[largest[account]].rows) < len(finding.rows):
                largest[account] = place
    for group in scene.graph.components(rows):
        members = np.unique(np.concatenate([c.source[group], c.target[group]]))
        added = complete(links, members, scene.t)
        if added:
            homes = {largest[account] for account in members.tolist()}
            home = max(homes, key=lambda place: (len(found[place].rows), -place))
            out[home] = found[home]._replace(linked=tuple(added), rules=(*found[home].rules, "completed"))
    return out


def _is_ring(c: Columns, rows: Ints) -> bool:
    pairs = np.unique(np.stack([c.source[rows], c.target[rows]]), axis=1)
    one_each = all(len(np.unique(end)) == pairs.shape[1] for end in pairs)
    return one_each and set(pairs[0].tolist()) == set(pairs[1].tolist())


def _walk(c: Columns, rows: Ints) -> list[int]:
    """The rows head to tail, from where nothing arrives (or from the earliest row)."""
    left = _by_pair(c, rows)
    heads = {source for source, _ in left} - {target for _, target in left}
    out: list[int] = []
    here: int | None = min(heads, key=lambda head: min(r[0] for p, r in left.items() if p[0] == head), default=None)
    while left:
        pair = next((p for p in left if p[0] == here), None) or min(left, key=lambda p: (p[0] not in heads, left[p]))
        out += left.pop(pair)
        here = pair[1]
    return out


def _by_pair(c: Columns, rows: Ints) -> dict[Pair, list[int]]:
    pairs: dict[Pair, list[int]] = defaultdict(list)
    for row in rows.tolist():
        pairs[int(c.source[row]), int(c.target[row])].append(row)
    return dict(pairs)


def _without(rows: Ints, found: list[Finding]) -> Ints:
    return np.setdiff1d(rows, np.array([row for finding in found for row in finding.rows], dtype=np.int64))
