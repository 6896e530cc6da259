from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.models import Payment
from payments.money import InvalidAmount, Money


class RefundForm(forms.Form):
    """How much of a payment to give back, in major units. `request_id` is drawn once for each page shown."""

    amount = forms.CharField(label=_("Amount"), max_length=20)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False, help_text=_("Kept with the refund."))
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, payment: Payment, data: Any = None) -> None:
        initial = {"amount": str(payment.refundable.major), "request_id": uuid.uuid4()}
        super().__init__(data, initial=initial)
        self.payment = payment
        self.fields["amount"].label = _("Amount in %(currency)s") % {"currency": payment.currency}
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "autofocus": True}

    def clean_amount(self) -> Money:
        try:
            return Money.from_major(self.cleaned_data["amount"].strip(), self.payment.currency)
        except InvalidAmount as error:
            raise forms.ValidationError(str(error)) from None
