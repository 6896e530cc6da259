from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from checkout.models import OrderEmail
from checkout.models.email import OrderEmailQuerySet
from checkout.operations.emails import send_again
from payments.admin.confirming import asking, too_many
from payments.admin.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class State(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [("waiting", _("To be sent")), ("given_up", _("Given up")), ("sent", _("Sent"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OrderEmail]) -> QuerySet[OrderEmail]:
        assert isinstance(queryset, OrderEmailQuerySet)  # the model's own
        match self.value():
            case "waiting":
                return queryset.waiting()
            case "given_up":
                return queryset.given_up()
            case "sent":
                return queryset.sent()
        return queryset


@admin.register(OrderEmail)
class OrderEmailAdmin(ReadOnlyAdmin[OrderEmail]):
    """The e-mails of all orders, and what keeps one from being sent. Those given up can be sent again."""

    list_display = ["written_at", "order", "kind", "sent_at", "tries", "next_try_at", "last_error"]
    list_filter = [State, "kind", "written_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__email"]
    actions = ["send_again"]

    @admin.action(description=_("Send the selected e-mails again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, emails: QuerySet[OrderEmail]) -> HttpResponse | None:
        """Show the e-mails with what went wrong; once confirmed, give those that were given up new tries."""
        if too_many(request, emails):
            return None
        if "confirmed" not in request.POST:
            page = {"title": _("Send again"), "button": _("Send again"), "emails": emails.select_related("order")}
            context = asking(request, self, "send_again", emails) | page
            return TemplateResponse(request, "admin/checkout/orderemail/send_again.html", context)
        assert not request.user.is_anonymous  # the permission says so
        count = send_again(emails, by=request.user)
        told = ngettext("%(count)d e-mail is sent again.", "%(count)d e-mails are sent again.", count)
        messages.success(request, told % {"count": count})
        return None

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("checkout.resend_orderemail")
