"""What models hold: uploads are opened, kept in a safe form, given back; and go when nothing refers to them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.http import service as services
from tests.http.contents import (
    FIELDS,
    LABELS,
    REVIEWS,
    ROWS,
    archive,
    hostile,
    pickled,
    pipeline,
    reviewed,
    unpacked,
)
from tests.http.service import Service
from tests.http.test_models import stored, url
from tests.http.test_spaces import code, get, made
from tests.processes import until
from tests.servers import Server

pytestmark = pytest.mark.one_server
SCHEMA = {"id": "1", "type": "struct", "fields": [{"name": name, "type": "double"} for name in FIELDS]}


@pytest.fixture(scope="module")
def space(client: httpx.Client) -> str:
    return made(client, "contents")


def send(client: httpx.Client, model: dict[str, Any], content: Any, **more: Any) -> httpx.Response:
    return client.put(
        f"{url(model)}/content", params={"content_format": "native", "version": "1"}, content=content, **more
    )


def filled(client: httpx.Client, space: str, strength: float = 1.0, **entity: Any) -> dict[str, Any]:
    """A model that holds a pipeline, as it is described then."""
    model = stored(
        client, space, **{"schemas": {"input": [SCHEMA], "output": []}, "label_column": "y", **entity}
    )
    answer = send(client, model, pickled(pipeline(strength)))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = client.get(url(model)).json()
    return found


def scalar(service: Service, query: str, *values: object) -> Any:
    with service.database.connect() as connection:
        row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row[0]


def kept(service: Service, model: dict[str, Any]) -> list[str]:
    """The files of the model that an asset holds."""
    query = "select array_agg(distinct path order by path) from pgml.files where model_id = %s"
    return scalar(service, query, model["entity"]["model"]["id"]) or []


def test_an_upload_becomes_a_model_that_answers_in_sql_too(
    client: httpx.Client, service: Service, space: str
) -> None:
    model = stored(client, space, schemas={"input": [SCHEMA]}, label_column="y")
    assert model["entity"]["content_import_state"] == "missing"
    assert client.get(f"{url(model)}/content").json() == {"total_count": 0, "attachments": []}
    answer = send(client, model, pickled(pipeline()), headers={"Content-Type": "application/json"})
    attachment = answer.json()
    assert (answer.status_code, attachment["content_format"], attachment["persisted"]) == (
        201,
        "native",
        True,
    )
    assert client.get(f"{url(model)}/content").json()["attachments"] == [attachment]
    found = client.get(url(model)).json()["entity"]
    assert found["type"] == "scikit-learn_1.3"
    truth = found["model"]
    assert (truth["task"], truth["library"]["name"]) == ("classification", "scikit-learn")
    assert truth["library"]["version"] != "1.3"
    expected = pipeline().predict(ROWS[:5]).tolist()
    for row, label in zip(ROWS[:5].tolist(), expected, strict=True):
        assert (
            scalar(service, "select pgml.predict_label(%s::bigint, %s::float8[])", truth["id"], row) == label
        )
    assert kept(service, {"entity": found}) == ["model", "source"]
    row = scalar(service, "select to_jsonb(m) from pgml.models m where id = %s", truth["id"])
    assert (row["project_id"], row["snapshot_id"], row["status"]) == (None, None, "successful")
    assert [field["name"] for field in row["signature"]["fields"]] == FIELDS


def test_a_pipeline_of_texts_answers_in_sql_too(client: httpx.Client, service: Service, space: str) -> None:
    model = stored(client, space, label_column="risk")
    assert send(client, model, pickled(reviewed())).status_code == 201
    found = client.get(url(model)).json()["entity"]["model"]
    assert scalar(service, "select predictor from pgml.models where id = %s", found["id"]) == "pipeline"
    for at, (text, age) in enumerate(zip(REVIEWS["review"], REVIEWS["age"], strict=True)):
        asked = """select pgml.predict_label(%s::bigint, row_to_json(r)::jsonb)
            from (select %s::float8 as age, %s::text as review) r"""
        assert scalar(service, asked, found["id"], age, text) == reviewed().predict(REVIEWS)[at]


def test_a_download_is_what_was_kept(client: httpx.Client, space: str) -> None:
    model = filled(client, space)
    answer = client.get(f"{url(model)}/download")
    assert answer.status_code == 200
    again = unpacked(answer.content)
    assert again.predict(ROWS).tolist() == pipeline().predict(ROWS).tolist()
    assert (again.predict_proba(ROWS) == pipeline().predict_proba(ROWS)).all()
    assert set(LABELS) == set(again.classes_)


def test_another_content_takes_the_place_of_the_first(
    client: httpx.Client, service: Service, space: str
) -> None:
    first = filled(client, space)
    assert send(client, first, pickled(pipeline(0.001))).status_code == 201
    second = client.get(url(first)).json()
    assert second["entity"]["model"]["id"] != first["entity"]["model"]["id"]
    # nothing refers to the first any more
    assert (kept(service, first), kept(service, second)) == ([], ["model", "source"])
    downloaded = unpacked(client.get(f"{url(first)}/download").content)
    assert (downloaded.predict_proba(ROWS) == pipeline(0.001).predict_proba(ROWS)).all()


def test_a_revision_keeps_its_model(client: httpx.Client, service: Service, space: str) -> None:
    first = filled(client, space)
    client.post(f"{url(first)}/revisions")
    assert send(client, first, pickled(pipeline(0.001))).status_code == 201
    assert get(client, f"{url(first)}?rev=1").json()["entity"]["model"] == first["entity"]["model"]
    for query in ("rev=1", "revision_id=1"):
        downloaded = unpacked(get(client, f"{url(first)}/download?{query}").content)
        assert (downloaded.predict_proba(ROWS) == pipeline().predict_proba(ROWS)).all()
    second = client.get(url(first)).json()
    assert client.delete(url(first)).status_code == 204
    assert (kept(service, first), kept(service, second)) == ([], [])


def test_what_goes_leaves_its_row(client: httpx.Client, service: Service, space: str) -> None:
    model = filled(client, space)
    number = model["entity"]["model"]["id"]
    assert client.delete(f"/v2/assets/{model['metadata']['id']}").status_code == 204
    assert kept(service, model) == []
    assert scalar(service, "select deleted_at is not null from pgml.models where id = %s", number) is True


def test_a_space_takes_the_files_along(client: httpx.Client, service: Service) -> None:
    space = made(client, "with files")
    model = filled(client, space)
    assert client.delete(f"/v2/spaces/{space}").status_code == 202
    assert kept(service, model) == []


def use(service: Service, model: dict[str, Any], name: str, *, rolled_on: bool) -> None:
    """Let an online deployment answer by a model; or by none any more, so that a rollback would choose the model."""
    asset, number = model["metadata"]["id"], model["entity"]["model"]["id"]
    with service.database.connect() as connection:
        row = connection.execute(
            "insert into pgml.endpoints (kind, name, model_id, revision) values ('online', %s, %s, %s) returning id",
            [name, None if rolled_on else number, 2 if rolled_on else 1],
        ).fetchone()
        assert row is not None
        connection.execute(
            """
            insert into pgml.online_deployments (endpoint_id, space_id, name, serving_name, owner_id)
            select %s, space_id, 'd', %s, owner_id from pgml.assets where id = %s
            """,
            [row[0], name, asset],
        )
        connection.execute(
            """
            insert into pgml.deployments (endpoint_id, model_id, strategy, revision, asset_id, asset_revision)
            values (%s, %s, 'specific', 1, %s, 1)
            """,
            [row[0], number, asset],
        )
        if rolled_on:
            connection.execute(
                "insert into pgml.deployments (endpoint_id, strategy, revision) values (%s, 'undeploy', 2)",
                [row[0]],
            )


@pytest.mark.parametrize("place", ["/ml/v4/models", "/v2/assets"])
def test_a_model_that_answers_is_not_deleted(
    client: httpx.Client, service: Service, space: str, place: str
) -> None:
    model = filled(client, space)
    name = f"answers_{len(place)}"
    use(service, model, name, rolled_on=False)
    answer = client.delete(f"{place}/{model['metadata']['id']}")
    assert (answer.status_code, code(answer)) == (409, "asset_in_use")
    assert name in answer.json()["errors"][0]["message"]
    # another content does not take it from the deployment
    assert send(client, model, pickled(pipeline(0.001))).status_code == 201
    assert kept(service, model) == ["model", "source"]
    space_answer = client.delete(f"/v2/spaces/{space}")
    assert (space_answer.status_code, code(space_answer)) == (409, "space_in_use")
    assert name in space_answer.json()["errors"][0]["message"]


def test_a_model_that_a_rollback_would_choose_is_kept_without_its_asset(
    client: httpx.Client, service: Service
) -> None:
    model = filled(client, made(client, "rolled on"))
    use(service, model, "rolled_on", rolled_on=True)
    assert client.delete(url(model)).status_code == 204
    assert client.get(url(model)).status_code == 404
    assert kept(service, model) == ["model", "source"]
    assert client.delete("/ml/v4/deployments/rolled_on").status_code == 204
    assert kept(service, model) == []


def test_who_deletes_waits_for_who_is_about_to_deploy(client: httpx.Client, service: Service) -> None:
    model = filled(client, made(client, "about to"))
    use(service, model, "about_to", rolled_on=True)
    with service.database.connect(autocommit=False) as deployer, ThreadPoolExecutor() as pool:
        deployer.execute(
            """
            insert into pgml.replacements (endpoint_id, model_id, strategy, deadline)
            select id, %s, 'specific', now() + interval '1 day' from pgml.endpoints where name = 'about_to'
            """,
            [model["entity"]["model"]["id"]],
        )
        deleted = pool.submit(client.delete, url(model))
        until(lambda: waiting(service), "the deletion to wait")
        deployer.commit()
        assert deleted.result().status_code == 204
    assert kept(service, model) == ["model", "source"]


def waiting(service: Service) -> bool:
    query = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%pgml.models%')"
    return bool(scalar(service, query.replace("%", "%%")))


def test_what_is_no_model_is_refused_and_changes_nothing(
    client: httpx.Client, service: Service, space: str, tmp_path: Path
) -> None:
    model = filled(client, space)
    trace = tmp_path / "ran"
    number = "select count(*) from pgml.models"
    before = scalar(service, number)
    for content in (
        b"",
        b"nothing of the kind",
        pickled(pipeline())[:200],
        archive(b"", "./scikit_model.pkl"),
        pickled({"no": "model"}),
        hostile(f"touch {trace}"),
    ):
        answer = send(client, model, content)
        assert (answer.status_code, code(answer)) == (400, "unusable_upload"), content[:40]
        assert answer.json()["errors"][0]["message"]
    assert not trace.exists()
    until(lambda: "posix.system" in service.log.read_text(), "the reason in the log")
    assert client.get(url(model)).json() == model
    assert scalar(service, number) == before


def test_only_the_native_format_is_taken(client: httpx.Client, space: str) -> None:
    model = stored(client, space)
    answer = client.put(f"{url(model)}/content", params={"content_format": "coreML"}, content=b"x")
    assert answer.status_code == 400
    answer = client.get(f"{url(model)}/download")
    assert (answer.status_code, code(answer)) == (409, "asset_without_content")


def test_an_asset_that_went_while_its_content_came_keeps_nothing(
    client: httpx.Client, service: Service, space: str
) -> None:
    model = stored(client, space)
    whole = pickled(pipeline())

    def parts() -> Iterator[bytes]:
        yield whole[:100]
        assert client.delete(url(model)).status_code == 204
        yield whole[100:]

    before = scalar(service, "select count(*) from pgml.models")
    answer = send(client, model, parts())
    assert (answer.status_code, code(answer)) == (404, "unknown_asset")
    assert scalar(service, "select count(*) from pgml.models") == before


def test_an_upload_has_a_bound(server: Server, tmp_path: Path) -> None:
    with (
        server.database() as database,
        services.running(
            database,
            tmp_path,
            "--workers",
            "1",
            environment={"TURNOUT_UPLOAD_MB": "1", "TMPDIR": str(tmp_path)},
        ) as service,
        service.client() as client,
    ):
        model = stored(client, made(client, "bounded"))
        too_much = (b"x" * (64 << 10) for _ in range(17))
        for content in (b"x" * (17 * 64 << 10), too_much):
            answer = send(client, model, content)
            assert (answer.status_code, code(answer)) == (413, "content_too_large")
        assert [file for file in tmp_path.iterdir() if file.name.startswith("turnout-upload-")] == []
        assert send(client, model, pickled(pipeline())).status_code == 201


def test_what_is_trained_in_sql_has_nothing_to_download(
    client: httpx.Client, service: Service, space: str
) -> None:
    with service.database.connect() as connection:
        connection.execute("create table line as select x::real, 2 * x as y from generate_series(1, 40) x")
        connection.execute("select pgml.train('line', 'regression', 'line', 'y')")
    uid = scalar(service, "select m.uid from pgml.models m join pgml.projects p on p.id = m.project_id")
    answer = client.get(f"/ml/v4/models/{uid}/download")
    assert (answer.status_code, code(answer)) == (409, "no_source")
    asset = scalar(service, "select pgml.promote((select max(id) from pgml.models), %s)", space)
    answer = client.get(f"/ml/v4/models/{asset}/download")
    assert (answer.status_code, code(answer)) == (409, "no_source")
    assert (
        client.put(f"/ml/v4/models/{uid}/content", content=b"x").json()["errors"][0]["code"] == "of_project"
    )
