"""A job that only describes: the rows that a training would read, with the statistics of their columns."""

from __future__ import annotations

from typing import Any

from turnout.training.choices import read_choices
from turnout.training.dataset import Dataset
from turnout.training.description import Reading
from turnout.training.division import check_features, numbers_of
from turnout.training.split import test_rows


class Describing:
    """One description, while its rows arrive.

    Raises
    ------
    TurnoutError
        As a fit would, if the columns cannot be prepared as asked for.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        self._reading = Reading.read(given)
        read_choices(self._reading)
        self._dataset = Dataset(self._reading)

    def rows(self, header: dict[str, Any], payload: bytes | bytearray) -> None:
        """Take another chunk of rows."""
        self._dataset.add(header["count"], header["lengths"], payload)

    def end(self) -> tuple[dict[str, Any], bytes]:
        """What the child answers: the figures of each column, and how many rows there are.

        Raises
        ------
        UnusableData, InvalidArgument
            If no training can use the values of a column, or hold out so many rows.
        """
        reading, dataset = self._reading, self._dataset
        figures = {name: summary.figures for name, summary in dataset.summaries.items()}
        check_features(reading, dataset)
        test_rows(reading.test_size, dataset.rows, reading.relation)
        for target in dataset.targets:
            numbers_of(reading, target)
        return {"event": "described", "columns": figures, "rows": {"rows": dataset.rows}}, b""
