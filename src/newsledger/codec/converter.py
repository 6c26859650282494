"""The converter: how Python values become JSON values and come back, with cattrs.

``converter`` is the extension point: a field of a type of your own needs one structure and one
unstructure hook on it. A hook may be registered at any time, for a type that has one too: hooks
of records are made anew whenever one is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args, get_origin
from uuid import UUID

import attrs
from cattrs import Converter

from newsledger.codec.reading import as_it_is, record_from_json, tuple_from_json
from newsledger.codec.writing import record_to_json, tuple_to_json
from newsledger.when import When

converter = Converter(detailed_validation=False)


def _is_record(cls: Any) -> bool:
    return attrs.has(cls) and all("newsledger" in a.metadata for a in attrs.fields(cls))


def _is_tuple(cls: Any) -> bool:
    origin: Any = get_origin(cls)
    return origin is tuple and get_args(cls)[1:] == (Ellipsis,)


for stored_as_text in (When, Decimal, UUID):
    converter.register_unstructure_hook(stored_as_text, str)
for checked_by_its_field in (str, When, Decimal, UUID, int, float, bool):
    converter.register_structure_hook(checked_by_its_field, as_it_is)
    converter.register_structure_hook(checked_by_its_field | None, as_it_is)

converter.register_unstructure_hook_factory(_is_record, record_to_json)
converter.register_unstructure_hook_factory(lambda cls: cls is tuple, tuple_to_json)
converter.register_structure_hook_factory(_is_record, record_from_json)
converter.register_structure_hook_factory(_is_tuple, tuple_from_json)
