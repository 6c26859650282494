"""A made-up ledger of any size: news of memberships and of bases, the same for everybody.

Half of the entries tell of who joins and leaves organisations, about 200 an organisation; half of
the status of bases, about ten a base, so that a million entries have 2,500 organisations and
50,000 bases. What is published grows with the position over ten years. Some of it comes late, some
is about long ago, some is said in advance, dates are often coarse, and a few entries are amended,
some of them more than once. All of it comes from one seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from newsledger import (
    BaseStatusReported,
    Entry,
    Event,
    Ledger,
    MembershipEnded,
    MembershipStarted,
    Report,
    Source,
)

VERSION = 1  # of this shape: another one makes new ledgers
SEED = 2017
FIRST_DAY, DAYS = date(2014, 1, 1), 3652
PER_ORGANIZATION, PER_BASE = 200, 10
LATE, OLD, AHEAD = 0.05, 0.10, 0.03
AMENDED = 0.024  # of these, five in six are corrections: 2% of all entries
AGAIN = 0.2  # of the amendments amend an amendment
STATUSES = ("planned", "operating", "suspended", "closing", "closed", "handed over")
OUTLETS = tuple(f"Outlet {number:02}" for number in range(40))

Progress = Callable[[int], object]


def organizations(size: int) -> int:
    """Say how many organisations a ledger of this size is about."""
    return max(1, size // 2 // PER_ORGANIZATION)


def bases(size: int) -> int:
    """Say how many bases a ledger of this size is about."""
    return max(1, size // 2 // PER_BASE)


def organization(number: int) -> str:
    return f"ORG{number:05}"


def base(number: int) -> str:
    return f"Base {number:06}"


class News:
    """Makes reports and amendments, as of a day that moves on with the ledger."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rng = random.Random(SEED + size)
        self.day = FIRST_DAY
        self._articles = 0
        self._recent: list[Entry] = []
        self._amended: list[Entry] = []

    def now(self) -> datetime:
        """Give the recording time: the morning after the day that is being written about."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) + timedelta(1)

    # -- reports -----------------------------------------------------------------------------

    def reports(self, count: int, until: date) -> list[Report]:
        """Make so many, a few to an article, while the days go on."""
        made: list[Report] = []
        since, days = self.day, (until - self.day).days
        while len(made) < count:
            self.day = since + timedelta(days * len(made) // count)
            source = self._article(LATE)
            for _ in range(min(self.rng.randint(1, 4), count - len(made))):
                report = self._report(source)
                if report not in made[-4:]:  # one article does not say the same twice
                    made.append(report)
        self.day = until
        return made

    def _article(self, late: float) -> Source:
        self._articles += 1
        lag = self.rng.randint(60, 2000) if self.rng.random() < late else 0
        return Source(
            self.rng.choice(OUTLETS),
            max(self.day - timedelta(lag), FIRST_DAY),
            url=f"https://example.org/{self._articles}",
        )

    def _report(self, source: Source) -> Report:
        occurred = self._date(source.published.start.date())
        event = self._joining(occurred) if self.rng.random() < 0.5 else self._status(occurred)
        assertion = self.rng.choices(("fact", "claim", "rumour", "opinion"), (80, 15, 3, 2))[0]
        return Report(event, source, assertion=assertion, background=self.rng.random() < 0.05)

    def _joining(self, occurred: str) -> Event:
        number = self.rng.randrange(organizations(self.size))
        kind = MembershipStarted if self.rng.random() < 0.6 else MembershipEnded
        return kind(
            organization=organization(number),
            member=f"M{(number * 13 + self.rng.randrange(24)) % 240:03}",
            occurred=occurred,
        )

    def _status(self, occurred: str) -> Event:
        number = self.rng.randrange(bases(self.size))
        return BaseStatusReported(
            base=base(number),
            host=f"H{number % 190:03}",
            status=self.rng.choice(STATUSES),
            occurred=occurred,
        )

    def _date(self, published: date) -> str:
        chance = self.rng.random()
        if chance < OLD:
            day = published - timedelta(self.rng.randint(365, 3650))
        elif chance < OLD + AHEAD:
            day = published + timedelta(self.rng.randint(10, 200))
        else:
            day = published - timedelta(self.rng.randint(0, 6))
        until = day + timedelta(self.rng.randint(5, 60))
        forms = (f"{day}", f"{day:%Y-%m}", f"{day:%Y}", f"[{day}..{until}]", f"[..{day}]")
        return self.rng.choices(forms, (80, 12, 2, 5, 1))[0]

    # -- amendments --------------------------------------------------------------------------

    def remember(self, entries: list[Entry]) -> None:
        """Keep some of what was recorded, to amend it some time later."""
        self._recent += self.rng.sample(entries, min(len(entries), 500))
        self._recent = self.rng.sample(self._recent, min(len(self._recent), 4000))

    def amend(self, ledger: Ledger) -> None:
        """Correct or retract something, with a source or as our own mistake."""
        again = bool(self._amended) and self.rng.random() < AGAIN
        target = self.rng.choice(self._amended if again else self._recent)
        source = self._article(LATE * 2) if self.rng.random() < 0.65 else None
        if target.kind == "retraction" or self.rng.random() < 1 / 6:
            done = ledger.retract(target, source, reason="not so")
        else:
            done = ledger.correct(target, self._instead(target.event), source, reason="misread")
        self._amended = [*self._amended[-499:], done]

    def _instead(self, event: Event) -> Event:
        """Say something else in its place: mostly another date, status or member."""
        occurred = self._date(self.day) if self.rng.random() < 0.5 else str(event.occurred)
        again = self._status(occurred) if isinstance(event, BaseStatusReported) else None
        again = again or self._joining(occurred)
        if self.rng.random() < 0.9:  # a correction may be about another organisation or base
            again = _about_the_same(event, again)
        return again


def _about_the_same(event: Event, again: Event) -> Event:
    if isinstance(event, BaseStatusReported) and isinstance(again, BaseStatusReported):
        return BaseStatusReported(
            base=event.base, host=event.host, status=again.status, occurred=again.occurred
        )
    return type(again)(
        organization=event.organization, member=again.member, occurred=again.occurred
    )


def build(path: Path, size: int, progress: Progress) -> None:
    """Record a ledger of exactly this many entries in a new file."""
    news = News(size)
    block = min(20_000, max(200, size // 50))
    with Ledger.open(path, mode="x", durability="normal", clock=news.now) as ledger:
        while (position := ledger.position) < size:
            upto = min(size, position + block)
            amendments = round((upto - position) * AMENDED)
            until = FIRST_DAY + timedelta(DAYS * upto // size - 1)
            ledger.load(news.reports(upto - position - amendments, until))
            news.remember(list(ledger.entries(position)))
            while ledger.position < upto:
                news.amend(ledger)
            progress(upto)
