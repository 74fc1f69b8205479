"""Steady changes of tickets: ``python -m bench.changing RATE SECONDS ID …`` in a desk's home.

A process of its own, as mail and rules are. Prints ``id version moment`` for each commit; moments
are of the machine's monotonic clock.
"""

from __future__ import annotations

import sys
import time


def main() -> int:
    from otklik.project.start import set_up

    set_up()
    from otklik.core.access import SYSTEM
    from otklik.tickets.actions import change_ticket
    from otklik.tickets.models import Ticket

    rate, seconds, ids = float(sys.argv[1]), float(sys.argv[2]), [int(pk) for pk in sys.argv[3:]]
    begun = time.monotonic()
    for number in range(int(rate * seconds)):
        ahead = begun + number / rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        ticket = Ticket.objects.get(pk=ids[number % len(ids)])
        priority = 30 if ticket.priority == 20 else 20
        changed = change_ticket(SYSTEM, ticket, {"priority": priority})
        print(changed.pk, changed.version, time.monotonic(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
