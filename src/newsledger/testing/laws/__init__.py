"""Laws that hold of every projection, and what holds yours against them.

:func:`check_projection` tries all of them on many histories; each can be called alone, as
``laws.is_pure(MyProjection())``, or for one history, as ``laws.is_pure(MyProjection(), story)``.
A law that is broken raises :class:`BrokenLaw`, an AssertionError, so that all of this works in
pytest, in unittest and in a script. Within a test that has ``@given`` of its own, draw the history
there and give it to the law.

They are tried in this order, and of several that a projection breaks, the first is told:

``never_raises``
    It answers whatever was reported.
``leaves_its_arguments_alone``
    No handler changes the state or the entry that it is given, nor ``result`` its state.
``is_pure``
    The same entries give equal answers, in whatever order they are asked for; it asks no clock,
    no chance and no file.
``ignores_arrival``
    The order in which reports were recorded, and when, changes no answer. Of entries in the
    answer it does not matter where they are recorded.
``answers_by_key``
    What a keyed projection says of a key is the fold of that key's entries; keys that are made
    anew find it.
``goes_on_as_afresh``
    Asked while the ledger grows, at one point and another, it says what a copy says that was
    never asked before, folded entry by entry.
``lives_as_afresh``
    A live view, which keeps a copy of the projection, says what projecting afresh says.
``has_a_history``
    A history along each axis says what a view at each of its points says, so ``moments`` tells
    when time alone changes an answer.
``travels``
    Its state can be copied and pickled between one handler and the next, and nothing changes.
``is_the_same_elsewhere``
    Another process, in which sets are in another order, gives the same answer. It is asked where
    the projection can be sent there: where its class can be found by its name.

A mistake that breaks several is told by the first, and a law says nothing where the same question
has two answers when it is asked twice, or where a handler raises: other laws speak of that.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings as hypothesis_settings, strategies as st

from newsledger.engine import Projection
from newsledger.testing.laws import asking, elsewhere, folding
from newsledger.testing.laws.broken import BrokenLaw
from newsledger.testing.laws.running import (
    Law,
    LawElsewhere,
    checked,
    histories_for,
    hold,
    run,
)
from newsledger.testing.stories import Story
from newsledger.testing.strategies.values import Names

never_raises = Law(folding.never_raises, "whatever was reported, it answers")
leaves_its_arguments_alone = Law(
    folding.leaves_its_arguments_alone,
    "a handler returns a new state and leaves what it is given as it was",
)
is_pure = Law(folding.is_pure, "the same entries give the same answer, and nothing else counts")
is_the_same_elsewhere = LawElsewhere(
    elsewhere.is_the_same_elsewhere,
    "the same entries give the same answer in every process, where sets are in other orders",
)
ignores_arrival = Law(asking.ignores_arrival, "the order of arrival plays no part")
goes_on_as_afresh = Law(
    asking.goes_on_as_afresh, "a ledger that grows is answered as one that is read afresh"
)
answers_by_key = Law(
    asking.answers_by_key, "each key has the fold of its entries, and is found by an equal key"
)
lives_as_afresh = Law(asking.lives_as_afresh, "a live view says what projecting afresh says")
has_a_history = Law(asking.has_a_history, "a history says what a view at each of its points says")
travels = Law(elsewhere.travels, "a state can be copied and pickled, and stays what it was")

LAWS = (
    never_raises,
    leaves_its_arguments_alone,
    is_pure,
    ignores_arrival,
    answers_by_key,
    goes_on_as_afresh,
    lives_as_afresh,
    has_a_history,
    travels,
    is_the_same_elsewhere,
)
"""All laws, in the order in which they are tried."""


def check_projection(
    projection: Projection[Any],
    story: Story | None = None,
    *,
    settings: hypothesis_settings | None = None,
    entities: Names | None = None,
    stories: st.SearchStrategy[Story] | None = None,
) -> None:
    """Hold a projection against all laws, on histories that are drawn for it; or on one story.

    The histories are of the types that it reads, or of any where it reads all, and name the
    entities that it is about, or ``entities``, and others. ``stories`` is another strategy for
    them; ``settings`` are Hypothesis' own, by default those of the profile. The projection is
    copied and asked many times, and must be as it is when others use it.

    Raises :class:`BrokenLaw`, which says in a sentence what is wrong and on which few reports, and
    ValueError where no history had anything that it reads.

    >>> from newsledger import MeetingHeld, Projection, on
    >>> class Hosts(Projection[tuple]):
    ...     def initial(self):
    ...         return ()
    ...     @on(MeetingHeld)
    ...     def met(self, state, event, entry):
    ...         return (*state, event.place.upper())
    >>> check_projection(Hosts())
    Traceback (most recent call last):
      ...
    newsledger.testing.laws.broken.BrokenLaw: Hosts breaks never_raises: whatever was reported, \
it answers. Here it raised: Hosts.met failed on <Entry 1 MeetingHeld(occurred='2017-02-28', \
participants=('KGZ', 'RUS')) [fact; TASS 2017-02-28]>: AttributeError: 'NoneType' object has no \
attribute 'upper'.
    <BLANKLINE>
        from newsledger import Ledger, MeetingHeld, Source
    <BLANKLINE>
        ledger = Ledger.open()
        e1 = ledger.append(
            MeetingHeld(occurred='2017-02-28', participants=('KGZ', 'RUS')),
            Source('TASS', '2017-02-28'),
        )
    <BLANKLINE>
    """
    checked(projection)
    if story is not None:
        hold(LAWS, projection, story)
        return
    run(LAWS, projection, settings, histories_for(projection, entities, stories))


__all__ = [
    "LAWS",
    "BrokenLaw",
    "Law",
    "answers_by_key",
    "check_projection",
    "goes_on_as_afresh",
    "has_a_history",
    "ignores_arrival",
    "is_pure",
    "is_the_same_elsewhere",
    "leaves_its_arguments_alone",
    "lives_as_afresh",
    "never_raises",
    "travels",
]
