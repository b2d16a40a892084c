"""Every exception of the product.

TenorError                      base; `code` is stable, `str()` is one sentence for a person
├── SettingError                a TENOR_* setting is misspelt, malformed or contradicts another
├── BackEndUnreachable          a configured service does not answer; names its setting
│   ├── Limited                 it answers, but its limit of requests is used up; says until when
│   └── NotAdmitted             it answers, and does not take the key it was given; names its setting
├── DataFolderError             the data folder cannot be used (read-only, newer version, damaged)
│   └── HolderBusy              another process holds the desk and does not answer
├── DataError                   market, filing or reference data is missing or damaged
│   ├── NotFound                the named thing does not exist, or is not yours to see
│   └── Contradiction           two sources give one figure two values; names both facts
├── InputError                  what a person or program sent cannot be understood
├── Conflict                    the request is fine, the state is not (answered twice, id reused)
│   └── Expired                 too late: the thing has lapsed
├── Forbidden                   this person, key or role may not do this
│   └── NotSignedIn             nobody is signed in, or the session has lapsed
├── OrderRefused                the gate said no; carries the rule, limit and value
│   └── Halted                  the desk is halted; every new order is refused
├── BrokerError                 a venue or broker failed; says whether to try again, and whether it may have acted
│   └── KeyRefused              the venue does not take the key it was given; names the settings
└── ModelError                  a language model failed, lied about the format, or was too slow; says whether to retry
"""

from __future__ import annotations


class TenorError(Exception):
    """Base of all product errors.

    `code` is stable for programs; the message says what failed, which value, and what to do.
    """

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SettingError(TenorError):
    """A setting is misspelt, malformed or contradicts another; nothing was started."""

    code = "setting"


class BackEndUnreachable(TenorError):
    """A service that a setting names does not answer; never a silent fall back."""

    code = "unreachable"


class Limited(BackEndUnreachable):
    """A service has had all requests it allows for now. `wait_s` is how long until it takes the next."""

    code = "limited"

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class NotAdmitted(BackEndUnreachable):
    """A service does not take the key or token it was given; asking again is in vain until it is corrected."""

    code = "not_admitted"


class StoreBusy(BackEndUnreachable):
    """Other work held the store for too long; nothing was changed, and asking again may succeed."""

    code = "store_busy"


class DataFolderError(TenorError):
    """The data folder cannot be used; nothing in it was changed."""

    code = "data_folder"


class HolderBusy(DataFolderError):
    """Another process holds this desk and did not take the command."""

    code = "holder_busy"


class DataError(TenorError):
    """Data that must be there is missing or damaged. Failure raises; empty means absent."""

    code = "data"


class Contradiction(DataError):
    """Two sources give the same figure two values. `facts` are the ids of both, the one known first before."""

    code = "contradiction"

    def __init__(self, message: str, facts: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.facts = facts


class NotFound(DataError):
    """The named thing does not exist, or does not exist for this person."""

    code = "not_found"


class InputError(TenorError):
    """The input cannot be understood; names the value and what would be accepted."""

    code = "input"


class Conflict(TenorError):
    """The request cannot be carried out in the present state; nothing changed."""

    code = "conflict"


class Expired(Conflict):
    """The thing has lapsed; ask for a new one."""

    code = "expired"


class Forbidden(TenorError):
    """This person, role or key may not do this."""

    code = "forbidden"


class NotSignedIn(Forbidden):
    """Nobody is signed in, or the session or key has lapsed."""

    code = "not_signed_in"


class OrderRefused(TenorError):
    """The gate refused an order.

    `rule` names the limit or rule, `limit` and `value` are in the rule's own unit
    (as text, so that no precision is lost on the way to a screen). `told` is what else a person
    should see by name, such as both prices of one that moved.
    """

    code = "refused"

    def __init__(self, message: str, *, rule: str, limit: str, value: str, **told: str) -> None:
        super().__init__(message)
        self.rule, self.limit, self.value, self.told = rule, limit, value, told

    @property
    def details(self) -> dict[str, str]:
        """Rule, limit, value, and what else it tells, by name."""
        return {"rule": self.rule, "limit": self.limit, "value": self.value, **self.told}


class Halted(OrderRefused):
    """The desk is halted: every new order is refused until two people resume it."""

    code = "halted"


class BrokerError(TenorError):
    """A venue or broker failed. `retry` is true when the same call may succeed later.

    `sent` is false when the venue has certainly not acted on it: such a try costs no attempt.
    """

    code = "broker"

    def __init__(self, message: str, *, retry: bool, sent: bool = True) -> None:
        super().__init__(message)
        self.retry, self.sent = retry, sent


class KeyRefused(BrokerError):
    """The venue does not take the key. Nothing was done; the same call succeeds once the key is right."""

    code = "key_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, retry=True, sent=False)


class ModelError(TenorError):
    """A language model failed or was too slow; the caller abstains or runs its plan.

    `kind` names the fault (the table in docs/models.md). `retry` is true when the same call may succeed soon, after
    `retry_after_s` where the provider said so. `billed` is false when it certainly read nothing of the prompt.
    """

    code = "model"

    def __init__(
        self,
        message: str,
        *,
        kind: str = "failed",
        retry: bool = False,
        retry_after_s: float | None = None,
        billed: bool = True,
    ) -> None:
        super().__init__(message)
        self.kind, self.retry, self.retry_after_s, self.billed = kind, retry, retry_after_s, billed
