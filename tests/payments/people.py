from __future__ import annotations

from django.contrib.auth.models import Permission, User


def staff(name: str = "staff", *, may_refund: bool = False) -> User:
    """A member of staff who may look at payments, and refund them if told so."""
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    codes = ["view_payment", *(["refund_payment"] if may_refund else [])]
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="payments", codename__in=codes))
    return user
