"""What happens to checklists. Ids only: their words stay with them."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("checklist.added")
@dataclass(frozen=True, slots=True)
class ChecklistAdded:
    ticket_id: int
    checklist_id: int
    template_id: int | None = None


@event("checklist.changed")
@dataclass(frozen=True, slots=True)
class ChecklistChanged:
    """Its name, whether it is required, or an item added, moved, reworded, given or taken out."""

    ticket_id: int
    checklist_id: int
    item_id: int | None = None


@event("checklist.removed")
@dataclass(frozen=True, slots=True)
class ChecklistRemoved:
    ticket_id: int
    checklist_id: int


@event("checklist.item_ticked")
@dataclass(frozen=True, slots=True)
class ItemTicked:
    ticket_id: int
    checklist_id: int
    item_id: int


@event("checklist.item_unticked")
@dataclass(frozen=True, slots=True)
class ItemUnticked:
    ticket_id: int
    checklist_id: int
    item_id: int


@event("checklist.overridden")
@dataclass(frozen=True, slots=True)
class ChecklistOverridden:
    """A ticket was solved though a required checklist is not done: ``open_items`` of them, the
    first of which are ``item_ids``."""

    ticket_id: int
    open_items: int
    item_ids: tuple[int, ...] = ()


@event("checklist.template_saved")
@dataclass(frozen=True, slots=True)
class TemplateSaved:
    template_id: int


@event("checklist.template_archived")
@dataclass(frozen=True, slots=True)
class TemplateArchived:
    template_id: int
