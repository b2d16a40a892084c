"""`tenor bench run ppo`: environment steps a second of our learner, on the pole and on balancing the bundled stocks.

A whole training each, one thread, of CPU time; the middle of three. Correct when one seed gives the same weights each
time and the pole then stands for 400 steps on average. The ratios are the seconds of stable-baselines3, driven by
FinRL's agent, over ours: same environments, steps, settings and seed, in the same run. Without `.venv-train` it is
left out and named in `missing`.
"""

from __future__ import annotations

import time

from bench.one_thread import measure_alone
from bench.report import Report, median
from desk.errors import DataError
from desk.forecast.rl.ppo import Learner, judge
from evals.research.policies import read_market
from evals.research.reference import JUDGE_SEED, keep_closes, learn_peers
from evals.research.tasks import Task, build_task

SEED, ROUNDS, STANDS = 1, 3, 400.0
PEER = "stable_baselines3"


def run() -> Report:
    """In a process of its own, because numpy reads how many threads it may use when it is loaded."""
    return measure_alone("ppo")


def measure() -> Report:
    """The figures, in this process."""
    closes = keep_closes(read_market())
    report = Report("ppo", True, {})
    for name in ("cartpole", "balancing"):
        task = build_task(name, closes)
        spent, same, last = _train(task)
        if name == "cartpole":
            stood = float(judge(last.policy(), task.world, JUDGE_SEED, 2).mean())
            report.metrics["cartpole_return"] = round(stood, 1)
            report.correct = report.correct and stood > STANDS
        report.correct = report.correct and same
        report.metrics[f"{name}_steps_per_s"] = round(task.settings.steps(task.world.count) / spent)
        try:
            theirs, _ = learn_peers(name, [SEED], closes)
        except DataError as error:
            report.missing = [PEER]
            report.notes.append(error.message)
        else:
            report.ratios[f"{PEER}_{name}"] = round(theirs.cpu_seconds[0] / spent, 2)
    return report


def _train(task: Task) -> tuple[float, bool, Learner]:
    """Seconds of CPU, whether all trainings came to the same weights, and the last of them."""
    spent, weights = [], set()
    for _ in range(ROUNDS):
        learner, begun = Learner(task.world, task.settings, SEED), time.process_time()
        learner.learn()
        spent.append(time.process_time() - begun)
        weights.add(learner.theta.tobytes())
    return median(spent), len(weights) == 1, learner
