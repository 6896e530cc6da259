"""The page for a person: what happened in the account, and what shall go wrong."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from sandbox.browser import pages
from sandbox.browser.deeds import DEEDS, Deed
from sandbox.browser.fault_form import fault_wish
from sandbox.browser.markup import Button, Table, link
from sandbox.browser.sections import FIRST_SECTION, SECTIONS
from sandbox.faults import Fault, InvalidFault
from sandbox.form import decode
from sandbox.messages import Request, Response
from sandbox.orders import InvalidOrder
from sandbox.routing import Handler, Router
from sandbox.world import Sandbox


class Watching:
    """Shows one section at a time and takes the page's forms."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def register(self, router: Router) -> None:
        router.get("/", self.show)
        router.post("/faults", self._from_this_page(self.set_fault))
        router.post("/faults/clear", self._from_this_page(self.clear_faults))
        router.post("/deliveries", self._from_this_page(self.redeliver))
        for path, deed in DEEDS.items():
            router.post(path, self._from_this_page(self._doing(deed)))

    def show(self, request: Request) -> Response:
        """One section, one page of it."""
        section = request.query_value("show")
        number = request.query_value("page")
        page = int(number) if number.isdecimal() and len(number) < 7 else 1
        return self._page(section if section in SECTIONS else FIRST_SECTION, max(page, 1))

    def set_fault(self, request: Request) -> Response:
        """Arm a fault from the form, or say why it makes no sense."""
        try:
            fault = Fault.read(fault_wish(request.body))
        except (InvalidFault, ValueError) as error:
            return self._page("Faults", 1, str(error), status=400)
        self._sandbox.faults.add(fault)
        return Response.see_other(_address("Faults"))

    def clear_faults(self, request: Request) -> Response:
        """Disarm all."""
        self._sandbox.faults.clear()
        return Response.see_other(_address("Faults"))

    def redeliver(self, request: Request) -> Response:
        """Deliver an event once more."""
        event = self._sandbox.events.get(_sent(request, "event"))
        if event is None or not self._sandbox.config.webhook_url:
            return self._page("Deliveries", 1, "There is no such event, or nowhere to send it.", status=400)
        with self._sandbox.store.transaction():
            self._sandbox.deliveries.add(event["id"])
        self._sandbox.deliveries.wake()
        return Response.see_other(_address("Deliveries"))

    def _doing(self, deed: Deed) -> Handler:
        """Let a bank act, and show what came of it or why it cannot."""

        def do(request: Request) -> Response:
            try:
                deed.act(self._sandbox, _sent(request, "id"))
            except InvalidOrder as refusal:
                return self._page(deed.section, 1, str(refusal), status=400)
            return Response.see_other(_address(deed.section))

        return do

    def _from_this_page(self, answer: Handler) -> Handler:
        """Only this page's own forms may change something: a browser names the origin of each POST."""

        def guarded(request: Request) -> Response:
            if request.header("origin") == f"http://{request.header('host')}":
                return answer(request)
            return self._page(FIRST_SECTION, 1, "That form did not come from this page.", status=403)

        return guarded

    def _page(self, name: str, page: int, notice: str = "", status: int = 200) -> Response:
        section = SECTIONS[name]
        table = section.table(self._sandbox, page)
        if page > 1 and not table.rows:
            table = replace(table, empty="Nothing is older than what the page before shows.")
        parts = {
            "heading": name,
            "lead": section.lead,
            "navigation": "".join(link(other, _address(other), other == name) for other in SECTIONS),
            "notice": pages.filled("notice", text=notice) if notice else "",
            "form": pages.filled("fault_form") if name == "Faults" else "",
            "below": _below(name, table),
            "list": f"{table}{_pages(name, page, table)}",
        }
        return pages.page(pages.read("watch").substitute(parts), embeddable=False, status=status)


def _below(section: str, table: Table) -> str:
    """What can be done to the section as a whole."""
    if section == "Payouts":
        return f'<div class="plain">{Button("Pay out what is available", "/payouts/make")}</div>'
    if section == "Faults" and table.rows:
        return f'<div class="plain">{Button("Clear all faults", "/faults/clear")}</div>'
    return ""


def _address(section: str, page: int = 1) -> str:
    query = {"show": section} if page == 1 else {"show": section, "page": str(page)}
    return f"/?{urlencode(query)}"


def _pages(section: str, page: int, table: Table) -> str:
    newer = link("Newer", _address(section, page - 1)) if page > 1 else ""
    older = link("Older", _address(section, page + 1)) if table.more else ""
    return f'<p class="pages">{newer} {older}</p>' if newer or older else ""


def _sent(request: Request, name: str) -> str:
    return str(decode(request.body.decode(errors="replace")).get(name, ""))
