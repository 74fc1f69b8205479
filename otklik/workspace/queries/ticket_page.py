"""One ticket for its page: header, properties, the person beside it, what may be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.channels.signatures import list_senders, signature_for
from otklik.core.access import Actor, Missing
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import Ahead
from otklik.people.models import Agent, Identity
from otklik.tickets import permissions
from otklik.tickets.models import (
    Draft,
    Follower,
    Message,
    MessageKind,
    Participant,
    Tag,
    Ticket,
    Upload,
)
from otklik.tickets.queries import (
    list_participants,
    propose_recipients,
)
from otklik.tickets.queries.single import find_ticket, tags_of
from otklik.tickets.steps import list_next
from otklik.workspace.queries import choices, later, marks
from otklik.workspace.queries.beside import find_beside
from otklik.workspace.queries.link_lines import TicketLinks, get_links
from otklik.workspace.queries.trust import find_troubles, spam_words

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Properties:
    agents: choices.Choices
    teams: choices.Choices
    kinds: choices.Choices
    priorities: choices.Choices
    categories: choices.Choices
    tags: list[Tag]
    me: Agent | None
    may_change: bool
    may_assign: bool
    may_trash: bool
    participants: list[Participant]
    may_invite: bool
    links: TicketLinks
    followers: list[Follower]
    is_followed: bool

    @property
    def people(self) -> list[Participant]:
        """Merged talks often have the same people: each stands here once, and again where one
        talk has not let them in."""
        found = {(row.identity_id, row.is_confirmed): row for row in reversed(self.participants)}
        return sorted(found.values(), key=lambda row: row.pk)


@dataclass(frozen=True, slots=True)
class Recipient:
    value: str
    label: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """A mailbox a reply may go through, with what stands below the words then."""

    id: int
    label: str
    signature: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Composer:
    key: str
    kind: str
    html: str
    version: int
    saved_at: Any
    uploads: list[Upload]
    to: list[Recipient]
    cc: list[Recipient]
    bcc: list[Recipient]
    seen_message_id: int
    is_open: bool
    is_typed: bool
    held_back: list[str]  # named on letters, written to only when an agent lets them in
    held_back_more: int
    troubles: list[str]  # to whom letters do not get, and why
    asked: list[str]  # where the last letter wants answers; for the agent to decide
    other: Draft | None  # the draft of the other kind: a note is never taken for a reply
    other_uploads: list[Upload]
    may_reply: bool
    may_note: bool
    account: str
    name: str
    senders: list[Sender] = field(default_factory=list)

    def written_to(self, one: Recipient) -> Composer:
        """The same to this one alone."""
        return replace(self, to=[one], cc=[], bcc=[], is_open=True)


def get_ticket(actor: Actor, number: int) -> Ticket:
    """By its number, with its people. Raises Missing for a foreign one and none at all."""
    found = find_ticket(actor, number)
    if found is None:
        raise Missing(_("There is no such ticket, or it is not yours to see."))
    return found


def get_working_ticket(actor: Actor, number: int) -> Ticket:
    """As `get_ticket`, but the one that goes on where this one was merged away, as far as it is to
    be seen: what is typed is kept where it can be sent from."""
    found = get_ticket(actor, number)
    while found.merged_into is not None:
        there = find_ticket(actor, found.merged_into.number)
        if there is None:
            break
        found = there
    return found


def is_followed(actor: Actor, ticket: Ticket) -> bool:
    return any(row.person_id == actor.person_id for row in _followers(ticket.pk))


def get_header(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "is_spam": ticket.spam_at is not None,
        "is_trashed": ticket.trashed_at is not None,
        "is_held": ticket.legal_hold_since is not None,
        "spam_words": spam_words(ticket),
        "snoozed_words": later.snoozed_words(ticket),
        "woken_words": later.woken_words(ticket),
        "status_mark": marks.status_mark(ticket.status, is_named=False),
        "status_words": marks.status_words(ticket.status),
        "statuses": tuple(
            (row.pk, marks.status_words(row), marks.kind_mark(row.kind), row.hint_now())
            for row in list_next(ticket.status_id)
        ),
        "priority_mark": marks.priority_mark(ticket.priority, is_named=False),
        "priority_words": marks.priority_words(ticket.priority),
        "channel_icon": marks.channel_icon(ticket.account.kind if ticket.account else "web"),
    }


def get_properties(actor: Actor, ticket: Ticket) -> Properties:
    me = _agent_of(actor.person_id or 0)
    beside = find_beside(actor, ticket)
    followers = list(_followers(ticket.pk)) if beside.has_followers else []
    return Properties(
        agents=choices.agent_choices(actor),
        teams=choices.team_choices(actor),
        kinds=choices.kind_choices(),
        priorities=choices.priority_choices(),
        categories=choices.category_choices(),
        tags=tags_of(ticket.pk) if beside.has_tags else [],
        followers=followers,
        is_followed=any(row.person_id == actor.person_id for row in followers),
        me=me,
        may_change=actor.can(permissions.CHANGE),
        may_assign=actor.can(permissions.ASSIGN),
        may_trash=actor.can(permissions.TRASH),
        participants=list_participants(ticket.pk),
        may_invite=actor.can(permissions.REPLY),
        links=get_links(actor, ticket.pk) if beside.has_links else TicketLinks(),
    )


def ask_ahead(
    ahead: Ahead, keys: Sequence[tuple[int, int]], beside: Sequence[Mapping[str, Any]]
) -> None:
    """For `get_properties`, of tickets' ids and the persons who look, and what is beside each."""
    ahead.ask(_active_agents, {(person,) for _ticket, person in keys})
    ahead.ask(list_participants, [(ticket,) for ticket, _person in keys])
    pairs = [(pk, there) for (pk, _person), there in zip(keys, beside, strict=True)]
    ahead.ask(tags_of, [(pk,) for pk, there in pairs if there.get("tags_there")])
    ahead.ask(_followers, [(pk,) for pk, there in pairs if there.get("followed")])


