from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from payments.admin.read_only import ReadOnlyAdmin
from payments.admin.refund_form import RefundForm
from payments.models import Payment
from payments.operations.refunding import NotRefundable, refund

REFUND_PERMISSION = "payments.refund_payment"


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin[Payment]):
    """One payment with its whole story, and the way to refund it."""

    change_form_template = "admin/payments/payment/story.html"
    list_display = ["created_at", "description", "money", "status", "captured", "refunded", "gateway_id"]
    list_filter = ["status", "account", "created_at"]
    search_fields = ["description", "public_id", "gateway_id"]
    date_hierarchy = "created_at"
    fields = [
        ("description", "public_id"),
        ("money", "status", "capture_method"),
        ("captured", "refunded", "disputed", "refundable"),
        ("account", "gateway_id"),
        ("created_at", "next_check_at"),
    ]
    readonly_fields = ["money", "captured", "refunded", "disputed", "refundable"]

    def get_urls(self) -> list[URLPattern]:
        refund_page = self.admin_site.admin_view(self.refund_view)
        return [path("<int:payment_id>/refund/", refund_page, name="payments_payment_refund"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        payment = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(_story(payment) if payment else {})}
        context["may_refund"] = bool(payment and payment.refundable and request.user.has_perm(REFUND_PERMISSION))
        return super().change_view(request, object_id, form_url, context)

    def refund_view(self, request: HttpRequest, payment_id: int) -> HttpResponse:
        """Show what is left and ask for an amount; once confirmed, enqueue the refund, once for each page shown."""
        user = request.user
        if user.is_anonymous or not user.has_perm(REFUND_PERMISSION):
            raise PermissionDenied
        payment = get_object_or_404(Payment.objects.select_related("account"), pk=payment_id)
        form = RefundForm(payment, request.POST or None)
        if request.method == "POST" and form.is_valid() and self._refund(request, user, payment, form):
            return HttpResponseRedirect(reverse("admin:payments_payment_change", args=[payment.pk]))
        context = {**self.admin_site.each_context(request), "title": _("Refund"), "payment": payment, "form": form}
        return TemplateResponse(request, "admin/payments/payment/refund.html", context | {"opts": self.opts})

    def _refund(self, request: HttpRequest, user: AbstractBaseUser, payment: Payment, form: RefundForm) -> bool:
        money = form.cleaned_data["amount"]
        try:
            wish = refund(
                payment,
                money,
                reason=form.cleaned_data["reason"],
                by=user,
                request_id=form.cleaned_data["request_id"],
            )
        except NotRefundable as refusal:
            form.add_error("amount", str(refusal))
            return False
        messages.success(request, _("The refund of %(money)s is on its way.") % {"money": wish.money})
        return True


def _story(payment: Payment) -> dict[str, object]:
    """Everything that happened to the payment, oldest first."""
    return {
        "attempts": payment.attempts.all(),
        "operations": payment.operations.all(),
        "observations": payment.observations.all(),
        "refunds": payment.refunds.select_related("requested_by"),
        "disputes": payment.disputes.all(),
        "ledger_transactions": payment.ledger_transactions.prefetch_related("entries"),
        "audit_entries": payment.audit_entries.all(),
        "discrepancies": payment.discrepancies.filter(resolved_at=None),
    }
