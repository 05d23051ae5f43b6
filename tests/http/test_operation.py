"""What operators see: health, metrics of all processes together, logs with a request's id and without secrets."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.http.scored import NUMBERS, Scored
from tests.http.service import restarted
from tests.processes import until

pytestmark = pytest.mark.one_server


def metrics(scored: Scored) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Name -> labels -> value."""
    text = httpx.get(f"{scored.service.http}/metrics").text
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def total(scored: Scored, name: str, **labels: str) -> float:
    """The sum of a metric over all samples with these labels."""
    wanted = set(labels.items())
    return sum(value for key, value in metrics(scored).get(name, {}).items() if wanted <= set(key))


def lines(scored: Scored) -> list[dict[str, Any]]:
    """The log, every line of which is JSON."""
    return [json.loads(line) for line in scored.service.log.read_text().splitlines()]


def logged(scored: Scored, request_id: str) -> dict[str, Any]:
    """The line of a request, which is written a moment after the answer."""

    def found() -> list[dict[str, Any]]:
        text = scored.service.log.read_text()
        whole = text[: text.rfind("\n") + 1].splitlines()
        return [told for told in map(json.loads, whole) if told.get("request_id") == request_id]

    until(found, f"the line of {request_id}")
    (line,) = found()
    return line


def test_a_process_that_lives_and_is_ready_says_so(scored: Scored) -> None:
    with httpx.Client(base_url=scored.service.http) as nobody:
        assert nobody.get("/healthz").json() == {"status": "alive"}
        answer = nobody.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "stale": False, "deployments": len(scored.ids)}


def test_every_process_counts(scored: Scored) -> None:
    deployment = str(scored.ids["number"])

    def requests(status: str) -> float:
        return total(scored, "turnout_predictions_total", deployment=deployment, status=status)

    before = (
        requests("200"),
        requests("400"),
        total(scored, "turnout_predicted_rows_total", deployment=deployment),
    )
    answered: set[str] = set()
    for _ in range(20):
        # a connection of its own, so that both processes get some
        with scored.service.client() as client:
            url = "/ml/v4/deployments/number_online/predictions"
            good = {"input_data": [{"fields": NUMBERS, "values": [[1, 2, 3], [4, 5, 6]]}]}
            answer = client.post(url, json=good)
            answered.add(answer.headers["x-model-id"])
            assert client.post(url, json={}).status_code == 400
    # one process knows of the others' counts within a second
    until(lambda: requests("200") + requests("400") == before[0] + before[1] + 40, "all counts")
    assert (requests("200"), requests("400")) == (before[0] + 20, before[1] + 20)
    assert total(scored, "turnout_predicted_rows_total", deployment=deployment) == before[2] + 40
    (model,) = answered
    labels = {"deployment": deployment, "model": model}
    assert total(scored, "turnout_prediction_errors_total", status="400", **labels) == requests("400")
    assert total(scored, "turnout_prediction_seconds_count", **labels) == requests("200")
    assert total(scored, "turnout_prediction_seconds_bucket", le="+Inf", **labels) == requests("200")
    assert 0 < total(scored, "turnout_prediction_seconds_sum", **labels) < 60
    assert total(scored, "turnout_replacements_total", serving_name="number_online") == 1
    found = metrics(scored)
    assert set(found["turnout_process_ready"].values()) == {1.0}
    assert set(found["turnout_process_stale"].values()) == {0.0}
    assert set(found["turnout_process_models"].values()) == {float(len(scored.ids))}
    assert len(found["turnout_process_model_bytes"]) == 2


def test_other_routes_are_counted_by_their_pattern(scored: Scored) -> None:
    def found(route: str, status: str) -> float:
        return total(scored, "turnout_http_requests_total", route=route, status=status)

    before = found("/v2/spaces/{space_id}", "200")
    for _ in range(3):
        assert scored.client.get(f"/v2/spaces/{scored.space_id}").status_code == 200
    assert scored.client.get("/nothing/here").status_code == 404
    until(lambda: found("/v2/spaces/{space_id}", "200") == before + 3 and found("", "404"), "the counts")


