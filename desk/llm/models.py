"""The models: what each is called, where it is, what it costs and what it can do.

Known ones stand in `models.yaml`, our own price table; an owner adds others in a file of the same form
(TENOR_LLM_MODEL_FILE) or by TENOR_LLM_BASE_URL and TENOR_LLM_PRICES. No price, no call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.errors import SettingError
from desk.yaml_text import read_yaml

SHIPPED = Path(__file__).parent / "models.yaml"
NANOS = 1_000_000_000
"""Money of models is whole nano-dollars: a price per million tokens with three decimals is exact per token."""

_Price = Field(ge=0, le=100_000, decimal_places=3)


class ModelSpec(BaseModel):
    """One model. Prices in USD per million tokens, 0 when it costs nothing; `context` in tokens, prompt and answer.

    `residency` says where its data are processed (us, eu, local, …). `route` is LiteLLM's provider and the name
    there; empty for a model on this machine. `tasks` are the only ones it is asked unless it is named; empty: all.
    `ends`: the day its provider stops serving it.
    Never holds a key: it may be shown and logged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str = Field(min_length=1, max_length=128)
    family: str = ""
    route: str = ""
    address: str = ""
    price_in: Decimal = _Price
    price_out: Decimal = _Price
    context: int = Field(default=8192, ge=256)
    tools: bool = True
    json_mode: Literal["schema", "object", "none"] = Field(default="none", alias="json")
    residency: str = "unknown"
    tasks: tuple[str, ...] = ()
    ends: date | None = None

    @property
    def provider(self) -> str:
        """Who serves it: `openai`, `mistral`, …; `local` on this machine."""
        return self.route.partition("/")[0] or "local"

    def nanos(self, prompt: int, completion: int) -> int:
        """What so many tokens cost, in nano-dollars."""
        return int(prompt * self.price_in * 1000 + completion * self.price_out * 1000)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    as_of: object = None
    models: list[ModelSpec]


@dataclass(frozen=True)
class ModelSettings:
    """The settings that name models: `x` is TENOR_LLM_X; see docs/models.md."""

    base_url: str = ""
    api_key: str = ""
    model: str = ""
    models: str = ""
    prices: str = ""
    keys: str = ""
    model_file: str = ""
    residency: str = ""
    gguf: str = ""
    gguf_threads: int = 0
    gguf_tasks: str = ""


def load_table(path: Path = SHIPPED) -> dict[str, ModelSpec]:
    """A table of models by id; SettingError says which file and what in it is wrong."""
    try:
        table = _Table.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingError(f"TENOR_LLM_MODEL_FILE={path}: {error.strerror}; name a readable file") from None
    except (ValidationError, yaml.YAMLError) as error:
        raise SettingError(f"the model table {path.name} cannot be used: {_wrong(error)}") from None
    return {spec.id: spec for spec in table.models}


def choose_models(given: ModelSettings) -> list[tuple[ModelSpec, str]]:
    """The models that are named, best first, each with the key for its address; empty when none is.

    SettingError for a name without a price or address, and for one whose data would leave TENOR_LLM_RESIDENCY.
    """
    names = [name.strip() for name in f"{given.model},{given.models}".split(",") if name.strip()]
    if given.base_url and not names:
        names = ["default"]
    if not names:
        return []
    known = load_table()
    own = load_table(Path(given.model_file).expanduser()) if given.model_file else {}
    prices, keys = _pairs("TENOR_LLM_PRICES", given.prices), _pairs("TENOR_LLM_KEYS", given.keys)
    found = [_choose(name, given, {**known, **own}, own, prices) for name in dict.fromkeys(names)]
    allowed = {tag.strip() for tag in given.residency.split(",") if tag.strip()}
    for spec in found:
        if allowed and spec.residency not in allowed:
            raise SettingError(
                f"model {spec.id!r} processes data in {spec.residency!r}, TENOR_LLM_RESIDENCY={given.residency} "
                "does not allow that; name another model or widen the setting"
            )
    return [(spec, _key(spec, given, found[0], keys, known)) for spec in found]


def _choose(
    name: str,
    given: ModelSettings,
    known: Mapping[str, ModelSpec],
    own: Mapping[str, ModelSpec],
    prices: dict[str, str],
) -> ModelSpec:
    """The model of that name at its address; TENOR_LLM_BASE_URL moves all but those of the owner's file."""
    spec = known.get(name)
    price = _price(name, prices[name]) if name in prices else {}
    if spec is not None:
        moved = {"address": given.base_url} if given.base_url and name not in own else {}
        return spec.model_copy(update={**price, **moved})
    if not price:
        raise SettingError(
            f"model {name!r} has no price; set TENOR_LLM_PRICES={name}=IN/OUT in USD per million tokens "
            f"({name}=0/0 when it costs nothing)"
        )
    if not given.base_url:
        raise SettingError(
            f"model {name!r} has no address; set TENOR_LLM_BASE_URL, describe it in TENOR_LLM_MODEL_FILE, "
            f"or choose from {', '.join(known)}"
        )
    return ModelSpec(id=name, route=f"openai/{name}", address=given.base_url, **price)


def _key(
    spec: ModelSpec, given: ModelSettings, first: ModelSpec, keys: dict[str, str], known: Mapping[str, ModelSpec]
) -> str:
    """The key for a model's address: its own, its provider's (only at the provider's address), or the first model's.

    TENOR_LLM_API_KEY never goes to another address than the first model's.
    """
    if spec.id in keys:
        return keys[spec.id]
    if spec.id in known and spec.address == known[spec.id].address and spec.provider in keys:
        return keys[spec.provider]
    return given.api_key if spec.address == first.address else ""


def _pairs(setting: str, text: str) -> dict[str, str]:
    """`name=value, name=value`; the value is never shown in an error: it may be a key."""
    found: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, sign, value = item.rpartition("=") if setting.endswith("PRICES") else item.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise SettingError(f"setting {setting} is a list like NAME=VALUE,NAME=VALUE; entry {len(found) + 1} is not")
        found[name.strip()] = value.strip()
    return found


def _price(name: str, text: str) -> dict[str, Decimal]:
    prompt, _, completion = text.partition("/")
    try:
        found = {"price_in": Decimal(prompt), "price_out": Decimal(completion)}
        ModelSpec.model_validate({"id": name, **found})
    except (InvalidOperation, ValidationError):
        raise SettingError(
            f"TENOR_LLM_PRICES: {name}={text!r} is not IN/OUT in USD per million tokens, up to 3 decimals, like 0.5/1.5"
        ) from None
    return found


def _wrong(error: ValidationError | yaml.YAMLError) -> str:
    """What is wrong, without the values: one may be a key."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
    return "it is not YAML"
