"""Membership: who belongs to an organisation, and in which role.

Each pair of an entity and a role has spells of its own: a start in one role ends none in another,
and an observer that becomes a member stays an observer until that is said to have ended. How the
words about one spell are read, starts, ends, confirmations and lists, is told in
:mod:`newsledger.projections.spells`. In short:

- explicit starts and ends go by time where their dates are disjoint; where they overlap, a start
  precedes its own end, and if both orders are possible the role is undetermined;
- a confirmation or a list, dated by its onset, never overrides an explicit start or end that
  overlaps or follows it; one that is wholly later wins, and is disputed;
- of confirmations and lists that contradict each other about overlapping dates the last in fold
  order decides, and it is disputed;
- whoever a complete list leaves out is out: "former" if it was in before by all that was told,
  else "non-member";
- a denied report changes no status; it makes an answer that rests on what it denies disputed.

The status of an entity is that of its role that comes first: undetermined as a member, suspended,
member, observer, candidate, former (a member once), non-member, unknown. Any of these roles that
is undetermined, where nothing comes before it, makes the status so. Other roles are free text and
found by :meth:`MembershipState.having`; who has no more than one of these is "unknown".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import (
    Event,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
)
from newsledger.fields import checks
from newsledger.projections.base import DEFAULT_ACCEPT, Collected, Collecting, collected
from newsledger.projections.spells import Reading, observed, read
from newsledger.projections.windows import in_order
from newsledger.reports import Entry
from newsledger.when import When

Told: TypeAlias = MembershipStarted | MembershipEnded | MembershipConfirmed | MembersListed
KINDS: Mapping[type[Event], str] = {MembershipStarted: "starts", MembershipEnded: "ends"}
PRECEDENCE = ("suspended", "member", "observer", "candidate")


@attrs.frozen
class Standing:
    """What is known of one entity.

    ``since`` is of the spell that the status speaks of; ``roles`` are those that it has now.
    ``disputed``: whether an answer about any of its roles is. Behind it: ``evidence``, the
    reports behind the status, and ``contrary``, those on all sides of a dispute.
    """

    entity: str
    status: str
    since: When | None
    roles: frozenset[str]
    unconfirmed: bool
    disputed: bool
    contrary: tuple[Entry, ...] = attrs.field(eq=False, repr=False)
    _reading: Reading | None = attrs.field(eq=False, repr=False)

    @property
    def evidence(self) -> tuple[Entry, ...]:
        """The reports behind the status, in fold order."""
        return self._reading.entries if self._reading else ()


@attrs.frozen(repr=False)
class MembershipState:
    """Who belongs to an organisation.

    ``members``, ``observers``, ``candidates``, ``suspended``: who has the role now, whatever else
    it has; nobody whose status is undetermined. ``former``, ``undetermined``: whose status is so.
    ``unconfirmed``: whose status rests on forecasts only. ``standings``: all that is known, by
    entity. ``listed``: the last complete list of members, which nobody unknown here was on.

    States are equal when their answers are, whatever the reports behind them.
    """

    organization: str
    standings: tuple[Standing, ...]
    listed: Entry | None = attrs.field(eq=bool)
    members: frozenset[str] = attrs.field(init=False)
    observers: frozenset[str] = attrs.field(init=False)
    candidates: frozenset[str] = attrs.field(init=False)
    suspended: frozenset[str] = attrs.field(init=False)
    former: frozenset[str] = attrs.field(init=False)
    undetermined: frozenset[str] = attrs.field(init=False)
    unconfirmed: frozenset[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__  # the class is frozen
        for name, role in (
            ("members", "member"),
            ("observers", "observer"),
            ("candidates", "candidate"),
            ("suspended", "suspended"),
        ):
            put(self, name, self.having(role))
        for status in ("former", "undetermined"):
            put(self, status, frozenset(s.entity for s in self.standings if s.status == status))
        put(self, "unconfirmed", frozenset(s.entity for s in self.standings if s.unconfirmed))

    @property
    def known(self) -> frozenset[str]:
        """All entities of which anything was told."""
        return frozenset(one.entity for one in self.standings)

    @property
    def disputed(self) -> Mapping[str, tuple[Entry, ...]]:
        """Each entity of which an answer is contradicted, with the reports on all sides."""
        return MappingProxyType({s.entity: s.contrary for s in self.standings if s.disputed})

    def having(self, role: str) -> frozenset[str]:
        """Find who has a role now; nobody whose status is undetermined."""
        return frozenset(
            one.entity
            for one in self.standings
            if role in one.roles and one.status != "undetermined"
        )

    def status(self, who: str) -> str:
        """Tell its status, one of those that the module's docstring puts in order."""
        standing = self._standing(who)
        if standing is not None:
            return standing.status
        return "non-member" if self.listed else "unknown"

    def since(self, who: str) -> When | None:
        """Give the date, as told, at which the spell that the status speaks of began.

        One reported afterwards is preferred to forecasts, the first where they disagree. None
        where no report gives one, and of who is in no role now.
        """
        standing = self._standing(who)
        return None if standing is None else standing.since

    def evidence(self, who: str) -> tuple[Entry, ...]:
        """Give the reports behind the status of an entity, in fold order."""
        standing = self._standing(who)
        if standing is not None:
            return standing.evidence
        return (self.listed,) if self.listed else ()

    def _standing(self, who: str) -> Standing | None:
        return next((one for one in self.standings if one.entity == who), None)

    def __str__(self) -> str:
        groups = {
            "members": self.members,
            "observers": self.observers,
            "candidates": self.candidates,
            "suspended": self.suspended,
            "former": self.former,
            "undetermined": self.undetermined,
            "unconfirmed": self.unconfirmed,
            "disputed": self.disputed,
        }
        told = [f"{name} {', '.join(sorted(who))}" for name, who in groups.items() if who]
        return f"{self.organization}: {'; '.join(told) or 'nobody'}"

    def __repr__(self) -> str:
        return f"<MembershipState {self}>"


