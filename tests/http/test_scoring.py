"""Predictions over HTTP: what is asked of which model, and what comes back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.scored import NUMBERS, Scored, deploy, refused

pytestmark = pytest.mark.one_server
PERSON = {"colour": "red", "day": "2024-02-29", "member": True, "place": [1, 2], "age": 30}


def test_a_class_with_its_probabilities(scored: Scored) -> None:
    answer = scored.score("risk_online", {"fields": list(PERSON), "values": [list(PERSON.values())]})
    assert answer.status_code == 200
    (prediction,) = answer.json()["predictions"]
    assert prediction["fields"] == ["prediction", "probability"]
    ((label, probabilities),) = prediction["values"]
    assert label in ("Risk", "No Risk")
    assert sum(probabilities) == pytest.approx(1)
    assert ["No Risk", "Risk"][probabilities.index(max(probabilities))] == label
    assert "system" not in answer.json()


def test_classes_are_what_they_were(scored: Scored) -> None:
    assert [answer[0] for answer in scored.ask("truth_online", NUMBERS, [1, 1, 0], [0, 0, 0])] == [
        True,
        False,
    ]
    third = [answer[0] for answer in scored.ask("third_online", NUMBERS, [0, 0, 0], [1, 0, 0])]
    assert third == [0, 3]
    assert all(type(label) is int for label in third)


def test_numbers_clusters_and_several_targets(scored: Scored) -> None:
    ((number,),) = scored.ask("number_online", NUMBERS, [0.5, 0.25, 0])
    assert number == pytest.approx(0.75, abs=0.01)
    ((cluster,),) = scored.ask("groups_online", NUMBERS, [0.5, 0.25, 0])
    assert type(cluster) is int
    ((pair,),) = scored.ask("pair_online", NUMBERS, [0.5, 0.25, 1])
    assert pair == pytest.approx([0.75, 1.5], abs=0.01)


def test_by_id_and_by_serving_name(scored: Scored) -> None:
    by_name = scored.score("number_online", {"fields": NUMBERS, "values": [[1, 2, 3]]})
    by_id = scored.score(str(scored.ids["number"]), {"fields": NUMBERS, "values": [[1, 2, 3]]})
    assert by_name.json() == by_id.json()
    assert by_name.headers["x-model-id"] == by_id.headers["x-model-id"]
    assert by_name.headers["x-deployment-revision"] == "1"
    assert "x-model-stale" not in by_name.headers


def test_over_https(scored: Scored) -> None:
    import ssl

    trusted = ssl.create_default_context(cafile=scored.service.certificate)
    answer = httpx.post(
        f"{scored.service.https}/ml/v4/deployments/number_online/predictions",
        json={"input_data": [{"fields": NUMBERS, "values": [[1, 2, 3]]}]},
        headers={"Authorization": f"Bearer {scored.service.token()}"},
        verify=trusted,
    )
    assert answer.json()["predictions"][0]["values"] == scored.ask("number_online", NUMBERS, [1, 2, 3])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.permutations([*PERSON, "id"]),
    count=st.integers(1, 50),
    as_text=st.booleans(),
)
def test_columns_in_any_order(scored: Scored, names: list[str], count: int, as_text: bool) -> None:
    people = [{**PERSON, "age": 20 + i, "day": f"2024-03-{1 + i % 30:02}", "id": i} for i in range(count)]
    expected = scored.ask("risk_online", list(PERSON), *[[one[name] for name in PERSON] for one in people])
    if as_text:
        people = [{**one, "age": f" {one['age']}.0", "member": "TRUE"} for one in people]
    answer = scored.score(
        "risk_online", {"fields": names, "values": [[one[name] for name in names] for one in people]}
    )
    assert answer.json()["predictions"][0]["values"] == expected
    (warning,) = answer.json()["system"]["warnings"]
    assert '"id"' in warning["message"]


def test_several_blocks_keep_their_ids(scored: Scored) -> None:
    answer = scored.score(
        "number_online",
        {"id": "first", "fields": NUMBERS, "values": [[1, 2, 3], [4, 5, 6]]},
        {"id": 7, "fields": ["c", "b", "a"], "values": [[3, 2, 1]]},
        {"values": [[1, 2, 3]]},
    )
    first, second, third = answer.json()["predictions"]
    assert (first["id"], second["id"], "id" in third) == ("first", 7, False)
    assert first["values"][0] == second["values"][0] == third["values"][0]
    assert len(first["values"]) == 2


def test_nulls_are_imputed_where_that_was_trained(scored: Scored) -> None:
    ((imputed,),) = scored.ask("number_online", NUMBERS, [None, 0.5, 0])
    assert imputed == pytest.approx(0.5, abs=0.1)
    person = {**PERSON, "age": None}
    message = refused(
        scored.score("risk_online", {"fields": list(person), "values": [list(person.values())]})
    )
    assert message == 'row 0 (counted from 0) of input_data[0]: column "age" is missing, expected a number'


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"fields": ["a", "c"], "values": [[1, 2]]}, 'lacks the columns "b"'),
        ({"fields": [*NUMBERS, "a"], "values": [[1, 2, 3, 4]]}, 'has the column "a" more than once'),
        ({"fields": NUMBERS, "values": [[1, 2, 3], [1, 2]]}, "row 1 (counted from 0) of input_data[0] is 2 values"),
        ({"fields": NUMBERS, "values": [[1, 2, 3], []]}, "row 1 (counted from 0) of input_data[0] is 0 values"),
        ({"fields": NUMBERS, "values": [1, 2, 3]}, "row 0 (counted from 0) of input_data[0] is 1,"),
        ({"fields": NUMBERS, "values": [{"a": 1, "b": 2, "c": 3}]}, "is an object, expected an array of 3 values"),
        ({"fields": NUMBERS, "values": [[1, 2, "x"]]}, 'column "c" is "x", expected a number'),
        ({"fields": NUMBERS, "values": [[1, 2, 3], [1, {}, 3]]}, 'row 1 (counted from 0) of input_data[0]: column "b"'),
        ({"fields": NUMBERS, "values": [[1, 2, 1e39]]}, 'column "c" is'),
        ({"fields": NUMBERS, "values": []}, "values is empty"),
        ({"fields": NUMBERS}, "values is missing"),
        ({"fields": NUMBERS, "values": "abc"}, 'values is "abc"'),
        ({"fields": [], "values": [[1]]}, "fields is empty"),
        ({"fields": "abc", "values": [[1]]}, 'fields is "abc"'),
        ({"fields": ["a", 1, "c"], "values": [[1, 2, 3]]}, "fields[1] is 1, expected a text"),
        ({"fields": ["a", ["b"], "c"], "values": [[1, 2, 3]]}, "fields[1] is an array of 1"),
        ({"id": {}, "fields": NUMBERS, "values": [[1, 2, 3]]}, "id is an object"),
        ([], "input_data[0] is an array of 0, expected an object"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(scored: Scored, block: Any, expected: str) -> None:
    assert expected in refused(scored.score("number_online", block))
    good = {"fields": NUMBERS, "values": [[1, 2, 3]]}
    assert expected.replace("input_data[0]", "input_data[1]") in refused(
        scored.score("number_online", good, block)
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "it is empty"),
        (b"{", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b'{"input_data": [' + b"[" * 5000, "it is not JSON"),
        (b"[]", "it is an array of 0, expected an object"),
        (b"{}", "input_data is missing"),
        (b'{"input_data": {}}', "input_data is an object"),
        (b'{"input_data": []}', "input_data is empty"),
        (b'{"input_data": [{"fields": ["a", "b", "c"], "values": [[1, 2, 3], [1, NaN, 3]]}]}',
         'row 1 (counted from 0) of input_data[0]: column "b" is NaN, which is not JSON'),
        (b'{"input_data": [{"values": [[1, 2, -Infinity]]}]}', 'value 2 (counted from 0)'),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read(scored: Scored, body: bytes, expected: str) -> None:
    assert expected in refused(scored.send(body, "number_online"))


def test_an_answer_beyond_all_numbers_is_no_invalid_json(scored: Scored) -> None:
    answer = scored.score("pair_online", {"fields": NUMBERS, "values": [[0, 1, 0], [3e38, -3e38, 0]]})
    assert "row 1 (counted from 0)" in refused(answer, 422)


def test_who_may_ask(scored: Scored) -> None:
    url = f"{scored.service.http}/ml/v4/deployments/number_online/predictions"
    body = {"input_data": [{"fields": NUMBERS, "values": [[1, 2, 3]]}]}
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer x"}):
        answer = httpx.post(url, json=body, headers=headers)
        refused(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
    stranger = scored.service.client("stranger", scored.service.user("stranger"))
    with stranger:
        hidden = stranger.post("/ml/v4/deployments/number_online/predictions", json=body)
        absent = stranger.post("/ml/v4/deployments/nothing_online/predictions", json=body)
        # what may not be seen looks as what is not there
        assert refused(hidden, 404).replace("number", "") == refused(absent, 404).replace("nothing", "")
        me = stranger.get("/v1/me").json()["id"]
        joined = scored.client.post(
            f"/v2/spaces/{scored.space_id}/members",
            json={"members": [{"id": me, "role": "viewer", "type": "user", "state": "active"}]},
        )
        assert joined.status_code == 200, joined.text
        eventually(stranger, body, 200)
        assert scored.client.delete(f"/v2/spaces/{scored.space_id}/members/{me}").status_code == 204
        eventually(stranger, body, 404)


def eventually(client: httpx.Client, body: Any, status: int) -> None:
    """Wait until every process knows of a change, which is soon."""
    from tests.processes import until

    url = "/ml/v4/deployments/number_online/predictions"
    until(
        lambda: {client.post(url, json=body).status_code for _ in range(10)} == {status}, f"status {status}"
    )


def test_other_methods_and_encodings(scored: Scored) -> None:
    url = "/ml/v4/deployments/number_online/predictions"
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = scored.client.request(method, url)
        refused(answer, 405)
        assert answer.headers["allow"] == "POST"
    assert scored.client.head(url).status_code == 405
    assert "gzip" in refused(scored.send(b"...", "number_online", **{"content-encoding": "gzip"}), 415)
    answer = scored.send(
        b'{"input_data": [{"values": [[1, 2, 3]]}]}', "number_online", **{"content-type": "text/plain"}
    )
    assert answer.status_code == 200
    assert scored.client.post("/ml/v4/deployments/number_online/other/predictions").status_code == 404


def test_a_deployment_without_a_model_says_so(scored: Scored) -> None:
    deploy(scored.service.database, scored.space_id, "empty", None)
    from tests.processes import until

    with scored.service.database.connect() as connection:
        connection.execute("select pg_notify('pgml_changed', '')")
    block = {"values": [[1, 2, 3]]}
    until(lambda: scored.score("empty_online", block).status_code == 503, "it to be known")
    answer = scored.score("empty_online", block)
    assert "has no model that answers yet" in refused(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
