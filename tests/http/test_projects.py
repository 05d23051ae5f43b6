"""Projects of SQL over HTTP: read by who owns them, and promoted from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.http import service as services
from tests.http.service import Service
from tests.http.test_spaces import admit, code, get, made
from tests.servers import Server
from tests.switchyard import MODELS, PROJECT, Switchyard, switchyard

pytestmark = pytest.mark.one_server


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A service beside a project that belongs to the role that is named like the user ``owner``."""

    yard: Switchyard
    service: Service
    admin: httpx.Client
    owner: httpx.Client
    stranger: httpx.Client
    owner_name: str
    project: str
    models: list[str]


@pytest.fixture(scope="module")
def owned(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owned]:
    role, member = server.role(), server.role()
    with switchyard(server) as yard, yard.connect() as sql:
        sql.execute("update pgml.projects set owner = %s", [role])
        # a member of the role that owns is an owner as well
        sql.execute(f"grant {role} to {member}")
        rows = sql.execute(
            "select p.uid::text, m.uid::text from pgml.projects p, pgml.models m order by m.id"
        ).fetchall()
        with services.running(yard.database, tmp_path_factory.mktemp("owned")) as service:
            keys = {name: service.user(name) for name in (role, member, "stranger")}
            with (
                service.client() as admin,
                service.client(role, keys[role]) as owner,
                service.client(member, keys[member]) as other,
                service.client("stranger", keys["stranger"]) as stranger,
            ):
                found = Owned(
                    yard=yard,
                    service=service,
                    admin=admin,
                    owner=owner,
                    stranger=stranger,
                    owner_name=role,
                    project=str(rows[0][0]),
                    models=[str(row[1]) for row in rows],
                )
                assert other.get(f"/v2/projects/{found.project}").status_code == 200
                yield found


def promote(client: httpx.Client, model: str, space: str, **more: str) -> httpx.Response:
    return client.post(f"/projects/api/rest/catalogs/assets/{model}/promote", json={"spaceId": space} | more)


def test_a_project_is_read_by_its_owner_and_by_administrators(owned: Owned) -> None:
    for client in (owned.admin, owned.owner):
        page = client.get("/v2/projects").json()
        assert [one["metadata"]["guid"] for one in page["resources"]] == [owned.project]
        project = client.get(f"/v2/projects/{owned.project}").json()
        assert project == page["resources"][0]
        assert (project["entity"]["name"], project["entity"]["task"]) == (PROJECT, "regression")
        assert project["entity"]["storage"]["type"]
        for name, count in ((PROJECT, 1), ("other", 0)):
            assert client.get("/v2/projects", params={"name": name}).json()["total_count"] == count
    assert owned.stranger.get("/v2/projects").json()["resources"] == []
    for url in (f"/v2/projects/{owned.project}", f"/ml/v4/models?project_id={owned.project}"):
        answer = get(owned.stranger, url)
        assert (answer.status_code, code(answer)) == (404, "unknown_project")
    assert owned.stranger.get(f"/ml/v4/models/{owned.models[0]}").status_code == 404


def test_a_projects_models_are_listed_and_read(owned: Owned) -> None:
    page = get(owned.owner, f"/ml/v4/models?project_id={owned.project}&limit=2").json()
    assert page["total_count"] == MODELS
    rest = get(owned.owner, page["next"]["href"]).json()
    listed = page["resources"] + rest["resources"]
    assert [one["metadata"]["id"] for one in listed] == owned.models[::-1]
    first = get(owned.owner, f"/ml/v4/models/{owned.models[0]}?project_id={owned.project}").json()
    assert first == listed[-1]
    assert first["metadata"]["project_id"] == owned.project
    assert first["entity"]["model"]["id"] == owned.yard.models[1]
    assert first["entity"]["model"]["library"]["name"] == "scikit-learn"
    assert first["entity"]["schemas"]["input"][0]["fields"] == [{"name": "x", "type": "float"}]
    asset = owned.owner.get(f"/v2/assets/{owned.models[0]}").json()
    assert asset["entity"]["wml_model"] == first["entity"]
    found = owned.owner.post(
        "/v2/asset_types/wml_model/search", params={"project_id": owned.project}, json={}
    ).json()
    assert found["total_rows"] == MODELS


