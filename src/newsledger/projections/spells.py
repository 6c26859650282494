"""Spells: what begins and ends, read from words about it whose dates are uncertain.

A spell is a membership, or an office held. Four kinds of word are said of one: it *started*, it
*ended* (both explicit), it was *seen* (an observation says that it is so) or *missed* (a complete
list leaves it out). Each has a window in which it came about. :func:`read` reasons so:

- A **telling** puts all words in an order that the windows allow: of two whose windows are
  disjoint, the earlier comes first.
- An observation has no effect against the explicit word last told before it, unless it is wholly
  later than that.
- Observations that contradict each other about overlapping dates are not put in order: the one
  later in fold order stands, the other has no effect, and the two are a dispute.
- A telling is as good as it is free of **hitches**: an end of what was not so, a thing seen that
  had not started, a thing missed that had not ended. So a start precedes its own end. A second
  start is no hitch: sources disagree about dates, and forecasts are printed.
- If the best tellings end in the same state, that is the answer; else it is undetermined.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby

import attrs

from newsledger.projections.happenings import happenings
from newsledger.projections.windows import (
    Window,
    before,
    date_told,
    denials,
    in_order,
    overlap,
    window_of,
)
from newsledger.reports import Entry
from newsledger.when import When


@attrs.frozen(eq=False)
class Word:
    """What is said of a spell: that it is so (``inside``) or not so, from some time in a window.

    ``explicit``: it is a start or an end, not an observation.
    """

    inside: bool
    explicit: bool
    window: Window
    entries: tuple[Entry, ...]

    @property
    def seen_at(self) -> Window:
        """The window in which an observation was made, which may be long after the onset."""
        return window_of(self.entries[0].event.occurred.onset)


def observed(entry: Entry, *, inside: bool) -> Word:
    """Make the word of an observation."""
    return Word(inside, explicit=False, window=window_of(entry.onset), entries=(entry,))


def turns(entries: Sequence[Entry], *, inside: bool) -> list[Word]:
    """Merge reports of starts (or of ends) of one spell into words with disjoint windows, by time.

    What was reported afterwards decides which happenings there were and when. A forecast joins
    the one that it fits, and narrows no date; what fits none stands for itself.
    """
    firm = happenings(entry for entry in entries if not entry.forecast)
    groups = [(window_of(one.onset), list(one.reports)) for one in firm]
    alone: list[Entry] = []
    for entry in entries:
        if entry.forecast:
            window = window_of(entry.onset)
            next((group for w, group in groups if overlap(w, window)), alone).append(entry)
    groups += [(window_of(one.onset), list(one.reports)) for one in happenings(alone)]
    groups.sort(key=lambda group: group[0])
    return [Word(inside, explicit=True, window=w, entries=tuple(group)) for w, group in groups]


def outvoted(seen: Sequence[Word]) -> tuple[list[Word], list[tuple[Word, Word]]]:
    """Take out observations that a later one contradicts about dates that overlap.

    Gives those that stand, and pairs (taken out, standing). ``seen`` is in fold order.
    """
    standing: dict[bool, list[Word]] = {True: [], False: []}
    clashes = []
    for word in reversed(seen):
        rivals = standing[not word.inside]
        rival = (
            next((r for r in rivals if overlap(r.seen_at, word.seen_at)), None) if rivals else None
        )
        if rival is None:
            standing[word.inside].append(word)
        else:
            clashes.append((word, rival))
    out = {id(word) for word, _ in clashes}
    return [word for word in seen if id(word) not in out], clashes


@attrs.frozen(eq=False)
class Stretch:
    """Successive words that say the same: so, or not so."""

    inside: bool
    words: tuple[Word, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All reports behind it."""
        return tuple(entry for word in self.words for entry in word.entries)

    @property
    def unconfirmed(self) -> bool:
        """Whether it rests on forecasts only."""
        return all(entry.forecast for entry in self.entries)

    def turned(self) -> tuple[When | None, tuple[Entry, ...]]:
        """Give the date at which it began, as told, and the reports that disagree about it."""
        claims: list[tuple[Entry, When]] = []
        for word in self.words:
            for entry in word.entries:
                event = entry.event
                when = event.occurred if word.explicit else getattr(event, "since", None)
                claims += [(entry, when)] if when is not None else []
        return date_told(claims)


@attrs.frozen(eq=False)
class Telling:
    """Words in one order: the last ``word``, the telling ``before`` it, and where that leads.

    ``inside``: the state at the end (None before the first word). ``last``: the last explicit one.
    """

    inside: bool | None = None
    last: Word | None = None
    hitches: int = 0
    word: Word | None = None
    before: Telling | None = None

    def then(self, word: Word) -> Telling:
        """Tell one word more."""
        if word.explicit:
            hitch = not (word.inside or self.inside)
            return Telling(word.inside, word, self.hitches + hitch, word, self)
        hitch = word.inside is not bool(self.inside)
        last = self.last
        held = last and last.inside != word.inside and not before(last.window, word.window)
        inside = self.inside if held else word.inside
        return Telling(inside, last, self.hitches + hitch, word, self)

    @property
    def overridden(self) -> bool:
        """Whether observations have the last say, against the last explicit word."""
        return self.last is not None and self.last.inside is not self.inside

    def stretches(self) -> tuple[Stretch, ...]:
        """Cut it where the state changes; words without an effect are left out."""
        words: list[Word] = []
        step: Telling | None = self
        while step is not None and step.word is not None:
            words += [step.word] if step.word.inside is step.inside else []
            step = step.before
        groups = groupby(reversed(words), key=lambda word: word.inside)
        return tuple(Stretch(inside, tuple(group)) for inside, group in groups)


