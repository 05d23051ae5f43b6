"""IBM's SDK, unmodified, over https: a deployment is made, scored, changed, replaced, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.http import sdk as sdks
from tests.http.railway import Railway, railway
from tests.http.yard import asset
from tests.servers import Server

pytestmark = [pytest.mark.one_server, *sdks.WARNINGS]


@pytest.fixture(scope="module")
def rails(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Railway]:
    with railway(server, tmp_path_factory.mktemp("sdk")) as found:
        yield found


@pytest.fixture(scope="module")
def client(rails: Railway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    directory: Path = tmp_path_factory.mktemp("client")
    with sdks.connected(rails.service, directory, "ed", rails.yard.keys["ed"]) as found:
        found.set.default_space(str(rails.yard.space_id))
        yield found


def scored(client: Any, key: str) -> int:
    """What the deployment answers, which tells the model."""
    payload = {client.deployments.ScoringMetaNames.INPUT_DATA: [{"fields": ["x"], "values": [[1.0]]}]}
    answer = client.deployments.score(key, payload)
    return round(float(answer["predictions"][0]["values"][0][0]))


def test_the_life_of_a_deployment(client: Any, rails: Railway) -> None:
    names = client.deployments.ConfigurationMetaNames
    assets = {k: str(id_) for k, id_ in rails.yard.assets.items()}
    assert client.deployments.is_serving_name_available("express")
    made = client.deployments.create(
        assets[1],
        meta_props={
            names.NAME: "the express",
            names.DESCRIPTION: "it stops nowhere",
            names.TAGS: ["fast"],
            names.ONLINE: {},
            names.SERVING_NAME: "express",
            names.HARDWARE_SPEC: {"id": client.hardware_specifications.get_id_by_name("S"), "num_nodes": 1},
        },
    )
    id_ = client.deployments.get_id(made)
    assert made["entity"]["status"]["state"] == "ready"
    assert not client.deployments.is_serving_name_available("express")
    assert client.deployments.get_scoring_href(made).endswith(f"/ml/v4/deployments/{id_}/predictions")
    assert client.deployments.get_serving_href(made).endswith("/ml/v4/deployments/express/predictions")
    assert (scored(client, id_), scored(client, "express")) == (1, 1)
    with pytest.raises(Exception, match="name_taken"):
        client.deployments.create(assets[2], meta_props={names.ONLINE: {}, names.SERVING_NAME: "express"})
    details(client, id_, names)
    replaced(client, rails, id_, names, assets)
    removed(client, rails, id_, assets)


def details(client: Any, id_: str, names: Any) -> None:
    """Change what the deployment says of itself, and its serving name."""
    changed = client.deployments.update(
        id_,
        {names.NAME: "another", names.DESCRIPTION: "it stops", names.TAGS: ["slow"], names.CUSTOM: {"a": 1}},
    )
    said = changed["metadata"]
    assert (said["name"], said["description"], said["tags"]) == ("another", "it stops", ["slow"])
    assert changed["entity"]["custom"] == {"a": 1}
    scaled = {"id": client.hardware_specifications.get_id_by_name("M"), "num_nodes": 2}
    changed = client.deployments.update(id_, {names.HARDWARE_SPEC: scaled})
    assert changed["entity"]["hardware_spec"] == {**scaled, "name": "M"}
    client.deployments.update(id_, {names.SERVING_NAME: "local"})
    assert scored(client, "local") == 1
    with pytest.raises(Exception, match="unknown_deployment"):
        scored(client, "express")


def replaced(client: Any, rails: Railway, id_: str, names: Any, assets: dict[int, str]) -> None:
    """Replace the asset: by another, by a revision, by what cannot be loaded, and by what breaks callers."""
    changed = client.deployments.update(id_, {names.ASSET: {"id": assets[2]}})
    assert changed["entity"]["asset"]["id"] == assets[2]
    assert scored(client, id_) == 2
    with rails.yard.connect() as connection:
        connection.execute(
            "insert into pgml.asset_revisions (asset_id, revision, name, entity, model_id, user_id) "
            "select id, 1, name, entity, model_id, owner_id from pgml.assets where id = %s",
            [assets[3]],
        )
        connection.execute("update pgml.assets set revision = 1, model_id = null where id = %s", [assets[3]])
    changed = client.deployments.update(id_, {names.ASSET: {"id": assets[3], "rev": "1"}})
    assert changed["entity"]["asset"] == {"id": assets[3], "rev": "1"}
    assert scored(client, "local") == 3
    broken = asset(rails.yard, "broken", rails.yard.broken(1))
    with pytest.raises(Exception, match="it does not begin as an artifact does"):
        client.deployments.update(id_, {names.ASSET: {"id": str(broken)}})
    status = client.deployments.get_details(id_)["entity"]["status"]
    assert (status["state"], status["failure"]["errors"][0]["code"]) == ("ready", "unfit_model")
    assert scored(client, id_) == 3
    # the failure of the last update is none of the next one
    assert client.deployments.update(id_, {names.NAME: "a third name"})["metadata"]["name"] == "a third name"


def removed(client: Any, rails: Railway, id_: str, assets: dict[int, str]) -> None:
    """List the deployment, keep its asset, remove it."""
    listed = client.deployments.list()
    assert listed[listed["ID"] == id_]["STATE"].tolist() == ["ready"]
    found = client.deployments.get_details(get_all=True)["resources"]
    assert [one["metadata"]["id"] for one in found] == [id_]
    assert client.deployments.get_details(serving_name="local")["resources"] == found
    with pytest.raises(Exception, match="existing deployments"):
        client.repository.delete(assets[3])
    # the SDK has looked by itself; without it, the service does
    assert rails.ed.delete(f"/v2/assets/{assets[3]}").status_code == 409
    assert client.deployments.delete(id_) == "SUCCESS"
    assert client.deployments.is_serving_name_available("local")
    with pytest.raises(Exception, match="unknown_deployment"):
        client.deployments.get_details(id_)
