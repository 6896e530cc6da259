"""Charges (docs.stripe.com/api/charges). New ones come from PaymentIntents only."""

from __future__ import annotations

from sandbox.documents import JSON, Charge
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import Conflict, Missing
from sandbox.events import emit
from sandbox.lists import listed
from sandbox.parameters import Params
from sandbox.payments import validation
from sandbox.payments.addresses import shipping_details
from sandbox.search.answering import found


def retrieve(call: Call) -> Answer:
    return _charge(call)


def list_all(call: Call) -> Answer:
    validation.check_references(call.params)
    filters = {
        "payment_intent": call.params.text("payment_intent"),
        "transfer_group": call.params.text("transfer_group"),
    }
    return listed(call.sandbox.charges, call.params, "/v1/charges", filters)


def search(call: Call) -> Answer:
    return found(call, call.sandbox.charges, "charges")


def update(call: Call) -> Answer:
    """Descriptions, metadata, shipping and the shop's own word on fraud can change; money cannot."""
    charge, params = _charge(call), call.params
    _refuse_transfer_group(charge, params)
    before = charge.copy()
    validation.check_description(params)
    validation.check_email(params)
    validation.check_references(params)
    if "metadata" in params:
        charge["metadata"] = validation.merged_metadata(charge["metadata"], params)
    if "description" in params:
        charge["description"] = params.text("description")
    if "receipt_email" in params:
        charge["receipt_email"] = params.text("receipt_email")
    if fraud := params.section("fraud_details"):
        charge["fraud_details"] = _fraud_details(fraud)
    if shipping := params.section("shipping"):
        charge["shipping"] = shipping_details(shipping)
    call.sandbox.charges.put(charge)
    if charge != before:
        emit(call.sandbox, "charge.updated", charge, call.cause, before)
    return charge


def _refuse_transfer_group(charge: Charge, params: Params) -> None:
    """Every charge here was made by a PaymentIntent, and has its group from there."""
    if "transfer_group" in params:
        raise Conflict(
            f"This Charge was created by a PaymentIntent ({charge['payment_intent']}). You must update the "
            "`transfer_group` on the PaymentIntent instead of updating the Charge directly. See "
            "https://stripe.com/docs/api#update_payment_intent"
        )


def _fraud_details(sent: Params) -> dict[str, JSON]:
    report = sent.text("user_report")
    return {"user_report": report} if report else {}


def _charge(call: Call) -> Charge:
    charge = call.sandbox.charges.get(call.id)
    if charge is None:
        raise Missing("charge", call.id, "id")
    return charge


ENDPOINTS = (
    Endpoint("charges.list", "GET", "/v1/charges", list_all),
    Endpoint("charges.search", "GET", "/v1/charges/search", search),
    Endpoint("charges.retrieve", "GET", "/v1/charges/{id}", retrieve),
    Endpoint("charges.update", "POST", "/v1/charges/{id}", update),
)
