"""Source: who published, when, and where to find it."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from newsledger.codec import digest
from newsledger.errors import InvalidEvent
from newsledger.fields import Dated, field, record
from newsledger.reports.kept import Identified, keep

PUBLISHED_BASES = ("stated", "inferred", "upper bound")


@record()
class Source(Identified):
    """A publication: one article, dispatch, page or file, as of one date.

    ``published`` is from when its readers could know; it must have an end, and a page without a
    date is ``[..day of retrieval]``. ``published_basis`` says how the date was got: "stated" by
    the source, "inferred" from what it says, or an "upper bound". ``archive`` is the address of
    a kept copy, ``sha256`` the digest of what was read, ``licence`` what may be done with it.

    >>> Source("The Daily Example", "2017-02-28").published.stop.isoformat()
    '2017-03-01T00:00:00+00:00'
    """

    outlet: str = field(at_least=1)
    published: Dated
    url: str | None = field(default=None, kw_only=True, at_least=1)
    title: str | None = field(default=None, kw_only=True)
    author: str | None = field(default=None, kw_only=True)
    published_basis: str = field(default="stated", kw_only=True, choices=PUBLISHED_BASES)
    language: str | None = field(default=None, kw_only=True)
    archive: str | None = field(default=None, kw_only=True)
    sha256: str | None = field(default=None, kw_only=True)
    licence: str | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.published.stop is None:
            raise InvalidEvent(
                f"Source.published: {str(self.published)!r} has no end, so it would never be "
                "known: give an upper bound, as [..2017-02-28]",
                field="Source.published",
            )

    @property
    def id(self) -> UUID:
        """A digest of its url (or else its outlet, title and author) and its publication date.

        So a page that changed later in the day is another source with the same url.
        """
        known: UUID | None = getattr(self, "_id", None)
        return known or keep(self, "_id", _identified(**self.place, published=str(self.published)))

    @property
    def place_id(self) -> UUID:
        """A digest of where it appeared: what two versions of one page have in common."""
        known: UUID | None = getattr(self, "_place_id", None)
        return known or keep(self, "_place_id", _identified(**self.place))

    @property
    def place(self) -> dict[str, str]:
        """Where it appeared, as JSON."""
        if self.url is not None:
            return {"url": self.url}
        named = {"outlet": self.outlet, "title": self.title, "author": self.author}
        return {key: value for key, value in named.items() if value is not None}


def forget_places() -> None:
    """Forget where anything appeared."""
    _identified.cache_clear()


@lru_cache(maxsize=4096)
def _identified(**named: str) -> UUID:
    # Reports of one page come one after another, and not always with one object as their source.
    return digest(named)
