"""Every error Quorate raises.

The tree answers two questions: whose fault was it, and may another target, or the same one, be tried?

  QuorateError
    RequestError          the caller's request is wrong                 never retried
      InvalidRequest        malformed, contradictory, out of range
        UnknownPrevious       it goes on from an answer that is not kept here
      UnknownModel          no provider offers that name
      Unsupported           no target can do what is asked, or not as strictly as asked
      InvalidOutput         the answer is not of the type that was asked for
      UnknownPath           the gateway answers nothing there
      UnknownAnswer         no answer of that id is kept for this caller
      WrongMethod           it answers there, but not to that method
      TooLarge              the body is larger than the gateway takes
      HeadersTooLarge       the headers are
      KeyReused             an idempotency key that stands for another request
    AccessError           the caller may not, or not now                never retried
      UnknownCaller         no key, or one nobody knows
      ForbiddenCaller       a key without that right
      RateLimited           too much too fast
      BudgetExceeded        it could cost more than is left
      ContentBlocked        a hook of the operator's said no
      StillRunning          the same call is being answered elsewhere
      ServerStopping        the gateway is being stopped
    UpstreamError         a provider failed us                          `retry` on each class
      UpstreamRejected      the request itself is wrong, says the provider
        TooLong               it does not fit the model's context
      UpstreamRefused       a content filter said no
      KeyInvalid            the provider does not accept our credential
      QuotaExhausted        the account has no credit or quota left
      ModelUnavailable      the provider does not offer that model, or not to us
      UpstreamBusy          rate limit or overload: later it may do
      UpstreamBroken        a fault of theirs, or bytes that make no sense
        StreamInterrupted     it broke off after it began to answer
      UpstreamTimeout       nothing came in time
      Unreachable           no connection
    NoAnswer              every target, or too many members, failed     see `causes`
      NoQuorum              too few members of a panel answered
    OperatorError         settings, vault or store need a human         never retried
      SettingsInvalid       all that is wrong with the settings, at once
      MissingCredential     a provider's key is not configured
      StoreMismatch         the database is not ours, or of another version
      StoreUnavailable      the database does not answer; later it may
      HookFailed            a hook broke
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Literal

Retry = Literal["never", "same", "elsewhere"]
"""never: every target would say the same. same: this target may do better later, another one now.
elsewhere: only another target can help."""


class QuorateError(Exception):
    """Root of the tree. The class tells what went wrong, the instance carries the data."""

    code: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500
    retry: ClassVar[Retry] = "never"
    attempts: Sequence[object] = ()
    """The tries of the call that failed so (`AttemptRecord`s), where it came to any."""


class RequestError(QuorateError):
    """The caller's request is wrong."""

    code, http_status = "wrong_request", 400


class InvalidRequest(RequestError):
    """Malformed, contradictory or out of range. `where` is a dotted path into the request, or ''."""

    code = "invalid_request"

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class UnknownPrevious(InvalidRequest):
    """It goes on from an answer that is not kept here, or not all of it."""

    code = "unknown_previous"


