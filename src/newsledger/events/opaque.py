"""Opaque events: stored by a process that knew their type, read by one that does not."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from newsledger.events.base import Event
from newsledger.events.catalogue import EventType
from newsledger.fields import Entities, record


@record(kw_only=True)
class OpaqueEvent(Event):
    """An event of a type or version that this process has not registered.

    It keeps its raw JSON, its dates and its entities, so a ledger stays readable; import the
    module that registers ``type`` to read it in full. It can be amended by a retraction only.
    """

    type: str
    version: int
    raw: str
    named: Entities
    began_from: datetime | None
    began_until: datetime | None

    @property
    def onset(self) -> tuple[datetime | None, datetime | None]:
        """As the process that recorded it read it."""
        return (self.began_from, self.began_until)

    @property
    def entities(self) -> frozenset[str]:
        """As the process that recorded it read them."""
        return frozenset(self.named)

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """Nothing is known of its identity: only the same content is the same happening."""
        return (self.type, self.raw)


OpaqueEvent.TYPE = EventType(
    name="newsledger.opaque",
    version=1,
    cls=OpaqueEvent,
    identity=(),
    entity_fields=(),
    reference_fields=(),
)
