"""Tags: the words by which a store finds entries.

====================  ==========================================================================
``id:<uuid>``         the entry with this id
``root:<uuid>``       an amendment in the chain of this report
``e:<entity>``        names the entity; an amendment also has those of its chain so far, and an
                      outcome those of what it refers to, so that one look-up finds them all
``was:<entity>``      has the tag ``e:`` of this entity by inheritance only
``of:<uuid>``         an outcome that refers to this id
``dangling``          an outcome whose report had not arrived when it was recorded
``s:<place>/<date>``  appeared there (a digest of url, or outlet, title, author) and then
``ref:<text>``        the id that a data set gives it
====================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from newsledger.codec import digest, uuid_text
from newsledger.events import OutcomeRecorded
from newsledger.reports.entry import Entry
from newsledger.reports.kept import keep
from newsledger.reports.source import Source

ENTITY, INHERITED, OF, DANGLING = "e:", "was:", "of:", "dangling"


def id_tag(id: UUID | str) -> str:
    """Tag of the entry with this id."""
    return f"id:{id if isinstance(id, str) else uuid_text(id)}"


def root_tag(root: UUID | str) -> str:
    """Tag of all amendments in this report's chain."""
    return f"root:{root}"


def entity_tag(entity: str) -> str:
    """Tag of all entries that name the entity."""
    return ENTITY + entity


def outcome_tag(of: UUID | str) -> str:
    """Tag of all outcomes that refer to this id."""
    return f"{OF}{of}"


def ref_tag(ref: str) -> str:
    """Tag of all entries that bear this data-set id."""
    return f"ref:{ref}"


def place_prefix(url: str) -> str:
    """Start of the tags of all versions of a page."""
    return f"s:{digest({'url': url})}/"


def source_tag(source: Source) -> str:
    """Tag of all entries from a source."""
    known: str | None = getattr(source, "_tag", None)
    return known or keep(source, "_tag", f"s:{uuid_text(source.place_id)}/{source.published}")


def tags_of(
    entry: Entry,
    *,
    inherited: frozenset[str] = frozenset(),
    dangling: bool = False,
    new_ref: bool = True,
) -> list[str]:
    """Give the tags under which an entry is stored.

    ``inherited``: the entities of its chain so far, or of what an outcome refers to. ``new_ref``:
    whether it bears its ``ref`` itself, and did not inherit it from what it amends.
    """
    tags = [id_tag(entry.id)]
    own = entry.event.entities
    tags.extend(map(entity_tag, sorted(own | inherited)))
    if entry.amends is not None:
        tags.append(root_tag(entry.root))
    tags.extend(INHERITED + name for name in sorted(inherited - own))
    if not entry.ours:
        tags.append(source_tag(entry.source))
    if entry.ref is not None and new_ref:
        tags.append(ref_tag(entry.ref))
    if isinstance(entry.event, OutcomeRecorded):
        tags.append(outcome_tag(entry.event.of))
        if dangling:
            tags.append(DANGLING)
    return tags


def carried_entities(tags: Iterable[str]) -> frozenset[str]:
    """Read back the entities that an entry is found by and does not name itself."""
    return frozenset(tag.removeprefix(INHERITED) for tag in tags if tag.startswith(INHERITED))


def own_entities(tags: Iterable[str]) -> frozenset[str]:
    """Read back the entities that an entry itself names."""
    all_tags = set(tags)
    return frozenset(
        tag.removeprefix(ENTITY)
        for tag in all_tags
        if tag.startswith(ENTITY) and INHERITED + tag.removeprefix(ENTITY) not in all_tags
    )