class UnknownModel(RequestError):
    """No provider offers that name. `nearest` are names that exist."""

    code, http_status = "unknown_model", 404

    def __init__(self, message: str, *, model: str = "", nearest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.model, self.nearest = model, tuple(nearest)


class Unsupported(RequestError):
    """No target can do what is asked. `settings` are the ones that cannot be honoured."""

    code = "unsupported"

    def __init__(self, message: str, *, settings: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.settings = tuple(settings)


class InvalidOutput(RequestError):
    """The answer is not of the type that was asked for.

    `text` is the answer as it came, `reply` the whole of it (a `ChatReply`) with what it cost, or None.
    """

    code, http_status = "invalid_output", 422

    def __init__(self, message: str, *, text: str = "", reply: object | None = None) -> None:
        super().__init__(message)
        self.text, self.reply = text, reply


class UnknownPath(RequestError):
    """The gateway answers nothing at that path."""

    code, http_status = "unknown_path", 404


class UnknownAnswer(RequestError):
    """No answer of that id is kept for this caller."""

    code, http_status = "unknown_answer", 404


class WrongMethod(RequestError):
    """The path is known, the method is not. `allowed` are those that are."""

    code, http_status = "wrong_method", 405

    def __init__(self, message: str, *, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class TooLarge(RequestError):
    """The body is larger than the gateway takes. `limit` is in bytes."""

    code, http_status = "too_large", 413

    def __init__(self, message: str, *, limit: int = 0) -> None:
        super().__init__(message)
        self.limit = limit


class HeadersTooLarge(RequestError):
    """More headers, or longer ones, than the gateway takes."""

    code, http_status = "headers_too_large", 431


class KeyReused(RequestError):
    """The idempotency key stands for another request."""

    code, http_status = "idempotency_key_reused", 422


class AccessError(QuorateError):
    """The caller may not, or not now."""

    code, http_status = "not_allowed", 403


class UnknownCaller(AccessError):
    """No key, or one nobody knows."""

    code, http_status = "unknown_caller", 401


class ForbiddenCaller(AccessError):
    """A key without that right."""

    code = "forbidden"


class RateLimited(AccessError):
    """Too much too fast. `retry_after` is seconds."""

    code, http_status = "rate_limited", 429

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BudgetExceeded(AccessError):
    """It could cost more than is left. All in dollars."""

    code, http_status = "budget_exceeded", 402

    def __init__(
        self,
        message: str,
        *,
        limit: Decimal | None = None,
        left: Decimal | None = None,
        needed: Decimal | None = None,
    ) -> None:
        super().__init__(message)
        self.limit, self.left, self.needed = limit, left, needed


class ContentBlocked(AccessError):
    """A hook of the operator's refused what was said. `hook` is which one, `reasons` are its words for why."""

    code, http_status = "content_blocked", 400

    def __init__(self, message: str, *, hook: str = "", reasons: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.hook, self.reasons = hook, tuple(reasons)


class StillRunning(AccessError):
    """The same call is being answered where it cannot be joined. `retry_after` is seconds."""

    code, http_status = "still_running", 409

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServerStopping(AccessError):
    """The gateway is being stopped: another one, or the same one a little later, may answer."""

    code, http_status = "server_stopping", 503


class UpstreamError(QuorateError):
    """A provider failed us."""

    code, http_status, retry = "upstream_failed", 502, "elsewhere"

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        model: str = "",
        status: int = 0,
        upstream_code: str = "",
        retry_after: float | None = None,
        request_id: str = "",
        body: bytes = b"",
    ) -> None:
        """`message` is in the provider's own words where it has any; `upstream_code` is its own code or type.

        `status` is its HTTP status (0: none came), `retry_after` seconds it asks us to wait,
        `body` the start of what it sent, 4 KiB at most.
        """
        super().__init__(message)
        self.provider, self.model, self.status = provider, model, status
        self.upstream_code, self.retry_after, self.request_id = upstream_code, retry_after, request_id
        self.body = body[:4096]


class UpstreamRejected(UpstreamError):
    """The request itself is wrong, says the provider; another one would say so too."""

    code, http_status, retry = "upstream_rejected", 400, "never"


class TooLong(UpstreamRejected):
    """It does not fit the model's context; a model with a larger one may do."""

    code, retry = "too_long", "elsewhere"


class UpstreamRefused(UpstreamError):
    """A content filter refused the request."""

    code, http_status, retry = "upstream_refused", 400, "never"


class KeyInvalid(UpstreamError):
    """The provider does not accept our credential."""

    code, http_status = "key_invalid", 502


class QuotaExhausted(UpstreamError):
    """The account at the provider has no credit or quota left."""

    code, http_status = "quota_exhausted", 502


class ModelUnavailable(UpstreamError):
    """The provider does not offer that model, or not to us."""

    code, http_status = "model_unavailable", 404


class UpstreamBusy(UpstreamError):
    """Rate limit or overload."""

    code, http_status, retry = "upstream_busy", 429, "same"


class UpstreamBroken(UpstreamError):
    """A fault of theirs, or bytes that make no sense.

    `reason` is '' or what the network saw: 'reset', 'truncated', 'not_http', 'too_large', 'encoding', 'redirect',
    'closed'.
    """

    code, http_status, retry = "upstream_broken", 502, "same"
    reason: str = ""


class StreamInterrupted(UpstreamBroken):
    """It broke off after it began to answer. `partial` is the reply so far (a `ChatReply`), or None."""

    code, retry = "stream_interrupted", "never"
    partial: object | None = None


class UpstreamTimeout(UpstreamError):
    """Nothing came in time. `waited_for` is 'connect', 'first_byte', 'gap' or 'total'."""

    code, http_status, retry = "upstream_timeout", 504, "same"
    waited_for: str = ""


class Unreachable(UpstreamError):
    """No connection. `reason` is 'address', 'name', 'refused', 'tls', 'proxy', or '' for any other."""

    code, http_status, retry = "unreachable", 502, "same"
    reason: str = ""


class NoAnswer(QuorateError):
    """Every target, or too many members, failed. `causes` are their errors, in order."""

    code, http_status = "no_answer", 502

    def __init__(self, message: str, *, causes: Sequence[QuorateError] = ()) -> None:
        super().__init__(message)
        self.causes = tuple(causes)


class NoQuorum(NoAnswer):
    """Too few members of a panel answered."""

    code = "no_quorum"


class OperatorError(QuorateError):
    """Settings, vault or store need a human."""

    code = "operator"


class SettingsInvalid(OperatorError):
    """All that is wrong with the settings. `problems` are (place, what is wrong) pairs."""

    code = "settings_invalid"

    def __init__(self, message: str, *, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class MissingCredential(OperatorError):
    """A provider's key is not configured. `variable` and `setting` are where it could stand."""

    code = "missing_credential"

    def __init__(self, message: str, *, provider: str = "", variable: str = "", setting: str = "") -> None:
        super().__init__(message)
        self.provider, self.variable, self.setting = provider, variable, setting


class StoreMismatch(OperatorError):
    """The database holds what this version cannot work with, and was left as it is.

    `found` is its revision ('' where it has none), `known` the one this version works with, `snapshot` the
    newest copy that was made before a migration, or ''.
    """

    code = "store_mismatch"

    def __init__(self, message: str, *, found: str = "", known: str = "", snapshot: str = "") -> None:
        super().__init__(message)
        self.found, self.known, self.snapshot = found, known, snapshot


class StoreUnavailable(OperatorError):
    """The database does not answer, or not in time. Nothing of what was to be written is written."""

    code, http_status = "store_unavailable", 503


class HookFailed(OperatorError):
    """A hook broke. `hook` is which one; what it had in its hands is not told."""

    code = "hook_failed"

    def __init__(self, message: str, *, hook: str = "") -> None:
        super().__init__(message)
        self.hook = hook
