"""Disputes (docs.stripe.com/api/disputes, docs.stripe.com/testing#disputes)."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.asking import (
    Document,
    event_types,
    members,
    number,
    paid,
    refused,
    refused_get,
    refused_order,
    section,
)
from tests.sandbox.conformance import deviations
from tests.sandbox_process import SandboxProcess

DAY_S = 24 * 3600


def disputes_of(sandbox: SandboxProcess, intent: Document) -> list[Document]:
    return members(sandbox.get("/v1/disputes", payment_intent=str(intent["id"])))


def disputed(sandbox: SandboxProcess, payment_method: str, **more: str) -> Document:
    """The dispute that a test card opens by itself, a moment after the charge."""
    intent = paid(sandbox, payment_method, **more)
    sandbox.control("clock", {"advance_s": 1})
    [dispute] = disputes_of(sandbox, intent)
    return dispute


def read(sandbox: SandboxProcess, dispute: Document) -> Document:
    return sandbox.get(f"/v1/disputes/{dispute['id']}")


def submitted(sandbox: SandboxProcess, dispute: Document, text: str) -> Document:
    return sandbox.post(f"/v1/disputes/{dispute['id']}", **{"evidence[uncategorized_text]": text})


def decided(sandbox: SandboxProcess, dispute: Document) -> Document:
    """The dispute after the time that the bank takes to read the evidence."""
    sandbox.control("clock", {"advance_s": 5})
    return read(sandbox, dispute)


def opened(sandbox: SandboxProcess, intent: Document, **order: object) -> Document:
    return sandbox.control("disputes", {"charge": intent["latest_charge"], **order})


@pytest.mark.parametrize(
    ("card", "reason", "network_code"),
    [
        ("pm_card_createDispute", "fraudulent", "10.4"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "13.1"),
    ],
)
def test_a_disputed_cards_money_is_taken_at_once_and_waits_for_an_answer(
    sandbox: SandboxProcess, card: str, reason: str, network_code: str
) -> None:
    dispute = disputed(sandbox, card)

    assert dispute["status"] == "needs_response"
    assert (dispute["reason"], dispute["amount"], dispute["currency"]) == (reason, 2500, "eur")
    assert section(dispute, "payment_method_details", "card") == {
        "brand": "visa",
        "case_type": "chargeback",
        "network": "visa",
        "network_reason_code": network_code,
    }
    [withdrawal] = members(dispute, "balance_transactions")
    assert (withdrawal["type"], withdrawal["reporting_category"]) == ("adjustment", "dispute")
    assert (withdrawal["amount"], withdrawal["fee"], withdrawal["net"]) == (-2500, 2000, -4500)
    assert withdrawal["source"] == dispute["id"]
    assert event_types(sandbox, str(dispute["id"])) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert sandbox.get(f"/v1/charges/{dispute['charge']}")["disputed"] is True


def test_a_dispute_has_every_field_that_stripes_types_promise(sandbox: SandboxProcess) -> None:
    dispute = disputed(sandbox, "pm_card_createDispute")

    assert deviations(dispute) == []
    [withdrawal] = members(dispute, "balance_transactions")
    assert deviations(withdrawal) == []
    assert deviations(sandbox.get("/v1/events", type="charge.dispute.*")) == []
    assert "sandbox" not in withdrawal


def test_a_hold_is_disputed_only_after_its_capture(sandbox: SandboxProcess) -> None:
    authorized = paid(sandbox, "pm_card_createDispute", capture_method="manual")

    sandbox.control("clock", {"advance_s": 1})
    assert sandbox.get(f"/v1/charges/{authorized['latest_charge']}")["disputed"] is False
    sandbox.post(f"/v1/payment_intents/{authorized['id']}/capture")
    sandbox.control("clock", {"advance_s": 1})
    assert sandbox.get(f"/v1/charges/{authorized['latest_charge']}")["disputed"] is True


def test_no_fraud_claim_follows_a_payment_that_was_authenticated(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/testing#disputes: 3D Secure protects from it."""
    asking = paid(
        sandbox,
        "pm_card_createDispute",
        return_url="http://127.0.0.1/return",
        **{"payment_method_options[card][request_three_d_secure]": "any"},
    )
    page = str(section(asking, "next_action", "redirect_to_url")["url"])
    requests.post(page, data={"answer": "complete"}, allow_redirects=False, timeout=10)
    intent = sandbox.get(f"/v1/payment_intents/{asking['id']}")

    sandbox.control("clock", {"advance_s": 1})

    assert intent["status"] == "succeeded"
    assert disputes_of(sandbox, intent) == []


