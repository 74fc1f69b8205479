"""What a careful colleague would point out before a reply leaves; nothing goes to any service.

Each check is a pure function over the draft and the talk it answers. A false alarm is worse than
a miss: whoever is stopped for nothing stops looking.
"""

from otklik.workspace.proofreading.checking import PREFIX, check_reply, declare, warm_up
from otklik.workspace.proofreading.findings import CHECKS, Draft, Finding, Talk

__all__ = ["CHECKS", "PREFIX", "Draft", "Finding", "Talk", "check_reply", "declare", "warm_up"]
