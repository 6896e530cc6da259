from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from payments.admin.confirming import asking, too_many
from payments.admin.read_only import ReadOnlyAdmin
from payments.models import AuditEntry, Discrepancy, Refund, WebhookEvent
from payments.webhooks.rerun import run_again

if TYPE_CHECKING:
    DiscrepancyModelForm = forms.ModelForm[Discrepancy]
else:
    DiscrepancyModelForm = forms.ModelForm  # generic to the type checker only


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin[Refund]):
    list_display = ["created_at", "payment", "money", "status", "source", "requested_by", "reason", "gateway_id"]
    list_filter = ["status", "source", "created_at"]
    list_select_related = ["payment", "requested_by"]
    search_fields = ["gateway_id", "payment__public_id", "payment__description"]
    date_hierarchy = "created_at"


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    list_display = ["at", "actor", "action", "object_type", "object_id", "payment", "origin"]
    list_filter = ["action", "object_type", "at"]
    list_select_related = ["payment"]
    search_fields = ["actor", "payment__public_id", "payment__description"]


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin[WebhookEvent]):
    list_display = ["received_at", "event_type", "subject_id", "status", "replayed", "tries", "last_error"]
    list_filter = ["status", "replayed", "event_type", "received_at"]
    search_fields = ["event_id", "subject_id"]
    exclude = ["body"]
    actions = ["run_again"]

    @admin.action(description=_("Run the selected events again"), permissions=["rerun"])
    def run_again(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> HttpResponse | None:
        """Show the events with what went wrong; once confirmed, give them new tries."""
        if too_many(request, events):
            return None
        if "confirmed" not in request.POST:
            page = {"title": _("Run again"), "button": _("Run again"), "events": events.defer("body")}
            context = asking(request, self, "run_again", events) | page
            return TemplateResponse(request, "admin/payments/webhookevent/run_again.html", context)
        assert not request.user.is_anonymous  # the permission says so
        count = run_again(events, by=request.user)
        messages.success(request, _("%(count)d events will run again.") % {"count": count})
        return None

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.rerun_webhookevent")


class DiscrepancyForm(DiscrepancyModelForm):
    """Who looks at it, and how it ended. To take a resolution back opens the row again.

    The page carries the resolution that it shows, so that one which the system wrote meanwhile is not taken back by it.
    """

    resolution = forms.CharField(widget=AdminTextareaWidget, required=False, show_hidden_initial=True)

    def clean_resolution(self) -> str:
        resolution: str = self.cleaned_data["resolution"]
        if "resolution" not in self.changed_data:
            return self.instance.resolution
        if self._seen().split() != self.instance.resolution.split():
            told = _("It was resolved otherwise meanwhile: “%(resolution)s” Open this page anew to change that.")
            raise forms.ValidationError(told, params={"resolution": self.instance.resolution})
        open_again = self.instance.resolved_at is not None and not resolution
        same = Discrepancy.objects.filter(kind=self.instance.kind, subject=self.instance.subject, resolved_at=None)
        if open_again and same.exists():
            raise forms.ValidationError(_("The same trouble was put before staff again: go on there."))
        return resolution

    def _seen(self) -> str:
        """The resolution that the page showed."""
        seen: str = self.data.get(self.add_initial_prefix("resolution"), "")
        return seen


@admin.register(Discrepancy)
class DiscrepancyAdmin(admin.ModelAdmin[Discrepancy]):
    """The list of what somebody must look at. Writing a resolution closes the row."""

    form = DiscrepancyForm
    list_display = ["opened_at", "kind", "subject", "payment", "owner", "resolved_at"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter), "kind", "opened_at"]
    list_select_related = ["payment", "owner"]
    search_fields = ["subject", "explanation", "payment__public_id"]
    fields = ["kind", "payment", "subject", "explanation", "opened_at", "owner", "resolution", "resolved_at"]
    readonly_fields = ["kind", "payment", "subject", "explanation", "opened_at", "resolved_at"]
    autocomplete_fields = ["owner"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Discrepancy | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Discrepancy, form: forms.ModelForm[Discrepancy], change: bool
    ) -> None:
        """Write what the person changed, and nothing that the system may have written since the page was shown."""
        changed = list(form.changed_data)
        if "resolution" in changed:
            obj.resolved_at = (obj.resolved_at or now()) if obj.resolution else None
            changed.append("resolved_at")
        obj.save(update_fields=changed)
