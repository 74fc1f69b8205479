"""The account of a run: every letter and every reply, where it is now, and what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.faults.fragile import FragileDesk
from tests.faults.load import Load
from tests.faults.sink import Sink


@dataclass
class Account:
    """Plain counts; ``problems`` are the promises that were not kept."""

    lines: list[tuple[str, str]]
    problems: list[str]

    def __str__(self) -> str:
        width = max(len(name) for name, _value in self.lines)
        text = "\n".join(f"{name:<{width}}  {value}" for name, value in self.lines)
        verdict = "\n".join(f"BROKEN: {one}" for one in self.problems) or "Every message is found."
        return f"{text}\n{verdict}"


def draw_up(desk: FragileDesk, load: Load, taken: Sink) -> Account:
    """Count everything once the desk is quiet; what is uncertain is still undecided."""
    tickets = Counter(row[0] for row in desk.rows("SELECT subject FROM tickets_ticket"))
    bodies = desk.rows(
        "SELECT b.text, b.html, m.id FROM tickets_messagebody b JOIN tickets_message m"
        " ON m.id = b.message_id WHERE m.direction = 'out'"
    )
    written = Counter(mark for row in bodies for mark in _marks(f"{row[0]} {row[1]}"))
    states = Counter(row[0] for row in desk.rows("SELECT status FROM outbox_delivery"))
    uncertain = {row[0] for row in desk.rows(_UNCERTAIN)}
    quarantined = desk.rows("SELECT count(*) FROM channels_quarantined")[0][0]
    caught = {pk for kill in desk.kills for pk in kill.caught}
    in_window = [kill for kill in desk.kills if kill.caught]

    acknowledged = [one for one in load.letters if one.is_acknowledged]
    lost = [one.subject for one in acknowledged if not tickets[one.subject]]
    twice = [subject for subject, count in tickets.items() if count > 1]
    foreign = set(tickets) - {one.subject for one in load.letters}
    said = [one for one in load.replies if one.is_written]
    unwritten = [one.mark for one in said if written[one.mark] != 1]
    by_times = Counter(min(taken.taken[one.mark], 2) for one in said)
    sent_twice = [mark for mark, count in taken.taken.items() if count > 1]
    never = [one for one in said if not taken.taken[one.mark]]
    unexplained = [one.mark for one in never if one.mark not in _marks_of(desk, uncertain)]
    acks = sum(1 for mark in taken.taken if mark.startswith("ack:"))
    targets = Counter(kill.target for kill in desk.kills)
    points = Counter(kill.point for kill in desk.kills)

    lines = [
        ("kills", f"{len(desk.kills)}: {_list(targets)}"),
        ("  at", _list(points)),
        ("pipes killed", str(load.pipes_killed)),
        ("letters offered", f"{len(load.letters)}: {_list(Counter(x.way for x in load.letters))}"),
        ("  offered again", str(sum(max(0, one.offered - 1) for one in load.letters))),
        ("  acknowledged", str(len(acknowledged))),
        ("  given up by their server", str(len(load.letters) - len(acknowledged))),
        ("tickets", str(tickets.total())),
        ("  acknowledged letters lost", str(len(lost))),
        ("  letters with two tickets", str(len(twice))),
        ("  quarantined", str(quarantined)),
        ("replies written", f"{len(said)}, sent to the desk {sum(r.offered for r in said)} times"),
        ("  taken by the server once", str(by_times[1])),
        ("  twice", str(by_times[2])),
        ("  never", str(by_times[0])),
        ("acknowledgements taken", str(acks)),
        ("deliveries", _list(states)),
        ("kills inside the window", f"{len(in_window)}, deliveries caught {len(caught)}"),
        ("uncertain", str(len(uncertain))),
    ]
    problems = [f"a sender broke: {one}" for one in load.broken]
    problems += [f"acknowledged and lost: {lost[:5]}"] if lost else []
    problems += [f"two tickets: {twice[:5]}"] if twice else []
    problems += [f"tickets of nobody: {sorted(foreign)[:5]}"] if foreign else []
    problems += [f"quarantined: {quarantined}"] if quarantined else []
    problems += [f"replies not stored once: {unwritten[:5]}"] if unwritten else []
    problems += [f"sent twice unasked: {sent_twice[:5]}"] if sent_twice else []
    problems += [f"never sent and not uncertain: {unexplained[:5]}"] if unexplained else []
    if not uncertain <= caught:
        problems.append(f"uncertain without a kill inside the window: {uncertain - caught}")
    return Account(lines, problems)


_UNCERTAIN = "SELECT id FROM outbox_delivery WHERE status = 'uncertain'"


def uncertain_marks(desk: FragileDesk) -> list[tuple[int, int, str]]:
    """(delivery, ticket number, mark) of what is uncertain; acknowledgements by their address."""
    rows = desk.rows(
        "SELECT d.id, t.number, b.text || ' ' || b.html, r.address FROM outbox_delivery d"
        " JOIN tickets_message m ON m.id = d.subject_id JOIN tickets_ticket t ON t.id = m.ticket_id"
        " JOIN tickets_messagebody b ON b.message_id = m.id"
        " JOIN outbox_deliveryrecipient r ON r.delivery_id = d.id"
        " WHERE d.status = 'uncertain' AND d.kind = 'message'"
    )
    found = []
    for pk, number, text, address in rows:
        marks = sorted(_marks(text))
        found.append((pk, number, marks[0] if marks else f"ack:{address.lower()}"))
    return found


def _marks_of(desk: FragileDesk, uncertain: set[int]) -> set[str]:
    return {mark for pk, _number, mark in uncertain_marks(desk) if pk in uncertain}


def _marks(text: str) -> set[str]:
    import re

    return set(re.findall(r"reply-\d{6}", text))


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
