"""Carriers for these tests; also imported by the processes that the tests start."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from otklik.core.outbox import register_carrier
from otklik.core.outbox.models import Delivery


@dataclass(frozen=True)
class Result:
    address: str
    is_accepted: bool = True
    is_permanent: bool = False
    detail: str = ""


@dataclass
class Courier:
    """Does as ``behaviour`` says and remembers whom it carried to."""

    behaviour: Callable[[Delivery], Sequence[Result]] = lambda delivery: []
    carried: list[tuple[int | None, list[str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, delivery: Delivery) -> Sequence[Result]:
        with self.lock:
            self.carried.append((delivery.account_id, delivery.waiting_addresses()))
        return self.behaviour(delivery)


class Hanging:
    """Says how far it came, then hangs: to be killed there."""

    def __init__(self, enters: bool) -> None:
        self.enters = enters

    def carry(self, delivery: Delivery) -> Sequence[Result]:
        if self.enters:
            delivery.mark_in_window()
        print("hanging", flush=True)
        time.sleep(60)
        return []


courier = Courier()
register_carrier("parcel", courier)
register_carrier("hangs_before", Hanging(enters=False))
register_carrier("hangs_inside", Hanging(enters=True))