def runs(seen: Sequence[Word], explicit: Sequence[Word]) -> list[Word]:
    """Join successive observations that say the same and are later than the same explicit words.

    The later ones of a run change nothing, so telling it by the first gives the same answers.
    """
    stops = sorted(word.window[1] for word in explicit)
    groups = groupby(seen, key=lambda word: (word.inside, bisect_right(stops, word.window[0])))
    joined = []
    for _, group in groups:
        first, *others = group
        entries = tuple(entry for word in (first, *others) for entry in word.entries)
        joined.append(attrs.evolve(first, entries=entries))
    return joined


def best_tellings(*chains: Sequence[Word]) -> list[Telling]:
    """Find the tellings with the fewest hitches: one for each last state and last explicit word.

    The chains (starts, ends, observations) go by time in themselves, so only how they interleave
    is open; and what a telling may become depends only on its state and how far it has come.
    """
    reached: dict[tuple[int, ...], dict[object, Telling]] = {(0,) * len(chains): {None: Telling()}}
    for _ in range(sum(map(len, chains))):
        further: dict[tuple[int, ...], dict[object, Telling]] = {}
        for taken, tellings in reached.items():
            heads = {n: c[taken[n]] for n, c in enumerate(chains) if taken[n] < len(c)}
            for chain, word in heads.items():
                if any(before(other.window, word.window) for other in heads.values()):
                    continue
                there = further.setdefault(
                    tuple(count + (n == chain) for n, count in enumerate(taken)), {}
                )
                for telling in tellings.values():
                    longer = telling.then(word)
                    key = (longer.inside, longer.last and longer.last.inside)
                    if key not in there or longer.hitches < there[key].hitches:
                        there[key] = longer
        reached = further
    last = [telling for tellings in reached.values() for telling in tellings.values()]
    fewest = min(telling.hitches for telling in last)
    return [telling for telling in last if telling.hitches == fewest]


@attrs.frozen(eq=False)
class Reading:
    """What the words about one spell come to.

    ``inside``: whether it is so now; None: undetermined, and ``pair`` is the start and the end
    of which either may have come last. ``since``: where it is so, the date told of its beginning.
    ``stretches`` lead to the answer (where undetermined, to its being so). ``contrary``: the
    reports on all sides of a dispute about it.
    """

    inside: bool | None
    since: When | None
    stretches: tuple[Stretch, ...]
    contrary: tuple[Entry, ...]
    pair: tuple[Entry, Entry] | None = None

    @property
    def ever(self) -> bool:
        """Whether it was so at any time, as far as that is told."""
        return any(s.inside or any(word.explicit for word in s.words) for s in self.stretches)

    @property
    def behind(self) -> tuple[Stretch, ...]:
        """The stretches behind the answer: what is so, or else also what was so before."""
        return self.stretches[-1:] if self.inside else self.stretches[-2:]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The reports behind the answer, in fold order."""
        return in_order(entry for stretch in self.behind for entry in stretch.entries)

    @property
    def unconfirmed(self) -> bool:
        """Whether the answer rests on forecasts only."""
        deciding = self.behind if self.inside is None else self.behind[-1:]
        return all(stretch.unconfirmed for stretch in deciding)


def _best(word: Word) -> Entry:
    """Give the report to tell it by: no forecast where there is another, the last in fold order."""
    return max(reversed(in_order(word.entries)), key=lambda entry: not entry.forecast)


def read(
    starts: Sequence[Entry],
    ends: Sequence[Entry],
    seen: Sequence[Word] = (),
    denied: Sequence[Entry] = (),
) -> Reading:
    """Read the words about one spell, of which there is at least one that is not denied."""
    started, ended = turns(starts, inside=True), turns(ends, inside=False)
    observations = sorted(seen, key=lambda word: (word.window[1], word.window[0]))
    standing, clashes = outvoted(observations)
    best = best_tellings(started, ended, runs(standing, [*started, *ended]))
    # Where an observation overrides an end that may also be of an earlier spell, tell of both.
    best.sort(key=lambda telling: (telling.inside is not True, not telling.overridden))
    inside = best[0].inside if len({telling.inside for telling in best}) == 1 else None
    stretches = best[0].stretches()
    now = stretches[-1]
    pair = (_best(started[-1]), _best(ended[-1])) if inside is None else None

    contrary: list[Entry] = []
    if inside is not None:
        if best[0].overridden and best[0].last:
            contrary += [*best[0].last.entries, *now.entries]
        told = {entry.root for entry in now.entries}
        for lost, won in clashes:
            if won.entries[0].root in told:
                contrary += [*lost.entries, *won.entries]
    when: When | None = None
    if inside:
        when, disagreeing = now.turned()
        contrary += disagreeing
    elif inside is False:
        # Seen after it was over, by a report that places the beginning before that.
        for word in observations:
            if word.inside and all(before(last.window, word.seen_at) for last in now.words):
                contrary += [*now.entries, *word.entries]
    since = now.words[0].window if inside else None
    contrary += denials(now.entries, denied, since=since)
    return Reading(inside, when, stretches, in_order(contrary), pair)
