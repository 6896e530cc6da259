"""What a test instrument does when it is charged, refunded or disputed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Authentication(Enum):
    """When the card's bank asks for 3D Secure."""

    UNSUPPORTED = "unsupported"
    NOT_ENROLLED = "not_enrolled"
    OPTIONAL = "optional"
    REQUIRED = "required"
    FRICTIONLESS = "frictionless"
    LOOKUP_FAILS = "lookup_fails"
    OPTIONAL_LOOKUP_FAILS = "optional_lookup_fails"


class RefundFate(Enum):
    """How a refund to the instrument goes."""

    SUCCEEDS = "succeeds"
    PENDS_THEN_SUCCEEDS = "pends_then_succeeds"
    SUCCEEDS_THEN_FAILS = "succeeds_then_fails"


@dataclass(frozen=True)
class Decline:
    """An issuer's refusal. `param` names the field of the card that is wrong, if one is."""

    code: str
    decline_code: str
    message: str
    advice: str = ""
    param: str = ""
    network_decline_code: str = ""
    blocked_by_risk: bool = False


@dataclass(frozen=True)
class DisputeCase:
    """How a charge is disputed. An inquiry only asks; a final one cannot be answered."""

    reason: str
    network_reason_code: str = ""
    inquiry: bool = False
    final: bool = False


@dataclass(frozen=True)
class Behaviour:
    """Everything about an instrument that Stripe keeps to itself."""

    authentication: Authentication = Authentication.NOT_ENROLLED
    decline: Decline | None = None
    refund: RefundFate = RefundFate.SUCCEEDS
    dispute: DisputeCase | None = None
    risk_level: str = "normal"
    risk_score: int = 20
    funds_available_at_once: bool = False
    cvc_check: str = "pass"
    address_line1_check: str = "pass"
    address_postal_code_check: str = "pass"
    prepared_for_off_session: bool = False

    @property
    def supports_authentication(self) -> bool:
        """Whether the card takes part in 3D Secure at all."""
        return self.authentication is not Authentication.UNSUPPORTED


SUCCEEDS = Behaviour()
