"""No row of a test part ever was in the training part of a model that it judges: growing tables, duplicates."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.acceptance.work import one
from tests.servers import Connection, Server
from turnout.training.dataset import Dataset
from turnout.training.description import Description

Row = tuple[float, float, object]
TRAIN = """
    select deployed from pgml.train(%s, %s, 'growing', 'y', algorithm => %s, test_size => %s::real,
      test_sampling => %s, hyperparams => %s::jsonb)
"""
SPLIT_OF = "select s.split from pgml.models m join pgml.snapshots s on s.id = m.snapshot_id where m.id = %s"


@pytest.fixture(scope="module")
def session(server: Server) -> Iterator[Connection]:
    with server.database() as database, database.connect() as connection:
        yield connection


def heard(session: Connection) -> list[str]:
    """What the session is told from now on."""
    said: list[str] = []
    session.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
    return said


class Reference:
    """Which rows a split makes test rows, by a dataset of our own and the thresholds that the catalog keeps."""

    def __init__(self, rows: list[Row], task: str) -> None:
        self.rows = rows
        self.fields = [{"name": name, "type": "float4", "size": None, "kind": "float4"} for name in "ab"]
        kind = "int8" if task == "classification" else "float8"
        self.target = {"name": "y", "type": kind, "kind": kind, "size": None}
        self.task = task

    def test_part(self, split: dict[str, Any]) -> set[Row]:
        """The values of the rows below the thresholds."""
        header = {
            "do": "fit", "relation": "growing", "task": self.task, "algorithm": "linear", "hyperparams": {},
            "fields": self.fields, "targets": [self.target], "preprocess": {}, "key_metric": "f1",
            "split": {name: split[name] for name in ("sampling", "seed", "test_size")},
        }  # fmt: skip
        dataset = Dataset(Description.read(header))
        kinds = {"float4": ">f4", "int8": ">i8", "float8": ">f8"}
        columns = [
            np.array([row[place] for row in self.rows]).astype(kinds[str(field["kind"])]).tobytes()
            for place, field in enumerate([*self.fields, self.target])
        ]
        dataset.add(len(self.rows), [len(column) for column in columns], b"".join(columns))
        bounds = split["thresholds"]
        return {
            row
            for row, value in zip(self.rows, dataset.hashes[0].tolist(), strict=True)
            if value < bounds.get("*", bounds.get(str(row[2])))
        }


def a_row(chance: random.Random, task: str) -> Row:
    a, b = float(chance.randint(0, 12)), float(chance.randint(0, 5))
    if task == "classification":
        return (a, b, chance.choice((0, 1, 2)))
    return (a, b, round(2 * a + chance.random(), 2))


@pytest.mark.one_server
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_no_row_judges_a_model_that_was_trained_on_it(session: Connection, task: str) -> None:
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        seed=st.integers(0, 1 << 30),
        ways=st.lists(
            st.tuples(
                st.sampled_from(["random", "stratified"]),
                st.sampled_from([0.2, 0.25, 0.5, 7]),
                st.integers(20, 60),
            ),
            min_size=3,
            max_size=4,
        ),
    )
    def proof(seed: int, ways: list[tuple[str, float, int]]) -> None:
        grows(session, task, random.Random(seed), ways)

    proof()


def grows(session: Connection, task: str, chance: random.Random, ways: list[tuple[str, float, int]]) -> None:
    """Train again and again on a table that grows, and look into what each verdict is based on."""
    kind = "int" if task == "classification" else "float8"
    session.execute("drop table if exists growing")
    session.execute(f"create table growing (a real, b real, y {kind})")
    if one(session, "select exists (select from pgml.projects where name = 'growing')"):
        session.execute("select pgml.delete_project('growing')")
    rows: list[Row] = []
    trained: dict[int, set[Row]] = {}
    for sampling, size, count in ways:
        more = [a_row(chance, task) for _ in range(count)]
        # and some that are there already
        more += chance.choices(rows or more, k=count // 3)
        rows += more
        chance.shuffle(rows)
        session.execute("truncate growing")
        with session.cursor() as cursor:
            cursor.executemany("insert into growing values (%s, %s, %s)", rows)
        champion = (
            one(session, "select max(model_id) from pgml.endpoints where name = 'growing'")
            if trained
            else None
        )
        said = heard(session)
        session.execute(TRAIN, ["growing", task, "linear", size, sampling, "{}"])
        model = one(session, "select max(id) from pgml.models")
        split = one(session, "select split from pgml.snapshots order by id desc limit 1")
        test = Reference(rows, task).test_part(split)
        assert 0 < len(test) < len(set(rows))
        analysis = one(session, "select analysis from pgml.snapshots order by id desc limit 1")
        assert analysis["test"] == sum(row in test for row in rows)
        trained[model] = set(rows) - test
        if champion is not None:
            shared = re.search(r"on the same (\d+) test rows", " ".join(said))
            fair = [row for row in rows if row in test and row not in trained[champion]]
            if shared is None:
                continue
            # what was judged on is among the rows that neither has trained on
            before = one(session, SPLIT_OF, champion)
            judges = Reference(rows, task).test_part(with_every_class(before)) & test
            assert not judges & trained[champion]
            assert not judges & trained[model]
            assert int(shared[1]) == sum(row in judges for row in rows) <= len(fair)


def with_every_class(champion: dict[str, Any]) -> dict[str, Any]:
    """The champion's split, for which a class that it has never met is all unseen."""
    bounds = champion["thresholds"]
    if "*" in bounds:
        return champion
    unknown = {label: 1 << 64 for label in "012" if label not in bounds}
    return champion | {"thresholds": bounds | unknown}


@pytest.mark.one_server
@pytest.mark.parametrize("change", ["text", "bool"])
def test_hashes_over_another_type_are_not_compared(session: Connection, change: str) -> None:
    """The same rows with their target as another type have other hashes, or their classes other names."""
    session.execute("drop table if exists growing")
    if one(session, "select exists (select from pgml.projects where name = 'growing')"):
        session.execute("select pgml.delete_project('growing')")
    session.execute(
        "create table growing as select x::real as a, x::real as b, x % 2 as y from generate_series(1, 80) x"
    )
    said = heard(session)
    session.execute(TRAIN, ["growing", "classification", "linear", 0.25, "stratified", "{}"])
    session.execute(f"alter table growing alter y type {change} using y::{change}")
    session.execute(TRAIN, ["growing", "classification", "linear", 0.25, "stratified", "{}"])
    assert len(said) > 1
    assert not any("on the same" in text for text in said)
