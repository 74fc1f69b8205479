from otklik.channels.models.ledger import AccountRoute, InboundRecord, Quarantined
from otklik.channels.models.screening import (
    AutomaticAnswer,
    BlockedSender,
    SpamLesson,
    SpamVerdict,
    SpamWord,
)

__all__ = [
    "AccountRoute",
    "AutomaticAnswer",
    "BlockedSender",
    "InboundRecord",
    "Quarantined",
    "SpamLesson",
    "SpamVerdict",
    "SpamWord",
]