def test_a_projects_models_are_not_changed_over_http(owned: Owned) -> None:
    url = f"/ml/v4/models/{owned.models[0]}"
    answers = [
        owned.owner.patch(url, json=[{"op": "replace", "path": "/name", "value": "x"}]),
        owned.owner.delete(url),
        owned.owner.delete(f"/v2/assets/{owned.models[0]}"),
        owned.owner.post(f"{url}/revisions"),
        owned.owner.get(f"{url}/revisions"),
    ]
    assert [(answer.status_code, code(answer)) for answer in answers] == [(409, "of_project")] * 5
    assert code(owned.owner.get(url, params={"rev": "1"})) == "unknown_revision"


def test_a_model_is_promoted_into_a_space(owned: Owned) -> None:
    space = made(owned.admin, "promoted into")
    admit(owned.admin, space, owned.owner_name, "editor")
    answer = promote(owned.owner, owned.models[0], space, projectId=owned.project, assetDescription="by hand")
    assert answer.status_code == 200
    model = owned.owner.get(f"/ml/v4/models/{answer.json()['promotedAsset']['asset_id']}").json()
    assert (model["metadata"]["space_id"], model["metadata"]["description"]) == (space, "by hand")
    assert model["entity"]["model"]["id"] == owned.yard.models[1]
    with owned.yard.connect() as sql, pytest.raises(Exception, match="ModelInUse"):
        sql.execute("select pgml.delete_model(%s, true)", [owned.yard.models[1]])
    # the asset goes, and the model stays its project's
    assert owned.owner.delete(f"/ml/v4/models/{model['metadata']['id']}").status_code == 204
    assert owned.owner.get(f"/ml/v4/models/{owned.models[0]}").status_code == 200


def test_who_promotes_owns_the_project_and_edits_the_space(owned: Owned) -> None:
    space = made(owned.admin, "not promoted into")
    model = owned.models[0]
    assert code(promote(owned.owner, model, space)) == "unknown_space"
    admit(owned.admin, space, owned.owner_name, "viewer")
    answer = promote(owned.owner, model, space)
    assert (answer.status_code, code(answer)) == (403, "role_too_low")
    admit(owned.admin, space, "stranger", "editor")
    assert code(promote(owned.stranger, model, space)) == "unknown_asset"
    assert promote(owned.admin, model, space).status_code == 200
    assert owned.admin.get("/ml/v4/models", params={"space_id": space}).json()["total_count"] == 1


def test_a_promotion_that_is_none(owned: Owned) -> None:
    space = made(owned.admin, "nothing promoted into")
    promoted = promote(owned.admin, owned.models[0], space).json()["promotedAsset"]["asset_id"]
    nowhere = "00000000-0000-0000-0000-000000000000"
    for model, change, status in (
        (promoted, {}, 400),
        (nowhere, {}, 404),
        (owned.models[0], {"projectId": nowhere}, 400),
        (owned.models[0], {"revisionId": "1"}, 400),
        (owned.models[0], {"spaceId": nowhere}, 404),
        (owned.models[0], {"spaceId": "x"}, 400),
    ):
        assert promote(owned.admin, model, space, **change).status_code == status, change


def test_a_deleted_model_is_not_seen_any_more(owned: Owned) -> None:
    with owned.yard.connect() as sql:
        sql.execute("select pgml.delete_model(%s)", [owned.yard.models[3]])
    assert owned.owner.get(f"/ml/v4/models/{owned.models[2]}").status_code == 404
    listed = owned.owner.get("/ml/v4/models", params={"project_id": owned.project}).json()
    assert listed["total_count"] == MODELS - 1
    space = made(owned.admin, "deleted")
    assert promote(owned.admin, owned.models[2], space).status_code == 404
