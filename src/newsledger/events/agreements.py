"""Agreements and treaties: parties bound themselves."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.fields import Entities, Entity, MaybeEntity, Texts, field

TREATY_ACTIONS = (
    "signed",
    "ratified",
    "acceded",
    "notified",
    "entered into force",
    "suspended",
    "denounced",
    "terminated",
)


@event("AgreementReached", identity=("parties", "subject"))
class AgreementReached(Event):
    """Two or more parties agreed on something.

    ``form``: "oral", "communiqué", "memorandum", "treaty", … .
    """

    parties: Entities = field(at_least=2, distinct=True)
    subject: str = field(at_least=1)
    topics: Texts = field(default=())
    form: str | None = None


@event("TreatyActionTaken", identity=("treaty", "party", "action"))
class TreatyActionTaken(Event):
    """A step in the life of a treaty, of one party or (``party=None``) of the treaty itself."""

    treaty: Entity
    party: MaybeEntity = None
    action: str = field(choices=TREATY_ACTIONS)
