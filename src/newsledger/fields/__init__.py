"""Fields: attrs classes whose fields convert, check and explain themselves.

A record's annotations say everything::

    @record(kw_only=True)
    class Visit:
        guest: Entity                            # a name that questions can be asked about
        hosts: Entities = field(at_least=1)      # any iterable in, a tuple held
        until: MaybeDated = field(default=None)  # a When, EDTF text, a date, an aware datetime

The names here are read twice: type checkers see what a field accepts and what it holds, and at
class creation :func:`record` turns them into attrs converters that name the field when they fail.
"""

from newsledger.fields.checks import shown
from newsledger.fields.kinds import (
    Converted,
    Dated,
    Entities,
    Entity,
    MaybeDated,
    MaybeEntity,
    MaybeNumber,
    MaybePercent,
    MaybeReference,
    Number,
    Reference,
    References,
    Texts,
)
from newsledger.fields.making import maker
from newsledger.fields.record import changed, field, fields_of, left_out, record
from newsledger.fields.spec import spec_of

__all__ = [
    "Converted",
    "Dated",
    "Entities",
    "Entity",
    "MaybeDated",
    "MaybeEntity",
    "MaybeNumber",
    "MaybePercent",
    "MaybeReference",
    "Number",
    "Reference",
    "References",
    "Texts",
    "changed",
    "field",
    "fields_of",
    "left_out",
    "maker",
    "record",
    "shown",
    "spec_of",
]
