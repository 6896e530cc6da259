from __future__ import annotations

from django.contrib.auth.models import Permission, User


def staff(*permissions: str, name: str = "staff") -> User:
    """A member of staff who may look at payments and orders, and do what `permissions` name ("refund_payment")."""
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    codes = ["view_payment", "view_order", *permissions]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def superuser() -> User:
    """Whoever may do everything."""
    return User.objects.get_or_create(username="owner", defaults={"is_staff": True, "is_superuser": True})[0]
