"""Kill the desk many times while it works, let it come to rest, and account for every message."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator

from tests.faults.account import Account, draw_up, uncertain_marks
from tests.faults.fragile import FETCHED, FragileDesk, fragile_desk, soon
from tests.faults.load import LMTP_POINTS, WEB_POINTS, Load
from tests.faults.sink import POINTS, Sink, sink
from tests.services.dovecot import ImapServer

# Who is killed, by whom and where: by our mail server, by one that hands mail in, by an agent's
# browser at a point of its conversation; by nobody in particular at any moment.
Step = tuple[str, str, str]
NAMED: tuple[Step, ...] = (
    *[("back", "sink", point) for point in POINTS],
    *[("mail", "lmtp", point) for point in LMTP_POINTS],
    *[("front", "web", point) for point in WEB_POINTS],
    ("all", "sink", "dot_kept"),
    ("all", "lmtp", "dot"),
)
RANDOM = (("back", 3), ("mail", 3), ("front", 2), ("supervisor", 1), ("all", 1))
_RESTING = """
    SELECT (SELECT count(*) FROM events_eventrow WHERE dispatched_at IS NULL)
         + (SELECT count(*) FROM outbox_delivery WHERE status IN ('queued', 'sending'))
         + (SELECT count(*) FROM jobs_job WHERE dead_at IS NULL AND run_at < CURRENT_TIMESTAMP)
"""


def run(
    steps: Iterable[Step],
    imap: ImapServer | None,
    *,
    seed: int,
    tell: Callable[[str], None] = lambda line: None,
    database_url: str = "",
) -> tuple[Account, list[str]]:
    """The account, and what is wrong after an agent has decided what was uncertain."""
    with sink() as taken, fragile_desk(taken.port, imap, database_url) as desk:
        if imap is not None:
            # A new mailbox starts at now: what is put there before that is not the desk's.
            started = "SELECT count(*) FROM channel_email_mailboxcursor"
            assert soon(lambda: desk.rows(started)[0][0] == 1, 90), desk.end_of_log()
        load = Load(desk, imap, seed)
        load.start()
        try:
            for number, made in enumerate(_kill(desk, load, taken, steps, seed), 1):
                tell(f"{number:4}  {made}")
        finally:
            desk.ensure_up()
            load.end(60)
        _await_rest(desk, load)
        account = draw_up(desk, load, taken)
        problems = _decide(desk, load, taken)
        if account.problems or problems:
            tell(desk.end_of_log())
        return account, problems


def at_random(kills: int, seed: int) -> Iterator[Step]:
    """Half at named points, in turn and shuffled, half at any moment, also of a start."""
    chance = random.Random(seed)
    named: list[Step] = []
    for _number in range(kills):
        if chance.random() < 0.5:
            named = named or chance.sample(NAMED, len(NAMED))
            yield named.pop()
        else:
            names, weights = zip(*RANDOM, strict=True)
            yield chance.choices(names, weights)[0], "", ""


def _kill(
    desk: FragileDesk, load: Load, taken: Sink, steps: Iterable[Step], seed: int
) -> Iterator[str]:
    chance = random.Random(seed)
    for target, who, point in steps:
        if not desk.may_kill(target):
            target = "supervisor" if chance.random() < 0.4 else "all"
        before = len(desk.kills)
        # A step that finds nobody to kill is taken again.
        while len(desk.kills) == before:
            if who:
                desk.ensure_up()
                _kill_at(desk, load, taken, target, who, point)
            time.sleep(chance.uniform(0.02, 0.7))
            if len(desk.kills) == before and not desk.kill(target, "any moment"):
                desk.ensure_up()
        made = desk.kills[-1]
        yield f"{made.target:<10} {made.point:<14} caught {len(made.caught)}"


def _kill_at(desk: FragileDesk, load: Load, taken: Sink, target: str, who: str, point: str) -> None:
    def act() -> bool:
        return desk.kill(target, f"{who} {point}")

    if who == "sink":
        taken.arm(point, act)
        fired = taken.fired
    else:
        load.arm(who, point, act)
        fired = load.fired
    if not fired.wait(6):
        taken.disarm()
        load.disarm()


def _await_rest(desk: FragileDesk, load: Load) -> None:
    """Until nothing waits: no event, no delivery, no letter in the spool or the mailbox."""

    def rests() -> bool:
        if desk.rows(_RESTING)[0][0] or list((desk.home / "spool").glob("*.mail")):
            return False
        fetched = desk.rows(
            f"SELECT count(*) FROM channels_inboundrecord r JOIN desk_account a"
            f" ON a.id = r.account_id WHERE a.address = '{FETCHED}'"
        )[0][0]
        return bool(fetched >= sum(1 for one in load.letters if one.way == "imap"))

    if not soon(rests, 900):
        load.broken.append(f"the desk came to no rest: {desk.rows(_RESTING)[0][0]} wait")


def _decide(desk: FragileDesk, load: Load, taken: Sink) -> list[str]:
    """As an agent does on the ticket's page: look, then say "it was sent" or "send again"."""
    problems = []
    for pk, number, mark in uncertain_marks(desk):
        value = "sent" if taken.taken[mark] else "again"
        try:
            status = load.post(f"/tickets/{number}/deliveries/{pk}/", {"value": value})
        except OSError as error:
            problems.append(f"the desk does not answer: {error}")
            break
        if status not in (200, 302):
            problems.append(f"deciding delivery {pk} was answered {status}")
    left = "SELECT count(*) FROM outbox_delivery WHERE status NOT IN ('sent', 'delivered')"
    if not soon(lambda: not desk.rows(left)[0][0], 120):
        problems.append(f"{desk.rows(left)[0][0]} deliveries are still not sent")
    wrong = [one.mark for one in load.replies if one.is_written and taken.taken[one.mark] != 1]
    if wrong:
        problems.append(f"in the end not sent exactly once: {wrong[:5]}")
    return problems
