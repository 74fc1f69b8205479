from otklik.channels.models.ledger import AccountRoute, InboundRecord, Quarantined

__all__ = ["AccountRoute", "InboundRecord", "Quarantined"]
