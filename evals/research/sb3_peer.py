"""stable-baselines3's PPO, driven by FinRL's agent, on our own environments. Runs in `.venv-train` alone.

`python -m evals.research.sb3_peer TASK SEEDS CLOSES OUT`: SEEDS as `1,2,3`, CLOSES a file or `-`. What was learned is
written as our own policies, so that one judge looks at both; a line of JSON tells curves, seconds and versions.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import json
import sys
import time
import types
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import gymnasium  # type: ignore[import-not-found]
import numpy as np
import stable_baselines3  # type: ignore[import-not-found]
import torch
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv, VecNormalize  # type: ignore[import-not-found]

from desk.forecast.features import Matrix, Vector
from desk.forecast.rl.actions import Categorical
from desk.forecast.rl.cartpole import CartPoles
from desk.forecast.rl.ppo import CUT, Environment, Moments, Policy, Settings
from desk.forecast.rl.shelf import Shelf, pack
from evals.research.tasks import Task, build_task

WIDE = 100.0
"""The peer wants bounds on actions; far from any that a policy takes."""


class Side(VecEnv):  # type: ignore[misc]
    """One of our environments as the peer wants it; keeps the mean return of the episodes of each round."""

    def __init__(self, world: Environment, settings: Settings, seed: int) -> None:
        free = gymnasium.spaces.Box(-WIDE, WIDE, (world.head.outputs,), np.float64)
        choice = isinstance(world.head, Categorical)
        actions = gymnasium.spaces.Discrete(world.head.outputs) if choice else free
        super().__init__(world.count, gymnasium.spaces.Box(-np.inf, np.inf, (world.observed,), np.float64), actions)
        self._world, self._seed, self._long = world, seed, settings.updates * settings.horizon
        self._sums, self._taken, self._ended = np.zeros(world.count), 0, list[float]()
        self._asked: Matrix = np.zeros((world.count, 1))
        self.curve: list[float] = []

    def reset(self) -> Matrix:
        """See `VecEnv`."""
        return self._world.reset(np.random.default_rng(self._seed))

    def _ask(self, actions: NDArray[Any]) -> None:
        self._asked = actions.reshape(self.num_envs, -1).astype(np.float64)

    def _answer(self) -> tuple[Matrix, Vector, NDArray[np.bool_], list[dict[str, Any]]]:
        seen, paid, done = self._world.step(self._asked)
        self._sums += paid
        self._ended += self._sums[done].tolist()
        self._sums[done] = 0.0
        self._taken += 1
        if self._taken % self._long == 0:
            self.curve.append(round(float(np.mean(self._ended)), 4) if self._ended else float("nan"))
            self._ended.clear()
        last = [{"terminal_observation": row} if end else {} for row, end in zip(seen, done, strict=True)]
        return seen, paid, done, last

    def close(self) -> None:
        """See `VecEnv`."""

    def _none(self, *_: object, **__: object) -> list[None]:
        return [None] * self.num_envs

    step_async, step_wait = _ask, _answer
    get_attr = set_attr = env_method = env_is_wrapped = _none


def find_agent() -> Any:  # noqa: ANN401 - FinRL is untyped
    """FinRL's `DRLAgent`; its package imports brokers and data vendors that are not installed, so it is left bare."""
    spec = importlib.util.find_spec("finrl")
    bare = types.ModuleType("finrl")
    bare.__path__ = list(spec.submodule_search_locations or []) if spec else []
    bare.__spec__ = spec
    sys.modules["finrl"] = bare
    vendor = types.ModuleType("yfinance")
    vendor.__spec__ = importlib.machinery.ModuleSpec("yfinance", None)
    sys.modules.setdefault("yfinance", vendor)
    return importlib.import_module("finrl.agents.stablebaselines3.models").DRLAgent


def learn(task: Task, seed: int) -> tuple[Policy, list[float], float]:
    """A policy with the task's settings, its curve, and the seconds of CPU; one thread."""
    torch.set_num_threads(1)
    plan, side = task.settings, Side(task.world, task.settings, seed)
    scaled = VecNormalize(side, norm_obs=True, norm_reward=False, clip_obs=CUT, gamma=plan.discount)
    given = {
        "learning_rate": lambda left: plan.rate * (left if plan.falls else 1.0),
        "n_steps": plan.horizon,
        "batch_size": plan.horizon * side.num_envs // plan.parts,
        "n_epochs": plan.epochs,
        "gamma": plan.discount,
        "gae_lambda": plan.trace,
        "clip_range": plan.clip,
        "ent_coef": plan.entropy,
        "vf_coef": plan.value,
        "max_grad_norm": plan.norm,
        "device": "cpu",
    }
    layers = {"pi": list(plan.hidden), "vf": list(plan.hidden)}
    agent, begun = find_agent()(env=scaled), time.process_time()
    with redirect_stdout(io.StringIO()):
        model = agent.get_model(
            "ppo",
            policy_kwargs={"net_arch": layers, "activation_fn": torch.nn.Tanh},
            model_kwargs=given,
            verbose=0,
            seed=seed,
        )
        agent.train_model(model, tb_log_name="peer", total_timesteps=plan.steps(side.num_envs))
    return _policy(model, scaled), side.curve, round(time.process_time() - begun, 2)


def _policy(model: Any, scaled: Any) -> Policy:  # noqa: ANN401 - the peer is untyped
    """The actor as ours: layers in our order, the peer's scale of observations."""
    inner = [layer for layer in model.policy.mlp_extractor.policy_net if isinstance(layer, torch.nn.Linear)]
    layers, parts = [*inner, model.policy.action_net], []
    for layer in layers:
        parts += [layer.weight.detach().numpy().T.ravel(), layer.bias.detach().numpy()]
    sizes = (layers[0].in_features, *(layer.out_features for layer in layers))
    moments = Moments(scaled.obs_rms.mean, scaled.obs_rms.var, np.full(1, scaled.obs_rms.count))
    return Policy(sizes, np.concatenate(parts).astype(np.float64), moments)


def apart_from_gymnasium(steps: int = 400) -> float:
    """The largest difference of our pole's state from Gymnasium's over so many pushes of one seed."""
    theirs, ours, dice = gymnasium.make("CartPole-v1").unwrapped, CartPoles(1), np.random.default_rng(4)
    theirs.reset(seed=1)
    ours.reset(dice)
    most = 0.0
    for _ in range(steps):
        push = int(dice.integers(2))
        theirs.state = tuple(ours.state[0])
        expected, _, fell, _, _ = theirs.step(push)
        found, _, done = ours.step(np.full((1, 1), float(push)))
        theirs.steps_beyond_terminated = None
        if not (fell or done[0]):
            most = max(most, float(np.abs(found[0] - expected).max()))
        elif fell != done[0]:
            return float("inf")
    return most


def main(words: Sequence[str]) -> int:
    """See the module."""
    name, seeds, closes, out = words
    begun = Path(closes) if closes != "-" else None
    found = [learn(build_task(name, begun), int(seed)) for seed in seeds.split(",")]
    Path(out).write_bytes(pack(Shelf((name,), (tuple(policy for policy, _, _ in found),), {})))
    told = {
        "curves": [curve for _, curve, _ in found],
        "cpu_seconds": [seconds for _, _, seconds in found],
        "apart_from_gymnasium": apart_from_gymnasium(),
        "versions": {
            "stable_baselines3": stable_baselines3.__version__,
            "torch": torch.__version__,
            "finrl": importlib.import_module("importlib.metadata").version("finrl"),
        },
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
