"""The first event on a server that keeps a ledger: who the ledger is.

A UmaDB server has nothing but events, so the first of them is the ledger's certificate of birth,
and what is recorded follows it: the ledger's position 1 is the server's position 2. Its type is
``newsledger:ledger``, it bears no tags, and its data is a JSON object::

    {"identity": "<UUID>", "created": "<instant>", "schema": 1}
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from newsledger.errors import StoreError
from newsledger.store.base import StoredEvent
from newsledger.store.uma.events import to_event

if TYPE_CHECKING:
    from newsledger.store.uma.server import Server

VERSION = 1
_TYPE = "newsledger:ledger"


class _Certificate(msgspec.Struct):
    identity: str
    created: str
    schema: int


def identity_of(server: Server, mode: str) -> str:
    """Return the identity of the ledger on a server, or make one where the mode allows.

    Of several who make one at once, the first wins, and the others find it. What is no ledger is
    refused, and left as it is.
    """
    if server.head() == 0:
        if mode in {"r", "r+"}:
            raise StoreError(f"{server.where} is empty: mode 'a' would make a ledger there")
        made = _certificate()
        if server.first(to_event(made)[0]):
            return _read(server, made.type, made.data)
    if mode == "x":
        raise StoreError(
            f"{server.where} keeps something already, and mode 'x' wants a new ledger: start a"
            " server with another file, or open it with mode 'a'"
        )
    [[first]] = server.read(None, 1, 1)
    return _read(server, first.event.event_type, first.event.data)


def _certificate() -> StoredEvent:
    created = datetime.now(UTC).isoformat(timespec="microseconds")
    certificate = _Certificate(str(uuid.uuid4()), created, VERSION)
    return StoredEvent(_TYPE, msgspec.json.encode(certificate), [])


def _read(server: Server, name: str, data: bytes) -> str:
    if name != _TYPE:
        raise StoreError(
            f"{server.where} holds the events of another program (the first is a {name!r}), and no"
            " newsledger ledger; it was left as it was: a ledger needs a server of its own"
        )
    try:
        certificate = msgspec.json.decode(data, type=_Certificate)
    except msgspec.MsgspecError as error:
        raise StoreError(
            f"{server.where} is damaged: its first event does not say which ledger it is ({error});"
            " restore a copy"
        ) from error
    if certificate.schema > VERSION:
        raise StoreError(
            f"{server.where} was written by a newer newsledger (schema {certificate.schema}, this"
            f" one knows {VERSION}); it was left as it was: upgrade newsledger to open it"
        )
    return certificate.identity
