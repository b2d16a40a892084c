"""Proximal policy optimisation (Schulman et al. 2017) with generalised advantages (Schulman et al. 2016), in numpy.

Many environments step side by side. A training goes in rounds: each begins all environments anew and draws its chance
from the seed and its own number, so one that was stopped goes on after its last whole round and ends with the same
weights, bit for bit. One seed gives one result on one machine and numpy.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError
from desk.forecast.features import Matrix, Vector
from desk.forecast.rl.actions import Head
from desk.forecast.rl.network import Mlp, fresh_adam

CUT = 10.0
"""Normalised observations are cut here."""


class Environment(Protocol):
    """`count` of them side by side, each observed as `observed` numbers; one that is done begins anew by itself."""

    @property
    def count(self) -> int:
        """How many."""
        ...

    @property
    def observed(self) -> int:
        """Numbers of an observation."""
        ...

    @property
    def head(self) -> Head:
        """What an action is."""
        ...

    def reset(self, rng: np.random.Generator) -> Matrix:
        """Begins all anew, with chance from `rng` from here on; observations (count, observed)."""
        ...

    def step(self, actions: Matrix) -> tuple[Matrix, Vector, NDArray[np.bool_]]:
        """Next observations, rewards (count,), and which are done (count,); of those the observation is a first one."""
        ...


class Settings(NamedTuple):
    """`rounds` of `updates`, each from `horizon` steps of every environment, gone over `epochs` times in `parts`.

    The rate falls to nothing over the training where `falls`.
    """

    rounds: int = 10
    updates: int = 10
    horizon: int = 64
    epochs: int = 4
    parts: int = 4
    rate: float = 1e-3
    falls: bool = True
    discount: float = 0.99
    trace: float = 0.95
    clip: float = 0.2
    value: float = 0.5
    entropy: float = 0.0
    norm: float = 0.5
    hidden: tuple[int, ...] = (64, 64)
    gain: float = 0.01

    def steps(self, count: int) -> int:
        """Environment steps of a whole training with so many environments."""
        return self.rounds * self.updates * self.horizon * count


class Moments(NamedTuple):
    """Running mean and variance (k,) of observations, and of how many (1,); changed in place (Chan et al. 1983)."""

    mean: Vector
    variance: Vector
    seen: Vector

    def learn(self, rows: Matrix) -> None:
        """Takes rows (n, k) in."""
        n, before = float(len(rows)), float(self.seen[0])
        whole, off = before + n, rows.mean(axis=0) - self.mean
        squares = self.variance * before + rows.var(axis=0) * n + off**2 * before * n / whole
        self.mean[:] += off * n / whole
        self.variance[:] = squares / whole
        self.seen[0] = whole

    def scale(self, rows: Matrix) -> Matrix:
        """Rows less the mean, in deviations, cut at `CUT`."""
        found: Matrix = np.clip((rows - self.mean) / np.sqrt(self.variance + 1e-8), -CUT, CUT)
        return found


class Policy(NamedTuple):
    """What acts: the actor's parameters (size,) and the scale of its observations."""

    sizes: tuple[int, ...]
    theta: Vector
    moments: Moments

    def say(self, seen: Matrix) -> Matrix:
        """The head's outputs (n, outputs) for observations (n, observed)."""
        return Mlp(self.sizes).forward(self.theta, self.moments.scale(seen))[-1]


class Batch(NamedTuple):
    """What happened, one row a step: scaled observations, actions, log chances, advantages, returns."""

    seen: Matrix
    actions: Matrix
    chances: Vector
    gains: Vector
    returns: Vector

    def part(self, rows: NDArray[np.int64]) -> Batch:
        """Some of the rows."""
        return Batch(*(each[rows] for each in self))


class Round(NamedTuple):
    """What a round shows: its number from 1, the mean return of the episodes that ended in it (NaN for none)."""

    number: int
    episodes: int
    mean: float


