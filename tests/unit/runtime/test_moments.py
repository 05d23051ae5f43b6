"""Dates and timestamps of rows as numbers, against Python's own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runtime.headers import entry, field, header
from turnout.errors import InvalidFeature
from turnout.runtime.moments import days, written
from turnout.runtime.problem import Problem
from turnout.runtime.transform import Transform

EPOCH = datetime(2000, 1, 1)


@given(st.datetimes(), st.integers(-57599, 57599))
def test_as_python_counts(moment: datetime, offset: int) -> None:
    expected = (moment - EPOCH) / timedelta(days=1)
    assert days(moment.isoformat(), "timestamp") == pytest.approx(expected, abs=1e-9)
    assert days(moment.date().isoformat(), "date") == (moment.date() - EPOCH.date()).days
    ahead = f"{'-' if offset < 0 else '+'}{timedelta(seconds=abs(offset))!s:0>8}"
    elsewhere = days(moment.isoformat() + ahead, "timestamptz")
    assert elsewhere == pytest.approx(expected - offset / 86400, abs=1e-9)


@given(st.datetimes())
def test_written_as_python_does(moment: datetime) -> None:
    second = moment.replace(microsecond=0)
    number = (second - EPOCH) / timedelta(days=1)
    assert written(number, "timestamp") == second.isoformat()
    assert written(number, "timestamptz") == second.replace(tzinfo=UTC).isoformat()
    assert written((moment.date() - EPOCH.date()).days, "date") == moment.date().isoformat()


@given(st.integers(-2451545, 2145031948))
def test_there_and_back(number: int) -> None:
    assert days(written(number, "date"), "date") == number
    assert days(written(number, "timestamp"), "timestamp") == pytest.approx(number, rel=1e-15)


def test_before_christ_and_after_9999() -> None:
    assert [written(n, "date") for n in (-730119, -730120)] == ["0001-01-01", "0001-12-31 BC"]
    assert [written(n, "date") for n in (-2451545, 2145031948)] == ["4714-11-24 BC", "5874897-12-31"]


def test_every_way_to_write_one() -> None:
    noon = days("2024-02-29T12:00:00", "timestamp")
    assert noon == (datetime(2024, 2, 29, 12, tzinfo=UTC) - EPOCH.replace(tzinfo=UTC)) / timedelta(days=1)
    assert days("2024-02-29 12:00:00.000000", "timestamp") == noon
    for text in ("12:00:00Z", "12:00:00+00", "17:30:00+05:30", "08:30:00-03:30", "12:19:32+00:19:32"):
        assert days(f"2024-02-29T{text}", "timestamptz") == noon
    assert (
        days("2024-02-29", "timestamp")
        == days("2024-02-29", "date")
        == (date(2024, 2, 29) - EPOCH.date()).days
    )


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "now", "infinity", "-infinity", "2024", "2024-02", "2024-02-30", "2023-02-29", "2024-13-01",
        "0000-01-01",
        "24-02-03", "2024-2-3", "03.02.2024", "02/03/2024", "+2024-02-03", "-044-03-15", "²024-01-01",
        "2024-02-03 AD", "2024-02-03BC", " BC", "12345678-01-01", "9" * 5000 + "-01-01", "2024-02-03\0", "2024-02-03\n",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    for kind in ("date", "timestamp"):
        with pytest.raises(ValueError, match=r"\w"):
            days(text, kind)


@pytest.mark.parametrize(
    "text",
    [
        "12",
        "12:00",
        "24:00:00",
        "12:60:00",
        "12:00:60",
        "12:00:00.",
        "12:00:00.1234567",
        "1:2:3",
        "12:00:00 PM",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        days(f"2024-02-03T{text}", "timestamp")
    with pytest.raises(ValueError, match=r"\w"):
        days(f"2024-02-03T{text}Z", "timestamptz")


@pytest.mark.parametrize("offset", ["", "+", "+1", "+25:00", "+01:60", "+01:00:00:00", "01:00", "+-1"])
def test_what_is_no_offset(offset: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        days(f"2024-02-03T12:00:00{offset}", "timestamptz")


def test_numbers_stand_for_dates() -> None:
    transform = Transform(
        header((field("d", "date"), entry()), (field("z", "timestamptz", 2), entry(impute=5.0)))
    )
    row = {"d": 8825, "z": [None, "2000-01-02T12:00:00+12:00"]}
    assert transform.row(row).tolist() == transform.array([8825.0, None, 1]).tolist() == [8825, 5, 1]
    with pytest.raises(Problem) as caught:
        transform.row({"d": "NaN", "z": [1, 2]})
    assert caught.value.error is InvalidFeature
    assert 'is "NaN", expected a date, as "2024-02-29", or its days since 2000-01-01' in str(
        caught.value.named(project="p", model_id=1)
    )
