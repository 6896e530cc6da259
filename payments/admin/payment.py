from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from payments.admin.forms import DecisionForm, WishForm
from payments.admin.read_only import ReadOnlyAdmin
from payments.admin.wishes import WISHES, Refused, Wish
from payments.models import Operation, Payment
from payments.operations.deciding import NotDecidable, is_decidable, record_done, record_not_done

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DECIDE_PERMISSION = "payments.decide_operation"


class WithoutOutcome(admin.SimpleListFilter):
    """Payments of which something was sent whose outcome is not known."""

    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [("unknown", _("Unknown"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        if self.value() != "unknown":
            return queryset
        return queryset.filter(operations__status=Operation.Status.UNKNOWN).distinct()


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin[Payment]):
    """One payment with its whole story, and what staff may do with it."""

    change_form_template = "admin/payments/payment/story.html"
    list_display = ["created_at", "description", "money", "status", "captured", "refunded", "gateway_id"]
    list_filter = ["status", WithoutOutcome, "account", "created_at"]
    search_fields = ["description", "public_id", "gateway_id"]
    date_hierarchy = "created_at"
    fields = [
        ("description", "public_id"),
        ("money", "status", "capture_method"),
        ("captured", "refunded", "disputed", "left"),
        ("account", "gateway_id"),
        ("created_at", "next_check_at"),
    ]
    readonly_fields = ["money", "captured", "refunded", "disputed", "left"]

    def get_urls(self) -> list[URLPattern]:
        wishes = [
            path(
                f"<int:payment_id>/{wish.name}/",
                self.admin_site.admin_view(partial(self.wish_view, wish=wish)),
                name=f"payments_payment_{wish.name}",
            )
            for wish in WISHES
        ]
        decide = self.admin_site.admin_view(self.decide_view)
        return [
            *wishes,
            path("operations/<int:operation_id>/decide/", decide, name="payments_operation_decide"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        payment = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(_story(payment) if payment else {})}
        context["wishes"] = [wish for wish in _allowed(request) if payment and wish.is_offered(payment)]
        context["may_decide"] = _may(request, DECIDE_PERMISSION)
        return super().change_view(request, object_id, form_url, context)

    def wish_view(self, request: HttpRequest, payment_id: int, wish: Wish) -> HttpResponse:
        """Show what staff must know and ask for the rest; once confirmed, do it, once for each page shown."""
        if request.user.is_anonymous or not _may(request, wish.permission):
            raise PermissionDenied
        payment = get_object_or_404(Payment.objects.select_related("account"), pk=payment_id)
        form = wish.form(payment, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                messages.success(request, wish.perform(payment, form, request.user))
                return _back_to(payment)
            except Refused as refusal:
                form.add_error("amount" if "amount" in form.fields else None, str(refusal))
        return self._page(request, "wish.html", payment, **_wish_context(wish, payment, form))

    def decide_view(self, request: HttpRequest, operation_id: int) -> HttpResponse:
        """Take down what somebody found out about an operation that shows no outcome."""
        if request.user.is_anonymous or not _may(request, DECIDE_PERMISSION):
            raise PermissionDenied
        operation = get_object_or_404(Operation.objects.select_related("payment__account", "refund"), pk=operation_id)
        form = DecisionForm(operation, request.POST or None)
        if request.method == "POST" and form.is_valid():
            sent = form.cleaned_data
            try:
                if sent["outcome"] == "done":
                    record_done(operation, sent["gateway_id"].strip(), note=sent["note"], by=request.user)
                else:
                    record_not_done(operation, note=sent["note"], by=request.user)
                messages.success(request, _("Recorded."))
                return _back_to(operation.payment)
            except NotDecidable as refusal:
                form.add_error(None, str(refusal))
        asked = {"title": _("What became of it?"), "button": _("Record"), "operation": operation, "form": form}
        return self._page(request, "decide.html", operation.payment, **asked)

    def _page(self, request: HttpRequest, template: str, payment: Payment, **context: object) -> HttpResponse:
        page = {
            **self.admin_site.each_context(request),
            "payment": payment,
            "opts": self.opts,
            "back": _page_of(payment),
        }
        return TemplateResponse(request, f"admin/payments/payment/{template}", page | context)


def _wish_context(wish: Wish, payment: Payment, form: WishForm) -> dict[str, object]:
    return {
        "wish": wish,
        "form": form,
        "title": wish.title,
        "button": wish.button,
        "facts": wish.facts(payment),
        "obstacle": wish.obstacle(payment),
    }


def _allowed(request: HttpRequest) -> list[Wish]:
    return [wish for wish in WISHES if _may(request, wish.permission)]


def _may(request: HttpRequest, permission: str) -> bool:
    """Whoever does something with a payment sees it, too."""
    return request.user.has_perms([permission, "payments.view_payment"])


def _back_to(payment: Payment) -> HttpResponseRedirect:
    return HttpResponseRedirect(_page_of(payment))


def _page_of(payment: Payment) -> str:
    return reverse("admin:payments_payment_change", args=[payment.pk])


def _story(payment: Payment) -> dict[str, object]:
    """Everything that happened to the payment, oldest first."""
    operations = list(payment.operations.all())
    return {
        "attempts": payment.attempts.all(),
        "operations": operations,
        "decidable": [operation.pk for operation in operations if is_decidable(operation)],
        "observations": payment.observations.all(),
        "refunds": payment.refunds.select_related("requested_by"),
        "disputes": payment.disputes.all(),
        "ledger_transactions": payment.ledger_transactions.prefetch_related("entries"),
        "audit_entries": payment.audit_entries.all(),
        "discrepancies": payment.discrepancies.filter(resolved_at=None),
    }
