"""What agents write to the outside: the ticket room's door, known here by its old name."""

from otklik.tickets.actions.addressed import send_reply

__all__ = ["send_reply"]
