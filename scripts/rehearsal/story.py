"""
The way of one lead through the handoff, told in API calls.

Which way it goes follows from its number, so that every run has the same mix: new, existing
and no opportunity, new and existing accounts and contacts, approval at once and in two steps,
sent back and resubmitted, rejected, disputed, and converted directly. Now and then a client
repeats itself, or two of them want the same at once.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from people.models import User
from scripts.http_client import Answer, Call
from scripts.rehearsal.books import Books
from scripts.rehearsal.desk import Desk

API = "/api/v1"
CRITERIA = ("budget", "authority", "need", "timeline", "meeting")
# One in so many is rejected for good.
REJECTED_OF = 10


@dataclass(frozen=True)
class Target:
    """A customer the company has already, of which a lead may turn out to be a part."""

    account: int
    contact: int
    opportunity: int


@dataclass(frozen=True)
class Story:
    """One lead with those who deal with it."""

    number: int
    lead: int
    sdr: User
    ae: User
    manager: User
    path: int
    target: Target
    books: Books

    @property
    def is_rejected(self) -> bool:
        return self.number % REJECTED_OF == 0

    @property
    def is_direct(self) -> bool:
        return self.number % REJECTED_OF == 1

    def tell(self, desk: Desk, twin: Desk) -> None:
        """From qualification to the end. `twin` is the other client, where two are wanted."""
        self.qualify(desk)
        if self.is_direct:
            self.convert(desk, twin, self.manager, f"{API}/leads/{self.lead}/convert/", self.plan())
            return
        request = self.submit(desk)
        if request is None:
            return
        path = f"{API}/conversion-requests/{request}"
        if self.is_rejected:
            self.reject(desk, path)
            return
        approver = self.ae
        match self.number % 10:
            case 2 | 3:
                desk.call(self.ae, "approve", Call("POST", f"{path}/approve/", {}))
            case 4:
                body = {"message": "Which budget is it from?"}
                desk.call(self.ae, "send back", Call("POST", f"{path}/send-back/", body))
                desk.call(self.sdr, "resubmit", Call("POST", f"{path}/resubmit/", {}))
            case 5:
                self.reject(desk, path)
                body = {"statement": "They have signed the budget this morning."}
                desk.call(self.sdr, "dispute", Call("POST", f"{path}/dispute/", body))
                decision = {"statement": "So they have.", "overturn": True}
                desk.call(
                    self.manager,
                    "decide dispute",
                    Call("POST", f"{path}/decide-dispute/", decision),
                )
                approver = self.manager
        self.convert(desk, twin, approver, f"{path}/approve/", {"convert": True})

    def qualify(self, desk: Desk) -> None:
        answers = [
            {"criterion": key, "state": "confirmed", "value": "Yes", "evidence": "Said so."}
            for key in CRITERIA
        ]
        path = f"{API}/leads/{self.lead}/qualification/"
        desk.call(self.sdr, "qualify", Call("PUT", path, {"answers": answers}))

    def submit(self, desk: Desk) -> int | None:
        body = {"path": self.path, "plan": self.plan(), "approver": self.ae.pk}
        answer = desk.call(
            self.sdr,
            "request",
            Call("POST", f"{API}/leads/{self.lead}/conversion-requests/", body, key=new_key()),
        )
        return answer.json["id"] if answer.status == 201 else None

    def reject(self, desk: Desk, path: str) -> None:
        body = {"reason": "no_budget", "outcome": "keep_working", "note": "Not this year."}
        desk.call(self.ae, "reject", Call("POST", f"{path}/reject/", body))

    def convert(self, desk: Desk, twin: Desk, actor: User, path: str, body: Any) -> None:
        """Convert, in every seventh story twice at once, in every fifth once more later."""
        call = Call("POST", path, body, key=new_key())
        if self.number % 7 == 0:
            # The same key on a bad line, or somebody else's click in the same moment.
            other = call if self.number % 14 == 0 else Call("POST", path, body, key=new_key())
            with ThreadPoolExecutor(1) as second:
                waiting = second.submit(self.attempt, twin, actor, other)
                attempts = [self.attempt(desk, actor, call), waiting.result()]
        else:
            attempts = [self.attempt(desk, actor, call)]
        if not any(answer.status == 201 for _, answer in attempts):
            self.books.object(f"lead {self.lead}: nobody could convert it")
        sent, first = attempts[0]
        if self.number % 5 == 0 and first.status == 201:
            _, again = self.attempt(desk, actor, sent)
            if again.body != first.body or not again.replayed:
                self.books.object(f"lead {self.lead}: the same key got another answer")

    def attempt(self, desk: Desk, actor: User, call: Call) -> tuple[Call, Answer]:
        """
        Try to convert; a likely duplicate is looked at, and converted all the same.

        Gives the call that was answered in the end, and its answer.
        """
        allowed = ("already_converted", "request_state", "duplicates_found")
        answer = desk.call(actor, "convert", call, allowed=allowed)
        if answer.status == 409 and answer.code == "duplicates_found":
            plan = self.plan() | {"duplicate_override": {"reason": "Another department."}}
            body = call.body | {"plan": plan} if "convert" in call.body else plan
            call = Call(call.method, call.path, body, key=new_key())
            answer = desk.call(actor, "convert anyway", call, allowed=allowed)
        if answer.status == 201:
            receipt = answer.json
            self.books.note_receipt(receipt["lead"]["id"], receipt["id"], replayed=answer.replayed)
        return call, answer

    def plan(self) -> dict[str, Any]:
        """Which of the targets are new."""
        new, deal = {"action": "create"}, {"amount": "12000.00", "currency": "EUR"}
        account = contact = opportunity = new
        match self.number % 6:
            case 0 | 1:
                opportunity = new | {"fields": deal}
            case 2:
                opportunity = {"action": "none"}
            case 3:
                account = existing(self.target.account)
                opportunity = new | {"fields": deal}
            case 4:
                account = existing(self.target.account)
                contact = existing(self.target.contact)
                opportunity = {"action": "none"}
            case 5:
                account = existing(self.target.account)
                opportunity = existing(self.target.opportunity)
        return {"account": account, "contact": contact, "opportunity": opportunity}


def existing(pk: int) -> dict[str, Any]:
    return {"action": "existing", "id": pk}


def new_key() -> str:
    return str(uuid.uuid4())
