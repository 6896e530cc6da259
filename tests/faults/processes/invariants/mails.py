"""Each e-mail once for its fact, and once more for each time that something was killed before that was noted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path

import psycopg

Strike = tuple[datetime, datetime]  # when a kill began, and when it was done

_SUBJECT = re.compile(r"^Subject: (.+(?:\n .+)*)$", re.MULTILINE)
_DATE = re.compile(r"^Date: (.+)$", re.MULTILINE)
_OWED = """
SELECT bought.number, mail.kind, count(*) FROM checkout_orderemail mail
JOIN checkout_order bought ON bought.id = mail.order_id GROUP BY bought.number, mail.kind
"""
_UNTOLD = """
SELECT number FROM checkout_order bought WHERE status = 'confirmed'
AND NOT EXISTS (SELECT FROM checkout_orderemail WHERE order_id = bought.id AND kind = 'receipt')
"""
SUBJECTS = {
    "finish": r"Please finish the payment of your order (\S+)",
    "ended": r"Your order (\S+) has ended and nothing was charged",
    "refund": r"A refund for your order (\S+)",
    "receipt": r"Your order (\S+)",
}


def broken_mails(folder: Path, database_url: str, strikes: Sequence[Strike]) -> Iterator[str]:
    sent = _sent_mails(folder)
    with psycopg.connect(database_url) as connection:
        owed = {(str(number), str(kind)): int(count) for number, kind, count in connection.execute(_OWED).fetchall()}
        for (number,) in connection.execute(_UNTOLD).fetchall():
            yield f"{number} is confirmed, and its shopper was sent no receipt"
    for (number, kind), count in owed.items():
        times = sent.get((number, kind), [])
        if not count <= len(times) <= count + _excused(times, strikes):
            told = ", ".join(f"{time:%H:%M:%S}" for time in times)
            yield f"{number}: {count} {kind} e-mails were owed and {len(times)} sent ({told})"
    for number, kind in sent.keys() - owed.keys():
        yield f"{number}: a {kind} e-mail was sent that nothing called for"


def doubled_mails(folder: Path, database_url: str) -> int:
    """How often an e-mail was sent once more."""
    with psycopg.connect(database_url) as connection:
        owed = sum(int(count) for _, _, count in connection.execute(_OWED).fetchall())
    return max(0, sum(map(len, _sent_mails(folder).values())) - owed)


def _excused(times: Sequence[datetime], strikes: Sequence[Strike]) -> int:
    """How often something was killed between one sending and the next."""
    return sum(any(began <= again and ended >= before for began, ended in strikes) for before, again in pairwise(times))


def _sent_mails(folder: Path) -> dict[tuple[str, str], list[datetime]]:
    """When e-mails were sent, in order, by order and kind. They tell full seconds, rounded down."""
    sent: dict[tuple[str, str], list[datetime]] = {}
    for file in folder.glob("*.log"):
        text = file.read_text(errors="replace")
        for subject, date in zip(_SUBJECT.findall(text), _DATE.findall(text), strict=True):
            sent.setdefault(_order_and_kind(subject), []).append(parsedate_to_datetime(date).replace(tzinfo=UTC))
    return {mail: sorted(times) for mail, times in sent.items()}


def _order_and_kind(subject: str) -> tuple[str, str]:
    for kind, pattern in SUBJECTS.items():
        if found := re.fullmatch(pattern, " ".join(subject.split())):
            return found[1], kind
    return subject, "unknown"
