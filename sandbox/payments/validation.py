"""Limits that several endpoints share: metadata, descriptors, texts.

Sources: docs.stripe.com/api/metadata (50 keys, 40 and 500 characters) and
docs.stripe.com/get-started/account/statement-descriptors.
"""

from __future__ import annotations

from sandbox.documents import Metadata, PaymentIntent
from sandbox.errors import InvalidParameter, MissingReference
from sandbox.parameters import Params

MAXIMUM_KEYS = 50
MAXIMUM_KEY = 40
MAXIMUM_VALUE = 500
MAXIMUM_DESCRIPTOR = 22
MAXIMUM_DESCRIPTION = 1000
CARD_DESCRIPTORS = (
    "https://support.stripe.com/questions/use-of-the-statement-descriptor-parameter-on-paymentintents-for-card-charges"
)
NO_SUCH = {"customer": "customer", "customer_account": "account", "mandate": "mandate", "on_behalf_of": "account"}
_FORBIDDEN_IN_DESCRIPTORS = frozenset("<>\\'\"*")


def merged_metadata(current: Metadata, params: Params) -> Metadata:
    """The metadata after a write: keys are added or changed, empty values and an empty `metadata` remove."""
    if params.cleared("metadata"):
        return {}
    sent = params.mapping("metadata")
    for key, value in sent.items():
        _check_metadata(key, value)
    merged = {key: value for key, value in {**current, **sent}.items() if value != ""}
    if len(merged) > MAXIMUM_KEYS:
        raise InvalidParameter(
            f"You can only have up to {MAXIMUM_KEYS} metadata keys; this object would have {len(merged)}.",
            param="metadata",
        )
    return merged


def _check_metadata(key: str, value: str) -> None:
    if len(key) > MAXIMUM_KEY:
        raise InvalidParameter(
            f"Metadata keys can be up to {MAXIMUM_KEY} characters long, but you passed in a key that is {len(key)} "
            f"characters. Invalid key: {key}",
            param="metadata",
        )
    if len(value) > MAXIMUM_VALUE:
        raise InvalidParameter(
            f"Metadata values can have up to {MAXIMUM_VALUE} characters, but you passed in a value that is "
            f"{len(value)} characters. Invalid value: {value}",
            param=f"metadata[{key}]",
        )


def check_description(params: Params) -> None:
    """A description has a limit."""
    description = params.text("description")
    if description and len(description) > MAXIMUM_DESCRIPTION:
        raise InvalidParameter(
            f"Invalid string: {description[:12]}...; must be at most {MAXIMUM_DESCRIPTION} characters",
            param="description",
        )


def check_descriptors(params: Params) -> None:
    """What may stand on a bank statement: 22 characters, at least one letter, none of `< > \\ ' " *`."""
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        descriptor = params.text(name)
        if descriptor is None:
            continue
        if len(descriptor) > MAXIMUM_DESCRIPTOR:
            raise InvalidParameter(
                f"The statement descriptor must be at most {MAXIMUM_DESCRIPTOR} characters.", param=name
            )
        if _FORBIDDEN_IN_DESCRIPTORS & set(descriptor):
            raise InvalidParameter(
                "The statement descriptor can't contain these characters: <, >, \\, ', \", *.", param=name
            )
        if not any(character.isalpha() for character in descriptor):
            raise InvalidParameter("The statement descriptor must contain at least one letter.", param=name)


def check_no_card_descriptor(intent: PaymentIntent) -> None:
    """Only a suffix can be set where a card may pay.

    Source: support.stripe.com/questions/use-of-the-statement-descriptor-parameter-on-paymentintents-for-card-charges.
    """
    if intent["statement_descriptor"] is not None and "card" in intent["payment_method_types"]:
        raise InvalidParameter(
            "The statement_descriptor parameter is not supported for the payment_method_type `card`. To continue "
            "supporting payment_method_type `card`, please pass in `statement_descriptor_suffix` or remove the "
            f"`statement_descriptor` parameter altogether. Please see {CARD_DESCRIPTORS} for additional details.",
            param="statement_descriptor",
        )


def check_exclusive(params: Params, *names: str) -> None:
    """At most one of the parameters."""
    sent = [name for name in names if name in params]
    if len(sent) > 1:
        raise InvalidParameter(f"You may only specify one of these parameters: {', '.join(sent)}.", param=sent[0])


def check_email(params: Params) -> None:
    """A receipt's address looks like one."""
    email = params.text("receipt_email")
    if email and ("@" not in email or email.startswith("@") or email.endswith("@") or " " in email):
        raise InvalidParameter(f"Invalid email address: {email}", code="email_invalid", param="receipt_email")


def check_url(params: Params) -> None:
    """A return URL is absolute."""
    url = params.text("return_url")
    if url and "://" not in url:
        raise InvalidParameter("Not a valid URL", code="url_invalid", param="return_url")


def check_references(params: Params) -> None:
    """This account has no customers, mandates or connected accounts: whoever names one names a missing one."""
    for name, kind in NO_SUCH.items():
        if value := params.text(name):
            raise MissingReference(kind, value, name)


def check_connect(params: Params) -> None:
    """Fees and transfers are for platforms, and this account is none."""
    transfer = params.section("transfer_data")
    if transfer and (destination := transfer.text("destination")):
        raise MissingReference("destination", destination, transfer.full_name("destination"))
    if "application_fee_amount" in params:
        raise InvalidParameter(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an "
            "OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
            param="application_fee_amount",
        )
