"""Spaces and their members over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.http.service import Service

pytestmark = pytest.mark.one_server


def made(client: httpx.Client, name: str, **entity: Any) -> str:
    """A space; its id."""
    answer = client.post("/v2/spaces", json={"name": name, **entity})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["metadata"]["id"])


def get(client: httpx.Client, url: str) -> httpx.Response:
    """The client's own parameters would take the place of those in the URL."""
    return client.get(url, params=httpx.URL(url).params)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["code"])


def me(client: httpx.Client) -> str:
    return str(client.get("/v1/me").json()["id"])


def admit(client: httpx.Client, space: str, who: str, role: str) -> httpx.Response:
    return client.post(
        f"/v2/spaces/{space}/members",
        json={"members": [{"id": who, "role": role, "type": "user", "state": "active"}]},
    )


def test_a_space_is_active_at_once_and_keeps_what_it_was_told(client: httpx.Client) -> None:
    told = {
        "name": "churn",
        "description": "who leaves",
        "stage": {"production": False, "name": "dev"},
        "tags": ["a"],
        "type": "cpd",
        "own": 1,
    }
    answer = client.post("/v2/spaces", json=told)
    space = answer.json()
    assert answer.status_code == 202
    assert {key: space["entity"][key] for key in told} == told
    assert space["entity"]["status"] == {"state": "active"}
    assert space["metadata"]["creator_id"] == me(client)
    assert space["metadata"]["url"] == f"/v2/spaces/{space['metadata']['id']}"
    assert client.get(space["metadata"]["url"]).json() == space


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": " "},
        {"name": "x" * 256},
        {"name": 1},
        {"name": "a\x00b"},
        {"name": "a", "tags": "b"},
        {"name": "a", "description": {"a": 1}},
        {"name": "a", "own": {"deep\ud800": 1}},
        [],
    ],
)
def test_a_space_that_is_none_is_refused(client: httpx.Client, body: Any) -> None:
    import json

    answer = client.post("/v2/spaces", content=json.dumps(body))
    assert (answer.status_code, answer.json()["status_code"]) == (400, 400)


def test_json_that_cannot_be_kept_is_refused(client: httpx.Client) -> None:
    for own in ("NaN", "1e999", "[" * 200 + "]" * 200, '"\\u0000"'):
        answer = client.post("/v2/spaces", content=f'{{"name": "a", "own": {own}}}')
        assert answer.status_code == 400, own[:20]


def test_a_request_that_is_too_large_is_not_kept(client: httpx.Client) -> None:
    large = b'{"name": "a", "description": "' + b"x" * (9 << 20) + b'"}'
    parts = (large[start : start + (1 << 20)] for start in range(0, len(large), 1 << 20))
    for content in (large, parts):
        answer = client.post("/v2/spaces", content=content)
        assert (answer.status_code, code(answer)) == (413, "request_too_large")
    made(client, "after that")


def test_the_listing_is_walked_page_by_page(client: httpx.Client) -> None:
    names = [f"walked {number}" for number in range(5)]
    ids = [made(client, name, type="walked") for name in names]
    found: list[str] = []
    url = "/v2/spaces?type=walked&limit=2"
    for _ in range(3):
        page = get(client, url).json()
        assert (page["limit"], page["total_count"]) == (2, 5)
        found += [space["metadata"]["id"] for space in page["resources"]]
        if "next" not in page:
            break
        url = page["next"]["href"]
    assert found == ids[::-1]
    first = get(client, url).json()["first"]["href"]
    assert get(client, first).json()["resources"][0]["entity"]["name"] == "walked 4"


