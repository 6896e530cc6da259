"""`payment_method_options`: for each accepted type, what Stripe always shows and what was sent for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.documents import JSON
from sandbox.parameters import Params

ALWAYS: Mapping[str, Mapping[str, JSON]] = {
    "bancontact": {"preferred_language": "en"},
    "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
    "eps": {},
    "link": {"persistent_token": None},
    "sepa_debit": {},
    "us_bank_account": {"verification_method": "automatic"},
}
SHOWN_IF_SENT: Mapping[str, tuple[str, ...]] = {
    "bancontact": ("preferred_language", "setup_future_usage"),
    "card": (
        "capture_method", "network", "request_extended_authorization", "request_incremental_authorization",
        "request_multicapture", "request_overcapture", "request_three_d_secure", "require_cvc_recollection",
        "setup_credential_usage", "setup_future_usage", "statement_descriptor_suffix_kana",
        "statement_descriptor_suffix_kanji", "stored_credential_usage",
    ),
    "eps": ("setup_future_usage",),
    "link": ("capture_method", "persistent_token", "setup_future_usage"),
    "sepa_debit": ("mandate_options", "setup_future_usage", "target_date"),
    "us_bank_account": (
        "mandate_options", "setup_future_usage", "target_date", "transaction_purpose", "verification_method",
    ),
}  # fmt: skip


def options_of(types: Sequence[str], before: Mapping[str, JSON], sent: Params) -> dict[str, JSON]:
    """The options of each accepted type: what was set before stays, unless it is sent anew or unset."""
    return {
        kind: _of_type(kind, before.get(kind), sent.section(kind) or Params({})) for kind in ALWAYS if kind in types
    }


def _of_type(kind: str, before: JSON, sent: Params) -> dict[str, JSON]:
    options = {**ALWAYS[kind], **(before if isinstance(before, Mapping) else {})}
    for name in SHOWN_IF_SENT[kind]:
        if sent.cleared(name):
            options.pop(name, None)
        elif name in sent:
            options[name] = sent.values[name]
    return options