class Learner:
    """One training. `theta` holds actor, critic and head one after the other."""

    def __init__(self, environment: Environment, settings: Settings, seed: int) -> None:
        self._world, self.settings, self._seed = environment, settings, seed
        self._head, k = environment.head, environment.observed
        self.actor, self.critic = Mlp((k, *settings.hidden, self._head.outputs)), Mlp((k, *settings.hidden, 1))
        rng = np.random.default_rng((seed, 0))
        parts = self.actor.draw(rng, settings.gain), self.critic.draw(rng, 1.0), np.zeros(self._head.free)
        self.theta: Vector = np.concatenate(parts)
        self._adam = fresh_adam(self.theta.size)
        self._moments = Moments(np.zeros(k), np.ones(k), np.full(1, 1e-4))
        self.curve: list[Round] = []

    def policy(self) -> Policy:
        """What was learned so far."""
        moments = Moments(*(each.copy() for each in self._moments))
        return Policy(self.actor.sizes, self.theta[: self.actor.size].copy(), moments)

    def learn(self, state: Path | None = None, progress: Callable[[Round], None] = lambda _: None) -> Policy:
        """Goes through the rounds that are left, those in the `state` file taken as done; writes it after each.

        DataError when the file is of another training.
        """
        if state is not None and state.exists():
            self._read(state)
        for number in range(len(self.curve) + 1, self.settings.rounds + 1):
            self.curve.append(self._round(number))
            progress(self.curve[-1])
            if state is not None:
                self._write(state)
        return self.policy()

    def _round(self, number: int) -> Round:
        rng = np.random.default_rng((self._seed, number))
        seen, sums = self._world.reset(rng), np.zeros(self._world.count)
        ended: list[float] = []
        for update in range(self.settings.updates):
            done = (number - 1) * self.settings.updates + update
            whole = self.settings.rounds * self.settings.updates
            rate = self.settings.rate * (1 - done / whole if self.settings.falls else 1.0)
            batch, seen = self._gather(seen, sums, ended, rng)
            for _ in range(self.settings.epochs):
                for rows in np.array_split(rng.permutation(batch.gains.size), self.settings.parts):
                    _, slope = self.loss(self.theta, batch.part(rows))
                    self._adam.step(self.theta, slope, rate, self.settings.norm)
        return Round(number, len(ended), round(float(np.mean(ended)), 6) if ended else float("nan"))

    def _gather(self, seen: Matrix, sums: Vector, ended: list[float], rng: np.random.Generator) -> tuple[Batch, Matrix]:
        """One horizon of every environment, and the observations after it."""
        steps, count = self.settings.horizon, self._world.count
        rows, rewards, stops = [], np.empty((steps, count)), np.empty((steps, count))
        values = np.empty((steps + 1, count))
        drawn, chances = [], np.empty((steps, count))
        actor, critic, own = self._split(self.theta)
        for t in range(steps):
            self._moments.learn(seen)
            scaled = self._moments.scale(seen)
            said = self.actor.forward(actor, scaled)[-1]
            values[t] = self.critic.forward(critic, scaled)[-1][:, 0]
            actions = self._head.sample(said, own, rng)
            chances[t] = self._head.log_chance(said, own, actions)
            seen, rewards[t], done = self._world.step(actions)
            rows.append(scaled)
            drawn.append(actions)
            stops[t] = done
            sums += rewards[t]
            ended += sums[done].tolist()
            sums[done] = 0.0
        values[steps] = self.critic.forward(critic, self._moments.scale(seen))[-1][:, 0]
        gains = advantages(rewards, values, stops, self.settings.discount, self.settings.trace)
        returns = gains + values[:-1]
        return (
            Batch(np.concatenate(rows), np.concatenate(drawn), chances.ravel(), gains.ravel(), returns.ravel()),
            seen,
        )

    def loss(self, theta: Vector, batch: Batch) -> tuple[float, Vector]:
        """The clipped surrogate, the squared error of the values and the entropy, and its gradient (size,)."""
        plan, n = self.settings, batch.gains.size
        actor, critic, own = self._split(theta)
        acted, valued = self.actor.forward(actor, batch.seen), self.critic.forward(critic, batch.seen)
        said, off = acted[-1], valued[-1][:, 0] - batch.returns
        gains = (batch.gains - batch.gains.mean()) / (batch.gains.std() + 1e-8)
        ratio = np.exp(self._head.log_chance(said, own, batch.actions) - batch.chances)
        held = np.clip(ratio, 1 - plan.clip, 1 + plan.clip)
        free, bound = ratio * gains, held * gains
        entropy = self._head.entropy(said, own).mean() if plan.entropy else 0.0
        loss = -np.minimum(free, bound).mean() + plan.value * (off @ off) / n - plan.entropy * entropy
        by = np.where(free <= bound, -free / n, 0.0)
        slopes = self._head.slopes(said, own, batch.actions, by, -plan.entropy / n)
        gradient = np.concatenate(
            (
                self.actor.backward(actor, acted, slopes.outputs),
                self.critic.backward(critic, valued, (2 * plan.value / n * off)[:, None]),
                slopes.free,
            )
        )
        return float(loss), gradient

    def _split(self, theta: Vector) -> tuple[Vector, Vector, Vector]:
        middle, end = self.actor.size, self.actor.size + self.critic.size
        return theta[:middle], theta[middle:end], theta[end:]

    def _write(self, state: Path) -> None:
        content = io.BytesIO()
        curve = np.array(self.curve, dtype=np.float64)
        parts = {**self._adam._asdict(), **self._moments._asdict(), "theta": self.theta, "curve": curve}
        np.savez(content, allow_pickle=False, about=np.array(self._about()), **parts)
        state.parent.mkdir(parents=True, exist_ok=True)
        draft = state.with_suffix(".tmp")
        draft.write_bytes(content.getvalue())
        draft.replace(state)

    def _read(self, state: Path) -> None:
        with np.load(state, allow_pickle=False) as file:
            if str(file["about"]) != self._about():
                raise DataError(
                    f"{state.name} is of another training; delete it, or give the settings it was begun with"
                )
            self.theta[:] = file["theta"]
            for kept in (self._adam, self._moments):
                for name, values in kept._asdict().items():
                    values[:] = file[name]
            self.curve = [Round(int(n), int(e), m) for n, e, m in file["curve"].tolist()]

    def _about(self) -> str:
        return repr((self._seed, self.settings, self._world.count, self.actor.sizes, self._head))


def advantages(rewards: Matrix, values: Matrix, stops: Matrix, discount: float, trace: float) -> Matrix:
    """(T, n): generalised advantages of rewards and stops (T, n), after which nothing counts, and values (T + 1, n)."""
    found, later = np.empty_like(rewards), np.zeros(rewards.shape[1])
    for t in range(len(rewards) - 1, -1, -1):
        on = 1.0 - stops[t]
        error = rewards[t] + discount * values[t + 1] * on - values[t]
        later = error + discount * trace * on * later
        found[t] = later
    return found


def judge(policy: Policy, environment: Environment, seed: int, episodes: int) -> Matrix:
    """Returns (episodes, count) of the likeliest actions: the first whole episodes of each environment."""
    seen, sums = environment.reset(np.random.default_rng(seed)), np.zeros(environment.count)
    found = np.zeros((episodes, environment.count))
    ended = np.zeros(environment.count, dtype=np.int64)
    while ended.min() < episodes:
        seen, rewards, done = environment.step(environment.head.best(policy.say(seen)))
        sums += rewards
        counted = done & (ended < episodes)
        found[ended[counted], counted] = sums[counted]
        ended += done
        sums[done] = 0.0
    return found
