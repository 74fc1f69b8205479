"""Whom a mailbox may connect to.

Mail servers often stand beside the desk, so an administrator may name any. In a public demo
everybody is an administrator: there they are held to what other outgoing requests are.
"""

from __future__ import annotations

from otklik.core.settings import config
from otklik.kit import outbound


def demand_reachable(host: str, port: int) -> None:
    """Raises ConnectionRefusedError for a private target in a public demo."""
    if config().demo != "public":
        return
    try:
        outbound.resolve(host, port, config().private_targets)
    except outbound.OutboundError as error:
        raise ConnectionRefusedError(str(error)) from error
