"""An envelope is checked whole, also what is not needed of it."""

import pytest

from newsledger import CorruptEntry
from newsledger.reports import decode_entry, encode_entry

STORED = (
    b'{"id":"11111111-1111-5111-8111-111111111111","recorded":"2026-01-01T00:00:00Z",'
    b'"type":"BaseStatusReported","version":1,"event":{"occurred":"2017","base":"b",'
    b'"status":"closed","since":"2016"},"source":{"outlet":"O","published":"2018"},'
    b'"onset":["2016-01-01T00:00:00Z","2017-01-01T00:00:00Z"]}'
)


def test_it_is_written_as_it_was_read():
    assert encode_entry(decode_entry(STORED, 1, ())) == STORED


@pytest.mark.parametrize(
    ("part", "damaged", "fault"),
    [
        (b'"2017-01-01T00:00:00Z"]', b'"soon"]', "'soon'"),
        (b'"recorded":"2026-01-01T00:00:00Z"', b'"recorded":"today"', "'today'"),
        (b'"version":1', b'"version":1,"assertion":"guess"', "Report.assertion: 'guess' is none"),
        (b'"version":1', b'"version":1,"confidence":101', "Report.confidence: 101 is not between"),
        (b'"version":1', b'"version":1,"ref":""', "Report.ref: expected a text, got an empty"),
        (b'"version":1', b'"version":1,"note":"\\ud800"', "surrogate"),
        (b'"version":1', b'"version":1,"attribution":[{"agent":"A"}]', "role"),
        (b'"version":1', b'"version":1,"colour":"red"', "colour"),
    ],
)
def test_damage_anywhere_is_told(part, damaged, fault):
    assert part in STORED
    with pytest.raises(CorruptEntry, match="position 7 cannot be read") as caught:
        decode_entry(STORED.replace(part, damaged), 7, ())
    assert fault in str(caught.value)
