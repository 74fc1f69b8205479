"""Replies that have not left: `/waiting-replies`, drafts handed over, how one sends, mentors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Actor, Missing
from otklik.core.rest.shapes import MAX_ID, Id, Strict, actor_of, demand, find_named, get_row
from otklik.people.models import Agent
from otklik.people.permissions import MANAGE_AGENTS
from otklik.tickets import permissions
from otklik.tickets.actions.habits import Habit, change_habit, find_habit
from otklik.tickets.actions.handover import give_back_draft, hand_over_draft, take_draft
from otklik.tickets.actions.releasing import release
from otklik.tickets.actions.reviewing import (
    approve_reply,
    is_reviewer,
    return_reply,
    set_mentor,
)
from otklik.tickets.actions.side import is_side
from otklik.tickets.actions.waiting import To, change_waiting, hurry_waiting, undo_waiting
from otklik.tickets.contract import MAX_RECIPIENTS
from otklik.tickets.models import (
    PRESENT,
    Draft,
    DraftHandover,
    HandoverState,
    Ticket,
    Traineeship,
    WaitingReply,
    WaitingState,
)
from otklik.tickets.rest.found import get_ticket
from otklik.tickets.typed import Typed

router = Router(tags=["waiting replies"])

Text = Annotated[str, Field(max_length=1_000_000)]
Addresses = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=MAX_RECIPIENTS)]
Version = Annotated[int | None, Field(ge=1, le=2**31 - 1)]
MOST = 100


class WaitingOut(Schema):
    id: int
    ticket: int = Field(description="Its number")
    side_conversation: int | None = Field(description="Where it goes to a third party")
    author: int = Field(description="The person who wrote it")
    state: Literal["waiting", "held", "review", "sent", "cancelled"]
    why: Literal["undo", "later", "review"]
    held_for: str = Field(description="crossing: a newer message came first; refused")
    held_words: str
    html: str
    recipients: dict[str, list[str]]
    uploads: list[str]
    status: str
    despite_checklists: bool
    despite_parts: bool
    due_at: datetime | None
    goes_anyway: bool
    message: int | None = Field(description="What it became")
    may_review: bool
    version: int
    created_at: datetime


class WaitingChange(Strict):
    html: Text | None = None
    uploads: list[str] = Field([], max_length=50, description="With `html`: all its files")
    to: Addresses | None = None
    cc: Addresses = []
    bcc: Addresses = []
    send_at: datetime | None = None
    goes_anyway: bool | None = None
    version: Version = None


class ReleaseIn(Strict):
    anyway: bool = Field(False, description="Also past what crossed it")


class ApprovalIn(Strict):
    html: Text | None = Field(None, description="Other words; the author stays the trainee")
    version: Version = None
    seen_message_id: int | None = Field(None, ge=0, le=MAX_ID)


class ReturnIn(Strict):
    comment: Annotated[str, Field(min_length=1, max_length=5000)]
    version: Version = None


class HandoverIn(Strict):
    agent: Id
    kind: Literal["public", "note", "side"] = "public"
    comment: Annotated[str, Field(max_length=500)] = ""
    version: Version = None


class HandoverOut(Schema):
    id: int
    ticket: int
    kind: str
    giver: int
    receiver: int
    state: str
    html: str
    comment: str
    created_at: datetime


class TakenOut(Schema):
    kind: str
    html: str
    recipients: dict[str, Any]
    uploads: list[str]
    version: int


class HabitOut(Schema):
    undo_seconds: int
    after_sending: str = Field(description="stay, next, list")
    last_status: str


class HabitChange(Strict):
    undo_seconds: Literal[0, 10, 20, 30] | None = None
    after_sending: Literal["stay", "next", "list"] | None = None


class MentorIn(Strict):
    mentor: Id
    scope: Literal["all", "first", "solving"] = "all"


class MentorOut(Schema):
    agent: int
    mentor: int | None
    scope: str


@router.get("/waiting-replies", response=list[WaitingOut], summary="What waits to be sent")
def list_waiting(
    request: HttpRequest, scope: Literal["mine", "review"] = "mine"
) -> list[dict[str, Any]]:
    """One's own, or what one may approve; the oldest hundred."""
    actor = actor_of(request)
    rows = _rows(actor)
    if scope == "mine":
        rows = rows.filter(author_id=actor.person_id or 0, state__in=PRESENT)
    else:
        rows = rows.filter(state=WaitingState.REVIEW)
        if not actor.can(permissions.REVIEW):
            own = Traineeship.objects.filter(mentor__person_id=actor.person_id or 0)
            rows = rows.filter(author__agent__in=own.values("agent_id"))
    return [show_waiting(actor, row) for row in rows.order_by("id")[:MOST]]


