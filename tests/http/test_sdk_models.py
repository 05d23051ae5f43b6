"""IBM's SDK, unmodified, over https: spaces and members, models and revisions, promotion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.http import sdk as sdks
from tests.http import service as services
from tests.http.contents import FIELDS, LABELS, ROWS, hostile, pickled, pipeline, unpacked
from tests.http.service import Service
from tests.servers import Server
from tests.switchyard import MODELS, PROJECT, Switchyard, switchyard

pytestmark = [pytest.mark.one_server, *sdks.WARNINGS]
FRAME = pd.DataFrame(ROWS, columns=FIELDS)
TARGET = pd.Series(LABELS, name="y")
NUMBERS = (LABELS == "yes").astype(int)


@pytest.fixture(scope="module")
def yard(server: Server) -> Iterator[Switchyard]:
    """A database with a project."""
    with switchyard(server) as found:
        yield found


@pytest.fixture(scope="module")
def running(yard: Switchyard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with services.running(yard.database, tmp_path_factory.mktemp("sdk")) as found:
        yield found


@pytest.fixture(scope="module")
def client(running: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with sdks.connected(running, tmp_path_factory.mktemp("client")) as found:
        yield found


@pytest.fixture(scope="module")
def space(client: Any) -> str:
    """The default space."""
    found = client.spaces.get_id(client.spaces.store({client.spaces.ConfigurationMetaNames.NAME: "models"}))
    return str(found)


@pytest.fixture(autouse=True)
def _default_space(client: Any, space: str) -> None:
    client.set.default_space(space)


def meta(client: Any, name: str = "churn", kind: str = "scikit-learn_1.3", **more: Any) -> dict[str, Any]:
    names = client.repository.ModelMetaNames
    specification = client.software_specifications.get_id_by_name("runtime-24.1-py3.11")
    return {names.NAME: name, names.TYPE: kind, names.SOFTWARE_SPEC_ID: specification, **more}


def stored(client: Any, model: Any, **more: Any) -> str:
    """Store a model; its id."""
    given = {
        key: more.pop(key)
        for key in ("training_data", "training_target", "feature_names", "label_column_names")
        if key in more
    }
    details = client.repository.store_model(model, meta(client, **more), **given)
    return str(client.repository.get_model_id(details))


def truth(client: Any, model: str) -> dict[str, Any]:
    """What it really is."""
    found: dict[str, Any] = client.repository.get_model_details(model)["entity"]["model"]
    return found


def test_a_space_is_made_listed_changed_and_deleted(client: Any) -> None:
    names = client.spaces.ConfigurationMetaNames
    made = client.spaces.store(
        meta_props={names.NAME: "short-lived", names.DESCRIPTION: "d", names.STAGE: {"production": True}},
        background_mode=False,
    )
    space = client.spaces.get_id(made)
    assert client.spaces.get_details(space)["entity"]["status"]["state"] == "active"
    assert client.spaces.get_id_by_name("short-lived") == space
    assert space in list(client.spaces.list()["ID"])
    assert len(client.spaces.list(limit=1)) == 1
    assert space in [one["metadata"]["id"] for one in client.spaces.get_details(get_all=True)["resources"]]
    changed = client.spaces.update(space, {names.NAME: "renamed", names.DESCRIPTION: "e"})
    assert (changed["entity"]["name"], changed["entity"]["description"]) == ("renamed", "e")
    assert client.spaces.delete(space) == "SUCCESS"
    with pytest.raises(Exception, match="unknown_space"):
        client.spaces.get_details(space)


def test_members_come_change_and_go(client: Any, running: Service, space: str) -> None:
    running.user("bob")
    names = client.spaces.MemberMetaNames
    member = {"id": "bob", "role": "viewer", "type": "user", "state": "active"}
    made = client.spaces.create_member(space, {names.MEMBER: member})
    (bob,) = made["resources"]
    assert client.spaces.get_member_details(space, bob["id"])["role"] == "viewer"
    changed = client.spaces.update_member(space, bob["id"], {names.MEMBER: {"role": "editor"}})
    assert changed["role"] == "editor"
    listed = client.spaces.list_members(space)
    assert list(listed["ROLE"]) == ["admin", "editor"]
    assert len(client.spaces.list_members(space, limit=1)) == 1
    assert client.spaces.delete_member(space, bob["id"]) == "SUCCESS"


def test_a_member_sees_and_does_what_its_role_says(client: Any, running: Service, space: str) -> None:
    key = running.user("vera")
    member = {"id": "vera", "role": "viewer", "type": "user", "state": "active"}
    client.spaces.create_member(space, {"member": member})
    with sdks.connected(running, Path("vera"), "vera", key) as vera:
        vera.set.default_space(space)
        assert vera.spaces.get_id_by_name("models") == space
        with pytest.raises(Exception, match="role_too_low"):
            vera.spaces.update(space, {"name": "hers"})
        with pytest.raises(Exception, match="Publishing model failed"):
            vera.repository.store_model(pipeline(), meta(vera))


def test_specifications_are_found(client: Any) -> None:
    software, hardware = client.software_specifications, client.hardware_specifications
    for name in ("runtime-22.1-py3.9", "runtime-25.1-py3.12", "autoai-kb_rt24.1-py3.11", "hybrid_0.1"):
        details = software.get_details(software.get_id_by_name(name))
        assert (details["metadata"]["name"], software.get_href(details)[:4]) == (name, "/v2/")
    assert set(software.list()["STATE"]) == {"supported"}
    assert hardware.get_id(hardware.get_details(hardware.get_id_by_name("S"))) in list(hardware.list()["ID"])
    with pytest.raises(Exception, match="never"):
        software.get_id_by_name("never heard of")


def test_a_pipeline_is_stored_and_loaded(client: Any) -> None:
    model = stored(client, pipeline())
    assert truth(client, model)["library"]["name"] == "scikit-learn"
    loaded = client.repository.load(model)
    assert loaded.predict(ROWS).tolist() == pipeline().predict(ROWS).tolist()


def test_training_data_gives_names_and_types(client: Any) -> None:
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, TARGET)
    model = stored(client, fitted, training_data=FRAME, training_target=TARGET)
    entity = client.repository.get_model_details(model)["entity"]
    assert entity["label_column"] == "y"
    assert [field["name"] for field in entity["schemas"]["input"][0]["fields"]] == FIELDS
    assert client.repository.load(model).predict(FRAME).tolist() == fitted.predict(FRAME).tolist()


def test_arrays_come_with_the_names_that_are_given(client: Any) -> None:
    model = stored(
        client,
        pipeline(),
        training_data=ROWS,
        training_target=NUMBERS,
        feature_names=np.array(FIELDS),
        label_column_names=["left"],
    )
    entity = client.repository.get_model_details(model)["entity"]
    assert entity["label_column"] == "left"
    assert [field["name"] for field in entity["schemas"]["input"][0]["fields"]] == FIELDS


def test_a_schema_may_be_given_instead(client: Any, yard: Switchyard) -> None:
    names = client.repository.ModelMetaNames
    schema = {
        "id": "1",
        "type": "struct",
        "fields": [{"name": name.upper(), "type": "double"} for name in FIELDS],
    }
    more = {
        names.INPUT_DATA_SCHEMA: [schema],
        names.LABEL_FIELD: "left",
        names.TAGS: ["a"],
        names.CUSTOM: {"k": 1},
    }
    Path("own.tar.gz").write_bytes(pickled(pipeline()))
    details = client.repository.store_model(str(Path("own.tar.gz").absolute()), meta(client) | more)
    assert details["entity"]["schemas"]["input"] == [schema]
    assert (details["metadata"]["tags"], details["entity"]["custom"]) == (["a"], {"k": 1})
    with yard.connect() as connection:
        row = connection.execute(
            "select signature from pgml.models where id = %s", [details["entity"]["model"]["id"]]
        ).fetchone()
    assert row is not None
    signature: Any = row[0]
    assert [field["name"] for field in signature["fields"]] == ["A", "B", "C"]
    assert [field["name"] for field in signature["targets"]] == ["left"]


@pytest.mark.parametrize("kind", ["xgboost_1.6", "scikit-learn_1.3"])
def test_an_xgboost_classifier_is_stored_and_loaded(client: Any, kind: str) -> None:
    fitted = xgboost.XGBClassifier(n_estimators=5).fit(FRAME, NUMBERS)
    more = {"training_data": FRAME, "training_target": pd.Series(NUMBERS, name="y")}
    model = stored(client, fitted, kind=kind, **more)
    assert (truth(client, model)["library"]["name"], truth(client, model)["predictor"]) == (
        "xgboost",
        "trees",
    )
    loaded = client.repository.load(model)
    # of the type xgboost, the SDK loads the booster within
    scores = (
        loaded.predict(xgboost.DMatrix(FRAME))
        if kind.startswith("xgb")
        else loaded.predict_proba(FRAME)[:, 1]
    )
    assert scores == pytest.approx(fitted.predict_proba(FRAME)[:, 1], abs=1e-6)


def test_a_booster_is_stored_and_loaded(client: Any) -> None:
    booster = xgboost.train({"objective": "reg:squarederror"}, xgboost.DMatrix(FRAME, label=NUMBERS), 5)
    model = stored(client, booster, kind="xgboost_1.6")
    assert truth(client, model)["task"] == "regression"
    data = xgboost.DMatrix(FRAME)
    assert client.repository.load(model).predict(data) == pytest.approx(booster.predict(data), abs=1e-6)


def test_models_are_listed_and_found(client: Any, space: str) -> None:
    # without content, which takes no time
    made = {
        client.repository.get_model_id(
            client._models._publish_empty_model_asset(meta(client, f"listed {number}"))
        )
        for number in range(3)
    }
    assert made < set(client.repository.list_models(get_all=True)["ID"])
    assert len(client.repository.list_models(limit=2)) == 2
    found = client.repository.get_details(artifact_name="listed 1")["models"]["resources"]
    assert [one["metadata"]["name"] for one in found] == ["listed 1"]
    assert client.repository.get_id_by_name("listed 1") in made
    walked = [
        one["metadata"]["id"]
        for page in client.repository.get_model_details(limit=1, asynchronous=True, get_all=True)
        for one in page["resources"]
    ]
    assert made < set(walked)
    assert len(walked) == len(set(walked))
    for model in made:
        assert client.repository.delete(model, force=True) == "SUCCESS"
        with pytest.raises(Exception, match="unknown_asset"):
            client.repository.get_model_details(model)
    with pytest.raises(Exception, match="not found"):
        client.repository.get_details(made.pop())


def test_a_model_is_changed_revised_and_downloaded(client: Any) -> None:
    names, repository = client.repository.ModelMetaNames, client.repository
    model = stored(client, pipeline())
    changed = repository.update_model(
        model,
        {names.NAME: "later", names.DESCRIPTION: "d", names.TAGS: ["b"], names.CUSTOM: {"k": 2}},
    )
    assert (changed["metadata"]["name"], changed["metadata"]["description"]) == ("later", "d")
    assert (changed["metadata"]["tags"], changed["entity"]["custom"]) == (["b"], {"k": 2})
    revision = repository.create_model_revision(model)
    assert revision["metadata"]["rev"] == "1"
    repository.update_model(model, {names.NAME: "latest"}, pipeline(0.001))
    repository.create_model_revision(model)
    listed = repository.list_models_revisions(model)
    assert (list(listed["REV"]), list(listed["NAME"])) == (["2", "1"], ["latest", "later"])
    (first,) = repository.get_model_revision_details(model, "1")["resources"]
    assert first["metadata"]["name"] == "later"
    for revision_id, strength in ((None, 0.001), ("1", 1.0)):
        file = Path(f"downloaded {revision_id}.tar.gz").absolute()
        assert repository.download(model, str(file), rev_id=revision_id) == str(file)
        again = unpacked(file.read_bytes())
        assert (again.predict_proba(ROWS) == pipeline(strength).predict_proba(ROWS)).all()
    assert repository.delete(model, force=True) == "SUCCESS"


def test_what_is_refused_leaves_no_model_behind(client: Any, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    Path("hostile.tar.gz").write_bytes(hostile(f"touch {trace}"))
    before = set(client.repository.list_models(get_all=True)["ID"])
    with pytest.raises(Exception, match=r"the uploaded model is refused: .*posix\.system"):
        client.repository.store_model(str(Path("hostile.tar.gz").absolute()), meta(client))
    assert set(client.repository.list_models(get_all=True)["ID"]) == before
    assert not trace.exists()


def test_what_there_is_none_of_is_listed_as_nothing(client: Any) -> None:
    for listing in (
        client.pipelines.list, client.experiments.list, client.repository.list_functions,
        client.repository.list_ai_services, client.data_assets.list, client.model_definitions.list, client.script.list,
        client.connections.list, client.package_extensions.list, client.parameter_sets.list,
    ):  # fmt: skip
        assert len(listing()) == 0, listing


def test_a_projects_model_is_promoted(client: Any, yard: Switchyard, space: str) -> None:
    project = client.projects.get_id_by_name(PROJECT)
    assert project in list(client.projects.list()["ID"])
    client.set.default_project(project)
    listed = client.repository.list_models()
    assert len(listed) == MODELS
    asset = client.spaces.promote(listed["ID"][0], project, space)
    with pytest.raises(Exception, match="Publishing model failed"):
        client.repository.store_model(pipeline(), meta(client))
    client.set.default_space(space)
    details = client.repository.get_model_details(asset)
    assert details["entity"]["model"]["id"] in yard.models.values()
    assert details["metadata"]["space_id"] == space
    with pytest.raises(Exception, match="no_source"):
        client.repository.download(asset, "promoted.tar.gz")
    assert client.repository.delete(asset, force=True) == "SUCCESS"
