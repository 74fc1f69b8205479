"""The topics of the agents' shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from otklik.workspace.help.topics import Topic, register_topic

TOPICS = (
    Topic(
        "lists",
        _("Lists"),
        (
            _(
                "Mine are the tickets you answer for; Unassigned wait for somebody; My team are "
                "those of your teams. A number beside a list says how many wait there."
            ),
            _(
                "A bold row with a dot holds words of the customer that you have not read. The "
                "mark before a subject is its status; below it stands the priority when it is "
                "high or urgent."
            ),
            _("The address of a narrowed list can be kept as a bookmark or sent to a colleague."),
        ),
        (
            ("J", _("next row")),
            ("K", _("previous row")),
            ("Enter", _("open")),
            ("X", _("select")),
            ("G", _("give me the next")),
        ),
        10,
    ),
    Topic(
        "ticket",
        _("A ticket"),
        (
            _(
                "The talk is in the middle, the newest below. A yellow note is for colleagues "
                "alone: the customer never sees it."
            ),
            _(
                "Under your reply stands what became of it: queued, sent, delivered, or why it "
                "did not go, with a way to send it again."
            ),
            _(
                "What changed, and who changed it, is written between the messages. What was "
                "solved opens again by itself when the customer writes."
            ),
        ),
        (
            ("R", _("reply")),
            ("N", _("note")),
            ("E", _("solve")),
            ("A", _("assign")),
            ("T", _("tag")),
            ("S", _("snooze")),
        ),
        20,
    ),
    Topic(
        "replying",
        _("Replying"),
        (
            _(
                "To shows who gets the reply. A tick beside an address means that the person has "
                "proven that it is theirs."
            ),
            _(
                "What you type is kept as you type. If somebody writes before you send, you see "
                "their words first."
            ),
            _(
                "Send and wait for customer takes the ticket off your desk until they answer; the "
                "arrow beside it sends and keeps it open, or solves it."
            ),
        ),
        (("Ctrl Enter", _("send")), ("Esc", _("fold, the draft stays"))),
        30,
    ),
    Topic(
        "strangers",
        _("Somebody you do not know"),
        (
            _(
                "An address in a letter proves nothing. Who answers into a ticket without being "
                "part of it is seen by staff only, gets no replies, and sees nothing of the "
                "ticket, until you let them in."
            ),
            _("Below a letter stands who vouches for its sender."),
        ),
        order=40,
    ),
    Topic(
        "undo",
        _("Taking it back"),
        (
            _(
                "Every change offers Undo for some seconds. Z takes back your last one also "
                "later, as long as nobody has changed the same thing since."
            ),
            _("What you move to the trash is kept for a while and can be restored."),
        ),
        (("Z", _("undo")),),
        50,
    ),
    Topic(
        "finding",
        _("Finding anything"),
        (
            _(
                "Type a few letters of a subject, a name, a number, a setting, or of what you "
                "want to do. The first line opens with Enter."
            ),
            _("@ asks for people, # for tickets, > for acts."),
        ),
        (("Ctrl K", _("find anything")), ("?", _("all keys of this page"))),
        60,
    ),
)


def register() -> None:
    for topic in TOPICS:
        register_topic(topic)
