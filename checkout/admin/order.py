from __future__ import annotations

from functools import partial
from typing import TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from checkout.admin.moves import FULFIL, MOVES, Move
from checkout.models import Address, Order, OrderEmail, OrderLine
from checkout.operations.attend import NotPossible
from payments.admin.confirming import asking, too_many

Part = TypeVar("Part", bound=Model)


class ReadOnlyInline(admin.TabularInline[Part, Order]):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False


class LineInline(ReadOnlyInline[OrderLine]):
    model = OrderLine
    fields = ["name", "sku", "quantity", "unit_price", "total"]
    readonly_fields = ["unit_price", "total"]


class AddressInline(ReadOnlyInline[Address]):
    model = Address


class EmailInline(ReadOnlyInline[OrderEmail]):
    model = OrderEmail
    fields = ["kind", "written_at", "sent_at", "tries", "next_try_at", "last_error"]


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin[Order]):
    """Orders as they were placed. Their status follows their payment; what waits for a person, staff move on."""

    list_display = ["number", "placed_at", "email", "total", "status", "payment_status"]
    list_filter = ["status", "placed_at"]
    list_select_related = ["payment"]
    search_fields = ["number", "email", "public_id"]
    date_hierarchy = "placed_at"
    list_per_page = 50
    show_full_result_count = False
    fields = ["number", "status", "email", "placed_at", "subtotal", "shipping", "total", "payment_link"]
    readonly_fields = ["subtotal", "shipping", "total", "payment_link"]
    inlines = [LineInline, AddressInline, EmailInline]
    actions = ["mark_as_fulfilled"]

    @admin.display(description=_("payment"))
    def payment_status(self, order: Order) -> str:
        return str(order.payment.get_status_display() if order.payment else _("nothing to pay"))

    @admin.display(description=_("payment"))
    def payment_link(self, order: Order) -> str:
        if order.payment is None:
            return str(_("nothing to pay"))
        url = reverse("admin:payments_payment_change", args=[order.payment.pk])
        return format_html('<a href="{}">{}</a>', url, order.payment)

    def get_urls(self) -> list[URLPattern]:
        moves = [
            path(
                f"<int:order_id>/{move.name}/",
                self.admin_site.admin_view(partial(self.move_view, move=move)),
                name=f"checkout_order_{move.name}",
            )
            for move in MOVES
        ]
        return [*moves, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        moves = [move for move in MOVES if order and order.status in move.before and _may(request, move)]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "moves": moves})

    def move_view(self, request: HttpRequest, order_id: int, move: Move) -> HttpResponse:
        """Show what would happen, or why it cannot; once confirmed, do it."""
        if not _may(request, move):
            raise PermissionDenied
        order = get_object_or_404(Order.objects.select_related("payment"), pk=order_id)
        obstacle = move.obstacle(order)
        if request.method == "POST":
            obstacle = _perform(move, order, request)
            if not obstacle:
                messages.success(request, _done(order))
                return HttpResponseRedirect(reverse("admin:checkout_order_change", args=[order.pk]))
        back = reverse("admin:checkout_order_change", args=[order.pk])
        shown = {"order": order, "obstacle": obstacle, "remark": move.remark(order), "back": back}
        return self._page(request, "move.html", move, **shown)

    @admin.action(description=FULFIL.title, permissions=["fulfil"])
    def mark_as_fulfilled(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        """Show the orders, and which of them cannot be; once confirmed, mark the others."""
        if too_many(request, orders):
            return None
        listed = list(orders.select_related("payment"))
        if "confirmed" not in request.POST:
            shown = [(order, FULFIL.obstacle(order)) for order in listed]
            asked = asking(request, self, "mark_as_fulfilled", orders)
            return self._page(request, "fulfil.html", FULFIL, orders=shown, **asked)
        obstacles = {order: _perform(FULFIL, order, request) for order in listed}
        for order, obstacle in obstacles.items():
            if obstacle:
                messages.warning(request, f"{order}: {obstacle}")
        if count := sum(not obstacle for obstacle in obstacles.values()):
            told = ngettext("%(count)d order is fulfilled.", "%(count)d orders are fulfilled.", count)
            messages.success(request, told % {"count": count})
        return None

    def _page(self, request: HttpRequest, template: str, move: Move, **context: object) -> HttpResponse:
        shown = {"title": move.title, "button": move.button, "warning": move.warning, "opts": self.opts, **context}
        page = {**self.admin_site.each_context(request), **shown}
        return TemplateResponse(request, f"admin/checkout/order/{template}", page)

    def has_fulfil_permission(self, request: HttpRequest) -> bool:
        return _may(request, FULFIL)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False


def _may(request: HttpRequest, move: Move) -> bool:
    """Whoever moves an order sees it, too."""
    return request.user.has_perms([move.permission, "checkout.view_order"])


def _perform(move: Move, order: Order, request: HttpRequest) -> str:
    """Do it; returns why not, empty if it is done, be it by an earlier click."""
    assert not request.user.is_anonymous  # the permission says so
    try:
        move.perform(order, by=request.user)
    except NotPossible as refusal:
        order.refresh_from_db(fields=["status"])
        return "" if order.status == move.after else str(refusal)
    order.refresh_from_db(fields=["status"])
    return ""


def _done(order: Order) -> str:
    return str(_("The order is %(status)s.") % {"status": order.get_status_display()})
