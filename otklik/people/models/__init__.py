from otklik.people.models.agent import Agent, Membership, Team
from otklik.people.models.person import (
    Identity,
    Organisation,
    OrganisationDomain,
    Person,
    VerifiedHow,
)
from otklik.people.models.token import ApiToken
from otklik.people.models.user import Role, SignInLink, User

__all__ = [
    "Agent",
    "ApiToken",
    "Identity",
    "Membership",
    "Organisation",
    "OrganisationDomain",
    "Person",
    "Role",
    "SignInLink",
    "Team",
    "User",
    "VerifiedHow",
]
