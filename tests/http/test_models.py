"""Models of spaces over HTTP: what they say of themselves, and their revisions. What they hold is another matter."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http.test_spaces import code, get, made

pytestmark = pytest.mark.one_server
RUNTIME = "ca26137e-0e82-51bc-a0ac-ae066e69ea75"


@pytest.fixture(scope="module")
def space(client: httpx.Client) -> str:
    return made(client, "models")


def stored(client: httpx.Client, space: str, **entity: Any) -> dict[str, Any]:
    """A model without content."""
    body = {"name": "churn", "type": "scikit-learn_1.3", "space_id": space, **entity}
    answer = client.post("/ml/v4/models", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def url(model: dict[str, Any]) -> str:
    return f"/ml/v4/models/{model['metadata']['id']}"


def test_a_model_keeps_what_it_was_told(client: httpx.Client, space: str) -> None:
    told = {
        "type": "scikit-learn_1.3",
        "software_spec": {"id": RUNTIME},
        "label_column": "y",
        "schemas": {"input": [{"id": "1", "type": "struct", "fields": [{"name": "x", "type": "double"}]}]},
        "training_data_references": [{"type": "fs", "location": {}}],
        "custom": {"own": [1, None]},
        "metrics": [{"name": "f1", "value": 0.5}],
        "domain": "own",
    }
    model = stored(
        client, space, **told, description="who leaves", tags=["a", {"value": "b", "description": "c"}]
    )
    metadata, entity = model["metadata"], model["entity"]
    assert entity["software_spec"] == {"id": RUNTIME, "name": "runtime-24.1-py3.11"}
    assert {key: entity[key] for key in told if key != "software_spec"} == {
        key: value for key, value in told.items() if key != "software_spec"
    }
    assert (metadata["name"], metadata["description"], metadata["tags"]) == (
        "churn",
        "who leaves",
        ["a", "b"],
    )
    assert metadata["space_id"] == space
    assert metadata["resource_key"] == metadata["id"]
    assert metadata["created_at"].endswith("Z")
    assert metadata["commit_info"]["committed_at"] == metadata["modified_at"]
    assert model["system"] == {"warnings": []}
    assert client.get(url(model)).json() == model


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"name": "runtime-24.1-py3.11"}, {"name": "runtime-24.1-py3.11", "id": RUNTIME}),
        ({"id": "12b83a17-24d8-5082-900f-0ab31fbfd3cb"}, {"id": "12b83a17-24d8-5082-900f-0ab31fbfd3cb"}),
        ({"id": "from another installation"}, {"id": "from another installation"}),
        ({"name": "never heard of"}, {"name": "never heard of"}),
    ],
)
def test_a_software_specification_of_another_installation_is_kept(
    client: httpx.Client, space: str, given: dict[str, str], kept: dict[str, str]
) -> None:
    assert stored(client, space, software_spec=given)["entity"]["software_spec"] == kept


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"type": ""}, "type"),
        ({"type": " "}, "type"),
        ({"space_id": None}, "space_id is missing"),
        ({"space_id": None, "project_id": "00000000-0000-0000-0000-000000000000"}, "pgml.train"),
        ({"space_id": "x"}, "space_id"),
        ({"tags": [1]}, "tags"),
        ({"custom": []}, "custom"),
        ({"schemas": []}, "schemas"),
        ({"content_location": {"type": "s3"}}, "nothing is fetched from elsewhere"),
        ({"import": {"type": "s3"}}, "nothing is fetched from elsewhere"),
    ],
)
def test_a_model_that_is_none_is_refused(
    client: httpx.Client, space: str, change: dict[str, Any], reason: str
) -> None:
    body = {"name": "churn", "type": "scikit-learn_1.3", "space_id": space, **change}
    answer = client.post("/ml/v4/models", json=body)
    assert answer.status_code == 400
    assert reason in answer.json()["errors"][0]["message"]


def test_models_are_listed_by_name_and_tag_in_pages(client: httpx.Client) -> None:
    space = made(client, "listed")
    ids = [
        stored(client, space, name=f"model {number % 2}", tags=[f"tag {number % 3}"])["metadata"]["id"]
        for number in range(5)
    ]
    found: list[str] = []
    href = f"/ml/v4/models?space_id={space}&limit=2&version=2026-11-01"
    for _ in range(3):
        page = get(client, href).json()
        assert page["total_count"] == 5
        found += [one["metadata"]["id"] for one in page["resources"]]
        href = page.get("next", {}).get("href", "")
    assert (found, href) == (ids[::-1], "")
    by_tag = get(client, f"/ml/v4/models?space_id={space}&tag.value=tag 0").json()["resources"]
    assert [one["metadata"]["id"] for one in by_tag] == [ids[3], ids[0]]
    by_name = get(client, f"/ml/v4/models?space_id={space}&name=model 1").json()["resources"]
    assert [one["metadata"]["id"] for one in by_name] == [ids[3], ids[1]]
    assert client.get("/ml/v4/models").status_code == 400


def test_a_model_is_found_only_where_it_is(client: httpx.Client, space: str) -> None:
    model = stored(client, space)
    assert get(client, f"{url(model)}?space_id={space}").status_code == 200
    for elsewhere in ("space_id", "project_id"):
        answer = get(client, f"{url(model)}?{elsewhere}={made(client, 'elsewhere')}")
        assert (answer.status_code, code(answer)) == (404, "unknown_asset")


def test_a_patch_changes_what_a_model_says(client: httpx.Client, space: str) -> None:
    model = stored(client, space, tags=["a"])
    operations = [
        {"op": "replace", "path": "/name", "value": "other"},
        {"op": "add", "path": "/description", "value": "now"},
        {"op": "add", "path": "/tags/-", "value": "b"},
        {"op": "add", "path": "/custom", "value": {"k": 1}},
        {"op": "add", "path": "/software_spec", "value": {"name": "runtime-24.1-py3.11"}},
    ]
    answer = client.patch(url(model), json=operations)
    assert answer.status_code == 200
    changed = client.get(url(model)).json()
    assert answer.json() == changed
    metadata = changed["metadata"]
    assert (metadata["name"], metadata["description"], metadata["tags"]) == ("other", "now", ["a", "b"])
    assert changed["entity"]["custom"] == {"k": 1}
    assert changed["entity"]["software_spec"]["id"] == RUNTIME
    assert metadata["modified_at"] > model["metadata"]["modified_at"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/name", "value": " "},
        {"op": "remove", "path": "/type"},
        {"op": "replace", "path": "/tags", "value": "a"},
        {"op": "replace", "path": "/custom", "value": 1},
        {"op": "replace", "path": "/id", "value": "x"},
        {"op": "replace", "path": "/space_id", "value": "x"},
        {"op": "replace", "path": "/metadata/owner", "value": "x"},
        {"op": "add", "path": "/model", "value": {"id": 1}},
        {"op": "copy", "from": "/model", "path": "/custom"},
        {"op": "remove", "path": "/nothing"},
    ],
)
def test_a_patch_that_cannot_be_done_changes_nothing(
    client: httpx.Client, space: str, operation: dict[str, Any]
) -> None:
    model = stored(client, space)
    operations = [{"op": "add", "path": "/description", "value": "new"}, operation]
    assert client.patch(url(model), json=operations).status_code == 400
    assert client.get(url(model)).json() == model


def test_a_revision_stays_as_it_was(client: httpx.Client, space: str) -> None:
    model = stored(client, space, description="first")
    for number in (1, 2):
        answer = client.post(f"{url(model)}/revisions", json={"space_id": space})
        assert (answer.status_code, answer.json()["metadata"]["rev"]) == (201, str(number))
        client.patch(url(model), json=[{"op": "replace", "path": "/description", "value": "later"}])
    assert client.get(url(model)).json()["metadata"]["description"] == "later"
    first = get(client, f"{url(model)}?rev=1").json()
    assert (first["metadata"]["rev"], first["metadata"]["description"]) == ("1", "first")
    listed = client.get(f"{url(model)}/revisions").json()
    assert [one["metadata"]["rev"] for one in listed["resources"]] == ["2", "1"]
    assert listed["resources"][1] == first
    page = get(client, f"{url(model)}/revisions?limit=1").json()
    assert [one["metadata"]["rev"] for one in page["resources"]] == ["2"]
    assert [one["metadata"]["rev"] for one in get(client, page["next"]["href"]).json()["resources"]] == ["1"]


def test_a_revision_that_is_not_there(client: httpx.Client, space: str) -> None:
    model = stored(client, space)
    assert client.get(f"{url(model)}/revisions").json()["resources"] == []
    for revision in ("1", "0", "-1", "x", "9" * 30, "\u0661"):
        answer = client.get(url(model), params={"rev": revision})
        assert answer.status_code in (400, 404), revision
    elsewhere = client.post(f"{url(model)}/revisions", json={"space_id": made(client, "elsewhere")})
    assert elsewhere.status_code == 404
    assert client.get(f"{url(model)}/revisions").json()["total_count"] == 0


@pytest.mark.parametrize("place", ["/ml/v4/models", "/v2/assets"])
def test_a_deleted_model_is_gone_with_its_revisions(client: httpx.Client, space: str, place: str) -> None:
    model = stored(client, space)
    client.post(f"{url(model)}/revisions")
    asset = f"{place}/{model['metadata']['id']}"
    assert client.get(f"{asset}").status_code == 200
    assert client.delete(asset, params={"purge_on_delete": "true"}).status_code == 204
    for answer in (client.get(asset), client.delete(asset), get(client, f"{url(model)}?rev=1")):
        assert (answer.status_code, code(answer)) == (404, "unknown_asset")


def test_a_space_goes_with_its_models(client: httpx.Client) -> None:
    space = made(client, "going")
    model = stored(client, space)
    assert client.delete(f"/v2/spaces/{space}").status_code == 202
    assert client.get(url(model)).status_code == 404


def test_assets_are_searched_by_kind_and_name(client: httpx.Client) -> None:
    space = made(client, "searched")
    ids = [stored(client, space, name=f"model {number}")["metadata"]["id"] for number in range(3)]

    def search(kind: str, **query: Any) -> Any:
        return client.post(f"/v2/asset_types/{kind}/search", params={"space_id": space}, json=query).json()

    found = search("wml_model", query="*:*", limit=2)
    assert found["total_rows"] == 3
    assert [one["metadata"]["asset_id"] for one in found["results"]] == ids[:0:-1]
    rest = search("wml_model", **found["next"])
    assert [one["metadata"]["asset_id"] for one in rest["results"]] == ids[:1]
    assert "next" not in rest
    named = search("asset", query='asset.name:"model 1"')
    assert [one["metadata"]["name"] for one in named["results"]] == ["model 1"]
    for kind in ("data_asset", "connection", "script", "wml_model_definition", "wx_prompt"):
        assert search(kind) == {"total_rows": 0, "results": []}
    assert search("wml_model", query="asset.tags:x")["status_code"] == 400
    assert client.post("/v2/asset_types/wml_model/search", json={}).status_code == 400


@pytest.mark.parametrize("kind", ["pipelines", "experiments", "functions", "ai_services", "trainings"])
def test_what_there_is_none_of_is_an_empty_list(client: httpx.Client, kind: str) -> None:
    assert client.get(f"/ml/v4/{kind}").json()["resources"] == []
    assert client.get(f"/ml/v4/{kind}/00000000-0000-0000-0000-000000000000").status_code == 404
