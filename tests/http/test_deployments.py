"""Online deployments over HTTP: made, found, changed, replaced, removed."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.http.railway import PATH, Railway, code, railway
from tests.processes import until
from tests.servers import Server

pytestmark = pytest.mark.one_server


@pytest.fixture(scope="module")
def rails(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Railway]:
    with railway(server, tmp_path_factory.mktemp("deployments")) as found:
        yield found


def status(rails: Railway, key: str) -> dict[str, object]:
    found: dict[str, object] = rails.get(key)["entity"]["status"]
    return found


def test_a_deployment_is_made_and_is_ready(rails: Railway) -> None:
    answer = rails.create("first", description="of many", tags=["blue"], custom={"team": "a"})
    assert answer.status_code == 202
    made = answer.json()
    assert made["entity"]["status"]["state"] == "initializing"
    assert made["entity"]["asset"] == {"id": str(rails.yard.assets[1])}
    id_ = made["metadata"]["id"]
    assert len(id_) == 36
    found = rails.settled(id_)
    entity = found["entity"]
    url = f"{rails.service.http}{PATH}/{id_}/predictions"
    named = f"{rails.service.http}{PATH}/first/predictions"
    assert entity["status"] == {
        "state": "ready",
        "message": {"level": "info", "text": ""},
        "online_url": {"url": url},
        "serving_urls": [named],
        "inference": [{"url": url}, {"url": named, "uses_serving_name": True}],
    }
    assert entity["asset"] == {"id": str(rails.yard.assets[1])}
    assert (entity["deployed_asset_type"], entity["custom"]) == ("model", {"team": "a"})
    assert entity["online"] == {"parameters": {"serving_name": "first"}}
    assert entity["hardware_spec"]["num_nodes"] == 1
    assert {name: found["metadata"][name] for name in ("name", "description", "tags", "space_id")} == {
        "name": "first",
        "description": "of many",
        "tags": ["blue"],
        "space_id": str(rails.yard.space_id),
    }
    assert rails.get("first") == found


def test_serving_names_are_unique(rails: Railway) -> None:
    rails.made("unique")
    for name, expected in (("unique", 409), ("switchyard", 409), ("free", 204), ("Not a name", 400)):
        params = {"version": "2026-11-01", "serving_name": name, "conflict": "true"}
        assert rails["eve"].get(PATH, params=params).status_code == expected, name
    assert code(rails.create("unique")) == (409, "name_taken")
    # the name of a project
    assert code(rails.create("switchyard")) == (409, "name_taken")
    assert code(rails.create("Not a name")) == (400, "invalid_argument")
    assert code(rails.ed.get(PATH, params={"version": "2026-11-01", "conflict": "true"})) == (
        400,
        "invalid_request",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"space_id": str(uuid4())}, (404, "unknown_space")),
        ({"asset": {"id": str(uuid4())}}, (400, "unusable_asset")),
        ({"asset": {"id": "x"}}, (400, "invalid_deployment")),
        ({"asset": {}}, (400, "invalid_deployment")),
        ({"online": None}, (400, "invalid_request")),
        ({"batch": {}}, (400, "invalid_deployment")),
        ({"hardware_spec": {"num_nodes": 0}}, (400, "invalid_deployment")),
        ({"hardware_spec": {"num_nodes": "many"}}, (400, "invalid_deployment")),
        ({"hardware_spec": {"name": "colossal"}}, (400, "invalid_deployment")),
        ({"hardware_spec": {"id": "x"}}, (400, "invalid_deployment")),
        ({"tags": [1]}, (400, "invalid_request")),
        ({"name": ""}, (400, "invalid_argument")),
        ({"online": {"parameters": {"serving_name": 7}}}, (400, "invalid_argument")),
    ],
)
def test_what_cannot_be_deployed(
    rails: Railway, changes: dict[str, object], expected: tuple[int, str]
) -> None:
    before = rails.ed.get(PATH).json()["total_count"]
    assert code(rails.create("impossible", 1, **changes)) == expected
    assert rails.ed.get(PATH).json()["total_count"] == before
    params = {"version": "2026-11-01", "serving_name": "impossible", "conflict": "true"}
    assert rails.ed.get(PATH, params=params).status_code == 204


def test_an_asset_without_a_model_or_a_revision(rails: Railway) -> None:
    with rails.yard.connect() as connection:
        row = connection.execute(
            "insert into pgml.assets (space_id, name, owner_id) values (%s, 'empty', %s) returning id",
            [rails.yard.space_id, rails.yard.user_id],
        ).fetchone()
    assert row is not None
    answer = rails.create("hollow", asset={"id": str(row[0])})
    assert (code(answer), "has not been uploaded" in answer.text) == ((400, "unusable_asset"), True)
    answer = rails.create("hollow", asset={"id": str(rails.yard.assets[1]), "rev": "7"})
    assert (code(answer), "no revision 7" in answer.text) == ((400, "unusable_asset"), True)


def test_listing(rails: Railway) -> None:
    id_ = rails.made("listed", 2)
    rails.patch(id_, [{"op": "add", "path": "/tags", "value": ["only here"]}])

    def listed(**params: str) -> list[str]:
        answer = rails.ed.get(PATH, params={"version": "2026-11-01", **params})
        assert answer.status_code == 200, answer.text
        return [one["metadata"]["id"] for one in answer.json()["resources"]]

    everything = listed()
    assert id_ in everything
    assert listed(serving_name="listed") == [id_]
    assert listed(**{"tag.value": "only here"}) == [id_]
    assert listed(asset_id=str(rails.yard.assets[2]), name="listed") == [id_]
    assert listed(name="listed", state="ready", type="online") == [id_]
    assert listed(name="listed", state="failed") == []
    assert listed(name="listed", type="batch") == []
    assert listed(space_id=str(uuid4())) == []
    assert set(listed(space_id=str(rails.yard.space_id))) == set(everything)
    pages, params = [], {"limit": "1"}
    while True:
        answer = rails.ed.get(PATH, params={"version": "2026-11-01", **params}).json()
        pages += [one["metadata"]["id"] for one in answer["resources"]]
        assert answer["total_count"] == len(everything)
        if "next" not in answer:
            break
        params["start"] = answer["next"]["start"]
    assert pages == everything
    assert rails["eve"].get(PATH).json()["resources"] == []
    assert len(rails["root"].get(PATH).json()["resources"]) == len(everything)


def test_details_are_changed_at_once(rails: Railway) -> None:
    id_ = rails.made("detailed")
    operations = [
        {"op": "replace", "path": "/name", "value": "another name"},
        {"op": "replace", "path": "/description", "value": "what it does"},
        {"op": "add", "path": "/tags", "value": ["a", "b"]},
        {"op": "add", "path": "/custom", "value": {"x": [1, None]}},
    ]
    answer = rails.patch(id_, operations)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["metadata"]["name"], found["metadata"]["description"]) == ("another name", "what it does")
    assert (found["metadata"]["tags"], found["entity"]["custom"]) == (["a", "b"], {"x": [1, None]})
    root = rails["root"].get("/v1/me").json()["id"]
    answer = rails.patch(id_, [{"op": "replace", "path": "/metadata/owner", "value": root}])
    assert (answer.status_code, answer.json()["metadata"]["owner"]) == (200, root)
    scaled = {"name": "M", "num_nodes": 3}
    answer = rails.patch(id_, [{"op": "replace", "path": "/hardware_spec", "value": scaled}])
    assert answer.status_code == 202
    hardware = answer.json()["entity"]["hardware_spec"]
    assert hardware["num_nodes"] == 3
    operations = [{"op": "replace", "path": "/hardware_spec", "value": {"id": hardware["id"]}}]
    assert rails.patch(id_, operations).json()["entity"]["hardware_spec"]["name"] == "M"


def test_the_serving_name_moves(rails: Railway) -> None:
    id_ = rails.made("old_name")
    rails.made("occupied")
    value = {"serving_name": "new_name"}
    assert (
        rails.patch(id_, [{"op": "replace", "path": "/online/parameters", "value": value}]).status_code == 202
    )
    assert rails.get("new_name")["metadata"]["id"] == id_
    assert code(rails.ed.get(f"{PATH}/old_name")) == (404, "unknown_deployment")
    for name, expected in (("occupied", (409, "name_taken")), ("switchyard", (409, "name_taken"))):
        operations = [{"op": "replace", "path": "/online/parameters/serving_name", "value": name}]
        assert code(rails.patch(id_, operations)) == expected
    answer = rails.patch(id_, [{"op": "remove", "path": "/online/parameters/serving_name"}])
    assert answer.status_code == 202
    assert answer.json()["entity"]["status"]["serving_urls"] == []
    rails.made("old_name")


def test_what_no_patch_may_do(rails: Railway) -> None:
    id_ = rails.made("patched")
    before = rails.get(id_)
    asset = {"op": "replace", "path": "/asset", "value": {"id": str(rails.yard.assets[2])}}
    name = {"op": "replace", "path": "/name", "value": "x"}
    for operations, expected in (
        ([asset, name], (400, "invalid_patch")),
        ([{"op": "replace", "path": "/status", "value": {}}], (400, "invalid_patch")),
        ([{"op": "replace", "path": "/space_id", "value": str(uuid4())}], (400, "invalid_patch")),
        ([{"op": "remove", "path": "/name"}], (400, "invalid_argument")),
        ([{"op": "remove", "path": "/asset"}], (400, "invalid_deployment")),
        ([{"op": "replace", "path": "/asset", "value": {"id": str(uuid4())}}], (400, "unusable_asset")),
        ([{"op": "replace", "path": "/metadata/owner", "value": "nobody"}], (404, "unknown_user")),
        ([{"op": "replace", "path": "/online/parameters", "value": 7}], (400, "invalid_deployment")),
        ([{"op": "replace", "path": "/online", "value": 7}], (400, "invalid_deployment")),
        ([{"op": "replace", "path": "/metadata", "value": 7}], (400, "invalid_deployment")),
        ([{"op": "replace", "path": "/hardware_spec", "value": 7}], (400, "invalid_deployment")),
        ({"op": "replace"}, (400, "invalid_request")),
    ):
        assert code(rails.patch(id_, operations)) == expected, operations
        assert rails.get(id_) == before


def test_the_asset_is_replaced_and_the_history_says_so(rails: Railway) -> None:
    id_ = rails.made("replaced", 1)
    answer = rails.replace("replaced", rails.yard.assets[2], reason="it is better")
    assert (answer.status_code, answer.json()["entity"]["status"]["state"]) == (202, "updating")
    assert answer.json()["entity"]["asset"]["id"] == str(rails.yard.assets[1])
    found = rails.settled(id_)
    assert found["entity"]["status"]["state"] == "ready"
    assert found["entity"]["asset"]["id"] == str(rails.yard.assets[2])
    entries = rails["vic"].get(f"/v1/deployments/{id_}/history").json()["resources"]
    assert [(one["revision"], one["model_id"], one["user_name"], one["reason"]) for one in entries] == [
        (1, rails.yard.models[1], "ed", None),
        (2, rails.yard.models[2], "ed", "it is better"),
    ]
    assert entries[1]["previous_model_id"] == rails.yard.models[1]
    assert entries[1]["checks"] == {"compared_with": rails.yard.models[1], "differences": [], "forced": False}
    for entry in entries:
        answer = rails["vic"].get("/v1/deployments/replaced/live_at", params={"at": entry["live_from"]})
        assert answer.json()["live"] == entry
    answer = rails["vic"].get("/v1/deployments/replaced/live_at", params={"at": "2000-01-01T00:00:00"})
    assert answer.json() == {"live": None}


def test_a_deployment_is_removed_with_its_history(rails: Railway) -> None:
    id_ = rails.made("removed")
    rails.replace(id_, rails.yard.assets[2])
    rails.settled(id_)
    assert code(rails["vic"].delete(f"{PATH}/removed")) == (403, "role_too_low")
    assert rails.ed.delete(f"{PATH}/removed").status_code == 204
    assert code(rails.ed.get(f"{PATH}/{id_}")) == (404, "unknown_deployment")
    assert code(rails.ed.delete(f"{PATH}/{id_}")) == (404, "unknown_deployment")
    with rails.yard.connect() as connection:
        row = connection.execute(
            "select project_name, user_name, deployments from pgml.removals where endpoint_id is not null "
            "order by id desc limit 1"
        ).fetchone()
        assert row == ("removed", "ed", 2)
        left = connection.execute("select count(*) from pgml.endpoints where name = 'removed'").fetchone()
    assert left == (0,)
    rails.made("removed")


def test_one_that_is_removed_while_it_is_being_made(rails: Railway) -> None:
    for number in range(5):
        id_ = rails.create(f"brief_{number}").json()["metadata"]["id"]
        assert rails.ed.delete(f"{PATH}/{id_}").status_code == 204
    until(lambda: rails.made("after_all"), "the service to be unharmed")


def test_who_may_do_what(rails: Railway) -> None:
    id_ = rails.made("guarded")
    for name, see, change in (("eve", 404, 404), ("vic", 200, 403), ("ed", 200, 200), ("root", 200, 200)):
        assert rails[name].get(f"{PATH}/{id_}").status_code == see
        operations = [{"op": "replace", "path": "/description", "value": name}]
        assert rails.patch(id_, operations, by=name).status_code == change
        for path, params in (
            ("history", {}),
            ("live_at", {"at": "2026-01-01"}),
            ("compatibility", {"model_id": str(rails.yard.models[2])}),
        ):
            answer = rails[name].get(f"/v1/deployments/{id_}/{path}", params=params)
            assert answer.status_code == see, answer.text
        expected = {200: 409}.get(change, change)
        assert rails[name].post(f"/v1/deployments/{id_}/rollback").status_code == expected
