"""What an agent wrote for their own use here, for their export."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.people.exporting import Pack, register_export
from otklik.people.models import Person
from otklik.workspace.models import CannedText, Macro, Scope, Script, View


def wire() -> None:
    register_export("workspace", write_own, order=130)


def write_own(person: Person, pack: Pack) -> None:
    """Only what is theirs alone: what a team shares is the company's."""
    texts = CannedText.objects.filter(canned__scope=Scope.PERSONAL, canned__owner=person)
    pack.table(
        "canned_replies",
        _("Canned replies of their own"),
        texts.order_by("canned", "id").values(
            "canned__name", "canned__hint", "canned__hints", "language", "text"
        ),
    )
    for name, title, model in (
        ("macros", _("Macros of their own"), Macro),
        ("scripts", _("Scripts of their own"), Script),
    ):
        rows = model.objects.filter(scope=Scope.PERSONAL, owner=person)
        columns = ("name", "labels", "hint", "hints", "steps", "created_at")
        pack.table(name, title, rows.order_by("id").values(*columns))
    views = View.objects.filter(owner=person).order_by("id")
    pack.table("views", _("Views of their own"), views.values("name", "query", "created_at"))
