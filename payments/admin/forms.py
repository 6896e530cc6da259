from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.models import Operation, Payment
from payments.money import InvalidAmount, Money


class WishForm(forms.Form):
    """What staff wish for a payment. `request_id` is drawn once for each page shown, so that a wish is done once."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, payment: Payment, data: Any = None, **initial: object) -> None:
        super().__init__(data, initial={"request_id": uuid.uuid4(), **initial})
        self.payment = payment


class AmountForm(WishForm):
    """A wish about an amount, in major units."""

    amount = forms.CharField(label=_("Amount"), max_length=20)

    def __init__(self, payment: Payment, data: Any = None, *, proposed: Money) -> None:
        super().__init__(payment, data, amount=str(proposed.major))
        self.fields["amount"].label = _("Amount in %(currency)s") % {"currency": payment.currency}
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "autofocus": True}

    def clean_amount(self) -> Money:
        try:
            return Money.from_major(self.cleaned_data["amount"].strip(), self.payment.currency)
        except InvalidAmount as error:
            raise forms.ValidationError(str(error)) from None


class RefundForm(AmountForm):
    """How much to give back, proposing all that is left."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False, help_text=_("Kept with the refund."))

    def __init__(self, payment: Payment, data: Any = None) -> None:
        super().__init__(payment, data, proposed=payment.left)


class CaptureForm(AmountForm):
    """How much of an authorization to take, proposing all of it."""

    def __init__(self, payment: Payment, data: Any = None) -> None:
        super().__init__(payment, data, proposed=payment.money)


class DecisionForm(forms.Form):
    """What somebody found in the gateway's dashboard about an operation without an outcome."""

    outcome = forms.ChoiceField(
        label=_("What did you find?"),
        widget=forms.RadioSelect,
        choices=[("not_done", _("It was not done")), ("done", _("It was done, as the refund below"))],
    )
    gateway_id = forms.CharField(
        label=_("The refund's id at the gateway"), max_length=255, required=False, help_text=_("If it was done.")
    )
    note = forms.CharField(label=_("Note"), max_length=300, help_text=_("How you know. Kept in the audit trail."))

    def __init__(self, operation: Operation, data: Any = None) -> None:
        super().__init__(data)
        if operation.refund_id is None:
            del self.fields["gateway_id"]
            self.fields["outcome"] = forms.ChoiceField(
                label=_("What did you find?"), widget=forms.RadioSelect, choices=[("not_done", _("It was not done"))]
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("outcome") == "done" and not cleaned.get("gateway_id"):
            self.add_error("gateway_id", _("Give the id of the refund, as the gateway's dashboard shows it."))
        return cleaned
