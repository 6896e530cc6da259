"""The documented test cards: number, what it is, how it behaves, and the payment methods that stand for it.

Sources: docs.stripe.com/testing (cards by brand and country, declines, disputes, refunds, fraud prevention) and
docs.stripe.com/testing#regulatory-cards (3D Secure).
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.instruments import declines
from sandbox.instruments.behaviour import SUCCEEDS, Authentication, Behaviour, Decline, DisputeCase, RefundFate


@dataclass(frozen=True)
class TestCard:
    """One documented number. `payment_methods` are the `pm_card_...` names that charge it.

    A co-branded card runs on the network of its `co_brand` too.
    """

    number: str
    brand: str
    payment_methods: tuple[str, ...]
    behaviour: Behaviour = SUCCEEDS
    country: str = "US"
    funding: str = "credit"
    co_brand: str = ""

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _refused(number: str, decline: Decline, *payment_methods: str) -> TestCard:
    return TestCard(number, "visa", payment_methods, Behaviour(decline=decline))


def _secured(number: str, authentication: Authentication, *payment_methods: str, country: str = "IE") -> TestCard:
    return TestCard(number, "visa", payment_methods, Behaviour(authentication=authentication), country)


_NO_3DS = Behaviour(authentication=Authentication.UNSUPPORTED)
_REQUIRED = Authentication.REQUIRED

BY_BRAND = (
    TestCard("4242424242424242", "visa", ("pm_card_visa", "pm_card_us")),
    TestCard("4000056655665556", "visa", ("pm_card_visa_debit",), funding="debit"),
    TestCard("5555555555554444", "mastercard", ("pm_card_mastercard",)),
    TestCard("2223003122003222", "mastercard", ()),
    TestCard("5200828282828210", "mastercard", ("pm_card_mastercard_debit",), funding="debit"),
    TestCard("5105105105105100", "mastercard", ("pm_card_mastercard_prepaid",), funding="prepaid"),
    TestCard("378282246310005", "amex", ("pm_card_amex", "pm_card_amex_threeDSecureNotSupported"), _NO_3DS),
    TestCard("371449635398431", "amex", (), _NO_3DS),
    TestCard("6011111111111117", "discover", ("pm_card_discover",)),
    TestCard("6011000990139424", "discover", ()),
    TestCard("6011981111111113", "discover", ("pm_card_discover_debit",), funding="debit"),
    TestCard("3056930009020004", "diners", ("pm_card_diners",)),
    TestCard("36227206271667", "diners", ()),
    TestCard("6555900000604105", "discover", ()),  # BCcard and DinaCard
    TestCard("3566002020360505", "jcb", ("pm_card_jcb",), country="JP"),
    TestCard("6200000000000005", "unionpay", ("pm_card_unionpay",), country="CN"),
    TestCard("6200000000000047", "unionpay", (), country="CN", funding="debit"),
    TestCard("6205500000000000004", "unionpay", (), country="CN"),
)

CO_BRANDED = (
    TestCard("4000002500001001", "visa", ("pm_card_visa_cartesBancaires",), country="FR", co_brand="cartes_bancaires"),
    TestCard(
        "5555552500001001",
        "mastercard",
        ("pm_card_mastercard_cartesBancaires",),
        country="FR",
        co_brand="cartes_bancaires",
    ),
    TestCard(
        "4000050360000001",
        "visa",
        ("pm_card_visa_debit_eftposAuCoBranded",),
        country="AU",
        funding="debit",
        co_brand="eftpos_au",
    ),
    TestCard(
        "5555050360000080",
        "mastercard",
        ("pm_card_mastercard_debit_eftposAuCoBranded",),
        country="AU",
        funding="debit",
        co_brand="eftpos_au",
    ),
)

HEALTH_ACCOUNTS = (
    TestCard(
        "4000051230000072",
        "visa",
        ("pm_card_debit_visaFsaProductCode", "pm_card_debit_visaHsaProductCode"),
        funding="debit",
    ),
    TestCard("5200828282828897", "mastercard", ("pm_card_mastercard_debit_mastercardFsaProductCode",), funding="debit"),
)

FURTHER_BY_COUNTRY = (
    TestCard("5200007840000022", "mastercard", ("pm_card_ae_mastercard",), country="AE"),
    TestCard("4000006820000007", "visa", (), country="SA"),
    TestCard("4000058260000005", "visa", ("pm_card_gb_debit",), country="GB", funding="debit"),
    TestCard("5555558265554449", "mastercard", ("pm_card_gb_mastercard",), country="GB"),
    TestCard("3530111333300000", "jcb", (), country="JP"),
    TestCard("4000007640000003", "visa", ("pm_card_th_credit",), country="TH"),
    TestCard("4000057640000008", "visa", ("pm_card_th_debit",), country="TH", funding="debit"),
)

BY_COUNTRY = tuple(
    TestCard(number, "visa", (f"pm_card_{country.lower()}",), country=country)
    for number, country in (
        ("4000000320000021", "AR"), ("4000000760000002", "BR"), ("4000001240000000", "CA"),
        ("4000001520000001", "CL"), ("4000001700000003", "CO"), ("4000001880000005", "CR"),
        ("4000002180000000", "EC"), ("4000004840008001", "MX"), ("4000005910000000", "PA"),
        ("4000006000000066", "PY"), ("4000006040000068", "PE"), ("4000008580000003", "UY"),
        ("4000007840000001", "AE"), ("4000000400000008", "AT"), ("4000000560000004", "BE"),
        ("4000001000000000", "BG"), ("4000001120000005", "BY"), ("4000001910000009", "HR"),
        ("4000001960000008", "CY"), ("4000002030000002", "CZ"), ("4000002080000001", "DK"),
        ("4000002330000009", "EE"), ("4000002460000001", "FI"), ("4000002500000003", "FR"),
        ("4000002760000016", "DE"), ("4000002920000005", "GI"), ("4000003000000030", "GR"),
        ("4000003480000005", "HU"), ("4000003720000005", "IE"), ("4000003800000008", "IT"),
        ("4000004280000005", "LV"), ("4000004380000004", "LI"), ("4000004400000000", "LT"),
        ("4000004420000006", "LU"), ("4000004700000007", "MT"), ("4000005280000002", "NL"),
        ("4000005780000007", "NO"), ("4000006160000005", "PL"), ("4000006200000007", "PT"),
        ("4000006420000001", "RO"), ("4000007050000006", "SI"),
        ("4000007030000001", "SK"), ("4000007240000007", "ES"), ("4000007520000008", "SE"),
        ("4000007560000009", "CH"), ("4000008260000000", "GB"), ("4000000360000006", "AU"),
        ("4000001560000002", "CN"), ("4000003440000004", "HK"), ("4000003560000008", "IN"),
        ("4000003920000003", "JP"), ("4000004580000002", "MY"), ("4000005540000008", "NZ"),
        ("4000007020000003", "SG"), ("4000001580000008", "TW"),
    )
)  # fmt: skip

DECLINED = (
    _refused("4000000000000002", declines.GENERIC, "pm_card_visa_chargeDeclined", "pm_card_chargeDeclined"),
    _refused(
        "4000000000009995",
        declines.INSUFFICIENT_FUNDS,
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "pm_card_chargeDeclinedInsufficientFunds",
    ),
    _refused("4000000000009987", declines.LOST_CARD, "pm_card_visa_chargeDeclinedLostCard"),
    _refused("4000000000009979", declines.STOLEN_CARD, "pm_card_visa_chargeDeclinedStolenCard"),
    _refused("4000000000000069", declines.EXPIRED_CARD, "pm_card_chargeDeclinedExpiredCard"),
    _refused("4000000000000127", declines.INCORRECT_CVC, "pm_card_chargeDeclinedIncorrectCvc"),
    _refused("4000000000000119", declines.PROCESSING_ERROR, "pm_card_chargeDeclinedProcessingError"),
    _refused("4000000000006975", declines.VELOCITY, "pm_card_visa_chargeDeclinedVelocityLimitExceeded"),
    _refused("4000000000000341", declines.GENERIC, "pm_card_chargeCustomerFail"),
    _refused("4100000000000019", declines.FRAUDULENT, "pm_card_radarBlock", "pm_card_chargeDeclinedFraudulent"),
)

SECURED = (
    _secured("4000002500003155", _REQUIRED, "pm_card_authenticationRequiredOnSetup", country="FR"),
    _secured("4000002760003184", _REQUIRED, "pm_card_authenticationRequired", country="DE"),
    TestCard(
        "4000003800000446",
        "visa",
        ("pm_card_authenticationRequiredSetupForOffSession",),
        Behaviour(authentication=_REQUIRED, prepared_for_off_session=True),
        "IT",
    ),
    TestCard(
        "4000008260003178",
        "visa",
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",),
        Behaviour(authentication=_REQUIRED, decline=declines.INSUFFICIENT_FUNDS),
        "GB",
    ),
    _secured("4000000000003220", _REQUIRED, "pm_card_threeDSecure2Required", "pm_card_threeDSecureRequired"),
    _secured("4000008400000027", _REQUIRED, country="US"),
    _secured("4000000000003063", _REQUIRED, country="US"),
    TestCard(
        "4000008400001629",
        "visa",
        ("pm_card_threeDSecureRequiredChargeDeclined",),
        Behaviour(authentication=_REQUIRED, decline=declines.GENERIC),
    ),
    _secured(
        "4000008400001280",
        Authentication.LOOKUP_FAILS,
        "pm_card_threeDSecureRequiredProcessingError",
        country="US",
    ),
    _secured("4000000000003055", Authentication.OPTIONAL, "pm_card_threeDSecureOptional", country="US"),
    _secured(
        "4000000000003097",
        Authentication.OPTIONAL_LOOKUP_FAILS,
        "pm_card_threeDSecureOptionalProcessingError",
        country="US",
    ),
    _secured("4000000032200000", Authentication.FRICTIONLESS, country="US"),
)

DISPUTED = (
    TestCard(
        "4000000000000259",
        "visa",
        ("pm_card_createDispute",),
        Behaviour(authentication=Authentication.OPTIONAL, dispute=DisputeCase("fraudulent", "10.4")),
    ),
    TestCard(
        "4000000000002685",
        "visa",
        ("pm_card_createDisputeProductNotReceived",),
        Behaviour(dispute=DisputeCase("product_not_received", "13.1")),
    ),
    TestCard(
        "4000000000001976",
        "visa",
        ("pm_card_createDisputeInquiry",),
        Behaviour(dispute=DisputeCase("fraudulent", "10", inquiry=True)),
    ),
)

REFUNDED = (
    TestCard("4000000000007726", "visa", ("pm_card_pendingRefund",), Behaviour(refund=RefundFate.PENDS_THEN_SUCCEEDS)),
    TestCard("4000000000005126", "visa", ("pm_card_refundFail",), Behaviour(refund=RefundFate.SUCCEEDS_THEN_FAILS)),
)

SETTLED_AT_ONCE = (
    TestCard("4000000000000077", "visa", ("pm_card_bypassPending",), Behaviour(funds_available_at_once=True)),
    TestCard(
        "4000003720000278",
        "visa",
        ("pm_card_bypassPendingInternational",),
        Behaviour(funds_available_at_once=True),
        country="IE",
    ),
)

CHECKED = (
    TestCard(
        "4000000000004954",
        "visa",
        ("pm_card_riskLevelHighest",),
        Behaviour(decline=declines.FRAUDULENT, risk_level="highest", risk_score=95),
    ),
    TestCard(
        "4000000000009235",
        "visa",
        ("pm_card_riskLevelElevated",),
        Behaviour(risk_level="elevated", risk_score=70),
    ),
    TestCard("4000008400000407", "visa", ("pm_card_highFraudDisputeScore",)),
    TestCard("4000008400000159", "visa", ("pm_card_highEfwScore",)),
    TestCard("4000000000000101", "visa", ("pm_card_cvcCheckFail",), Behaviour(cvc_check="fail")),
    TestCard(
        "4000058400307872",
        "visa",
        ("pm_card_cvcCheckFailElevatedRisk",),
        Behaviour(cvc_check="fail", risk_level="elevated", risk_score=70),
    ),
    TestCard(
        "4000058400306072",
        "visa",
        ("pm_card_avsZipFailElevatedRisk",),
        Behaviour(address_postal_code_check="fail", risk_level="elevated", risk_score=70),
    ),
    TestCard("4000000000000036", "visa", ("pm_card_avsZipFail",), Behaviour(address_postal_code_check="fail")),
    TestCard("4000000000000028", "visa", ("pm_card_avsLine1Fail",), Behaviour(address_line1_check="fail")),
    TestCard(
        "4000000000000010",
        "visa",
        ("pm_card_avsFail",),
        Behaviour(address_line1_check="fail", address_postal_code_check="fail"),
    ),
    TestCard(
        "4000000000000044",
        "visa",
        ("pm_card_avsUnchecked",),
        Behaviour(address_line1_check="unavailable", address_postal_code_check="unavailable"),
    ),
)

ALL = (
    *BY_BRAND, *CO_BRANDED, *HEALTH_ACCOUNTS, *BY_COUNTRY, *FURTHER_BY_COUNTRY, *DECLINED, *SECURED, *DISPUTED,
    *REFUNDED, *SETTLED_AT_ONCE, *CHECKED,
)  # fmt: skip
BY_NUMBER = {card.number: card for card in ALL}
FURTHER_TOKENS = {
    "tok_visa_chargeCustomerFail": "pm_card_chargeCustomerFail",
    "tok_visa_chargeCustomerFailLostCard": "pm_card_visa_chargeDeclinedLostCard",
    "tok_visa_chargeCustomerFailStolenCard": "pm_card_visa_chargeDeclinedStolenCard",
    "tok_visa_chargeDeclinedExpiredCard": "pm_card_chargeDeclinedExpiredCard",
    "tok_visa_chargeDeclinedIncorrectCvc": "pm_card_chargeDeclinedIncorrectCvc",
    "tok_visa_chargeDeclinedProcessingError": "pm_card_chargeDeclinedProcessingError",
}
"""Tokens whose names are not those of the payment method with `tok_` for `pm_card_`."""
BY_PAYMENT_METHOD = {name: card for card in ALL for name in card.payment_methods}