@briefly
def _agent_of(person_id: int) -> Agent | None:
    return next(iter(_active_agents(person_id)), None)


@spelt_once
def _active_agents(person_id: int) -> QuerySet[Agent]:
    rows = Agent.objects.filter(person_id=person_id, is_active=True)
    return rows.select_related("person")[:1]


def draft_versions(actor: Actor, ticket: Ticket) -> str:
    """Which drafts this one has here, as "public:3 note:1": an open page learns of one that came
    back to them, or was typed in another window."""
    if not find_beside(actor, ticket).has_drafts:
        return ""
    rows = _drafts(ticket.pk, actor.person_id or 0)
    return " ".join(f"{row.kind}:{row.version}" for row in rows)


def get_composer(
    actor: Actor,
    ticket: Ticket,
    seen: int,
    *,
    kind: str = "",
    participants: Sequence[Participant] | None = None,
) -> Composer:
    """Empty, or as the draft of this one has it; the later of a reply's and a note's draft.
    ``participants`` are those of the ticket, where they are known."""
    has_drafts = find_beside(actor, ticket).has_drafts
    drafts = _drafts(ticket.pk, actor.person_id or 0) if has_drafts else []
    rows_of = {row.kind: row for row in drafts}
    if kind != MessageKind.SIDE:
        rows_of.pop(MessageKind.SIDE, None)  # it is shown where it is asked for
    latest = list(rows_of.values())[-1] if rows_of else None
    draft = rows_of.get(kind) if kind else latest
    may_reply = actor.can(permissions.REPLY) and ticket.trashed_at is None
    may_note = actor.can(permissions.NOTE)
    rows = list_participants(ticket.pk) if participants is None else participants
    usual = propose_recipients(ticket, rows)
    to, cc = [recipient_of(one) for one in usual.to], [recipient_of(one) for one in usual.cc]
    bcc: list[Recipient] = []
    if draft is not None and draft.recipients:
        to = _spelled(draft.recipients.get("to", []), rows) or to
        cc = _spelled(draft.recipients.get("cc", []), rows)
        bcc = _spelled(draft.recipients.get("bcc", []), rows)
    fallback = MessageKind.PUBLIC if may_reply and to else MessageKind.NOTE
    is_typed = draft is not None and bool(draft.html.strip() or draft.uploads)
    chosen = kind or (draft.kind if draft is not None and is_typed else fallback)
    other = rows_of.get("note" if chosen == "public" else "public")
    return Composer(
        key=str(uuid4()),
        kind=chosen,
        html=draft.html if draft else "",
        version=draft.version if draft else 0,
        saved_at=draft.updated_at if draft is not None and is_typed else None,
        uploads=_uploads(actor, draft),
        to=to,
        cc=cc,
        bcc=bcc,
        seen_message_id=(draft.seen_message_id if is_typed and draft else 0) or seen,
        is_open=bool(kind) or is_typed,
        is_typed=is_typed,
        held_back=[str(row.identity) for row in usual.held_back[:MOST_NAMED]],
        held_back_more=max(0, len(usual.held_back) - MOST_NAMED),
        troubles=find_troubles(one.value for one in (*to, *cc, *bcc)),
        asked=usual.asked[:MOST_NAMED],
        other=other,
        other_uploads=_uploads(actor, other),
        may_reply=may_reply,
        may_note=may_note,
        account=str(ticket.account) if ticket.account else "",
        name=ticket.requester.name or (to[0].value if to else _("the customer")),
        senders=_senders(actor, ticket, draft) if may_reply else [],
    )


