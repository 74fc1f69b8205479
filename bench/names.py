"""A name server in a process of its own: ``python -m bench.names`` says where it answers."""

from __future__ import annotations

import signal
import sys

from tests.services.dns import dns_server

_ZONE = {
    "customers.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "_dmarc.customers.example": {"TXT": ["v=DMARC1; p=none"]},
}


def main() -> int:
    with dns_server(_ZONE) as server:
        print(f"{server.host}:{server.port}", flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


if __name__ == "__main__":
    sys.exit(main())
