"""Where new talks through an account go."""

from __future__ import annotations

from otklik.channels.events import AccountRouted
from otklik.channels.models import AccountRoute
from otklik.core.access import Actor
from otklik.core.db import action
from otklik.core.db.briefly import briefly
from otklik.core.events.record import record
from otklik.desk import policy
from otklik.desk.models import Account
from otklik.people.models import Team


@action
def route_account(actor: Actor, account: Account, team: Team | None) -> None:
    """Let this team get what new talks through the account open; None: nobody's team.

    Raises Forbidden.
    """
    policy.demand_manage_accounts(actor)
    present = AccountRoute.objects.filter(account=account).values_list("team", flat=True).first()
    wanted = team.pk if team else None
    if present == wanted:
        return
    AccountRoute.objects.update_or_create(account=account, defaults={"team": team})
    record(actor, AccountRouted(account_id=account.pk, team_id=wanted))


@briefly
def find_team_of(account_id: int) -> Team | None:
    route = AccountRoute.objects.filter(account_id=account_id).select_related("team").first()
    return route.team if route else None
