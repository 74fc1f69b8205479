"""Mailboxes by REST: added, changed and tested as on their pages. Passwords are write-only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field, ValidationError

from otklik.channels.actions import route_account
from otklik.core.access import Invalid, Missing
from otklik.core.db import write
from otklik.core.rest.shapes import Id, Strict, actor_of, demand, find_named, get_row, given
from otklik.desk import permissions
from otklik.desk.actions import change_account, create_account
from otklik.desk.brands import default_brand
from otklik.desk.models import Account, Brand
from otklik.kit.addresses import normalise_email
from otklik.people.models import Team
from otklik.workspace.settings_screens.checking import check_account

from .account_settings import EmailSettings
from .domain_check import keep_report, read_report
from .domain_words import tell
from .forms import settings_or_default
from .mailboxes import KIND
from .models import DomainReport, RoundTripLetter
from .oauth import WITHDRAWN, NotAuthorised, depart, find_usable
from .oauth_pages import way_back
from .tasks import import_mailbox, round_trip

router = Router(tags=["mailboxes"])

Password = Annotated[str, Field(max_length=500)]
# A stored password goes only to the server it was given for.
_GUARDED = {
    "imap_password": ("imap_host", "imap_port", "imap_security", "imap_user"),
    "smtp_password": ("smtp_host", "smtp_port", "smtp_security", "smtp_user"),
    "oauth_client_secret": ("sign_in", "oauth_client_id", "oauth_tenant", "oauth_token_url"),
}
# What the desk asks of an account of any kind, beside the settings of a mailbox.
_OF_THE_DESK = frozenset({"acknowledge"})


class MailboxOut(Schema):
    id: int
    name: str
    address: str
    brand: int
    language: str
    is_active: bool
    config: dict[str, Any]
    has_imap_password: bool
    has_smtp_password: bool
    has_oauth_client_secret: bool
    authorisation: str = Field(
        description="none (signs in by password), needed, granted or withdrawn"
    )


class MailboxChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    address: Annotated[str, Field(max_length=254)] | None = None
    brand: Id | None = None
    team: Id | None = Field(None, description="Gets what new talks open")
    language: Annotated[str, Field(max_length=10)] | None = None
    config: dict[str, Any] | None = Field(
        None, max_length=40, description="imap_host, imap_port, smtp_host … as on the page"
    )
    imap_password: Password | None = None
    smtp_password: Password | None = None
    oauth_client_secret: Password | None = None


class MailboxIn(MailboxChange):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    address: Annotated[str, Field(max_length=254)]


class DepartureOut(Schema):
    url: str
    redirect_uri: str


class DomainFindingOut(Schema):
    what: str = Field(description="mx, spf, dkim or dmarc")
    state: str = Field(description="ok, warning, failed or skipped")
    code: str
    detail: str
    advice: str
    record_name: str
    record: str = Field(description="The TXT record to add, empty when there is none")


class DomainOut(Schema):
    checked_at: datetime
    findings: list[DomainFindingOut]


class RoundTripOut(Schema):
    sent_at: datetime
    awaited_until: datetime
    arrived_at: datetime | None
    failure: str


class ImportIn(Strict):
    days: Annotated[int, Field(ge=1, le=3650, description="How far back")]


class CheckOut(Schema):
    name: str
    state: str
    detail: str
    advice: list[str]
    server_reply: str


@router.post("/mailboxes", response={201: MailboxOut}, summary="Add a mailbox")
def add(request: HttpRequest, data: MailboxIn) -> Status[dict[str, Any]]:
    actor = actor_of(request)
    config = _config(data.config or {})
    team = find_named(Team.objects.all(), data.team, "team")
    brand = find_named(Brand.objects.all(), data.brand, "brand") or default_brand()
    with write():
        made = create_account(
            actor,
            kind=KIND,
            brand=brand,
            config=config,
            secrets=given_passwords(data),
            **_changes(data),
        )
        if team is not None:
            route_account(actor, made, team)
    return Status(201, _show(made))


@router.get("/mailboxes/{int:pk}", response=MailboxOut, summary="One mailbox")
def one(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show(_mailbox(request, pk))


@router.patch("/mailboxes/{int:pk}", response=MailboxOut, summary="Change a mailbox")
def alter(request: HttpRequest, pk: int, data: MailboxChange) -> dict[str, Any]:
    """``config`` is merged into what stands. A password is forgotten when its server changes
    and none is given with the change. Where there is none for sending, that for reading serves:
    for another server to send by, ``smtp_password`` has to be given."""
    actor, found = actor_of(request), _mailbox(request, pk)
    changes = _changes(data)
    passwords = given_passwords(data)
    if data.brand is not None:
        changes["brand"] = find_named(Brand.objects.all(), data.brand, "brand")
    before = EmailSettings.model_validate(found.config or {}).model_dump(mode="json")
    if data.config is not None:
        changes["config"] = {**(found.config or {}), **_config({**before, **data.config})}
        for name, guarded in _GUARDED.items():
            if any(before[key] != changes["config"][key] for key in guarded):
                passwords.setdefault(name, "")
    _demand_password_again(found, before, changes.get("config", before), passwords)
    with write():
        change_account(actor, found, secrets=passwords, **changes)
        if "team" in data.model_fields_set:
            route_account(actor, found, find_named(Team.objects.all(), data.team, "team"))
    return _show(_mailbox(request, pk))


@router.get(
    "/mailboxes/{int:pk}/authorisation",
    response=DepartureOut,
    summary="Where its owner signs in with the provider",
)
def departure(request: HttpRequest, pk: int) -> dict[str, str]:
    """Open it within ten minutes in a browser in which the same person is signed in here."""
    found = _mailbox(request, pk)
    person = actor_of(request).person_id or 0
    try:
        left = depart(found, settings_or_default(found), person, way_back())
    except LookupError:
        words = _("This mailbox signs in with a password, or has no client ID.")
        raise Invalid(words) from None
    return {"url": left.url, "redirect_uri": way_back()}


@router.post("/mailboxes/{int:pk}/check", response=list[CheckOut], summary="Test the connection")
def check(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    return [
        {
            "name": str(each.name),
            "state": each.state,
            "detail": str(each.detail),
            "advice": [str(words) for words in each.advice],
            "server_reply": each.server_reply,
        }
        for each in check_account(_mailbox(request, pk)).checks
    ]


@router.post(
    "/mailboxes/{int:pk}/domain-report", response=DomainOut, summary="Ask the DNS about its domain"
)
def ask_domain(request: HttpRequest, pk: int) -> dict[str, Any]:
    """MX, SPF, DKIM and DMARC, within a quarter of a minute; kept for the health page."""
    keep_report(_mailbox(request, pk))
    return _report(request, pk)


@router.get(
    "/mailboxes/{int:pk}/domain-report", response=DomainOut, summary="What the DNS said last"
)
def domain(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _report(request, pk)


@router.post("/mailboxes/{int:pk}/imports", response={202: None}, summary="Take in older mail")
def take_older_mail(request: HttpRequest, pk: int, data: ImportIn) -> Status[None]:
    """A job does it. Nobody is written to and no clock starts."""
    found = _mailbox(request, pk)
    if not found.is_active or not settings_or_default(found).imap_host:
        raise Invalid(_("This mailbox is not read by IMAP, or is switched off."))
    with write():
        import_mailbox.enqueue(account_id=found.pk, days=data.days)
    return Status(202, None)


@router.post(
    "/mailboxes/{int:pk}/round-trips", response={202: None}, summary="Send a letter to itself"
)
def send_letter(request: HttpRequest, pk: int) -> Status[None]:
    found = _mailbox(request, pk)
    with write():
        round_trip.enqueue(account_id=found.pk)
    return Status(202, None)


@router.get(
    "/mailboxes/{int:pk}/round-trips", response=list[RoundTripOut], summary="Letters to itself"
)
def letters(request: HttpRequest, pk: int) -> list[RoundTripLetter]:
    """The latest ten, newest first."""
    return list(RoundTripLetter.objects.filter(account=_mailbox(request, pk)).order_by("-id")[:10])


def _report(request: HttpRequest, pk: int) -> dict[str, Any]:
    report = DomainReport.objects.filter(account=_mailbox(request, pk)).first()
    if report is None:
        raise Missing(_("Nobody has asked about this domain yet."))
    found = read_report(report)
    return {
        "checked_at": report.checked_at,
        "findings": [
            {
                "what": one.what,
                "state": one.state,
                "code": one.code,
                "detail": words.detail,
                "advice": " ".join(words.advice),
                "record_name": one.name,
                "record": one.record,
            }
            for one, words in zip(found, tell(found), strict=True)
        ],
    }


def given_passwords(data: MailboxChange) -> dict[str, str]:
    said = {name: getattr(data, name) for name in _GUARDED}
    return {name: value for name, value in said.items() if value is not None}


def _changes(data: MailboxChange) -> dict[str, Any]:
    changes = given(data, "brand", "team", "config", *_GUARDED)
    if data.address is not None:
        try:
            changes["address"] = normalise_email(data.address)
        except ValueError:
            words = _("This is no e-mail address such as name@example.com.")
            raise Invalid(words, fields={"address": words}) from None
    return changes


def _demand_password_again(
    account: Account, before: dict[str, Any], after: dict[str, Any], passwords: dict[str, str]
) -> None:
    """The stored password for reading goes to no server to send by that it did not go to before."""
    has_own = bool(passwords.get("smtp_password", account.sealed.get("smtp_password")))
    is_kept = bool(account.sealed.get("imap_password")) and "imap_password" not in passwords
    went_to = "" if account.sealed.get("smtp_password") else before["smtp_host"].lower()
    goes_to = after["smtp_host"].lower() if is_kept and not has_own else ""
    if goes_to and goes_to != went_to:
        words = _("Enter the password again: the server is another one.")
        raise Invalid(words, fields={"smtp_password": words})


def _config(said: dict[str, Any]) -> dict[str, Any]:
    """As it is stored. Raises Invalid naming what makes no sense or is no setting."""
    unknown = set(said) - set(EmailSettings.model_fields) - _OF_THE_DESK
    try:
        clean = EmailSettings.model_validate(said).model_dump(mode="json")
    except ValidationError as error:
        fields = {f"config.{each['loc'][0]}": each["msg"] for each in error.errors()}
        raise Invalid(_("Some values make no sense."), fields=fields) from None
    if unknown:
        words = _("Unknown field.")
        fields = {f"config.{name}": words for name in sorted(map(str, unknown))[:20]}
        raise Invalid(_("Some values make no sense."), fields=fields)
    return {**clean, **{name: said[name] is True for name in _OF_THE_DESK if name in said}}


def _mailbox(request: HttpRequest, pk: int) -> Account:
    demand(request, permissions.MANAGE_ACCOUNTS)
    found: Account = get_row(Account.objects.filter(kind=KIND), pk)
    return found


def _show(row: Account) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "address": row.address,
        "brand": row.brand_id,
        "language": row.language,
        "is_active": row.is_active,
        "config": row.config,
        "has_imap_password": bool(row.sealed.get("imap_password")),
        "has_smtp_password": bool(row.sealed.get("smtp_password")),
        "has_oauth_client_secret": bool(row.sealed.get("oauth_client_secret")),
        "authorisation": _authorisation(row),
    }


def _authorisation(row: Account) -> str:
    settings = settings_or_default(row)
    if settings.sign_in == "password":
        return "none"
    try:
        find_usable(row, settings)
    except NotAuthorised as problem:
        return "withdrawn" if str(problem) == WITHDRAWN else "needed"
    return "granted"
