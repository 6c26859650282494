"""Bodies: an event as the JSON object that is stored, of any version that ever was."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from newsledger.codec.converter import converter
from newsledger.codec.reading import Undecodable
from newsledger.events import CATALOGUE, ERASED, ErasedEvent, Event, OpaqueEvent
from newsledger.events.base import type_of
from newsledger.events.catalogue import EventType
from newsledger.fields import shown
from newsledger.when import When

JsonObject: TypeAlias = dict[str, Any]
Window: TypeAlias = tuple[datetime | None, datetime | None]


def type_name(event: Event) -> str:
    """Give the wire name under which an event is stored, an opaque one's too."""
    if isinstance(event, OpaqueEvent):
        return event.type
    return ERASED if isinstance(event, ErasedEvent) else type_of(event).name


def type_version(event: Event) -> int:
    """Give the version in which an event is stored."""
    return event.version if isinstance(event, OpaqueEvent) else type_of(event).version


def encode_body(event: Event) -> JsonObject:
    """Make the JSON object of an event: defaults left out, dates as EDTF, decimals as text."""
    if isinstance(event, OpaqueEvent):
        body: JsonObject = msgspec.json.decode(event.raw)
        return body
    known = vars(type(event)).get("TYPE")
    if known is None or CATALOGUE.get(known.name) is not known:
        CATALOGUE.named(type(event))  # raises where it is not registered
    encoded: JsonObject = converter.unstructure(event, unstructure_as=type(event))
    return encoded


def decode_known(name: str, version: int, body: JsonObject) -> Event | None:
    """Do as :func:`decode_body` does, and give None where it would make an opaque event."""
    known = CATALOGUE.get(name)
    if known is None or version > known.version:
        return None
    if version < known.version:
        for older in range(version, known.version):
            body = _upcast(known, older, body)
    decoded: Event = converter.structure(body, known.cls)
    return decoded


def _upcast(known: EventType, version: int, body: JsonObject) -> JsonObject:
    """Bring a body one version up; what goes wrong in there is told as what cannot be read."""
    which = f"the upcaster of {known.name} from version {version}"
    try:
        upcast = known.upcasters[version](dict(body))
    except Exception as error:  # an upcaster is somebody's own, and may raise anything
        raise Undecodable(f"{which} raised {error!r}") from error
    if not isinstance(upcast, dict):
        raise Undecodable(f"{which} gave {shown(upcast)}, not an object")
    return upcast


def decode_body(
    name: str,
    version: int,
    body: JsonObject,
    *,
    named: frozenset[str] = frozenset(),
    occurred: str | None = None,
    onset: Window | None = None,
) -> Event:
    """Make the event of a stored JSON object, bringing an older version up to today's.

    A type, or a later version of one, that this process does not know becomes an
    :class:`~newsledger.events.OpaqueEvent`, with the entities, the date and the onset that its
    recorder noted. ``ValueError`` names the path of what cannot be read.
    """
    event = decode_known(name, version, body)
    if event is not None:
        return event
    when = When(body.get("occurred", occurred or ""))
    began_from, began_until = onset or when.onset
    return OpaqueEvent(
        occurred=when,
        type=name,
        version=version,
        raw=msgspec.json.encode(body).decode(),
        named=named,
        began_from=began_from,
        began_until=began_until,
    )
