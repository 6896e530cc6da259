from __future__ import annotations

from django.core.management.base import BaseCommand

from catalog.sample.load import load_sample_catalog


class Command(BaseCommand):
    help = "Add the demonstration shop's products, with pictures, prices and stock. Can be run again at any time."

    def handle(self, *args: object, **options: object) -> None:
        added = load_sample_catalog()
        self.stdout.write(f"{added} sample products added" if added else "every sample product is there already")
