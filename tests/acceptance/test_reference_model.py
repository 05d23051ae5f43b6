"""Any sequence of trainings, deployments and deletions, against ten lines that say what it should come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers import Connection, Server
from tests.switchyard import Switchyard, switchyard

# what the catalog is given for a model that is trained: the artifact of one that is there already
COPY = """
    with made as (
      insert into pgml.models (
        project_id, snapshot_id, num_features, algorithm, hyperparams, status, metrics, task, signature, predictor,
        artifact_sha256, artifact_bytes, created_at
      )
      select (select max(id) from pgml.projects), snapshot_id, num_features, %(algorithm)s::pgml.algorithm, hyperparams,
        'successful',
        jsonb_build_object('r2', %(score)s::float8), task, signature, predictor, artifact_sha256, artifact_bytes,
        clock_timestamp()
      from pgml.models where id = %(original)s
      returning id
    )
    insert into pgml.files (model_id, path, part, data)
    select made.id, path, part, data from pgml.files, made where model_id = %(original)s
    returning model_id
"""
ALGORITHMS = ("linear", "svm")


class Reference:
    """What a project should come to."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.models: dict[int, tuple[str, float | None, int]] = {}  # id -> algorithm, score, answer
        self.deleted: set[int] = set()
        self.history: list[tuple[str, int | None]] = []

    @property
    def live(self) -> int | None:
        return self.history[-1][1] if self.history else None

    def choose(self, strategy: str, algorithm: str | None) -> int | None:
        left = [m for m in self.models if m not in self.deleted and algorithm in (None, self.models[m][0])]
        if strategy == "rollback":
            earlier = [m for _, m in reversed(self.history[:-1]) if m in left and m != self.live]
            return earlier[0] if earlier else None
        if strategy == "best_score":
            left = sorted(
                (m for m in left if self.models[m][1] is not None), key=lambda m: (self.models[m][1], m)
            )
        return left[-1] if left else None


Step = Callable[[Connection, Reference, dict[int, int]], None]


def switch(sql: Connection, known: Reference, call: str, strategy: str, chosen: int | None) -> None:
    """Switch in both, or be refused by both."""
    try:
        sql.execute(call.encode())
    except psycopg.errors.ObjectNotInPrerequisiteState:
        assert chosen is None, call
    else:
        assert chosen is not None, call
        known.history.append((strategy, chosen))


def train(algorithm: str, score: float | None, k: int) -> Step:
    def step(sql: Connection, known: Reference, originals: dict[int, int]) -> None:
        row = sql.execute(COPY, {"algorithm": algorithm, "score": score, "original": originals[k]}).fetchone()
        assert row is not None
        known.models[int(str(row[0]))] = (algorithm, score, k)

    return step


def deploy(strategy: str, algorithm: str | None) -> Step:
    def step(sql: Connection, known: Reference, originals: dict[int, int]) -> None:
        chosen = known.choose(strategy, algorithm)
        word = f"'{algorithm}'" if algorithm else "null"
        switch(sql, known, f"select pgml.deploy('{known.project}', '{strategy}', {word})", strategy, chosen)

    return step


def specific(place: int) -> Step:
    def step(sql: Connection, known: Reference, originals: dict[int, int]) -> None:
        if not known.models:
            return
        model = list(known.models)[place % len(known.models)]
        chosen = None if model in known.deleted else model
        switch(sql, known, f"select pgml.deploy({model})", "specific", chosen)

    return step


def undeploy(sql: Connection, known: Reference, originals: dict[int, int]) -> None:
    if known.live is None:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="has no deployed model"):
            sql.execute("select pgml.undeploy(%s)", [known.project])
        return
    sql.execute("select pgml.undeploy(%s)", [known.project])
    known.history.append(("undeploy", None))


def delete(place: int, force: bool) -> Step:
    def step(sql: Connection, known: Reference, originals: dict[int, int]) -> None:
        if not known.models:
            return
        model = list(known.models)[place % len(known.models)]
        kept = model == known.live or (not force and model == known.choose("rollback", None))
        try:
            sql.execute("select pgml.delete_model(%s, %s)", [model, force])
        except psycopg.errors.ObjectInUse:
            assert kept
        except psycopg.errors.ObjectNotInPrerequisiteState:
            assert model in known.deleted
        else:
            assert not kept
            known.deleted.add(model)

    return step


SCORES = st.sampled_from([None, -12.5, -9.0, -0.1, 0.5, 1.0])
STEPS = st.one_of(
    st.builds(train, st.sampled_from(ALGORITHMS), SCORES, st.integers(1, 3)),
    st.builds(deploy, st.sampled_from(["best_score", "most_recent", "rollback"]), st.sampled_from([None, *ALGORITHMS])),
    st.builds(deploy, st.just("rollback"), st.none()),
    st.builds(specific, st.integers(0, 3)),
    st.builds(specific, st.integers(0, 7)),
    st.builds(delete, st.integers(0, 7), st.booleans()),
    st.just(undeploy),
)  # fmt: skip
BEGINNING = (train("linear", -9.0, 1), train("svm", -0.1, 2), train("linear", -12.5, 3))


NEW = """
    with made as (
      insert into pgml.projects (name, task, owner, seed, key_metric)
      values (%(name)s, 'regression', 'postgres', 1, 'r2') returning id
    )
    insert into pgml.endpoints (kind, name, project_id) select 'project', %(name)s, id from made
"""


@pytest.fixture(scope="module")
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


def predict(sql: Connection, project: str) -> int:
    row = sql.execute("select pgml.predict(%s, array[1.0]::real[])", [project]).fetchone()
    assert row is not None
    return round(float(str(row[0])))


def agree(sql: Connection, watcher: Connection, known: Reference) -> None:
    """The pointer, the history and the answers of two sessions are those of the reference."""
    row = sql.execute(
        "select model_id, revision from pgml.endpoints where name = %s", [known.project]
    ).fetchone()
    assert row == (known.live, len(known.history))
    found = sql.execute(
        "select strategy, model_id, previous_model_id from pgml.history(%s)", [known.project]
    ).fetchall()
    before = [None, *(model for _, model in known.history)]
    assert found == [(s, m, p) for (s, m), p in zip(known.history, before, strict=False)]
    for session in (sql, watcher):
        if known.live is None:
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="has no deployed model"):
                predict(session, known.project)
        else:
            assert predict(session, known.project) == known.models[known.live][2]


def test_any_sequence_comes_to_what_ten_lines_say(yard: Switchyard) -> None:
    names = count()
    with yard.connect() as sql, yard.connect() as watcher:

        @settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(STEPS, min_size=6, max_size=20))
        def proof(steps: list[Step]) -> None:
            known = Reference(f"project {next(names)}")
            sql.execute(NEW, {"name": known.project})
            for step in [*BEGINNING, *steps]:
                step(sql, known, yard.models)
                agree(sql, watcher, known)

        proof()
