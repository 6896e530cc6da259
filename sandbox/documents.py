"""The objects as they are stored and sent: plain JSON documents with the fields that the sandbox itself works with.

The key `sandbox` holds what Stripe keeps to itself (which test card is behind a payment method, how often an intent
was confirmed). It is stored with the document and removed before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
Metadata = dict[str, str]


class Document(TypedDict):
    """What every object has."""

    id: str
    created: int


Address = Mapping[str, str | None]
"""A postal address; every line may be null."""


class BillingDetails(TypedDict):
    """Who pays, as the hosted fields collected it."""

    address: Address
    email: str | None
    name: str | None
    phone: str | None
    tax_id: str | None


class PaymentMethodState(TypedDict):
    """Which documented test instrument is behind a payment method, and whether it may be used again."""

    instrument: str
    used: bool


class PaymentMethod(TypedDict):
    """docs.stripe.com/api/payment_methods/object"""

    id: str
    object: Literal["payment_method"]
    allow_redisplay: str
    billing_details: BillingDetails
    card: NotRequired[Mapping[str, JSON]]
    us_bank_account: NotRequired[Mapping[str, JSON]]
    sepa_debit: NotRequired[Mapping[str, JSON]]
    created: int
    customer: str | None
    customer_account: None
    livemode: bool
    metadata: Metadata
    type: str
    sandbox: PaymentMethodState


class ClientContext(TypedDict):
    """What Elements was mounted with; the intent that the token confirms has to agree."""

    amount: int | None
    capture_method: str | None
    currency: str | None
    mode: str
    payment_method_types: list[str]
    setup_future_usage: str | None


class ConfirmationTokenState(TypedDict):
    """The payment method that the token becomes, and what Elements was mounted with."""

    payment_method: PaymentMethod
    client_context: ClientContext | None


class ConfirmationToken(TypedDict):
    """docs.stripe.com/api/confirmation_tokens/object"""

    id: str
    object: Literal["confirmation_token"]
    created: int
    expires_at: int | None
    livemode: bool
    mandate_data: None
    payment_intent: str | None
    payment_method_options: Mapping[str, JSON] | None
    payment_method_preview: Mapping[str, JSON]
    return_url: str | None
    setup_future_usage: str | None
    setup_intent: None
    shipping: Mapping[str, JSON] | None
    use_stripe_sdk: bool
    sandbox: ConfirmationTokenState


class PaymentIntentState(TypedDict):
    """What decides how the next confirmation of an intent goes."""

    attempt: str | None
    authenticated: str | None
    confirmations: int
    return_url: str | None


class PaymentIntent(TypedDict):
    """docs.stripe.com/api/payment_intents/object"""

    id: str
    object: Literal["payment_intent"]
    allowed_payment_method_types: list[str] | None
    amount: int
    amount_capturable: int
    amount_details: Mapping[str, JSON]
    amount_received: int
    application: None
    application_fee_amount: int | None
    automatic_payment_methods: Mapping[str, JSON] | None
    canceled_at: int | None
    cancellation_reason: str | None
    capture_method: str
    client_secret: str
    confirmation_method: str
    created: int
    currency: str
    customer: str | None
    customer_account: None
    description: str | None
    excluded_payment_method_types: list[str] | None
    last_payment_error: Mapping[str, object] | None
    latest_charge: str | None
    livemode: bool
    metadata: Metadata
    next_action: Mapping[str, JSON] | None
    on_behalf_of: str | None
    payment_details: Mapping[str, JSON] | None
    payment_method: str | None
    payment_method_configuration_details: Mapping[str, JSON] | None
    payment_method_options: Mapping[str, JSON]
    payment_method_types: list[str]
    processing: Mapping[str, JSON] | None
    receipt_email: str | None
    review: None
    setup_future_usage: str | None
    shipping: Mapping[str, JSON] | None
    source: None
    statement_descriptor: str | None
    statement_descriptor_suffix: str | None
    status: str
    transfer_data: Mapping[str, JSON] | None
    transfer_group: str | None
    sandbox: PaymentIntentState


class ChargeState(TypedDict):
    """Which instrument was charged."""

    instrument: str


class Charge(TypedDict):
    """docs.stripe.com/api/charges/object"""

    id: str
    object: Literal["charge"]
    amount: int
    amount_captured: int
    amount_refunded: int
    application: None
    application_fee: None
    application_fee_amount: int | None
    balance_transaction: str | None
    billing_details: BillingDetails
    calculated_statement_descriptor: str | None
    captured: bool
    created: int
    currency: str
    customer: str | None
    description: str | None
    disputed: bool
    failure_balance_transaction: str | None
    failure_code: str | None
    failure_message: str | None
    fraud_details: Mapping[str, JSON]
    livemode: bool
    metadata: Metadata
    on_behalf_of: str | None
    outcome: Mapping[str, JSON] | None
    paid: bool
    payment_intent: str
    payment_method: str | None
    payment_method_details: dict[str, JSON]
    presentment_details: None
    radar_options: Mapping[str, JSON]
    receipt_email: str | None
    receipt_number: str | None
    receipt_url: str | None
    refunded: bool
    review: None
    shipping: Mapping[str, JSON] | None
    source: None
    source_transfer: None
    statement_descriptor: str | None
    statement_descriptor_suffix: str | None
    status: str
    transfer_data: Mapping[str, JSON] | None
    transfer_group: str | None
    sandbox: ChargeState


class Refund(TypedDict):
    """docs.stripe.com/api/refunds/object"""

    id: str
    object: Literal["refund"]
    amount: int
    balance_transaction: str | None
    charge: str
    created: int
    currency: str
    customer: str | None
    customer_account: None
    destination_details: Mapping[str, JSON] | None
    failure_balance_transaction: NotRequired[str]
    failure_reason: NotRequired[str]
    metadata: Metadata
    payment_intent: str
    payment_method: str | None
    pending_reason: NotRequired[str]
    reason: str | None
    receipt_number: str | None
    source_transfer_reversal: None
    status: str
    transfer_reversal: None


class BalanceTransactionState(TypedDict):
    """Which payout pays the money out; the API tells it only by a list's filter."""

    payout: str