def test_an_inquiry_takes_no_money_and_leaves_the_charge_refundable(sandbox: SandboxProcess) -> None:
    inquiry = disputed(sandbox, "pm_card_createDisputeInquiry")

    assert (inquiry["status"], inquiry["is_charge_refundable"]) == ("warning_needs_response", True)
    assert inquiry["balance_transactions"] == []
    assert event_types(sandbox, str(inquiry["id"])) == ["charge.dispute.created"]
    refund = sandbox.post("/v1/refunds", charge=str(inquiry["charge"]), amount="500")
    assert refund["status"] == "succeeded"


def test_a_charge_in_dispute_cannot_be_refunded(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/error-codes#charge-disputed"""
    dispute = disputed(sandbox, "pm_card_createDispute")

    status, error = refused(sandbox, "/v1/refunds", charge=str(dispute["charge"]))

    assert (status, error["code"]) == (400, "charge_disputed")
    assert error["message"] == f"Charge {dispute['charge']} has been charged back; cannot issue a refund."
    assert sandbox.get("/v1/refunds", charge=str(dispute["charge"]))["data"] == []


def test_the_evidence_is_due_at_the_end_of_a_day_within_the_networks_limits(sandbox: SandboxProcess) -> None:
    dispute = disputed(sandbox, "pm_card_createDispute")
    due_by = number(section(dispute, "evidence_details"), "due_by")

    assert 7 * DAY_S <= due_by - number(dispute, "created") <= 21 * DAY_S
    assert (due_by + 1) % DAY_S == 0


def test_winning_evidence_brings_the_money_back_and_makes_the_charge_refundable(sandbox: SandboxProcess) -> None:
    dispute = disputed(sandbox, "pm_card_createDispute")

    sent = submitted(sandbox, dispute, "winning_evidence")
    won = decided(sandbox, dispute)

    assert (sent["status"], won["status"]) == ("under_review", "won")
    details = section(sent, "evidence_details")
    assert (details["has_evidence"], details["submission_count"], details["past_due"]) == (True, 1, False)
    assert details["submission_method"] == "manual"
    _, reversal = members(won, "balance_transactions")
    assert (reversal["type"], reversal["reporting_category"]) == ("adjustment", "dispute_reversal")
    assert (reversal["amount"], reversal["fee"]) == (2500, 0)
    assert event_types(sandbox, str(dispute["id"]))[2:] == [
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    [closed] = members(sandbox.get("/v1/events", type="charge.dispute.closed", limit="1"))
    assert section(closed, "data", "previous_attributes")["status"] == "under_review"
    assert sandbox.post("/v1/refunds", charge=str(dispute["charge"]))["status"] == "succeeded"


def test_losing_evidence_leaves_the_money_with_the_cardholder(sandbox: SandboxProcess) -> None:
    dispute = disputed(sandbox, "pm_card_createDispute")

    submitted(sandbox, dispute, "losing_evidence")
    lost = decided(sandbox, dispute)

    assert lost["status"] == "lost"
    assert len(members(lost, "balance_transactions")) == 1
    assert lost["is_charge_refundable"] is False
    [closed] = members(sandbox.get("/v1/events", type="charge.dispute.closed", limit="1"))
    assert section(closed, "data", "previous_attributes") == {"status": "under_review"}
    assert event_types(sandbox, str(dispute["id"]))[-1] == "charge.dispute.closed"
    assert refused(sandbox, "/v1/refunds", charge=str(dispute["charge"]))[1]["code"] == "charge_disputed"


def test_an_inquiry_can_become_a_chargeback(sandbox: SandboxProcess) -> None:
    inquiry = disputed(sandbox, "pm_card_createDisputeInquiry")

    sent = submitted(sandbox, inquiry, "escalate_inquiry_evidence")
    dispute = decided(sandbox, inquiry)

    assert (sent["status"], dispute["status"]) == ("warning_under_review", "needs_response")
    assert number(members(dispute, "balance_transactions")[0], "amount") == -2500
    assert section(dispute, "payment_method_details", "card")["case_type"] == "chargeback"
    assert dispute["is_charge_refundable"] is False
    assert event_types(sandbox, str(inquiry["id"]))[-1] == "charge.dispute.funds_withdrawn"


@pytest.mark.parametrize("text", ["winning_evidence", "losing_evidence"])
def test_an_answered_inquiry_is_closed_without_a_chargeback(sandbox: SandboxProcess, text: str) -> None:
    inquiry = disputed(sandbox, "pm_card_createDisputeInquiry")

    submitted(sandbox, inquiry, text)
    closed = decided(sandbox, inquiry)

    assert (closed["status"], closed["balance_transactions"]) == ("warning_closed", [])


def test_a_chargeback_fails_a_refund_that_is_still_on_its_way(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/api/refunds/object: `failure_reason` `charge_for_pending_refund_disputed`."""
    intent = paid(sandbox, "pm_card_pendingRefund")
    refund = sandbox.post("/v1/refunds", payment_intent=str(intent["id"]))

    opened(sandbox, intent)

    failed = sandbox.get(f"/v1/refunds/{refund['id']}")
    assert (refund["status"], failed["status"]) == ("pending", "failed")
    assert failed["failure_reason"] == "charge_for_pending_refund_disputed"


def test_evidence_can_be_staged_before_it_is_sent(sandbox: SandboxProcess) -> None:
    dispute = disputed(sandbox, "pm_card_createDispute")
    path = f"/v1/disputes/{dispute['id']}"

    staged = sandbox.post(path, **{"evidence[customer_name]": "Ada", "submit": "false"})
    noted = sandbox.post(path, **{"metadata[case]": "7", "submit": "false"})
    sent = sandbox.post(path, **{"evidence[receipt]": "file_1"})

    assert (staged["status"], noted["status"]) == ("needs_response", "needs_response")
    assert section(staged, "evidence_details")["submission_count"] == 0
    assert (sent["status"], section(sent, "metadata")) == ("under_review", {"case": "7"})
    assert section(sent, "evidence")["customer_name"] == "Ada"


def test_any_later_request_sends_staged_evidence_unless_told_otherwise(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/api/disputes/update: `submit` is true by default."""
    dispute = disputed(sandbox, "pm_card_createDispute")
    path = f"/v1/disputes/{dispute['id']}"
    sandbox.post(path, **{"evidence[customer_name]": "Ada", "submit": "false"})

    assert sandbox.post(path, **{"metadata[case]": "9"})["status"] == "under_review"


def test_metadata_alone_submits_nothing(sandbox: SandboxProcess) -> None:
    dispute = disputed(sandbox, "pm_card_createDispute")

    changed = sandbox.post(f"/v1/disputes/{dispute['id']}", **{"metadata[case]": "8"})

    assert (changed["status"], section(changed, "metadata")) == ("needs_response", {"case": "8"})


def test_giving_in_loses_the_dispute_for_good(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/api/disputes/close"""
    dispute = disputed(sandbox, "pm_card_createDispute")

    closed = sandbox.post(f"/v1/disputes/{dispute['id']}/close")

    assert closed["status"] == "lost"
    for path in (f"/v1/disputes/{dispute['id']}/close", f"/v1/disputes/{dispute['id']}"):
        status, error = refused(sandbox, path, **({} if path.endswith("close") else {"metadata[a]": "b"}))
        assert (status, error["message"]) == (400, "This dispute is already closed")


def test_part_of_a_charge_can_be_disputed_more_than_once(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox)

    first = opened(sandbox, intent, amount=1000, reason="product_unacceptable")
    second = opened(sandbox, intent, amount=500, reason="duplicate")

    assert (first["amount"], first["reason"]) == (1000, "product_unacceptable")
    assert [dispute["id"] for dispute in disputes_of(sandbox, intent)] == [second["id"], first["id"]]
    assert number(members(second, "balance_transactions")[0], "net") == -2500


def test_a_dispute_is_won_or_lost_by_hand(sandbox: SandboxProcess) -> None:
    won = opened(sandbox, paid(sandbox))
    lost = opened(sandbox, paid(sandbox))

    assert sandbox.control(f"disputes/{won['id']}/win", {})["status"] == "won"
    assert sandbox.control(f"disputes/{lost['id']}/lose", {})["status"] == "lost"
    assert "is lost; this needs" in refused_order(sandbox, f"disputes/{lost['id']}/win", {})


def test_only_an_inquiry_is_escalated_by_hand(sandbox: SandboxProcess) -> None:
    inquiry, chargeback = opened(sandbox, paid(sandbox), inquiry=True), opened(sandbox, paid(sandbox))

    assert sandbox.control(f"disputes/{inquiry['id']}/escalate", {})["status"] == "needs_response"
    assert "is needs_response; this needs" in refused_order(sandbox, f"disputes/{chargeback['id']}/escalate", {})


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"charge": "ch_none"}, "no captured charge"),
        ({"charge": 7}, "Send"),
        ({"amount": 2501}, "from 1 to 2500"),
        ({"amount": "5"}, "whole number"),
        ({"reason": "bad mood"}, "`reason` is one of"),
    ],
)
def test_an_order_that_makes_no_sense_opens_nothing(sandbox: SandboxProcess, order: Document, reason: str) -> None:
    intent = paid(sandbox)

    assert reason in refused_order(sandbox, "disputes", {"charge": intent["latest_charge"], **order})
    assert disputes_of(sandbox, intent) == []


def test_a_dispute_is_expanded_and_found_by_its_charge(sandbox: SandboxProcess) -> None:
    dispute = opened(sandbox, paid(sandbox))

    [found] = members(sandbox.get("/v1/disputes", **{"charge": str(dispute["charge"]), "expand[0]": "data.charge"}))

    assert section(found, "charge")["id"] == dispute["charge"]
    [withdrawal] = members(dispute, "balance_transactions")
    shown = sandbox.get(f"/v1/balance_transactions/{withdrawal['id']}", **{"expand[0]": "source"})
    assert section(shown, "source")["id"] == dispute["id"]


def test_a_dispute_that_does_not_exist_is_not_found(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, "/v1/disputes/du_none")

    assert (status, error["code"], error["param"]) == (404, "resource_missing", "dispute")


def test_a_dispute_without_an_answer_is_lost_when_its_time_is_over(sandbox: SandboxProcess) -> None:
    dispute = opened(sandbox, paid(sandbox))
    inquiry = opened(sandbox, paid(sandbox), inquiry=True)

    sandbox.control("clock", {"advance_s": 10 * DAY_S})
    assert read(sandbox, dispute)["status"] == "lost"
    assert read(sandbox, inquiry)["status"] == "warning_needs_response"
    sandbox.control("clock", {"advance_s": 110 * DAY_S})
    assert read(sandbox, inquiry)["status"] == "warning_closed"
