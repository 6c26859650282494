"""Memberships: who belongs to an organisation."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.events.spells import refuse_whole_spells
from newsledger.fields import Entities, Entity, MaybeDated, field


@event("MembershipConfirmed", identity=("organization", "member", "role"))
class MembershipConfirmed(Event):
    """An observation: has the role at ``occurred``, and since ``since`` where that is known."""

    organization: Entity
    member: Entity
    role: str = field(default="member", at_least=1)
    since: MaybeDated = field(default=None)

    def __attrs_post_init__(self) -> None:
        refuse_whole_spells(self)


@event("MembershipStarted", identity=("organization", "member", "role"))
class MembershipStarted(Event):
    """A change: has the role from ``occurred``, the day on which it comes into force."""

    organization: Entity
    member: Entity
    role: str = field(default="member", at_least=1)

    def __attrs_post_init__(self) -> None:
        refuse_whole_spells(self)


@event("MembershipEnded", identity=("organization", "member", "role"))
class MembershipEnded(Event):
    """A change: ``occurred`` is the day of leaving, at whose end it is out."""

    organization: Entity
    member: Entity
    role: str = field(default="member", at_least=1)

    def __attrs_post_init__(self) -> None:
        refuse_whole_spells(self)


@event("MembersListed", identity=("organization", "role"))
class MembersListed(Event):
    """An observation of all who have a role; ``complete=False``: of some of them."""

    organization: Entity
    members: Entities
    role: str = field(default="member", at_least=1)
    complete: bool = True
