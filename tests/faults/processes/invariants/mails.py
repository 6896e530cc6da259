"""Each e-mail once for its fact; one whose sender was killed before noting it is sent a second time, and no more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg

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


def broken_mails(folder: Path, database_url: str) -> Iterator[str]:
    sent = sent_mails(folder)
    with psycopg.connect(database_url) as connection:
        owed = {(str(number), str(kind)): int(count) for number, kind, count in connection.execute(_OWED).fetchall()}
        for (number,) in connection.execute(_UNTOLD).fetchall():
            yield f"{number} is confirmed, and its shopper was sent no receipt"
    for (number, kind), count in owed.items():
        if not count <= sent[number, kind] <= 2 * count:
            yield f"{number}: {count} {kind} e-mails were owed and {sent[number, kind]} sent"
    for number, kind in sent.keys() - owed.keys():
        yield f"{number}: a {kind} e-mail was sent that nothing called for"


def doubled_mails(folder: Path, database_url: str) -> int:
    """How many e-mails were sent a second time."""
    with psycopg.connect(database_url) as connection:
        owed = sum(int(count) for _, _, count in connection.execute(_OWED).fetchall())
    return max(0, sent_mails(folder).total() - owed)


def sent_mails(folder: Path) -> Counter[tuple[str, str]]:
    """How many e-mails lie in the folder, by order and kind."""
    subjects = (line for file in folder.glob("*.log") for line in _subjects(file.read_text(errors="replace")))
    return Counter(_order_and_kind(subject) for subject in subjects)


def _subjects(text: str) -> list[str]:
    return re.findall(r"^Subject: (.+(?:\n .+)*)$", text, re.MULTILINE)


def _order_and_kind(subject: str) -> tuple[str, str]:
    for kind, pattern in SUBJECTS.items():
        if found := re.fullmatch(pattern, " ".join(subject.split())):
            return found[1], kind
    return subject, "unknown"