class Membership(Collecting[MembershipState]):
    """Who belongs to an organisation, from starts, ends, confirmations and lists.

    ``accept``: which assertions are read. The module's docstring has the rules.

    >>> from newsledger import Ledger, Source
    >>> with Ledger.open() as ledger:
    ...     _ = ledger.append(
    ...         MembershipStarted(organization="EAEU", member="KGZ", occurred="2015-01-01"),
    ...         Source("TASS", "2014-12-01"),
    ...     )
    ...     _ = ledger.append(
    ...         MembershipStarted(organization="EAEU", member="KGZ", occurred="2015-08-12"),
    ...         Source("The Daily Example", "2015-08-13"),
    ...     )
    ...     spring = ledger.as_of("2015-03-01").project(Membership("EAEU"))
    ...     autumn = ledger.as_of("2015-10-01").project(Membership("EAEU"))
    >>> spring
    <MembershipState EAEU: members KGZ; unconfirmed KGZ>
    >>> autumn, autumn.status("KGZ"), autumn.since("KGZ")
    (<MembershipState EAEU: members KGZ>, 'member', When('2015-08-12'))
    """

    def __init__(self, organization: str, *, accept: Iterable[str] = DEFAULT_ACCEPT) -> None:
        super().__init__(accept=accept)
        self.organization = checks.name(organization)

    def __repr__(self) -> str:
        return f"Membership({self.organization!r})"

    def about(self) -> str:
        """Only what names the organisation is read."""
        return self.organization

    @on(MembershipStarted, MembershipEnded, MembershipConfirmed, MembersListed)
    @on(MembershipStarted, MembershipEnded, MembershipConfirmed, MembersListed, denied=True)
    def collect(self, state: Collected, event: Told, entry: Entry) -> Collected:
        """Keep what is told of this organisation, not of one that it is a member of."""
        return (state, entry) if event.organization == self.organization else state

    def result(self, state: Collected, view: Vantage) -> MembershipState:
        """Read what was told of each entity and role."""
        entries = collected(state)
        roles: dict[str, dict[str, Reading]] = defaultdict(dict)
        for (who, role), reading in _readings(entries):
            roles[who][role] = reading
        lists = [e for e in entries if _complete(e) and _told(e).role == "member"]
        return MembershipState(
            self.organization,
            tuple(_standing(who, readings) for who, readings in sorted(roles.items())),
            lists[-1] if lists else None,
        )

    def undetermined(self, state: Collected) -> list[tuple[Entry, Entry]]:
        """List the starts and ends of which either may have come last."""
        return [reading.pair for _, reading in _readings(collected(state)) if reading.pair]


def _told(entry: Entry) -> Told:
    assert isinstance(entry.event, Told)  # noqa: S101 (only these are collected)
    return entry.event


def _named(entry: Entry) -> tuple[str, ...]:
    event = _told(entry)
    return event.members if isinstance(event, MembersListed) else (event.member,)


def _complete(entry: Entry) -> bool:
    return isinstance(entry.event, MembersListed) and entry.event.complete and not entry.denied


def _readings(entries: list[Entry]) -> Iterator[tuple[tuple[str, str], Reading]]:
    """Read the words about each entity and role; a complete list omits whoever is known."""
    known = {who for entry in entries if not entry.denied for who in _named(entry)}
    words: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        role, named = _told(entry).role, set(_named(entry))
        kind = "denied" if entry.denied else KINDS.get(type(entry.event), "seen")
        word = observed(entry, inside=True) if kind == "seen" else entry
        for who in named:
            words[who, role][kind].append(word)
        if _complete(entry):
            missed = observed(entry, inside=False)
            for who in known - named:
                words[who, role]["seen"].append(missed)
    for key, told in sorted(words.items(), key=lambda pair: pair[0]):
        if set(told) != {"denied"}:
            yield key, read(told["starts"], told["ends"], told["seen"], told["denied"])


def _standing(who: str, readings: Mapping[str, Reading]) -> Standing:
    status, role = _status(readings)
    reading = readings[role] if role is not None else None
    contrary = in_order(entry for one in readings.values() for entry in one.contrary)
    return Standing(
        entity=who,
        status=status,
        since=reading.since if reading else None,
        roles=frozenset(role for role, one in readings.items() if one.inside),
        unconfirmed=reading is not None and reading.unconfirmed,
        disputed=bool(contrary),
        contrary=contrary,
        reading=reading,
    )


def _status(readings: Mapping[str, Reading]) -> tuple[str, str | None]:
    """Choose the status, and the role that it speaks of."""
    member = readings.get("member")
    if member and member.inside is None:
        return "undetermined", "member"
    for role in PRECEDENCE:
        reading = readings.get(role)
        if reading and reading.inside is not False:
            return ("undetermined" if reading.inside is None else role), role
    if member:
        return ("former" if member.ever else "non-member"), "member"
    free = {role: one for role, one in readings.items() if one.inside is not False}
    over = {role: one for role, one in readings.items() if one.ever}
    if free:
        return "unknown", min(free)
    return ("non-member", min(over)) if over else ("unknown", None)
