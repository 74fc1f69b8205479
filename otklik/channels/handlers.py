"""What channels does when things happen: send replies, acknowledge, show delivery states."""

from __future__ import annotations

from otklik.channels.acknowledging import acknowledge
from otklik.channels.screening import handlers as screening
from otklik.channels.sending import LetterCarrier, MessageCarrier, enqueue_reply
from otklik.core import outbox
from otklik.core.access import Origin
from otklik.core.db import write
from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.core.events.record import record
from otklik.core.outbox.events import DeliveryChanged
from otklik.core.outbox.models import Delivery
from otklik.tickets.events import MessageDeliveryChanged, TicketOpened, TicketReplied
from otklik.tickets.models import DeliveryState, Message
from otklik.tickets.sending_events import NoteShared, SideMessageSent

_STATES = {
    "queued": DeliveryState.QUEUED,
    "sending": DeliveryState.QUEUED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "failed": DeliveryState.FAILED,
    "uncertain": DeliveryState.UNCERTAIN,
    "cancelled": DeliveryState.FAILED,
}


def wire() -> None:
    on(TicketReplied, name="channels.send", in_transaction=True, origins={Origin.LIVE})(send)
    for apart in (SideMessageSent, NoteShared):
        on(apart, name="channels.send", in_transaction=True, origins={Origin.LIVE})(send)
    on(TicketOpened, name="channels.acknowledge", phase=Phase.NOTIFY)(acknowledge)
    on(DeliveryChanged, name="channels.show_delivery", in_transaction=True)(show_delivery)
    screening.wire()
    outbox.register_carrier("message", MessageCarrier())
    outbox.register_carrier("letter", LetterCarrier())


def send(row: EventRow) -> None:
    replied: TicketReplied | SideMessageSent | NoteShared = row.event
    along = ("account", "ticket", "thread__ticket", "thread__came_from")
    message = Message.objects.select_related(*along).get(pk=replied.message_id)
    enqueue_reply(message, replied.recipients)


def show_delivery(row: EventRow) -> None:
    """The delivery's state on the message it carries."""
    changed: DeliveryChanged = row.event
    if changed.kind != "message":
        return
    delivery = Delivery.objects.get(pk=changed.delivery_id)
    with write():
        message = Message.objects.filter(pk=delivery.subject_id or 0).first()
        state = _STATES.get(changed.status, "")
        if message is None or message.delivery_state == DeliveryState.TRAY:
            return
        if message.delivery_state == state and message.delivery_error == delivery.error_text[:500]:
            return
        old = message.delivery_state
        message.delivery_state = state
        message.delivery_error = delivery.error_text[:500]
        message.save(update_fields=["delivery_state", "delivery_error"])
        record(
            row.as_cause,
            MessageDeliveryChanged(
                ticket_id=message.ticket_id, message_id=message.pk, old=old, new=state
            ),
        )