def test_the_listing_goes_on_after_one_that_was_deleted_meanwhile(client: httpx.Client) -> None:
    for number in range(3):
        made(client, f"going {number}", type="going")
    page = get(client, "/v2/spaces?type=going&limit=1").json()
    assert client.delete(f"/v2/spaces/{page['resources'][0]['metadata']['id']}").status_code == 202
    after = get(client, page["next"]["href"]).json()
    assert after["resources"][0]["entity"]["name"] == "going 1"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "start=x", "start=2026-11-01T00:00:00.000000Z_x", "name=%00"],
)
def test_a_listing_that_cannot_be_given(client: httpx.Client, query: str) -> None:
    assert get(client, f"/v2/spaces?{query}").status_code == 400


def test_spaces_are_found_by_name_and_by_member(client: httpx.Client, service: Service) -> None:
    key = service.user("finder")
    space = made(client, "findable")
    made(client, "findable")
    assert admit(client, space, "finder", "editor").status_code == 200
    assert client.get("/v2/spaces", params={"name": "findable"}).json()["total_count"] == 2
    assert client.get("/v2/spaces", params={"name": "find"}).json()["resources"] == []
    with service.client("finder", key) as finder:
        mine = finder.get("/v2/spaces").json()
        assert [one["metadata"]["id"] for one in mine["resources"]] == [space]
        assert get(finder, "/v2/spaces?roles=editor").json()["total_count"] == 1
        assert get(finder, "/v2/spaces?roles=admin").json()["total_count"] == 0
    for query, total in (("roles=editor", 1), ("roles=viewer", 0), ("", 1)):
        assert get(client, f"/v2/spaces?member=finder&{query}").json()["total_count"] == total
    assert code(get(client, "/v2/spaces?member=nobody")) == "unknown_user"
    assert code(get(client, "/v2/spaces?roles=owner")) == "unknown_choice"


def test_a_patch_changes_what_the_space_says(client: httpx.Client) -> None:
    space = made(client, "patched")
    answer = client.patch(
        f"/v2/spaces/{space}",
        json=[
            {"op": "replace", "path": "/name", "value": "other"},
            {"op": "replace", "path": "/description", "value": "now"},
            {"op": "add", "path": "/tags", "value": ["x"]},
        ],
    )
    assert answer.status_code == 200
    entity = client.get(f"/v2/spaces/{space}").json()["entity"]
    assert (entity["name"], entity["description"], entity["tags"]) == ("other", "now", ["x"])


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/name", "value": ""},
        {"op": "remove", "path": "/name"},
        {"op": "replace", "path": "/tags", "value": [1]},
        {"op": "replace", "path": "/status/state", "value": "deleting"},
        {"op": "replace", "path": "/description", "value": "\x00"},
        {"op": "nothing"},
    ],
)
def test_a_patch_that_cannot_be_done_changes_nothing(client: httpx.Client, operation: dict[str, Any]) -> None:
    space = made(client, "unpatched")
    before = client.get(f"/v2/spaces/{space}").json()
    operations = [{"op": "replace", "path": "/description", "value": "new"}, operation]
    assert client.patch(f"/v2/spaces/{space}", json=operations).status_code == 400
    assert client.get(f"/v2/spaces/{space}").json() == before


def test_a_deleted_space_is_gone(client: httpx.Client) -> None:
    space = made(client, "deleted")
    assert client.delete(f"/v2/spaces/{space}").status_code == 202
    for answer in (client.get(f"/v2/spaces/{space}"), client.delete(f"/v2/spaces/{space}")):
        assert (answer.status_code, code(answer)) == (404, "unknown_space")
    assert client.get("/v2/spaces/no-uuid").status_code == 400


