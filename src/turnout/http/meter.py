"""What a process has answered, counted where it costs next to nothing: plain numbers, that others read and publish."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

# seconds; the last bucket is what took longer
BOUNDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
# series that are kept beyond those that are served: models that have been replaced
KEPT = 1000


class Series:
    """Requests for predictions that one model answered, or should have, at one deployment.

    Attributes
    ----------
    statuses : dict
        HTTP status -> requests.
    rows : int
        Rows that were answered.
    buckets, seconds
        How many of the answered requests took how long, and all together.
    """

    __slots__ = ("buckets", "rows", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.rows = 0
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def answered(self, rows: int, seconds: float) -> None:
        """Count an answer."""
        self.statuses[200] = self.statuses.get(200, 0) + 1
        self.rows += rows
        self.seconds += seconds
        self.buckets[bisect_left(BOUNDS, seconds)] += 1

    def failed(self, status: int) -> None:
        """Count a request that got an error instead."""
        self.statuses[status] = self.statuses.get(status, 0) + 1


class Meter:
    """Everything that one process counts.

    Attributes
    ----------
    predictions : dict
        (deployment's id, model's id) -> series; of requests that named no deployment of the caller's, both are empty.
    requests : dict
        (method, route, status) of all other requests -> how many.
    """

    __slots__ = ("predictions", "requests")

    def __init__(self) -> None:
        self.predictions: dict[tuple[str, str], Series] = {}
        self.requests: dict[tuple[str, str, int], int] = {}

    def series(self, deployment: str, model: str) -> Series:
        """Where to count the requests that a model answers at a deployment."""
        found = self.predictions.get((deployment, model))
        if found is None:
            while len(self.predictions) >= KEPT:
                self.predictions.pop(next(iter(self.predictions)))
            found = self.predictions[deployment, model] = Series()
        return found

    def request(self, method: str, route: str, status: int) -> None:
        """Count a request to another route."""
        key = (method, route, status)
        self.requests[key] = self.requests.get(key, 0) + 1

    def written(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        # copies, since the other thread goes on counting
        return {
            "predictions": [
                [*key, dict(one.statuses), one.rows, list(one.buckets), one.seconds]
                for key, one in list(self.predictions.items())
            ],
            "requests": [[*key, count] for key, count in list(self.requests.items())],
        }

    def take(self, written: dict[str, Any]) -> None:
        """Go on where an earlier process of the same place has ended."""
        for deployment, model, statuses, rows, buckets, seconds in written["predictions"]:
            series = self.series(deployment, model)
            for status, count in statuses.items():
                series.statuses[int(status)] = series.statuses.get(int(status), 0) + count
            series.rows += rows
            series.seconds += seconds
            series.buckets = [mine + theirs for mine, theirs in zip(series.buckets, buckets, strict=True)]
        for method, route, status, count in written["requests"]:
            key = (method, route, status)
            self.requests[key] = self.requests.get(key, 0) + count
