from otklik.people.models.agent import Agent, Membership, Team
from otklik.people.models.consent import Consent, ConsentHow, ConsentKind
from otklik.people.models.merge import MergeState, NotTwins, PersonMerge
from otklik.people.models.notes import CustomerNote
from otklik.people.models.person import (
    Identity,
    Organisation,
    OrganisationDomain,
    Person,
    Trouble,
    VerifiedHow,
)
from otklik.people.models.personal_data import (
    Erasure,
    ErasureReason,
    ErasureState,
    ExportState,
    Look,
    PersonExport,
)
from otklik.people.models.segment import Segment, SegmentOf
from otklik.people.models.token import ApiToken
from otklik.people.models.user import Role, SignInLink, User

__all__ = [
    "Agent",
    "ApiToken",
    "Consent",
    "ConsentHow",
    "ConsentKind",
    "CustomerNote",
    "Erasure",
    "ErasureReason",
    "ErasureState",
    "ExportState",
    "Identity",
    "Look",
    "Membership",
    "MergeState",
    "NotTwins",
    "Organisation",
    "OrganisationDomain",
    "Person",
    "PersonExport",
    "PersonMerge",
    "Role",
    "Segment",
    "SegmentOf",
    "SignInLink",
    "Team",
    "Trouble",
    "User",
    "VerifiedHow",
]
