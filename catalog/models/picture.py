from __future__ import annotations

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _


class PictureFormat(models.TextChoices):
    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"
    WEBP = "image/webp", "WebP"
    SVG = "image/svg+xml", "SVG"


class PictureQuerySet(models.QuerySet["Picture"]):
    def store(self, content: bytes, media_type: PictureFormat) -> Picture:
        """Keep `content` once: the same bytes are the same picture."""
        digest = hashlib.sha256(content).hexdigest()
        picture, _created = self.get_or_create(digest=digest, defaults={"content": content, "media_type": media_type})
        return picture


class Picture(models.Model):
    """The bytes of a picture, addressed by their SHA-256 digest, so that its address can be cached for ever."""

    digest = models.CharField(_("digest"), max_length=64, primary_key=True)
    media_type = models.CharField(_("format"), max_length=20, choices=PictureFormat)
    content = models.BinaryField(_("content"))

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(
                name="catalog_picture_known_format", condition=models.Q(media_type__in=PictureFormat.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{PictureFormat(self.media_type).label} {self.digest[:12]}"
