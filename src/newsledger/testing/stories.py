"""Stories: what happens to a ledger, step by step, as a value that prints as code.

A step refers to an earlier one by its place in the story, so that a story means the same whatever
the ledger is that it is told to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import attrs

from newsledger.events import Event
from newsledger.ledger import Ledger
from newsledger.reports import Entry, Report, Source
from newsledger.testing.writing import Writer, arguments

START = datetime(2030, 1, 1, 12, tzinfo=UTC)
"""When stories begin: after all that is published in them, unless somebody draws it otherwise."""


class Clock:
    """A clock that stands still until it is told that time passes: calling it gives ``now``."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:  # noqa: D102 (see the class)
        return self.now


@attrs.frozen
class Append:
    """A report comes in."""

    report: Report


@attrs.frozen(init=False)
class Correct:
    """What step ``target`` recorded is corrected; by us, where there is no ``source``."""

    target: int
    event: Event | None
    source: Source | None
    reason: str
    report_fields: tuple[tuple[str, Any], ...]

    def __init__(
        self,
        target: int,
        event: Event | None = None,
        source: Source | None = None,
        *,
        reason: str = "",
        **report_fields: Any,
    ) -> None:
        given = tuple(sorted(report_fields.items()))
        self.__attrs_init__(target, event, source, reason, given)

    def at(self, target: int) -> Correct:
        """Give the same with another target."""
        fields = dict(self.report_fields)
        return Correct(target, self.event, self.source, reason=self.reason, **fields)


@attrs.frozen
class Retract:
    """What step ``target`` recorded is taken out; by us, where there is no ``source``."""

    target: int
    source: Source | None = None
    reason: str = attrs.field(default="", kw_only=True)

    def at(self, target: int) -> Retract:
        """Give the same with another target."""
        return attrs.evolve(self, target=target)


@attrs.frozen
class Withdraw:
    """A source, or a page with all its versions, is withdrawn."""

    source_or_url: Source | str
    source: Source | None = None
    reason: str = attrs.field(default="", kw_only=True)


@attrs.frozen
class Pass:
    """Time passes."""

    time: timedelta


Step: TypeAlias = Append | Correct | Retract | Withdraw | Pass
Amendment: TypeAlias = Correct | Retract


