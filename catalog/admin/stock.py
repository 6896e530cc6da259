from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import stock
from catalog.admin.generic import StockMovementModelAdmin, StockMovementModelForm
from catalog.models import StockMovement
from catalog.models.stock import STAFF_REASONS, MovementReason

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldGroups

MOST_AT_ONCE = 1_000_000  # pieces: more than any delivery, so a slip of the finger


def _new_reference() -> str:
    return f"staff:{uuid.uuid4().hex}"


class StockChangeForm(StockMovementModelForm):
    """What staff saw on the shelf. The form carries its own reference, so that sending it twice moves stock once."""

    class Meta:
        model = StockMovement
        fields: ClassVar = ["variant", "reason", "on_hand_change", "note", "line"]

    line = forms.CharField(initial=_new_reference, widget=forms.HiddenInput, max_length=64)
    on_hand_change = forms.IntegerField(
        label=_("Change"),
        help_text=_("Pieces more (12) or fewer (-1) than recorded."),
        min_value=-MOST_AT_ONCE,
        max_value=MOST_AT_ONCE,
    )
    reason = forms.ChoiceField(choices=[(reason.value, reason.label) for reason in STAFF_REASONS])

    def clean_on_hand_change(self) -> int:
        change: int = self.cleaned_data["on_hand_change"]
        reason = self.cleaned_data.get("reason")
        if change == 0:
            raise forms.ValidationError(_("A change of 0 changes nothing. Enter how many pieces came or went."))
        if reason == MovementReason.RECEIVED and change < 0:
            raise forms.ValidationError(_("Goods received add pieces: enter a positive number."))
        if reason == MovementReason.LOST and change > 0:
            raise forms.ValidationError(_("Lost or damaged pieces are taken away: enter a negative number."))
        return change


@admin.register(StockMovement)
class StockMovementAdmin(StockMovementModelAdmin):
    """The history of the shelf. Staff add to it; nobody changes or deletes what happened."""

    form = StockChangeForm
    list_display = ("at", "variant", "reason", "on_hand_change", "reserved_change", "by", "note")
    list_filter = ("reason",)
    search_fields = ("variant__sku", "variant__name", "variant__product__name", "line", "note")
    autocomplete_fields = ("variant",)
    date_hierarchy = "at"
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: StockMovement | None = None) -> _FieldGroups:
        if obj is None:
            return ["variant", "reason", "on_hand_change", "note", "line"]
        return ["at", "variant", "reason", "on_hand_change", "reserved_change", "by", "note", "line"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockMovement]:
        pointer = Concat(Value("user:"), Cast("pk", CharField()))
        person = get_user_model().objects.annotate(pointer=pointer).filter(pointer=OuterRef("actor"))
        by = Coalesce(Subquery(person.values("username")[:1]), "actor")
        return super().get_queryset(request).select_related("variant__product").annotate(by=by)

    def has_change_permission(self, request: HttpRequest, obj: StockMovement | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StockMovement | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "variant__id__exact" or super().lookup_allowed(lookup, value, request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except stock.OutOfStock as short:
            refusal = gettext("Nothing was changed: %(left)d on the shelf are not reserved for an order.")
            told = refusal % {"left": min(short.available.values())}
        except stock.TooManyPieces:
            told = gettext("Nothing was changed: the shelf would hold more pieces than can be counted.")
        self.message_user(request, told, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def save_model(
        self, request: HttpRequest, obj: StockMovement, form: forms.ModelForm[StockMovement], change: bool
    ) -> None:
        movement = stock.adjust(
            obj.variant_id,
            obj.on_hand_change,
            reason=MovementReason(obj.reason),
            reference=obj.line,
            actor=f"user:{request.user.pk}",
            note=obj.note,
        )
        obj.pk = movement.pk
        obj.refresh_from_db()

    @admin.display(description=_("by"))
    def by(self, movement: StockMovement) -> str:
        return str(vars(movement)["by"])
