"""A bounded load: so many prepared requests over so many kept connections, in a process of its own."""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

CONNECTIONS = 8


@dataclass(frozen=True)
class Request:
    path: str
    body: bytes
    headers: Mapping[str, str]


class LoadFailed(Exception):
    """The server did not answer every request with 200."""


def per_second(url: str, requests: Sequence[Request]) -> float:
    """Send all requests and return how many were answered a second. Raises LoadFailed."""
    answers: multiprocessing.Queue[float | str] = multiprocessing.get_context("fork").Queue()
    process = multiprocessing.get_context("fork").Process(target=_generate, args=(url, requests, answers))
    process.start()
    answer = answers.get(timeout=300)
    process.join()
    if isinstance(answer, str):
        raise LoadFailed(answer)
    return len(requests) / answer


def _generate(url: str, requests: Sequence[Request], answers: multiprocessing.Queue[float | str]) -> None:
    troubles: list[str] = []
    shares = [requests[start::CONNECTIONS] for start in range(CONNECTIONS)]
    threads = [Thread(target=_send, args=(url, share, troubles)) for share in shares]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put(troubles[0] if troubles else time.perf_counter() - started)


def _send(url: str, requests: Sequence[Request], troubles: list[str]) -> None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=60)
    try:
        for request in requests:
            connection.request("POST", request.path, request.body, dict(request.headers))
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                troubles.append(f"{request.path}: {response.status} {body[:200]!r}")
                return
    except OSError as error:
        troubles.append(f"{type(error).__name__}: {error}")
    finally:
        connection.close()