def _row(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(steps)


@attrs.frozen(repr=False)
class Story:
    """What happens to a ledger: a sequence of steps.

    ``repr`` is the expression that makes it again, for ``@example``; ``str`` is a script that does
    the same to a ledger by its own methods, for a test that is to stay. A target that is no
    earlier step which records one entry is a ValueError.

    >>> from newsledger import MembershipStarted
    >>> joined = MembershipStarted(organization="EEU", member="KGZ", occurred="2015-08-12")
    >>> story = Story([Append(Report(joined, Source("TASS", "2015-08-12"))), Retract(0)])
    >>> print(story)
    from newsledger import Ledger, MembershipStarted, Source
    <BLANKLINE>
    ledger = Ledger.open()
    e1 = ledger.append(
        MembershipStarted(occurred='2015-08-12', organization='EEU', member='KGZ'),
        Source('TASS', '2015-08-12'),
    )
    e2 = ledger.retract(e1)
    >>> with story.told() as ledger:
    ...     len(ledger), list(ledger.as_of().entries())
    (2, [])
    """

    steps: tuple[Step, ...] = attrs.field(converter=_row)

    def __attrs_post_init__(self) -> None:
        for place, step in enumerate(self.steps):
            target = getattr(step, "target", None)
            if target is None:
                continue
            if not 0 <= target < place or isinstance(self.steps[target], Withdraw | Pass):
                raise ValueError(
                    f"step {place} amends step {target}, which is no earlier step that records one "
                    "entry"
                )

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __repr__(self) -> str:
        writer = Writer()
        lines = "".join(f"    {_expression(writer, step)},\n" for step in self.steps)
        return f"Story([\n{lines}])"

    def __str__(self) -> str:
        return script(self)

    @contextmanager
    def told(self) -> Iterator[Ledger]:
        """Open a ledger in memory to which all of it has happened, for the block."""
        clock = Clock()
        with Ledger.open(clock=clock) as ledger:
            self.tell(ledger, clock)
            yield ledger

    def tell(
        self, ledger: Ledger, clock: Clock, after: Callable[[], object] | None = None
    ) -> list[Entry | None]:
        """Let it happen to a ledger with that clock; call ``after`` after each step.

        Gives for each step the entry that it recorded or found there, None where it was none.
        """
        given: list[Entry | None] = []
        for step in self.steps:
            given.append(_do(step, ledger, clock, given))
            if after is not None:
                after()
        return given


def _do(step: Step, ledger: Ledger, clock: Clock, given: list[Entry | None]) -> Entry | None:
    if isinstance(step, Append):
        return ledger.append(step.report)
    if isinstance(step, Correct | Retract):
        return amend(step, ledger, given[step.target])
    if isinstance(step, Withdraw):
        ledger.withdraw(step.source_or_url, step.source, reason=step.reason)
    else:
        clock.now += step.time
    return None


def amend(step: Amendment, ledger: Ledger, entry: Entry | None) -> Entry:
    """Do an amendment to the entry that it is about."""
    if entry is None:  # the story was checked when it was made
        raise ValueError(f"{step} amends nothing")
    if isinstance(step, Retract):
        return ledger.retract(entry, step.source, reason=step.reason)
    fields = dict(step.report_fields)
    return ledger.correct(entry, step.event, step.source, reason=step.reason, **fields)


# -- as code -------------------------------------------------------------------------------------


def _expression(writer: Writer, step: Step) -> str:
    return writer.call(type(step), _arguments(writer, step, str(getattr(step, "target", ""))))


def _arguments(writer: Writer, step: Step, target: str) -> list[tuple[str | None, str]]:
    """Write what a step is made of; that is what the ledger's method takes, too."""
    if isinstance(step, Append):
        return [(None, writer.value(step.report))]
    if isinstance(step, Pass):
        return [(None, writer.value(step.time))]
    given: list[tuple[str | None, str]]
    if isinstance(step, Withdraw):
        given = [(None, writer.value(step.source_or_url))]
    else:
        given = [(None, target)]
    if isinstance(step, Correct):
        given += [("event", writer.value(step.event))] if step.event else []
    given += [("source", writer.value(step.source))] if step.source else []
    given += [("reason", repr(step.reason))] if step.reason else []
    if isinstance(step, Correct):
        given += [(name, writer.value(value)) for name, value in step.report_fields]
    return given


def script(story: Story) -> str:
    """Write a story as a script that makes a ledger: what each step gives is called e1, e2, … ."""
    writer = Writer()
    writer.uses("newsledger", "Ledger")
    lines: list[str] = []
    names: dict[int, str] = {}
    for place, step in enumerate(story.steps):
        if isinstance(step, Pass):
            lines.append(f"now += {writer.value(step.time)}")
            continue
        if isinstance(step, Withdraw):
            lines.append(_call("ledger.withdraw", _arguments(writer, step, "")))
            continue
        names[place] = f"e{len(names) + 1}"
        if isinstance(step, Append):
            call, given = "append", _reported(writer, step.report)
        else:
            call = "correct" if isinstance(step, Correct) else "retract"
            given = _arguments(writer, step, names[step.target])
        lines.append(_call(f"{names[place]} = ledger.{call}", given))
        if isinstance(step, Append):
            writer.names.setdefault(step.report.id, names[place])
    opened = ["ledger = Ledger.open()"]
    if any(isinstance(step, Pass) for step in story.steps):
        opened = [f"now = {writer.value(START)}", "ledger = Ledger.open(clock=lambda: now)"]
    return "\n".join([*writer.imports(), "", *opened, *lines])


def _reported(writer: Writer, report: Report) -> list[tuple[str | None, str]]:
    """Write a report as what `Ledger.append` takes: the event, its source, the rest by name."""
    parts: Iterable[tuple[str | None, str]] = writer.parts(report)
    named = dict(parts)
    event, source = named.pop("event"), named.pop("source")
    return [(None, event), (None, source), *named.items()]


_WIDTH = 88


def _call(function: str, given: list[tuple[str | None, str]]) -> str:
    line = f"{function}({arguments(given)})"
    if len(line) <= _WIDTH:
        return line
    inner = "".join(f"    {arguments([one])},\n" for one in given)
    return f"{function}(\n{inner})"


# -- what there is in it -------------------------------------------------------------------------


def features_of(story: Story) -> frozenset[str]:
    """Name what happens in a story, of that which a projection may stumble over."""
    found: set[str] = set()
    reports: list[Report] = []
    amended: list[int] = []
    for step in story.steps:
        if isinstance(step, Append):
            found |= _features_of(step.report, reports)
            reports.append(step.report)
        elif isinstance(step, Correct | Retract):
            target = story.steps[step.target]
            found.add("correction" if isinstance(step, Correct) else "retraction")
            found.add("by us" if step.source is None else "by a source")
            if isinstance(target, Correct | Retract):
                found.add("chain")
            if isinstance(target, Retract) and isinstance(step, Retract):
                found.add("retraction of a retraction")
            if step.target in amended:
                found.add("fork")
            amended.append(step.target)
        else:
            found.add("withdrawal" if isinstance(step, Withdraw) else "time passes")
    return frozenset(found)


def _features_of(report: Report, earlier: list[Report]) -> set[str]:
    known = report.source.published.stop
    start, stop = report.event.onset
    fields = {name for name, _ in report.event.TYPE.reference_fields}
    referred = {getattr(report.event, name) for name in fields}
    others = [one for one in earlier if one.id != report.id]
    told = {
        "denial": report.denied,
        "background": report.background,
        report.assertion: report.assertion != "fact",
        "forecast": start is not None and known is not None and known <= start,
        "open onset": start is None or stop is None,
        "repetition": len(others) < len(earlier),
        "late arrival": any(_later(one, report) for one in earlier),
        "equal dates": any(one.event.onset == (start, stop) for one in others),
        "same happening": any(one.event.identity == report.event.identity for one in others),
        "reference": not referred.isdisjoint({one.id for one in earlier}),
    }
    return {name for name, so in told.items() if so}


def _later(one: Report, other: Report) -> bool:
    a, b = one.source.published.stop, other.source.published.stop
    return a is not None and b is not None and a > b
