"""Rebuilding what follows from an entry and those before it: its id, its place, its tags.

The writer looks these up in the index. Here they are rebuilt from the entries alone, in the order
of their positions, so that the index can be held to them. Only what others refer to is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import attrs
import msgspec

from newsledger.codec import digest
from newsledger.events import OpaqueEvent, OutcomeRecorded
from newsledger.index.log import stored_type
from newsledger.ledger.faults import FaultKind
from newsledger.reports import Entry, tags, tombstone_tags
from newsledger.store import StoredEvent

Wrong: TypeAlias = tuple[FaultKind, str]

_ROOT, _REF = tags.root_tag(""), tags.ref_tag("")
# What its source says, as it is stored: what an id covers.
_SAID = ("type", "event", "attribution", "assertion", "background", "denied")
# What an event of an unknown type names and refers to is known from its tags alone.
_OF_THE_EVENT = (tags.ENTITY, tags.INHERITED, tags.OF, tags.DANGLING)
# So many equal amendments that cannot be had are reckoned with, when an id counts them.
_LOST = 64

_decode = msgspec.json.decode


def referred_to(event: StoredEvent) -> Iterator[str]:
    """Yield the ids that a stored entry refers to: its report's, that of an outcome's report."""
    for tag in event.tags:
        if tag.startswith((_ROOT, tags.OF)):
            yield tag.partition(":")[2]


@attrs.frozen
class _Member:
    """What is remembered of an entry that others refer to."""

    id: str
    root: str
    names: frozenset[str]
    of: str | None
    ref: str | None


class Past:
    """What was recorded so far, as far as later entries depend on it."""

    def __init__(self, wanted: set[str]) -> None:
        """Remember those of the ids ``wanted``, which are all that :func:`referred_to` gives."""
        self._wanted = wanted
        self._members: dict[str, _Member] = {}
        self._chains: dict[str, list[_Member]] = {}
        self._open: set[str] = set()
        self.lost = 0
        """How many entries could not be had; what they handed down cannot be rebuilt."""

    def erased(self, entry: Entry, event: StoredEvent) -> Iterator[Wrong]:
        """Yield what is wrong with an entry that was erased, whose place is all that is left."""
        yield from self._placed(entry, event)
        there, expected = set(event.tags), set(tombstone_tags(entry))
        for tag in sorted(expected - there):
            yield "tags", f"it lacks the tag {tag!r}"
        for tag in sorted(there - expected):
            yield "tags", f"it was erased, and has the tag {tag!r} still"
        self._open.add(str(entry.root))
        self._add(_Member(str(entry.id), str(entry.root), frozenset(), None, None))

    def _placed(self, entry: Entry, event: StoredEvent) -> Iterator[Wrong]:
        """Yield what is wrong with what it is filed as, and with its place in a chain."""
        if (filed := stored_type(entry)) != event.type:
            yield "type", f"it is filed as {event.type!r}, and is {filed!r}"
        if entry.amends is None:
            return
        target = self._members.get(str(entry.amends))
        if target is None:
            yield "target", f"it amends {entry.amends}, which was not recorded before it"
        elif target.root != str(entry.root):
            yield "target", f"it stands in the chain of {entry.root}, its target in {target.root}"

    def check(self, entry: Entry, event: StoredEvent) -> Iterator[Wrong]:
        """Yield what is wrong with the next entry, and remember it where others refer to it."""
        yield from self._placed(entry, event)
        root, id = str(entry.root), str(entry.id)
        chain = self._chains.get(root, [])
        target = None if entry.amends is None else self._members.get(str(entry.amends))
        if not self._identifies(entry, event.data, len(chain)):
            yield "id", f"its id {id} does not follow from what it says"
        yield from self._compare(entry, event, target)
        outcome = _outcome_of(entry, event)
        self._add(_Member(id, root, entry.event.entities, outcome, entry.ref))

    def _add(self, member: _Member) -> None:
        if member.id != member.root or member.id in self._wanted:
            self._members[member.id] = member
            self._chains.setdefault(member.root, []).append(member)

    # -- ids ---------------------------------------------------------------------------------

    def _identifies(self, entry: Entry, data: bytes, earlier: int) -> bool:
        """Tell whether its id follows from the content as it is stored, in whatever version."""
        stored = _decode(data)
        said: dict[str, Any] = {name: stored[name] for name in _SAID if name in stored}
        source = {"source": str(entry.source.id)}
        if entry.amends is None:
            return digest({**source, **said}) == entry.id
        content = {
            **said,
            "kind": entry.kind,
            "amends": str(entry.amends),
            "reason": entry.reason,
            **({} if entry.ours else source),
        }
        # It counts the equal ones before it, of which there are no more than the chain has.
        most = earlier + min(self.lost, _LOST)
        return any(digest({**content, "earlier": n}) == entry.id for n in range(most + 1))

    # -- tags --------------------------------------------------------------------------------

    def _compare(self, entry: Entry, event: StoredEvent, target: _Member | None) -> Iterator[Wrong]:
        """Compare its tags with those that it would be given now."""
        chains: list[str] = [] if entry.amends is None else [str(entry.root)]
        outcome, dangling = _outcome_of(entry, event), False
        if outcome is not None:
            referred = self._members.get(outcome)
            dangling = referred is None
            chains += [] if referred is None else [referred.root]
        names, whole = self._named(chains)
        whole |= entry.amends is None and outcome is None
        new_ref = target is None or target.ref != entry.ref
        expected = set(tags.tags_of(entry, inherited=names, dangling=dangling, new_ref=new_ref))
        there = set(event.tags)
        if isinstance(entry.event, OpaqueEvent):
            expected = {tag for tag in expected if not tag.startswith(_OF_THE_EVENT)}
            there = {tag for tag in there if not tag.startswith(_OF_THE_EVENT)}
        surplus = there - expected
        if not whole:
            handed_down = (tags.ENTITY, tags.INHERITED, _REF)
            surplus = {tag for tag in surplus if not tag.startswith(handed_down)}
            if self.lost or target is None or target.root in self._open:
                expected = {tag for tag in expected if not tag.startswith((_REF, tags.DANGLING))}
        for tag in sorted(expected - there):
            yield "tags", f"it lacks the tag {tag!r}"
        for tag in sorted(surplus):
            yield "tags", f"it has the tag {tag!r}, which does not follow from what it says"

    def _named(self, roots: list[str]) -> tuple[frozenset[str], bool]:
        """Collect what chains name, and what their outcomes refer to; tell whether that is all."""
        names: set[str] = set()
        todo, seen = list(roots), set(roots)
        while todo:
            for member in self._chains.get(todo.pop(), ()):
                names |= member.names
                referred = None if member.of is None else self._members.get(member.of)
                if referred is not None and referred.root not in seen:
                    seen.add(referred.root)
                    todo.append(referred.root)
        return frozenset(names), not self.lost and self._open.isdisjoint(seen)


def _outcome_of(entry: Entry, event: StoredEvent) -> str | None:
    """Give the id that an outcome refers to."""
    if isinstance(entry.event, OutcomeRecorded):
        return str(entry.event.of)
    if isinstance(entry.event, OpaqueEvent):
        return next((t.removeprefix(tags.OF) for t in event.tags if t.startswith(tags.OF)), None)
    return None
