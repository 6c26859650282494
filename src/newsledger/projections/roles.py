"""Roles: who holds and held which office.

Each triple of a person, an office and the state or body that it is of has spells of its own. How
the words about one are read, starts, ends and observations, is told in
:mod:`newsledger.projections.spells`: what is disjoint goes by time, a start precedes its own end,
an observation overrides only what is wholly earlier, and is disputed then; if a re-entry may have
come before the end as well as after it, the office is undetermined. Several persons may hold one
office: a start of one ends nobody else's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import RoleEnded, RoleHeld, RoleStarted
from newsledger.fields import checks
from newsledger.projections.base import DEFAULT_ACCEPT, Collected, Collecting, collected
from newsledger.projections.spells import Reading, observed, read
from newsledger.projections.windows import in_order
from newsledger.reports import Entry
from newsledger.when import When

Key: TypeAlias = tuple[str, str, str]
"""A person, an office, and whose office it is."""

Told: TypeAlias = RoleHeld | RoleStarted | RoleEnded
# What is said of an office about which several spells are asked, the first that applies.
STATUSES = ("holds", "undetermined", "held")


@attrs.frozen
class RoleSpell:
    """A time in which a person held an office.

    ``status``: "holds", "held", or "undetermined": it began, and may be over. ``since`` and
    ``until``: the day of taking it and the last day in it, as told, or None. ``unconfirmed``: its
    status rests on forecasts only. ``disputed``: reports contradict it. Behind it: ``entries``, and
    ``contrary``, the reports on all sides of a dispute.
    """

    person: str
    office: str
    of: str
    since: When | None
    until: When | None
    status: str
    unconfirmed: bool
    disputed: bool
    entries: tuple[Entry, ...] = attrs.field(eq=False, repr=False)
    contrary: tuple[Entry, ...] = attrs.field(eq=False, repr=False)

    @property
    def key(self) -> Key:
        """The person, the office, and whose it is."""
        return (self.person, self.office, self.of)

    def __str__(self) -> str:
        dates = f"{self.since or '?'} to {self.until or '?'}"
        if self.status == "holds":
            dates = f"since {self.since or '?'}"
        marks = [name for name in ("unconfirmed", "disputed") if getattr(self, name)]
        marks += ["undetermined"] if self.status == "undetermined" else []
        return f"{self.person}, {self.office} of {self.of} ({', '.join([dates, *marks])})"


@attrs.frozen(repr=False)
class RolesState:
    """Who holds and held which office.

    ``current``, ``past`` and ``undetermined`` are spells, by person, office, whose it is, and
    time. States are equal when their answers are, whatever the reports behind them.
    """

    entity: str
    current: tuple[RoleSpell, ...] = ()
    past: tuple[RoleSpell, ...] = ()
    undetermined: tuple[RoleSpell, ...] = ()

    def holders(self, office: str, of: str | None = None) -> frozenset[str]:
        """Find who is in an office now; ``of``: whose it is, or None where that is no matter."""
        return frozenset(
            spell.person
            for spell in self.current
            if spell.office == office and of in {None, spell.of}
        )

    def offices(self, person: str) -> frozenset[tuple[str, str]]:
        """Find the offices that a person holds now, each with whose it is."""
        return frozenset((s.office, s.of) for s in self.current if s.person == person)

    def status(self, person: str, office: str, of: str | None = None) -> str:
        """Tell "holds", "held", "undetermined" or "unknown"."""
        told = {spell.status for spell in self._spells(person, office, of)}
        return next((status for status in STATUSES if status in told), "unknown")

    def since(self, person: str, office: str, of: str | None = None) -> When | None:
        """Give the date, as told, at which somebody took an office that is held now, or None."""
        spells = self._spells(person, office, of)
        return next((spell.since for spell in spells if spell.status == "holds"), None)

    def evidence(self, person: str, office: str, of: str | None = None) -> tuple[Entry, ...]:
        """Give the reports behind all spells of a person in an office, in fold order."""
        return in_order(e for spell in self._spells(person, office, of) for e in spell.entries)

    @property
    def unconfirmed(self) -> frozenset[Key]:
        """Person, office and whose it is, where the last spell rests on forecasts only."""
        return frozenset(spell.key for spell in self._all() if spell.unconfirmed)

    @property
    def disputed(self) -> Mapping[Key, tuple[Entry, ...]]:
        """Person, office and whose it is → the reports on all sides."""
        return MappingProxyType({s.key: s.contrary for s in self._all() if s.disputed})

    def _all(self) -> tuple[RoleSpell, ...]:
        return (*self.current, *self.undetermined, *self.past)

    def _spells(self, person: str, office: str, of: str | None) -> list[RoleSpell]:
        return [
            spell
            for spell in self._all()
            if (spell.person, spell.office) == (person, office) and of in {None, spell.of}
        ]

    def __str__(self) -> str:
        return "; ".join(map(str, self._all())) or "nobody"

    def __repr__(self) -> str:
        return f"<RolesState {self.entity}: {self}>"


class Roles(Collecting[RolesState]):
    """The offices of a state or body, or those of a person, whichever ``entity`` is.

    ``accept``: which assertions are read. The module's docstring has the rules.

    >>> from newsledger import Ledger, Source
    >>> with Ledger.open() as ledger:
    ...     _ = ledger.append(
    ...         RoleHeld(
    ...             person="Almazbek Atambayev", office="president", of="KGZ",
    ...             occurred="2017-02-28", since="2011-12-01",
    ...         ),
    ...         Source("The Times of Central Asia", "2017-02-28"),
    ...     )
    ...     roles = ledger.as_of("2017-02-28").project(Roles("KGZ"))
    >>> roles
    <RolesState KGZ: Almazbek Atambayev, president of KGZ (since 2011-12-01)>
    >>> roles.holders("president")
    frozenset({'Almazbek Atambayev'})
    """

    def __init__(self, entity: str, *, accept: Iterable[str] = DEFAULT_ACCEPT) -> None:
        super().__init__(accept=accept)
        self.entity = checks.name(entity)

    def __repr__(self) -> str:
        return f"Roles({self.entity!r})"

    def about(self) -> str:
        """Only what names the state, body or person is read."""
        return self.entity

    @on(RoleHeld, RoleStarted, RoleEnded)
    @on(RoleHeld, RoleStarted, RoleEnded, denied=True)
    def collect(self, state: Collected, event: Told, entry: Entry) -> Collected:
        """Keep what is told; all reasoning is in ``result``."""
        return (state, entry)

    def result(self, state: Collected, view: Vantage) -> RolesState:
        """Read what was told of each person and office."""
        spells = [s for key, reading in _readings(collected(state)) for s in _spells(key, reading)]
        by_status = (
            tuple(spell for spell in spells if spell.status == status)
            for status in ("holds", "held", "undetermined")
        )
        return RolesState(self.entity, *by_status)

    def undetermined(self, state: Collected) -> list[tuple[Entry, Entry]]:
        """List the starts and ends of which either may have come last."""
        return [reading.pair for _, reading in _readings(collected(state)) if reading.pair]


def _readings(entries: list[Entry]) -> Iterator[tuple[Key, Reading]]:
    """Read the words about each person and office."""
    words: dict[Key, dict[object, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        event = entry.event
        assert isinstance(event, Told)  # noqa: S101 (only these are collected)
        kind = "denied" if entry.denied else type(event)
        words[event.person, event.office, event.of][kind].append(entry)
    for key, told in sorted(words.items(), key=lambda pair: pair[0]):
        if set(told) != {"denied"}:
            seen = [observed(entry, inside=True) for entry in told[RoleHeld]]
            yield key, read(told[RoleStarted], told[RoleEnded], seen, told["denied"])


def _spells(key: Key, reading: Reading) -> Iterator[RoleSpell]:
    """Cut the stretches into spells; the last one bears the status and the dispute."""
    stretches = reading.stretches
    for n, stretch in enumerate(stretches):
        if not stretch.inside and n:
            continue  # told as the end of the spell before it
        end = (
            stretch if not stretch.inside else stretches[n + 1] if n + 1 < len(stretches) else None
        )
        last = n + 1 == len(stretches) or end is stretches[-1]
        status = "held" if end else "holds" if reading.inside else "undetermined"
        yield RoleSpell(
            *key,
            since=stretch.turned()[0] if stretch.inside else None,
            until=end.turned()[0] if end else None,
            status=status,
            unconfirmed=last and reading.unconfirmed,
            disputed=last and bool(reading.contrary),
            entries=in_order([*stretch.entries, *(end.entries if end else ())]),
            contrary=reading.contrary if last else (),
        )
