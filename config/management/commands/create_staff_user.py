"""Create the member of staff whom STAFF_USERNAME and STAFF_PASSWORD name, or give them that password."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Create the superuser STAFF_USERNAME with STAFF_PASSWORD, or set that password."

    def handle(self, *args: Any, **options: Any) -> None:
        username, password = os.environ.get("STAFF_USERNAME"), os.environ.get("STAFF_PASSWORD")
        if not (username and password):
            raise CommandError("Set STAFF_USERNAME and STAFF_PASSWORD in the environment.")
        user, created = User.objects.get_or_create(username=username)
        if not created and user.check_password(password) and user.is_superuser:
            return
        user.is_staff = user.is_superuser = user.is_active = True
        user.set_password(password)
        user.save()
        self.stdout.write(f"{username} is a superuser.")