@router.get(
    "/tickets/{int:number}/waiting-replies",
    response=list[WaitingOut],
    summary="What waits in a ticket",
)
def of_ticket(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    ticket = get_ticket(request, number)
    actor = actor_of(request)
    rows = _rows(actor).filter(thread__ticket=ticket, state__in=PRESENT)
    return [show_waiting(actor, row) for row in rows.order_by("id")[:MOST]]


@router.get("/waiting-replies/{int:pk}", response=WaitingOut, summary="One that waits")
def get(request: HttpRequest, pk: int) -> dict[str, Any]:
    """For a day also what has left or was taken back."""
    return show_waiting(actor_of(request), _find(request, pk))


@router.patch("/waiting-replies/{int:pk}", response=WaitingOut, summary="Change one that waits")
def change(request: HttpRequest, pk: int, data: WaitingChange) -> dict[str, Any]:
    actor = actor_of(request)
    typed = Typed(data.html, True, data.uploads) if data.html is not None else None
    row = change_waiting(
        actor,
        _find(request, pk),
        typed=typed,
        to=To(data.to, data.cc, data.bcc) if data.to is not None else None,
        send_at=data.send_at,
        goes_anyway=data.goes_anyway,
        version=data.version,
    )
    return show_waiting(actor, _find(request, row.pk))


@router.post("/waiting-replies/{int:pk}/undo", response=WaitingOut, summary="Take one back")
def undo(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Its words are a draft of the author's again."""
    undo_waiting(actor_of(request), _find(request, pk))
    return show_waiting(actor_of(request), _find(request, pk))


@router.post("/waiting-replies/{int:pk}/release", response=WaitingOut, summary="Send one now")
def send_now(request: HttpRequest, pk: int, data: ReleaseIn) -> dict[str, Any]:
    hurry_waiting(actor_of(request), _find(request, pk), anyway=data.anyway)
    release(pk)
    return show_waiting(actor_of(request), _find(request, pk))


@router.post(
    "/waiting-replies/{int:pk}/approval", response=WaitingOut, summary="Approve a trainee's"
)
def approve(request: HttpRequest, pk: int, data: ApprovalIn) -> dict[str, Any]:
    approve_reply(
        actor_of(request),
        _find(request, pk),
        html=data.html,
        version=data.version,
        seen_message_id=data.seen_message_id,
    )
    release(pk)
    return show_waiting(actor_of(request), _find(request, pk))


@router.post(
    "/waiting-replies/{int:pk}/return", response=WaitingOut, summary="Give it back to a trainee"
)
def send_back(request: HttpRequest, pk: int, data: ReturnIn) -> dict[str, Any]:
    """The comment becomes a note of the ticket, the words a draft of the trainee."""
    return_reply(actor_of(request), _find(request, pk), comment=data.comment, version=data.version)
    return show_waiting(actor_of(request), _find(request, pk))


@router.post(
    "/tickets/{int:number}/draft/handover",
    response={201: HandoverOut},
    summary="Hand one's draft over",
)
def hand_over(request: HttpRequest, number: int, data: HandoverIn) -> Status[dict[str, Any]]:
    ticket = get_ticket(request, number)
    demand(request, permissions.NOTE if data.kind == "note" else permissions.REPLY)
    receiver = find_named(Agent.objects.visible_to(actor_of(request)), data.agent, "agent")
    assert receiver is not None
    row = hand_over_draft(
        actor_of(request),
        ticket,
        receiver,
        kind=data.kind,
        comment=data.comment,
        version=data.version,
    )
    return Status(201, _show_handover(row))


@router.get("/drafts-given", response=list[HandoverOut], summary="Drafts handed over")
def list_given(
    request: HttpRequest, scope: Literal["to_me", "by_me"] = "to_me"
) -> list[dict[str, Any]]:
    me = actor_of(request).person_id or 0
    mine = {"receiver_id": me} if scope == "to_me" else {"giver_id": me}
    rows = _handovers(request).filter(state=HandoverState.GIVEN, **mine).order_by("id")
    return [_show_handover(row) for row in rows[:MOST]]


@router.post("/drafts-given/{int:pk}/taking", response=TakenOut, summary="Go on with a draft")
def take(request: HttpRequest, pk: int) -> Draft:
    return take_draft(actor_of(request), get_row(_handovers(request), pk))


@router.post("/drafts-given/{int:pk}/return", response=TakenOut, summary="Give a draft back")
def give_back(request: HttpRequest, pk: int) -> Draft:
    """By who has it; or by who gave it, to take it back."""
    return give_back_draft(actor_of(request), get_row(_handovers(request), pk))


@router.get("/me/sending", response=HabitOut, summary="How one sends")
def habit(request: HttpRequest) -> Habit:
    return find_habit(actor_of(request).person_id)


@router.patch("/me/sending", response=HabitOut, summary="Change how one sends")
def alter_habit(request: HttpRequest, data: HabitChange) -> Habit:
    return change_habit(
        actor_of(request), undo_seconds=data.undo_seconds, after_sending=data.after_sending
    )


@router.get("/agents/{int:pk}/mentor", response=MentorOut, summary="Who checks an agent's replies")
def mentor(request: HttpRequest, pk: int) -> dict[str, Any]:
    agent = get_row(Agent.objects.visible_to(actor_of(request)), pk)
    return _show_mentor(agent, Traineeship.objects.filter(agent=agent).first())


@router.put("/agents/{int:pk}/mentor", response=MentorOut, summary="Have replies checked")
def put_mentor(request: HttpRequest, pk: int, data: MentorIn) -> dict[str, Any]:
    demand(request, MANAGE_AGENTS)
    agents = Agent.objects.visible_to(actor_of(request)).with_person()
    agent = get_row(agents, pk)
    chosen = find_named(agents, data.mentor, "mentor")
    return _show_mentor(agent, set_mentor(actor_of(request), agent, chosen, scope=data.scope))


@router.delete("/agents/{int:pk}/mentor", response={204: None}, summary="Check no more")
def drop_mentor(request: HttpRequest, pk: int) -> Status[None]:
    demand(request, MANAGE_AGENTS)
    agent = get_row(Agent.objects.visible_to(actor_of(request)), pk)
    set_mentor(actor_of(request), agent, None)
    return Status(204, None)


def show_waiting(actor: Actor, row: WaitingReply) -> dict[str, Any]:
    return {
        "id": row.pk,
        "ticket": row.thread.ticket.number,
        "side_conversation": row.thread_id if is_side(row.thread) else None,
        "author": row.author_id,
        "state": row.state,
        "why": row.why,
        "held_for": row.held_for,
        "held_words": row.held_words,
        "html": row.html,
        "recipients": {name: row.recipients.get(name, []) for name in ("to", "cc", "bcc")},
        "uploads": row.uploads,
        "status": row.status,
        "despite_checklists": row.despite_checklists,
        "despite_parts": row.despite_parts,
        "due_at": row.due_at,
        "goes_anyway": row.goes_anyway,
        "message": row.message_id,
        "may_review": row.state == WaitingState.REVIEW and is_reviewer(actor, row),
        "version": row.version,
        "created_at": row.created_at,
    }


def _rows(actor: Actor) -> Any:
    if not actor.is_staff:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    rows = WaitingReply.objects.select_related("thread__ticket", "author", "ticket")
    return rows.filter(thread__ticket__in=Ticket.objects.visible_to(actor))


def _find(request: HttpRequest, pk: int) -> WaitingReply:
    found: WaitingReply = get_row(_rows(actor_of(request)), pk)
    return found


def _handovers(request: HttpRequest) -> Any:
    actor = actor_of(request)
    if not actor.is_staff:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    rows = DraftHandover.objects.select_related("ticket")
    return rows.filter(ticket__in=Ticket.objects.visible_to(actor))


def _show_handover(row: DraftHandover) -> dict[str, Any]:
    return {
        "id": row.pk,
        "ticket": row.ticket.number,
        "kind": row.kind,
        "giver": row.giver_id,
        "receiver": row.receiver_id,
        "state": row.state,
        "html": row.html,
        "comment": row.comment,
        "created_at": row.created_at,
    }


def _show_mentor(agent: Agent, row: Traineeship | None) -> dict[str, Any]:
    return {
        "agent": agent.pk,
        "mentor": row.mentor_id if row else None,
        "scope": row.scope if row else "",
    }
