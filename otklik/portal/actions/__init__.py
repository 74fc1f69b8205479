"""What customers do in the portal; each goes through the write doors of tickets."""

from otklik.portal.actions.answering import answer_request, reopen_request, solve_request
from otklik.portal.actions.requesting import Asked, open_request

__all__ = ["Asked", "answer_request", "open_request", "reopen_request", "solve_request"]