def test_metrics_are_for_this_machine_and_administrators(scored: Scored) -> None:
    url = f"{scored.service.http}/metrics"
    forwarded = {"X-Forwarded-For": "192.0.2.1"}
    assert httpx.get(url).status_code == 200
    assert httpx.get(url, headers=forwarded).status_code == 401
    mere = scored.service.token("counted", scored.service.user("counted"))
    assert httpx.get(url, headers={**forwarded, "Authorization": f"Bearer {mere}"}).status_code == 403
    assert scored.client.get("/metrics", headers=forwarded).status_code == 200


def test_an_id_is_taken_or_made(scored: Scored) -> None:
    block = {"fields": NUMBERS, "values": [[1, 2, 3]]}
    for given in ("abc-1", "8f14e45f-ceea-467f-9a0e-0a7c3c3b1b2a", "x" * 128):
        answer = scored.score("number_online", block, headers={"X-Request-Id": given})
        assert answer.headers["x-request-id"] == given
        assert scored.client.get("/v1/me", headers={"X-Request-Id": given}).headers["x-request-id"] == given
    made = set()
    for given in ("", "x" * 129, "a b", 'a"b', "a;b", "é"):
        for answer in (
            scored.score("number_online", block, headers=httpx.Headers({b"X-Request-Id": given.encode()})),
            scored.client.get("/v1/me", headers=httpx.Headers({b"X-Request-Id": given.encode()})),
        ):
            assert answer.headers["x-request-id"] not in ("", given)
            made.add(answer.headers["x-request-id"])
    assert len(made) == 12


def test_each_request_has_a_line(scored: Scored) -> None:
    block = {"fields": NUMBERS, "values": [[1, 2, 3]]}
    answer = scored.score("number_online", block, headers={"X-Request-Id": "logged-good"})
    line = logged(scored, "logged-good")
    assert (line["method"], line["status"], line["level"]) == ("POST", 200, "INFO")
    assert line["path"] == "/ml/v4/deployments/number_online/predictions"
    assert line["deployment"] == str(scored.ids["number"])
    assert line["model"] == answer.headers["x-model-id"]
    assert line["ms"] >= 0
    assert line["user"]
    scored.score("number_online", {}, headers={"X-Request-Id": "logged-bad"})
    assert logged(scored, "logged-bad")["status"] == 400
    scored.client.get("/v2/spaces", headers={"X-Request-Id": "logged-other"})
    assert logged(scored, "logged-other")["path"] == "/v2/spaces"


def test_no_line_has_a_secret(scored: Scored) -> None:
    token = scored.service.token()
    secret = "a-value-in-a-body"
    url = f"{scored.service.http}/ml/v4/deployments/number_online/predictions?token={token}"
    for header in (f"Bearer {token}", f"Bearer {token}x", token, f"Basic {token}"):
        body = {"input_data": [{"fields": NUMBERS, "values": [[1, 2, secret]]}]}
        httpx.post(url, json=body, headers={"Authorization": header})
    httpx.post(
        f"{scored.service.http}/icp4d-api/v1/authorize", json={"username": "admin", "api_key": "x" + secret}
    )
    scored.client.get("/v2/spaces", params={"name": secret}, headers={"X-Request-Id": "the-last-one"})
    logged(scored, "the-last-one")
    text = scored.service.log.read_text()
    for part in (token, token[-40:], scored.service.admin_key, secret):
        assert part not in text


def test_a_flood_is_counted_and_not_written(scored: Scored) -> None:
    for _ in range(1500):
        scored.ask("number_online", NUMBERS, [1, 2, 3])
    until(
        lambda: sum(line.get("count", 0) for line in lines(scored) if "not written" in line["message"]) > 0,
        "the count of the others",
    )


def test_no_count_goes_back_when_a_process_dies(scored: Scored) -> None:
    def found() -> float:
        return total(scored, "turnout_http_requests_total", route="/v1/me")

    before = found()
    for _ in range(10):
        with httpx.Client(base_url=scored.service.http) as client:
            assert client.get("/v1/me").status_code == 401
    until(lambda: found() == before + 10, "the counts")
    victim = scored.service.workers()[0]
    os.kill(victim, signal.SIGKILL)
    restarted(scored.service, victim)
    until(lambda: len(metrics(scored)["turnout_process_ready"]) == 2, "the other process to count")
    assert found() == before + 10
    processes = {dict(key)["process"] for key in metrics(scored)["turnout_process_ready"]}
    assert str(victim) not in processes
