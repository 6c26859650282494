"""Running laws: with histories drawn for a projection, and shrunk where one is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings as hypothesis_settings, strategies as st
from hypothesis.errors import Flaky

from newsledger.engine import Projection, scope_of
from newsledger.errors import ProjectionError
from newsledger.events import CATALOGUE
from newsledger.fields import shown
from newsledger.testing.laws.broken import BrokenLaw, Unlawful
from newsledger.testing.laws.case import Case, fresh
from newsledger.testing.laws.elsewhere import different
from newsledger.testing.stories import Correct, Retract, Story
from newsledger.testing.strategies.stories import histories
from newsledger.testing.strategies.values import Names

OTHERS = ("KGZ", "RUS", "KAZ")
_SENT = 40
_UNHEALTHY = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.nested_given,
)


class Law:
    """A law that must hold of every projection; call it to hold one against it.

    Without a ``story`` it is held against histories that are drawn for the projection: of the
    types that it reads, and with the entities that it is about. ``entities`` names others,
    ``stories`` is another strategy, and ``settings`` are Hypothesis' own. Raises BrokenLaw, with
    the fewest steps that break it.
    """

    def __init__(self, check: Callable[[Case], None], sentence: str) -> None:
        self.name = check.__name__
        self.sentence = sentence
        self.__doc__ = sentence
        self._check = check

    def __repr__(self) -> str:
        return f"<law {self.name}: {self.sentence}>"

    def __call__(
        self,
        projection: Projection[Any],
        story: Story | None = None,
        *,
        settings: hypothesis_settings | None = None,
        entities: Names | None = None,
        stories: st.SearchStrategy[Story] | None = None,
    ) -> None:
        """Hold a projection against the law."""
        checked(projection)
        if story is not None:
            hold([self], projection, story)
            return
        run([self], projection, settings, histories_for(projection, entities, stories))

    def hold(self, case: Case) -> None:
        """Hold a case against the law: Unlawful where it is broken.

        A handler that raises breaks one law, and no other.
        """
        try:
            self._check(case)
        except ProjectionError:
            return


class LawElsewhere(Law):
    """A law that takes a process to check, so that many stories are sent to one."""

    def search(self, projection: Projection[Any], told: Sequence[Story]) -> None:
        """Look for a story that breaks it, and for fewer steps that still do."""
        found = _shortest(different(projection, told))
        if found is None:
            return
        while (fewer := _shortest(different(projection, _shorter(found[0])))) is not None:
            found = fewer
        raise BrokenLaw(self.name, self.sentence, projection, *found)


def _shortest(found: Any) -> tuple[Story, str] | None:
    return min(found, key=lambda one: (len(one[0]), len(str(one[0]))), default=None)


def _shorter(story: Story) -> list[Story]:
    """Give the stories that lack one step of this one, and what refers to it."""
    return [Story(steps) for left_out in range(len(story)) if (steps := _without(story, left_out))]


def _without(story: Story, left_out: int) -> list[Any]:
    new: dict[int, int] = {}
    steps: list[Any] = []
    for place, step in enumerate(story):
        target = getattr(step, "target", None)
        if place == left_out or (target is not None and target not in new):
            continue
        new[place] = len(steps)
        steps.append(step.at(new[step.target]) if isinstance(step, Correct | Retract) else step)
    return steps


def checked(projection: object) -> None:
    """Refuse what is no projection, such as a class of them."""
    if not isinstance(projection, Projection):
        raise TypeError(
            f"expected a projection, an instance of a subclass of Projection, got "
            f"{shown(projection)}"
        )


def hold(
    laws: Sequence[Law],
    projection: Projection[Any],
    story: Story,
    untouched: Projection[Any] | None = None,
) -> int:
    """Hold a story against laws, in their order; give how many entries were read in it."""
    case = Case(projection, story, untouched)
    try:
        for law in laws:
            try:
                law.hold(case)
            except Unlawful as seen:
                raise BrokenLaw(law.name, law.sentence, projection, story, str(seen)) from None
        return _read(case)
    finally:
        case.close()


def _read(case: Case) -> int:
    try:
        return len(case.views[0].read_by(case.projection))
    except Exception:  # noqa: BLE001 (where it counts, a law has told so)
        return 0


def run(
    laws: Sequence[Law],
    projection: Projection[Any],
    settings: hypothesis_settings | None,
    stories: st.SearchStrategy[Story],
) -> None:
    """Draw stories and hold them against laws; of several that are broken the first is told."""
    untouched = fresh(projection)
    broken = _search(laws, projection, untouched, settings, stories)
    if broken is None:
        return
    for law in laws[: [law.name for law in laws].index(broken.law)]:
        # It was another story's, and each story tells of the first that it breaks.
        found = _search([law], projection, untouched, settings, stories)
        if found is not None:
            raise found
    raise broken


def _search(
    laws: Sequence[Law],
    projection: Projection[Any],
    untouched: Projection[Any],
    settings: hypothesis_settings | None,
    stories: st.SearchStrategy[Story],
) -> BrokenLaw | None:
    """Draw stories until a law is broken, and shrink; None where all hold."""
    told: list[Story] = []
    seen: list[BrokenLaw] = []
    read = [0]
    here = [law for law in laws if not isinstance(law, LawElsewhere)]

    def holds(story: Story) -> None:
        told.append(story)
        try:
            read[0] += hold(here, projection, story, untouched)
        except BrokenLaw as broken:
            seen.append(broken)
            raise

    holds.__name__ = holds.__qualname__ = f"{type(projection).__name__}_{len(laws)}"
    parent = settings or hypothesis_settings()
    chosen = hypothesis_settings(
        parent,
        deadline=None,
        suppress_health_check=[*parent.suppress_health_check, *_UNHEALTHY],
        phases=[phase for phase in parent.phases if phase is not Phase.explain],
        report_multiple_bugs=False,
        print_blob=False,
    )
    try:
        chosen(given(story=stories)(holds))()
        for law in laws:
            if isinstance(law, LawElsewhere):
                law.search(projection, sorted(told, key=len)[-_SENT:])
    except Flaky:
        # It hangs on chance, or on what was asked before: the shortest story that broke it will do.
        return min(seen, key=lambda one: len(one.story))
    except BrokenLaw as broken:
        # Anew, without what Hypothesis noted on it: the text says all of that.
        return BrokenLaw(
            broken.law,
            next(law.sentence for law in laws if law.name == broken.law),
            projection,
            broken.story,
            broken.seen,
        )
    if not read[0] and told:
        raise ValueError(
            f"nothing that {type(projection).__name__} reads was in any of {len(told)} histories, "
            "so they say nothing of it: name the entities= that it is about, or give stories="
        )
    return None


def histories_for(
    projection: Projection[Any],
    entities: Names | None = None,
    stories: st.SearchStrategy[Story] | None = None,
) -> st.SearchStrategy[Story]:
    """Draw histories of the types that a projection reads, with the entities that it is about."""
    if stories is not None:
        return stories
    types = [
        known.cls
        for name in sorted(projection.types())
        if (known := CATALOGUE.get(name)) is not None
    ]
    if types and not any(one.TYPE.entity_fields for one in types):
        # What they refer to must be there, and name somebody.
        naming = [CATALOGUE.get(name) for name in _NAMING]
        types = [*(known.cls for known in naming if known is not None), *types]
    if entities is None:
        names = sorted(scope_of(projection.about()).names)
        # Twice, so that most of what is drawn is about them.
        entities = [*names, *names, *(name for name in OTHERS if name not in names)]
    return histories(*types, entities=entities)


_NAMING = ("CommitmentMade", "OfferMade")