def _senders(actor: Actor, ticket: Ticket, draft: Draft | None) -> list[Sender]:
    """The mailboxes to choose from, the talk's own or the draft's chosen."""
    me = _agent_of(actor.person_id or 0)
    accounts = list_senders(ticket)
    wanted = draft.recipients.get("account") if draft is not None and draft.recipients else None
    chosen = next((one.pk for one in accounts if one.pk == wanted), None)
    author, own = (me.person, me.signature) if me is not None else (None, "")
    return [
        Sender(
            id=account.pk,
            label=f"{account.config.get('sender_name') or account.brand.name} <{account.address}>",
            signature=signature_for(author, ticket, account, ticket.language, own=own),
            is_chosen=account.pk == chosen if chosen else number == 0,
        )
        for number, account in enumerate(accounts)
    ]


def _uploads(actor: Actor, draft: Draft | None) -> list[Upload]:
    if draft is None or not draft.uploads:
        return []
    rows = Upload.objects.filter(owner_id=actor.person_id, is_inline=False)
    return list(rows.filter(token__in=draft.uploads))


def find_first_unread(actor: Actor, ticket: Ticket) -> int:
    """The first message since this one was last here, 0 when there is none or nobody was."""
    me = actor.person_id or 0
    seen = find_beside(actor, ticket).read_until
    return next(iter(_written_since(ticket.pk, seen, me)), 0) if seen else 0


@spelt_once
def _followers(ticket_id: int) -> Iterable[Follower]:
    return Follower.objects.filter(ticket=ticket_id).select_related("person").order_by("pk")


@spelt_once
def _drafts(ticket_id: int, author_id: int) -> QuerySet[Draft]:
    return Draft.objects.filter(ticket=ticket_id, author=author_id).order_by("updated_at")


@spelt_once
def _written_since(ticket_id: int, message_id: int, person_id: int) -> Iterable[int]:
    rows = Message.objects.filter(ticket=ticket_id, pk__gt=message_id)
    others = rows.exclude(author_id=person_id)
    return others.order_by("pk").values_list("pk", flat=True)[:1]


def recipient_of(identity: Identity) -> Recipient:
    name = identity.person.name
    label = f"{name} <{identity}>" if name else str(identity)
    return Recipient(identity.value, label, identity.is_verified)


def _spelled(values: list[str], rows: Sequence[Participant]) -> list[Recipient]:
    known = {row.identity.value: row.identity for row in rows}
    return [
        recipient_of(known[value]) if value in known else Recipient(value, value, False)
        for value in values
        if isinstance(value, str)
    ]
