"""pg_dump and restore: every model answers as before, the history is the same, and what is new gets new ids."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.acceptance.work import LINE, models, one, predict, train
from tests.servers import Connection, Database, Server
from turnout.catalog import models as catalog
from turnout.catalog.models import NewModel
from turnout.catalog.over_wire import WireSession
from turnout.install import packages
from turnout.install.connection import connect
from turnout.runtime.artifact import digest, pack, unpack

TABLES = ("projects", "snapshots", "models", "files", "endpoints", "deployments", "removals")
Restore = Callable[[Database, Database, Path], None]


def run(server: Server, program: str, *arguments: str | Path) -> None:
    """Run one of the server's own programs, which must not have a word to say."""
    done = subprocess.run(
        [server.cluster.programs / program, *arguments],
        env={**server.cluster.environment, "PGPASSWORD": server.cluster.password},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")


def with_psql(source: Database, target: Database, scratch: Path) -> None:
    dump = scratch / "dump.sql"
    run(source.server, "pg_dump", "-f", dump, source.dsn)
    quietly = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null")
    run(source.server, "psql", *quietly, "-f", dump, target.dsn)


def with_pg_restore(source: Database, target: Database, scratch: Path) -> None:
    run(source.server, "pg_dump", "-Fc", "-f", scratch / "dump", source.dsn)
    run(source.server, "pg_restore", "--exit-on-error", "-d", target.dsn, scratch / "dump")


@pytest.fixture
def target(server: Server) -> Iterator[Database]:
    """An empty database, in which a session finds our package."""
    with server.database(template="template0") as found:
        with connect(found.dsn) as inside:
            packages.lead_to_ours(inside)
        yield found


def contents(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row and every sequence of the catalog."""
    found = {}
    for table in TABLES:
        rows = sql.SQL("select t.id, md5(t::text), left(t::text, 300) from pgml.{} t order by id")
        found[table] = connection.execute(rows.format(sql.Identifier(table))).fetchall()
        sequence = sql.SQL("select last_value, is_called from pgml.{}")
        found[f"{table} sequence"] = connection.execute(
            sequence.format(sql.Identifier(f"{table}_id_seq"))
        ).fetchall()
    return found


ANSWERS = """
    select s.id, k.a,
      case when m.classes is not null then pgml.predict_label(s.id, k) || pgml.predict_proba(s.id, k)::text
      else pgml.predict_joint(s.id, k)::text end
    from pgml._servable s join pgml.models m using (id), (select a, b, c from kinds limit 20) k
    where s.deleted_at is null order by 1, 2
"""

EXPLAINED = """
    select m.algorithm::text, m.id, k.a, e.*
    from pgml.models m join pgml.projects p on p.id = m.project_id,
      (select a, b, c from kinds limit 3) k, pgml.explain(p.name, k, m.id) e
    where m.deleted_at is null and m.explanation ->> 'sha256' <> ''
    order by m.id, k.a, e.class, e.feature
"""

REVISION = "select revision from pgml.endpoints where name = 'classification 鉄'"


def fill(database: Database, admin: Connection) -> None:
    """A history with a bit of everything."""
    admin.execute(LINE)
    admin.execute("""
        create table kinds as
        select x::real as a, chr(97 + x % 3) as b, x % 7 as c, chr(97 + (x % 3 + x / 50) % 3) as y, x + x % 7 as z
        from generate_series(1, 200) x
    """)
    admin.execute("create view letters as select a, b, c, y from kinds")
    admin.execute("create view numbers as select a, b, c, z as y from kinds")
    admin.execute("create view pairs as select a, b, c, y, z % 2 = 0 as even from kinds")
    leaver = database.server.role("superuser")
    with database.connect(role=leaver) as connection:
        for algorithm in ("linear", "xgboost", "random_forest", "svm", "lightgbm"):
            small = '{"n_estimators": 5}' if algorithm not in ("linear", "svm") else "{}"
            for task, relation in (("classification", "letters"), ("regression", "numbers")):
                if task == "regression" or algorithm != "svm":
                    connection.execute(
                        "select pgml.train(%s, %s, %s, 'y', algorithm => %s, hyperparams => %s::jsonb)",
                        [f"{task} 鉄", task, relation, algorithm, small],
                    )
        for algorithm in ("linear", "xgboost"):
            connection.execute(
                "select pgml.train_joint('joint 鉄', 'classification', 'pairs', '{y,even}', %s)", [algorithm]
            )
        connection.execute("select pgml.deploy('classification 鉄', 'most_recent', reason => 'it''s newer')")
        connection.execute("select pgml.deploy('classification 鉄', 'rollback')")
        train(connection, "gone")
        connection.execute("select pgml.delete_project('gone')")
    admin.execute("select pgml.undeploy('regression 鉄', 'for now')")
    admin.execute("select pgml.delete_model(%s, true)", [models(admin, "regression 鉄")[0]])
    admin.execute(sql.SQL("drop role {}").format(sql.Identifier(leaver)))


@pytest.mark.parametrize("restore", [with_psql, with_pg_restore])
def test_a_restored_database_is_the_same(
    database: Database, target: Database, tmp_path: Path, restore: Restore
) -> None:
    with database.connect() as admin:
        fill(database, admin)
        revision = one(admin, REVISION)
        before, answers = contents(admin), admin.execute(ANSWERS).fetchall()
        explained = admin.execute(EXPLAINED).fetchall()
    restore(database, target, tmp_path)
    with target.connect() as restored:
        assert contents(restored) == before
        assert restored.execute(ANSWERS).fetchall() == answers
        assert len(answers) > 100
        assert restored.execute(EXPLAINED).fetchall() == explained
        assert {row[0] for row in explained} == {"linear", "xgboost", "lightgbm"}
        used = one(restored, "select last_value from pgml.models_id_seq")
        removed = one(restored, "select max(id) from pgml.removals")
        train(restored, "new")
        assert models(restored, "new") == [used + 1]
        assert predict(restored, "new", 4.0) == pytest.approx(8)
        restored.execute("select pgml.deploy('classification 鉄', 'rollback')")
        assert one(restored, REVISION) == revision + 1
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="append-only"):
            restored.execute("delete from pgml.deployments")
        restored.execute("select pgml.delete_project('new')")
        assert one(restored, "select max(id) from pgml.removals") == removed + 1


def store_again(admin: Connection, padding: int) -> int:
    """Store the artifact of the only model once more, with this much padding, and let only that stay; its bytes."""
    (model,) = models(admin, "p")
    header, payload = unpack(bytes(one(admin, "select data from pgml.files where path = 'model'")))
    artifact = pack(header | {"padding": "x" * padding}, bytes(payload))
    copy = NewModel(
        project_id=one(admin, "select id from pgml.projects"),
        snapshot_id=one(admin, "select id from pgml.snapshots"),
        num_features=1,
        algorithm="linear",
        runtime="python",
        hyperparams={},
        metrics={},
        task="regression",
        classes=None,
        signature=one(admin, "select signature from pgml.models"),
        predictor=one(admin, "select predictor from pgml.models"),
        export={},
        library={},
        artifact_sha256=digest(artifact),
        artifact=artifact,
    )
    stored = catalog.insert(WireSession(admin), copy)
    admin.execute("select pgml.deploy(%s::bigint)", [stored])
    admin.execute("select pgml.delete_model(%s, true)", [model])
    admin.commit()
    return len(artifact)


def test_an_artifact_in_parts(
    database: Database, target: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "PART_BYTES", 100)
    with database.connect(autocommit=False) as admin:
        admin.execute(LINE)
        train(admin, "p")
        size = store_again(admin, 0)
        parts = admin.execute("select part, octet_length(data) from pgml.files order by part").fetchall()
        assert parts == [*((part, 100) for part in range(size // 100)), (size // 100, size % 100)]
        admin.commit()
    with database.connect() as other:
        assert predict(other, "p", 4.0) == pytest.approx(8)
    with_psql(database, target, tmp_path)
    with target.connect() as restored:
        assert predict(restored, "p", 4.0) == pytest.approx(8)


@pytest.mark.one_server
def test_an_artifact_of_more_than_64_mb(database: Database, target: Database, tmp_path: Path) -> None:
    with database.connect(autocommit=False) as admin:
        admin.execute(LINE)
        train(admin, "p")
        size = store_again(admin, 64 << 20)
        parts = admin.execute("select part, octet_length(data) from pgml.files order by part").fetchall()
        assert parts == [(0, 64 << 20), (1, size - (64 << 20))]
        assert predict(admin, "p", 4.0) == pytest.approx(8)
        admin.commit()
    with_pg_restore(database, target, tmp_path)
    with target.connect() as restored:
        assert predict(restored, "p", 4.0) == pytest.approx(8)


def test_no_part_is_larger_than_64_mb(database: Database) -> None:
    assert catalog.PART_BYTES == 64 << 20
    with database.connect() as admin:
        admin.execute(LINE)
        train(admin, "p")
        with pytest.raises(psycopg.errors.CheckViolation):
            admin.execute("""
                insert into pgml.files (model_id, path, part, data)
                select id, 'model', 1, decode(repeat('00', (64 << 20) + 1), 'hex') from pgml.models
            """)
