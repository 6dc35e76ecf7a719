"""What a provider says of the account behind a key, and of what one of its answers cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .parts import Vendor
from .usage import MISSING, Usage
from .value import Value


class AccountRequest(Value):
    """How does the account stand that pays for our calls?"""


class Account(Value):
    """What is left, spent and allowed. What a provider does not tell is None or empty."""

    provider: str = ""
    """As the operator calls it."""
    label: str = ""
    """What the key is called there."""
    currency: str = "USD"
    """Of every amount here."""
    balance: Decimal | None = None
    """Left in the account."""
    spent: Decimal | None = None
    """By this key, or by the account where keys are not told apart."""
    spent_upstream: Decimal | None = None
    """Billed beside that by others, for keys of one's own that are kept there."""
    limit: Decimal | None = None
    """Most that the key may spend."""
    limit_left: Decimal | None = None
    limit_resets: str = ""
    """When the limit begins anew, in the provider's word: 'monthly', '30d'."""
    is_free: bool | None = None
    """Nothing has been paid in yet, so that only free models answer."""
    expires: datetime | None = None
    vendor: Vendor = {}


class BillRequest(Value):
    """What has that answer cost?"""

    id: str
    """The answer's own id, as in `ChatReply.id`."""


class Bill(Value):
    """What a provider charged for one answer, told when all of it is known."""

    id: str = ""
    model: str = ""
    provider: str = ""
    """Whom we asked, as the operator calls it."""
    upstream: str = ""
    """Who made the answer, where the provider only handed it on."""
    usage: Usage = MISSING
    """With `stated_cost`, and `upstream_cost` where another bills too."""
    vendor: Vendor = {}

    @property
    def cost(self) -> Decimal | None:
        """Dollars, whoever bills them."""
        return self.usage.stated_total
