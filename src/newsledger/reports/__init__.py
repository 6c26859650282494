"""Reports: what a source says of an event, and how a ledger keeps it."""

from newsledger.reports.entry import Entry
from newsledger.reports.envelope import decode_entry, encode_entry, own_ordinal
from newsledger.reports.line import Line, bare_line, line_of, read_line
from newsledger.reports.report import Hop, Report, said
from newsledger.reports.source import Source

__all__ = [
    "Entry",
    "Hop",
    "Line",
    "Report",
    "Source",
    "bare_line",
    "decode_entry",
    "encode_entry",
    "line_of",
    "own_ordinal",
    "read_line",
    "said",
]
