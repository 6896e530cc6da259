"""What staff must look at, for the admin's first page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from payments.models import Discrepancy, Operation, Payment, WebhookEvent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Concern:
    """Rows of one kind that wait for somebody: the admin's list of `listed` shows them, filtered by `query`."""

    label: StrOrPromise
    listed: type[Model]
    query: str
    count: Callable[[], int]

    @property
    def url(self) -> str:
        return (
            f"{reverse(f'admin:{self.listed._meta.app_label}_{self.listed._meta.model_name}_changelist')}?{self.query}"
        )

    def is_for(self, user: User | AnonymousUser) -> bool:
        """Whether `user` may see that list."""
        return user.has_perm(f"{self.listed._meta.app_label}.view_{self.listed._meta.model_name}")


CONCERNS: Sequence[Concern] = (
    Concern(
        _("Open discrepancies"),
        Discrepancy,
        "resolved_at__isempty=1",
        Discrepancy.objects.filter(resolved_at=None).count,
    ),
    Concern(
        _("Webhook events given up"),
        WebhookEvent,
        "status__exact=parked",
        WebhookEvent.objects.filter(status=WebhookEvent.Status.PARKED).count,
    ),
    Concern(
        _("Operations without an outcome"),
        Payment,
        "outcome=unknown",
        Operation.objects.filter(status=Operation.Status.UNKNOWN).count,
    ),
)
