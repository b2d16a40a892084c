"""Failures in OpenAI's shape `{"error": {message, type, param, code}}`, for every answer on the door's paths."""

from __future__ import annotations

from desk import errors

COMPLETIONS, MODELS = "/v1/chat/completions", "/v1/models"
REQUEST, PERMISSION, SERVER = "invalid_request_error", "permission_error", "server_error"

STATUS: tuple[tuple[type[errors.TenorError], int, str, str], ...] = (
    (errors.NotSignedIn, 401, REQUEST, "invalid_api_key"),
    (errors.Forbidden, 403, PERMISSION, "insufficient_permissions"),
    (errors.NotFound, 404, REQUEST, "not_found"),
    (errors.Conflict, 409, REQUEST, "conflict"),
    (errors.InputError, 400, REQUEST, "invalid_value"),
    (errors.OrderRefused, 400, REQUEST, "order_refused"),
    (errors.BackEndUnreachable, 503, SERVER, "unavailable"),
    (errors.DataError, 503, SERVER, "unavailable"),
    (errors.TenorError, 500, SERVER, "internal_error"),
)
BY_KIND: dict[str, tuple[int, str, str]] = {
    "budget": (429, "insufficient_quota", "insufficient_quota"),
    "rate_limit": (429, "rate_limit_error", "rate_limit_exceeded"),
    "context": (400, REQUEST, "context_length_exceeded"),
    "ability": (400, REQUEST, "unsupported_parameter"),
    "request": (400, REQUEST, "refused_by_provider"),
    "timeout": (504, SERVER, "timeout"),
}
"""What a model's failure (`ModelError.kind`) is here; any other is 502 and the provider's."""
BY_STATUS = {
    401: "invalid_api_key",
    403: "insufficient_permissions",
    404: "not_found",
    405: "method_not_allowed",
    413: "request_too_large",
    421: "misdirected_request",
}


class DoorError(errors.TenorError):
    """A failure with its place in OpenAI's table. `retry_after_s` is sent along where a wait would help."""

    code = "door"

    def __init__(
        self, status: int, type: str, code: str, message: str, *, param: str | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(message)
        self.status, self.type, self.name, self.param, self.retry_after_s = status, type, code, param, retry_after_s


def invalid(message: str, param: str | None = None, code: str = "invalid_value") -> DoorError:
    """A request that cannot be taken; `param` is the field."""
    return DoorError(400, REQUEST, code, message, param=param)


def model_failed(kind: str, reason: str) -> DoorError:
    """Why a raw model gave no answer."""
    status, type, code = BY_KIND.get(kind, (502, SERVER, "model_failed"))
    return DoorError(status, type, code, reason, param="messages" if kind == "context" else None)


def is_ours(path: str) -> bool:
    """Whether failures of this path are told in OpenAI's shape."""
    return path in (COMPLETIONS, MODELS) or path.startswith(MODELS + "/")


def body(message: str, type: str, code: str, param: str | None = None) -> dict[str, object]:
    """The error object."""
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


def of_status(status: int, message: str) -> dict[str, object]:
    """The error object of a failure known by its HTTP status alone."""
    if status >= 500:
        return body(message, SERVER, "internal_error")
    return body(message, REQUEST, BY_STATUS.get(status, "invalid_value"))


def of_error(error: errors.TenorError) -> tuple[int, dict[str, object], dict[str, str]]:
    """Status, error object and headers of a desk error."""
    if isinstance(error, errors.ModelError):
        error = model_failed(error.kind, error.message)
    if isinstance(error, DoorError):
        headers = {"retry-after": str(error.retry_after_s)} if error.retry_after_s else {}
        return error.status, body(error.message, error.type, error.name, error.param), headers
    status, type, code = next(row[1:] for row in STATUS if isinstance(error, row[0]))
    return status, body(error.message, type, code), {}
