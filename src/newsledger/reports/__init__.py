"""Reports: what a source says of an event, and how a ledger keeps it."""

from newsledger.reports.entry import Entry
from newsledger.reports.envelope import decode_entry, encode_entry, forget_texts, own_ordinal
from newsledger.reports.erasure import Erasure
from newsledger.reports.line import Line, bare_line, line_of, read_line
from newsledger.reports.report import Hop, Report, said
from newsledger.reports.source import Source
from newsledger.reports.tombstone import tombstone, tombstone_tags

__all__ = [
    "Entry",
    "Erasure",
    "Hop",
    "Line",
    "Report",
    "Source",
    "bare_line",
    "decode_entry",
    "encode_entry",
    "forget_texts",
    "line_of",
    "own_ordinal",
    "read_line",
    "said",
    "tombstone",
    "tombstone_tags",
]
