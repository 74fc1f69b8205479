"""Things that queries call by name and a menu could not hold: categories, tags, customers."""

from __future__ import annotations

from django.db.models import F

from otklik.kit.text import sort_key
from otklik.people.models import Identity, Organisation
from otklik.tickets.models import Category, Tag

_MOST = 200
Spelled = list[tuple[str, frozenset[int]]]


class CategoryNaming:
    """A category's name stands for its whole branch."""

    def find(self, text: str) -> frozenset[int]:
        wanted = sort_key(text)
        rows = self._rows()
        roots = [row for row in rows if wanted in _called(row)]
        return frozenset(row.pk for root in roots for row in _branch(rows, root))

    def spell(self, values: frozenset[int]) -> Spelled:
        rows = self._rows()
        spelled: Spelled = []
        left = set(values)
        # From the top: a branch that is meant whole is said by its root alone.
        for root in sorted(rows, key=lambda row: row.path.count("/")):
            branch = frozenset(row.pk for row in _branch(rows, root))
            if root.pk in left and branch <= values and self.find(root.name) == branch:
                spelled.append((root.name, branch))
                left -= branch
        return spelled

    def suggest(self, text: str, limit: int) -> list[str]:
        wanted = sort_key(text)
        rows = [row for row in self._rows() if any(n.startswith(wanted) for n in _called(row))]
        return [row.name for row in rows[:limit]]

    def _rows(self) -> list[Category]:
        return list(Category.objects.filter(is_active=True))


def _called(row: Category) -> set[str]:
    return {sort_key(name) for name in (row.name, *row.labels.values())}


def _branch(rows: list[Category], root: Category) -> list[Category]:
    return [row for row in rows if f"/{root.pk}/" in row.path]


class TagNaming:
    def find(self, text: str) -> frozenset[int]:
        key = sort_key(text.strip("#,; "), 60)
        return frozenset(Tag.objects.filter(key=key).values_list("pk", flat=True))

    def spell(self, values: frozenset[int]) -> Spelled:
        rows = Tag.objects.filter(pk__in=values).order_by("key")
        return [(row.name, frozenset({row.pk})) for row in rows]

    def suggest(self, text: str, limit: int) -> list[str]:
        rows = Tag.objects.filter(key__startswith=sort_key(text.strip("#"), 60))
        return list(rows.values_list("name", flat=True)[:limit])


class OrganisationNaming:
    def find(self, text: str) -> frozenset[int]:
        rows = Organisation.objects.filter(sort_name=sort_key(text))
        return frozenset(rows.values_list("pk", flat=True)[:_MOST])

    def spell(self, values: frozenset[int]) -> Spelled:
        spelled: Spelled = []
        for row in Organisation.objects.filter(pk__in=values).order_by("sort_name", "pk"):
            if self.find(row.name) == {row.pk}:
                spelled.append((row.name, frozenset({row.pk})))
        return spelled

    def suggest(self, text: str, limit: int) -> list[str]:
        rows = Organisation.objects.filter(sort_name__startswith=sort_key(text))
        return list(rows.order_by("sort_name").values_list("name", flat=True)[:limit])


class RequesterNaming:
    """Customers go by their e-mail address: names are shared."""

    def find(self, text: str) -> frozenset[int]:
        value = text.strip().lower()
        if "@" not in value:
            return frozenset()
        rows = Identity.objects.filter(kind="email", value=value)
        return frozenset(rows.values_list("person_id", flat=True)[:_MOST])

    def spell(self, values: frozenset[int]) -> Spelled:
        rows = Identity.objects.filter(kind="email", person_id__in=values, scope="")
        spelled: Spelled = []
        seen: set[int] = set()
        for row in rows.order_by(F("is_primary").desc(), "pk"):
            if row.person_id not in seen and row.value == row.value.lower():
                seen.add(row.person_id)
                spelled.append((row.value, frozenset({row.person_id})))
        return spelled

    def suggest(self, text: str, limit: int) -> list[str]:
        if len(text) < 2:
            return []
        rows = Identity.objects.filter(kind="email", value__startswith=text.strip().lower())
        return list(rows.order_by("value").values_list("value", flat=True)[:limit])
