"""What Prometheus reads: the counts of all processes of this service, whichever of them is asked."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from turnout.http.auth import administrator, bearer, caller
from turnout.http.database import WorkOf
from turnout.http.directory import Here
from turnout.http.meter import BOUNDS

router = APIRouter(tags=["operation"])
_LOCAL = ("127.0.0.1", "::1")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_LABELS = ["deployment", "model"]


def reader(request: Request, work: WorkOf, given: Annotated[Any, Depends(bearer)] = None) -> None:
    """Let in who asks from this machine itself, and administrators from elsewhere."""
    local = request.client is not None and request.client.host in _LOCAL
    if not (local and not any(name in request.headers for name in _FORWARDED)):
        administrator(caller(work, given))


@router.get("/metrics", dependencies=[Depends(reader)])
def metrics(request: Request) -> Response:
    """Counts of all processes, as Prometheus reads them; without a token from this machine only."""
    registry = CollectorRegistry()
    registry.register(Counted(request.app.state.snapshots.all()))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def state_of(here: Here) -> dict[str, Any]:
    """What this process says of itself beside its counts."""
    served = here.directory.deployments.values()
    models = {id(one.model): one.model.size for one in served if one.model is not None}
    return {
        "ready": here.ready,
        "stale": here.stale,
        "models": len(models),
        "model_bytes": sum(models.values()),
        "deployments": {
            str(one.id): [one.serving_name or "", one.name, one.revision, str(one.model_id or "")]
            for one in served
        },
        "cpu_seconds": sum(os.times()[:2]),
    }


class Counted(Collector):
    """The snapshots of some processes as one set of metrics."""

    def __init__(self, snapshots: list[dict[str, Any]]) -> None:
        self._counted = [one["counted"] for one in snapshots]
        self._states = [(str(one["pid"]), one["state"]) for one in snapshots if one["state"] is not None]

    def collect(self) -> Iterator[Metric]:
        """The metrics."""
        yield from self._predictions()
        yield from self._requests()
        yield from self._deployments()
        yield from self._processes()

    def _predictions(self) -> Iterator[Metric]:
        statuses: Counter[tuple[str, str, str]] = Counter()
        rows: Counter[tuple[str, str]] = Counter()
        seconds: Counter[tuple[str, str]] = Counter()
        buckets: dict[tuple[str, str], list[int]] = {}
        for deployment, model, by_status, own_rows, own_buckets, own_seconds in self._series():
            key = (deployment, model)
            for status, count in by_status.items():
                statuses[*key, str(status)] += count
            rows[key] += own_rows
            seconds[key] += own_seconds
            before = buckets.get(key, [0] * len(own_buckets))
            buckets[key] = [one + other for one, other in zip(before, own_buckets, strict=True)]
        yield _counter(
            "turnout_predictions", "Requests for predictions.", [*_LABELS, "status"], statuses.items()
        )
        errors = {key: count for key, count in statuses.items() if key[2] != "200"}
        yield _counter(
            "turnout_prediction_errors",
            "Requests for predictions that got an error.",
            [*_LABELS, "status"],
            errors.items(),
        )
        yield _counter("turnout_predicted_rows", "Rows that were answered.", _LABELS, rows.items())
        histogram = HistogramMetricFamily(
            "turnout_prediction_seconds", "From a request's head to its answer.", labels=_LABELS
        )
        for key, counts in buckets.items():
            histogram.add_metric(list(key), _cumulated(counts), seconds[key])
        yield histogram

    def _series(self) -> Iterator[list[Any]]:
        for counted in self._counted:
            yield from counted["predictions"]

    def _requests(self) -> Iterator[Metric]:
        found: Counter[tuple[str, str, str]] = Counter()
        for counted in self._counted:
            for method, route, status, count in counted["requests"]:
                found[method, route, str(status)] += count
        labels = ["method", "route", "status"]
        yield _counter("turnout_http_requests", "Requests that are no predictions.", labels, found.items())

    def _deployments(self) -> Iterator[Metric]:
        revisions: dict[tuple[str, str, str], int] = {}
        for _, state in self._states:
            for key, (serving_name, name, revision, _) in state["deployments"].items():
                labels = (key, serving_name, name)
                revisions[labels] = max(revision, revisions.get(labels, 0))
        yield _counter(
            "turnout_replacements",
            "Times that the model behind a deployment was switched, its first one included.",
            ["deployment", "serving_name", "name"],
            revisions.items(),
        )

    def _processes(self) -> Iterator[Metric]:
        for name, text, key in (
            ("turnout_process_ready", "Whether a process answers.", "ready"),
            ("turnout_process_stale", "Whether a process may serve a model that was replaced.", "stale"),
            ("turnout_process_models", "Models in a process's memory.", "models"),
            ("turnout_process_model_bytes", "The size of their artifacts.", "model_bytes"),
            ("turnout_process_cpu_seconds", "Processor time that a process has taken.", "cpu_seconds"),
        ):
            gauge = GaugeMetricFamily(name, text, labels=["process"])
            for pid, state in self._states:
                gauge.add_metric([pid], float(state[key]))
            yield gauge


def _counter(
    name: str, text: str, labels: list[str], counts: Iterable[tuple[tuple[str, ...], int]]
) -> CounterMetricFamily:
    counter = CounterMetricFamily(name, text, labels=labels)
    for key, count in sorted(counts):
        counter.add_metric(list(key), count)
    return counter


def _cumulated(counts: list[int]) -> list[tuple[str, float]]:
    total, found = 0, []
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
        total += count
        found.append((bound, float(total)))
    return found
