from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from checkout.models import ShippingMethod
from checkout.models.cart import MOST_OF_ONE


class AddToCartForm(forms.Form):
    variant = forms.IntegerField(min_value=1)
    quantity = forms.IntegerField(min_value=1, max_value=MOST_OF_ONE, initial=1)


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(min_value=0, max_value=MOST_OF_ONE)


def _is_one_line(text: str) -> None:
    """Refuse line breaks, which have no place on a label and could forge what a mail says. Raises ValidationError."""
    if len(text.splitlines()) > 1:
        raise ValidationError(_("Write this on one line."))


class CheckoutForm(forms.Form):
    """Who gets the order and where it goes; the hidden fields say which checkout and quote the shopper saw."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    name = forms.CharField(label=_("Full name"), max_length=120, validators=[_is_one_line])
    address = forms.CharField(label=_("Address"), max_length=200, validators=[_is_one_line])
    city = forms.CharField(label=_("City"), max_length=100, validators=[_is_one_line])
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, validators=[_is_one_line])
    country = forms.ChoiceField(label=_("Country"), choices=[])
    shipping_method = forms.ModelChoiceField(
        label=_("Shipping"), queryset=ShippingMethod.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    checkout_id = forms.UUIDField(widget=forms.HiddenInput)
    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=64)
    confirmation_token = forms.CharField(widget=forms.HiddenInput, max_length=255, required=False)

    SAID_BY_THE_BROWSER = {
        "email": "email",
        "name": "name",
        "address": "street-address",
        "city": "address-level2",
        "postal_code": "postal-code",
        "country": "country",
    }

    def __init__(self, data: Any = None, *, methods: list[ShippingMethod], initial: dict[str, object] | None = None):
        super().__init__(data, initial=initial)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", _("Choose a country")), *countries]
        method = self.fields["shipping_method"]
        assert isinstance(method, forms.ModelChoiceField)
        method.queryset = ShippingMethod.objects.filter(pk__in=[m.pk for m in methods])
        for name, autocomplete in self.SAID_BY_THE_BROWSER.items():
            self.fields[name].widget.attrs |= {"autocomplete": autocomplete, "required": True}


class PayAgainForm(forms.Form):
    request_id = forms.UUIDField(widget=forms.HiddenInput)
    confirmation_token = forms.CharField(max_length=255)
