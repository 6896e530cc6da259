"""The control API: a person or a test arms faults, moves time, looks at deliveries (docs/sandbox.md)."""

from __future__ import annotations

from dataclasses import asdict

from sandbox.faults import Fault
from sandbox.messages import Request, Response
from sandbox.orders import InvalidOrder, read_order, refusing
from sandbox.routing import Router
from sandbox.timekeeper import do_all_due
from sandbox.world import Sandbox


class Control:
    """JSON in, JSON out; no key, since it listens on the loopback only and holds no money."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def register(self, router: Router) -> None:
        router.get("/_control/faults", self._list_faults)
        router.post("/_control/faults", refusing(self._arm_fault))
        router.add("DELETE", "/_control/faults", self._disarm)
        router.get("/_control/webhooks", self._list_webhooks)
        router.post("/_control/webhooks/{event}/redeliver", refusing(self._redeliver))
        router.post("/_control/clock", refusing(self._advance_clock))
        router.get("/_control/state", self._state)

    def _list_faults(self, request: Request) -> Response:
        return Response.json(200, {"data": [fault.document() for fault in self._sandbox.faults.waiting()]})

    def _arm_fault(self, request: Request) -> Response:
        armed = self._sandbox.faults.add(Fault.read(read_order(request)))
        return Response.json(200, armed.document())

    def _disarm(self, request: Request) -> Response:
        self._sandbox.faults.clear()
        return Response.json(200, {"data": []})

    def _list_webhooks(self, request: Request) -> Response:
        deliveries = [asdict(delivery) for delivery in self._sandbox.deliveries.newest()]
        return Response.json(200, {"counts": self._sandbox.deliveries.counts(), "data": deliveries})

    def _redeliver(self, request: Request) -> Response:
        event_id = request.path_parameters["event"]
        if self._sandbox.events.get(event_id) is None:
            raise InvalidOrder(f"There is no event {event_id}.")
        with self._sandbox.store.transaction():
            number = self._sandbox.deliveries.add(event_id)
        self._sandbox.deliveries.wake()
        return Response.json(200, {"id": number, "event": event_id})

    def _advance_clock(self, request: Request) -> Response:
        seconds = read_order(request).get("advance_s")
        if not isinstance(seconds, int) or seconds < 0:
            raise InvalidOrder('Send {"advance_s": seconds}, a whole number: time only moves forward.')
        with self._sandbox.store.transaction():
            self._sandbox.clock.advance(seconds)
        do_all_due(self._sandbox)
        self._sandbox.deliveries.wake()
        return Response.json(200, {"now": self._sandbox.clock.now()})

    def _state(self, request: Request) -> Response:
        kinds = self._sandbox.store.rows("SELECT kind, count(*) FROM objects GROUP BY kind ORDER BY kind")
        return Response.json(
            200,
            {
                "now": self._sandbox.clock.now(),
                "objects": {str(kind): count for kind, count in kinds},
                "webhooks": self._sandbox.deliveries.counts(),
                "faults": len(self._sandbox.faults.waiting()),
            },
        )