def test_members_come_and_go(client: httpx.Client, service: Service) -> None:
    service.user("ann")
    service.user("bob")
    space = made(client, "members")
    members = f"/v2/spaces/{space}/members"
    answer = client.post(
        members, json={"members": [{"id": "ann", "role": "viewer"}, {"id": "bob", "role": "editor"}]}
    )
    assert answer.status_code == 200
    ann, bob = answer.json()["resources"]
    assert (ann["name"], ann["role"], ann["type"], ann["state"]) == ("ann", "viewer", "user", "active")
    listed = client.get(members).json()
    assert [one["name"] for one in listed["resources"]] == ["admin", "ann", "bob"]
    assert get(client, f"{members}?limit=1").json()["total_count"] == 3
    assert [one["name"] for one in get(client, f"{members}?role=editor").json()["resources"]] == ["bob"]
    assert client.get(f"{members}/ann").json() == client.get(f"{members}/{ann['id']}").json() == ann
    assert (
        get(client, f"/v2/spaces/{space}?include=members").json()["entity"]["members"] == listed["resources"]
    )
    changed = client.patch(f"{members}/bob", json=[{"op": "replace", "path": "/role", "value": "admin"}])
    assert (changed.status_code, changed.json()["role"]) == (200, "admin")
    assert client.delete(f"{members}/{bob['id']}").status_code == 204
    assert code(client.get(f"{members}/bob")) == "unknown_member"


def test_admitting_twice_is_no_error_and_changes_no_role(client: httpx.Client, service: Service) -> None:
    service.user("twice")
    space = made(client, "twice")
    for _ in range(2):
        assert admit(client, space, "twice", "viewer").status_code == 200
    answer = admit(client, space, "twice", "editor")
    assert (answer.status_code, code(answer)) == (409, "already_member")
    assert client.get(f"/v2/spaces/{space}/members/twice").json()["role"] == "viewer"


def test_all_are_admitted_or_none(client: httpx.Client, service: Service) -> None:
    service.user("one")
    space = made(client, "all or none")
    members = f"/v2/spaces/{space}/members"
    for second, refused in (
        ({"id": "nobody", "role": "viewer"}, "unknown_user"),
        ({"id": "one", "role": "owner"}, "unknown_choice"),
        ({"id": "one", "role": "viewer", "type": "group"}, "unknown_choice"),
        ({"id": "one", "role": "viewer", "state": "pending"}, "unknown_choice"),
    ):
        answer = client.post(members, json={"members": [{"id": "one", "role": "viewer"}, second]})
        assert code(answer) == refused
        assert client.get(members).json()["total_count"] == 1


def test_the_last_admin_of_a_space_stays(client: httpx.Client, service: Service) -> None:
    service.user("second")
    space = made(client, "last admin")
    members = f"/v2/spaces/{space}/members"
    demote = [{"op": "replace", "path": "/role", "value": "viewer"}]
    for answer in (client.delete(f"{members}/admin"), client.patch(f"{members}/admin", json=demote)):
        assert (answer.status_code, code(answer)) == (409, "last_admin")
    admit(client, space, "second", "admin")
    assert client.patch(f"{members}/admin", json=demote).status_code == 200
    assert client.delete(f"{members}/second").status_code == 409


def test_two_admins_who_dismiss_each_other_at_once_leave_one(client: httpx.Client, service: Service) -> None:
    with (
        service.client("left", service.user("left")) as left,
        service.client("right", service.user("right")) as right,
        ThreadPoolExecutor() as pool,
    ):
        for _ in range(10):
            space = made(left, "duel")
            assert admit(left, space, "right", "admin").status_code == 200
            members = f"/v2/spaces/{space}/members"
            both = [
                pool.submit(left.delete, f"{members}/right"),
                pool.submit(right.delete, f"{members}/left"),
            ]
            # the second one is no member any more
            assert sorted(one.result().status_code for one in both) == [204, 404]
            listed = client.get(members).json()["resources"]
            assert [one["role"] for one in listed] == ["admin"]


@pytest.mark.parametrize("value", ["owner", 1, None, ["admin"]])
def test_a_role_that_is_none(client: httpx.Client, value: object) -> None:
    space = made(client, "no role")
    operations = [{"op": "replace", "path": "/role", "value": value}]
    answer = client.patch(f"/v2/spaces/{space}/members/admin", json=operations)
    assert (answer.status_code, code(answer)) == (400, "unknown_choice")