class BalanceTransaction(TypedDict):
    """docs.stripe.com/api/balance_transactions/object"""

    id: str
    object: Literal["balance_transaction"]
    amount: int
    available_on: int
    balance_type: str
    created: int
    currency: str
    description: str | None
    exchange_rate: float | None
    fee: int
    fee_details: list[Mapping[str, JSON]]
    net: int
    reporting_category: str
    source: str | None
    status: str
    type: str
    sandbox: NotRequired[BalanceTransactionState]


class EvidenceDetails(TypedDict):
    """Until when a dispute can be answered, and whether it was. `due_by` is in seconds since 1970, UTC."""

    due_by: int | None
    enhanced_eligibility: Mapping[str, JSON]
    has_evidence: bool
    past_due: bool
    submission_count: int
    submission_method: str


class Dispute(TypedDict):
    """docs.stripe.com/api/disputes/object"""

    id: str
    object: Literal["dispute"]
    amount: int
    balance_transactions: list[Mapping[str, object]]
    charge: str
    created: int
    currency: str
    enhanced_eligibility_types: list[str]
    evidence: dict[str, JSON]
    evidence_details: EvidenceDetails
    intended_submission_method: str | None
    is_charge_refundable: bool
    livemode: bool
    metadata: Metadata
    network_reason_code: str | None
    payment_intent: str
    payment_method_details: Mapping[str, JSON] | None
    reason: str
    status: str


class Payout(TypedDict):
    """docs.stripe.com/api/payouts/object"""

    id: str
    object: Literal["payout"]
    amount: int
    application_fee: None
    application_fee_amount: None
    arrival_date: int
    automatic: bool
    balance_transaction: str | None
    created: int
    currency: str
    description: str | None
    destination: str | None
    failure_balance_transaction: str | None
    failure_code: str | None
    failure_message: str | None
    livemode: bool
    metadata: Metadata
    method: str
    original_payout: None
    payout_method: None
    reconciliation_status: str
    reversed_by: None
    source_type: str
    statement_descriptor: str | None
    status: str
    trace_id: Mapping[str, JSON] | None
    type: str


class EventData(TypedDict):
    """The object as it was, and what it was before where something changed."""

    object: Mapping[str, object]
    previous_attributes: NotRequired[Mapping[str, object]]


class EventRequest(TypedDict):
    """The API request that caused an event; both null where Stripe acted by itself."""

    id: str | None
    idempotency_key: str | None


class Event(TypedDict):
    """docs.stripe.com/api/events/object"""

    id: str
    object: Literal["event"]
    api_version: str
    created: int
    data: EventData
    livemode: bool
    pending_webhooks: int
    request: EventRequest
    type: str
