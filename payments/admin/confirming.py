from __future__ import annotations

from typing import TypeVar

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=Model)

MOST_AT_ONCE = 200


def too_many(request: HttpRequest, rows: QuerySet[Row]) -> bool:
    """Whether more rows were selected than a page can list and send back; staff are told to select fewer."""
    count = rows.count()
    if count > MOST_AT_ONCE:
        told = _("%(count)d are selected. Select at most %(most)d at once; nothing was done.")
        messages.error(request, told % {"count": count, "most": MOST_AT_ONCE})
    return count > MOST_AT_ONCE


def asking(request: HttpRequest, model_admin: ModelAdmin[Row], action: str, rows: QuerySet[Row]) -> dict[str, object]:
    """What templates/admin/confirm_rows.html needs to ask about the selected rows, beside `title` and `button`."""
    opts = model_admin.opts
    return {
        **model_admin.admin_site.each_context(request),
        "opts": opts,
        "action": action,
        "selected": list(rows.values_list("pk", flat=True)),
        "back": reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
    }
