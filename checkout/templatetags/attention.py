from __future__ import annotations

from django import template
from django.contrib.auth.models import AnonymousUser, User

from checkout.admin import attention as orders
from payments.admin import attention as payments
from payments.admin.attention import Concern

register = template.Library()


@register.inclusion_tag("admin/attention.html")
def needs_attention(user: User | AnonymousUser) -> dict[str, list[tuple[Concern, int]]]:
    """The concerns that `user` may look at and that have rows, with how many; one query for each."""
    counted = [(concern, concern.count()) for concern in (*orders.CONCERNS, *payments.CONCERNS) if concern.is_for(user)]
    return {"concerns": [(concern, count) for concern, count in counted if count]}
