"""Settings -> the models behind their router. Names the models' adapters, like the factory."""

from __future__ import annotations

from dataclasses import fields

from desk.clock import Clock
from desk.llm.cache import AnswerCache
from desk.llm.calls import CallBook
from desk.llm.litellm import LiteLLMChat
from desk.llm.local.building import build_local
from desk.llm.models import ModelSettings, choose_models
from desk.llm.redaction import Redaction
from desk.llm.router import DeadlineRouter
from desk.llm.spending import Spending, parse_budgets
from desk.settings import VERSION, Settings
from desk.store.engine import Store


def build_models(settings: Settings, store: Store, wall: Clock) -> DeadlineRouter:
    """The models of TENOR_LLM behind the router, best first; SettingError for a wrong model, address, price, budget."""
    given = ModelSettings(**{f.name: getattr(settings, f"llm_{f.name}") for f in fields(ModelSettings)})
    budgets = parse_budgets(settings.llm_budget_run, settings.llm_budget_user, settings.llm_budget_day)
    redaction = Redaction(settings.secrets())
    return DeadlineRouter(
        [*(LiteLLMChat(spec, key) for spec, key in choose_models(given)), *build_local(given, settings.data_folder)],
        Spending(store, wall, budgets),
        CallBook(store, wall, redaction),
        wall,
        redaction=redaction,
        cache=AnswerCache(store, wall, VERSION) if settings.llm_cache == "on" else None,
        fallback_ms=settings.llm_fallback_ms,
    )
