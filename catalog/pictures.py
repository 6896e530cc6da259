"""Pictures that staff upload, known by their first bytes. SVG is refused, since it may carry scripts."""

from __future__ import annotations

from catalog.models.picture import PictureFormat

LARGEST_PICTURE = 1024 * 1024


def recognise(content: bytes) -> PictureFormat | None:
    """The format by its signature (PNG 3rd edition 5.2, JPEG's SOI marker, RFC 9649 2.4), None for any other."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureFormat.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return PictureFormat.JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return PictureFormat.WEBP
    return None
