"""What cannot be read says where."""

import pytest

from newsledger import CorruptEntry, MeetingHeld, Report, Source
from newsledger.codec import decode_body
from newsledger.reports import decode_entry


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {
                "occurred": "2017",
                "participants": ["A", "B"],
                "agenda": [{"topic": "t"}, {"topic": 3}],
            },
            r"agenda\[1\]: AgendaItem.topic: expected text, got int 3",
        ),
        ({"occurred": "2017", "participants": "AB"}, r"participants: expected an array, got 'AB'"),
        ({"occurred": "2017", "participants": ["A", 2]}, r"participants: item 1: expected text"),
        ({"occurred": "2017-13", "participants": ["A", "B"]}, "2017-13"),
        ({"participants": ["A", "B"]}, "occurred"),
        ({"occurred": "2017", "participants": ["A", "B"], "colour": 1}, "no field 'colour'"),
        ({"occurred": "2017", "participants": ["A", "B"], "agenda": [[]]}, r"agenda\[0\]"),
        (
            {
                "occurred": "2017",
                "participants": ["A", "B"],
                "agenda": [{"topic": "t", "discussed": "false"}],
            },
            "expected True or False, got 'false'",
        ),
    ],
)
def test_a_bad_body_names_the_path(body, message):
    with pytest.raises(ValueError, match=message):
        decode_body("MeetingHeld", 1, body)


def test_nothing_is_coerced():
    event = decode_body("MeetingHeld", 1, {"occurred": "2017", "participants": ["1", "2"]})
    assert event == MeetingHeld(participants=["1", "2"], occurred="2017")
    with pytest.raises(ValueError, match="item 0"):
        decode_body("MeetingHeld", 1, {"occurred": "2017", "participants": [1, 2]})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"id":"x"}',
        b'{"id":"11111111-1111-5111-8111-111111111111","recorded":"2026-01-01T00:00:00Z",'
        b'"type":"MeetingHeld","version":1,"event":{"occurred":"2017"},'
        b'"source":{"outlet":"O","published":"2017"}}',
        b'{"id":"11111111-1111-5111-8111-111111111111","recorded":"long ago",'
        b'"type":"X","version":1,"event":{"occurred":"2017"},'
        b'"source":{"outlet":"O","published":"2017"}}',
        b'{"id":"11111111-1111-5111-8111-111111111111","recorded":"2026-01-01T00:00:00Z",'
        b'"type":"X","version":1,"event":{"occurred":"2017"},"source":{"outlet":"O"}}',
    ],
)
def test_damaged_bytes_name_the_position(data):
    with pytest.raises(CorruptEntry, match="position 7") as caught:
        decode_entry(data, 7, ())
    assert caught.value.position == 7


def test_an_id_covers_what_is_said_and_nothing_else():
    event = MeetingHeld(participants=["A", "B"], occurred="2017")
    source = Source("O", "2018", url="u")
    report = Report(event, source)
    same = [
        Report(event, Source("Other name", "2018", url="u")),
        Report(event, source, note="n", quote="q", confidence=3, ordinal=9, ref="r"),
    ]
    other = [
        Report(event, Source("O", "2018", url="v")),
        Report(event, Source("O", "2019", url="u")),
        Report(event, source, assertion="claim"),
        Report(event, source, background=True),
        Report(event, source, denied=True),
        Report(MeetingHeld(participants=["A", "B"], occurred="2017", kind="talks"), source),
    ]
    assert {one.id for one in same} == {report.id}
    assert report.id not in {one.id for one in other}
    assert len({one.id for one in other}) == len(other)
