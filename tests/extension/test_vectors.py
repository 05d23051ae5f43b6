"""Functions and aggregates of vectors: what numpy answers, and pgvector where it has the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.extension.statements import rows, value
from tests.servers import Connection, Server

pytestmark = pytest.mark.usefixtures("server")

TYPES = {"real": np.float32, "double precision": np.float64}
Vector = np.ndarray[Any, np.dtype[Any]]


def numbers(type_: str) -> st.SearchStrategy[float]:
    """Numbers of all sizes whose squares are finite, down to the smallest that its type can hold."""
    if type_ == "real":
        return st.floats(-(2.0**60), 2.0**60, width=32)
    return st.floats(-1e150, 1e150)


def moderate(type_: str) -> st.SearchStrategy[float]:
    """Numbers whose products come nowhere near to where numbers end."""
    if type_ == "real":
        return numbers(type_)
    return st.one_of(st.just(0.0), st.floats(1e-70, 1e70), st.floats(-1e70, -1e-70))


def vectors(
    of: st.SearchStrategy[float], type_: str, count: int = 1, least: int = 1
) -> st.SearchStrategy[list[Vector]]:
    """Some vectors of one length."""

    def of_length(size: int) -> st.SearchStrategy[list[Vector]]:
        one = st.lists(of, min_size=size, max_size=size)
        return st.lists(one.map(lambda found: np.array(found, TYPES[type_])), min_size=count, max_size=count)

    return st.integers(least, 12).flatmap(of_length)


def ask(sql: Connection, call: str, *arguments: object) -> Any:
    """The answer of ``pgml.<call>``, whose arguments are given as lists and numbers."""
    given = [a.tolist() if isinstance(a, np.ndarray) else a for a in arguments]
    return value(sql, f"select pgml.{call}", given)


def agrees(answer: Any, expected: Any, type_: str, scale: float = 0.0) -> None:
    """Equal but for the order of a sum; ``scale`` is the size of what was added up."""
    kind = TYPES[type_]
    exact = 2.0**-20 if type_ == "real" else 2.0**-49
    np.testing.assert_allclose(
        np.array(answer, kind), np.asarray(expected, kind), rtol=exact, atol=exact * scale + 1e-300
    )


def proof(body: Callable[[st.DataObject], None]) -> None:
    settings(max_examples=60, deadline=None, database=None)(given(data=st.data())(body))()


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic(sql: Connection, name: str, type_: str) -> None:
    def body(data: st.DataObject) -> None:
        a, b = data.draw(vectors(numbers(type_), type_, 2, least=0))
        with np.errstate(all="ignore"):
            both, one = ARITHMETIC[name](a, b), ARITHMETIC[name](a, TYPES[type_](0.3))
        assume(not (np.isinf(both) & (b != 0)).any())
        agrees(ask(sql, f"{name}(%s::{type_}[], %s::{type_}[])", a, b), both, type_)
        agrees(ask(sql, f"{name}(%s::{type_}[], 0.3::{type_})", a), one, type_)

    proof(body)


NORMS: dict[str, Callable[[Vector], float]] = {
    "l0": lambda a: float(np.count_nonzero(a)),
    "l1": lambda a: float(np.abs(a.astype(np.float64)).sum()),
    "l2": lambda a: float(np.sqrt((a.astype(np.float64) ** 2).sum())),
    "max": lambda a: float(np.abs(a).max(initial=0)),
}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("name", NORMS)
def test_norms(sql: Connection, name: str, type_: str) -> None:
    def body(data: st.DataObject) -> None:
        (a,) = data.draw(vectors(moderate(type_), type_, least=0))
        with np.errstate(all="ignore"):
            norm = NORMS[name](a)
            agrees(ask(sql, f"norm_{name}(%s::{type_}[])", a), norm, type_)
            if name != "l0":
                expected = a.astype(np.float64) / norm
                agrees(ask(sql, f"normalize_{name}(%s::{type_}[])", a), expected, type_)

    proof(body)


@pytest.mark.parametrize("type_", TYPES)
def test_distances(sql: Connection, type_: str) -> None:
    def body(data: st.DataObject) -> None:
        a, b = data.draw(vectors(moderate(type_), type_, 2, least=0))
        x, y = a.astype(np.float64), b.astype(np.float64)
        scale = float(np.abs(x).max(initial=0) * np.abs(y).max(initial=0)) * len(a)
        assume(scale < 1e38 or type_ != "real")
        with np.errstate(all="ignore"):
            agrees(ask(sql, f"distance_l1(%s::{type_}[], %s::{type_}[])", a, b), np.abs(x - y).sum(), type_)
            apart = np.sqrt(((x - y) ** 2).sum())
            agrees(ask(sql, f"distance_l2(%s::{type_}[], %s::{type_}[])", a, b), apart, type_)
            agrees(ask(sql, f"dot_product(%s::{type_}[], %s::{type_}[])", a, b), x @ y, type_, scale)
            lengths = np.sqrt((x**2).sum()) * np.sqrt((y**2).sum())
            cosine = ask(sql, f"cosine_similarity(%s::{type_}[], %s::{type_}[])", a, b)
            agrees(cosine, x @ y / lengths if lengths else math.nan, type_, len(a))

    proof(body)


AGGREGATES: dict[str, Callable[[Vector], Vector]] = {
    "sum": lambda m: m.astype(np.float64).sum(axis=0),
    "min": lambda m: m.min(axis=0),
    "max": lambda m: m.max(axis=0),
    "min_abs": lambda m: np.abs(m).min(axis=0),
    "max_abs": lambda m: np.abs(m).max(axis=0),
}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("name", AGGREGATES)
def test_aggregates(sql: Connection, name: str, type_: str) -> None:
    def body(data: st.DataObject) -> None:
        found = data.draw(st.integers(1, 6).flatmap(lambda count: vectors(numbers(type_), type_, count)))
        nulls = data.draw(st.lists(st.integers(0, len(found)), max_size=2))
        given: list[list[float] | None] = [vector.tolist() for vector in found]
        for place in nulls:
            given.insert(place, None)
        literals = [None if v is None else "{" + ",".join(map(repr, v)) + "}" for v in given]
        answer = value(sql, f"select pgml.{name}(v::{type_}[]) from unnest(%s::text[]) v", [literals])
        matrix = np.array(found)
        agrees(answer, AGGREGATES[name](matrix), type_, float(np.abs(matrix).max()) * len(found))

    proof(body)


@pytest.mark.parametrize("type_", TYPES)
def test_an_aggregate_skips_null_elements_and_has_no_answer_without_rows(sql: Connection, type_: str) -> None:
    for name, expected in (
        ("sum", [-2, 5, None]),
        ("min", [-3, 5, None]),
        ("max", [1, 5, None]),
        ("min_abs", [1, 5, None]),
        ("max_abs", [3, 5, None]),
    ):
        call = f"select pgml.{name}(v::{type_}[]) from (values (%s), ('{{1,NULL,NULL}}'), (null)) t (v)"
        assert value(sql, call, ["{-3,5,NULL}"]) == expected
        assert value(sql, f"select pgml.{name}(v) from (select null::{type_}[] as v) t") is None
        assert value(sql, f"select pgml.{name}(v) from (select null::{type_}[] as v) t where false") is None


def test_aggregates_in_parallel_workers(sql: Connection) -> None:
    sql.execute("create table many as select array[x, -x, 1]::real[] as v from generate_series(1, 60000) x")
    sql.execute("analyze many")
    with sql.transaction(force_rollback=True):
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            sql.execute(f"set local {setting} = 0")
        query = "select pgml.sum(v), pgml.min(v), pgml.max(v), pgml.min_abs(v), pgml.max_abs(v) from many"
        assert "Parallel" in str(rows(sql, f"explain {query}"))
        ((total, least, greatest, small, large),) = rows(sql, query)
    assert total == [1800030000, -1800030000, 60000]
    assert (least, greatest) == ([1, -60000, 1], [60000, -1, 1])
    assert (small, large) == ([1, 1, 1], [60000, 60000, 1])


PAIRS = (*ARITHMETIC, "distance_l1", "distance_l2", "dot_product", "cosine_similarity")


@pytest.mark.parametrize("type_", TYPES)
def test_vectors_of_different_lengths_are_an_error(sql: Connection, type_: str) -> None:
    for a, b in (("{1,2}", "{1,2,3}"), ("{}", "{1}")):
        for name in PAIRS:
            with (
                pytest.raises(psycopg.Error, match=r"vectors of \d and \d elements") as caught,
                sql.transaction(),
            ):
                sql.execute(f"select pgml.{name}(%s::{type_}[], %s::{type_}[])", [a, b])
            assert caught.value.sqlstate == "2202E"
        for name in AGGREGATES:
            with (
                pytest.raises(psycopg.Error, match=r"vectors of \d and \d elements") as caught,
                sql.transaction(),
            ):
                sql.execute(f"select pgml.{name}(v::{type_}[]) from (values (%s), (%s)) t (v)", [a, b])
            assert caught.value.sqlstate == "2202E"


@pytest.mark.parametrize("type_", TYPES)
def test_nulls(sql: Connection, type_: str) -> None:
    for name in PAIRS:
        assert value(sql, f"select pgml.{name}(null, array[1]::{type_}[])") is None
        for a, b in (("{1,NULL}", "{1,2}"), ("{1,2}", "{NULL,2}")):
            with pytest.raises(psycopg.Error, match="a NULL among its elements") as caught, sql.transaction():
                sql.execute(f"select pgml.{name}(%s::{type_}[], %s::{type_}[])", [a, b])
            assert caught.value.sqlstate == "22004"
    for name in (
        "norm_l0",
        "norm_l1",
        "norm_l2",
        "norm_max",
        "normalize_l1",
        "normalize_l2",
        "normalize_max",
    ):
        assert value(sql, f"select pgml.{name}(null::{type_}[])") is None
        with pytest.raises(psycopg.Error, match="a NULL among its elements"), sql.transaction():
            sql.execute(f"select pgml.{name}('{{1,NULL}}'::{type_}[])")


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_not_finite(sql: Connection, type_: str) -> None:
    divided = ask(sql, f"divide('{{1,-1,0,NaN,Infinity}}'::{type_}[], 0::{type_})")
    assert repr(divided) == repr([math.inf, -math.inf, math.nan, math.nan, math.inf])
    assert ask(sql, f"divide('{{1,-1}}'::{type_}[], '-0'::{type_})") == [-math.inf, math.inf]
    for name in ("l1", "l2", "max"):
        assert repr(ask(sql, f"normalize_{name}('{{0,0}}'::{type_}[])")) == "[nan, nan]"
    assert math.isnan(ask(sql, f"cosine_similarity('{{0,0}}'::{type_}[], '{{1,2}}'::{type_}[])"))
    assert ask(sql, f"norm_l2('{{Infinity,1}}'::{type_}[])") == math.inf
    large = "3e38" if type_ == "real" else "1e308"
    with pytest.raises(psycopg.errors.NumericValueOutOfRange), sql.transaction():
        sql.execute(f"select pgml.multiply(array[{large}]::{type_}[], 10::{type_})")


def test_shapes_and_literals(sql: Connection) -> None:
    assert ask(sql, "add('{{1,2},{3,4}}'::real[], 1)") == [2, 3, 4, 5]
    assert ask(sql, "add('[0:1]={1,2}'::float8[], array[1, 2]::float8[])") == [2, 4]
    assert ask(sql, "dot_product('{}'::real[], '{}'::real[])") == 0
    declared = rows(
        sql,
        """
        select distinct p.provolatile, p.proisstrict, p.proparallel from pg_proc p
        where p.pronamespace = 'pgml'::regnamespace and p.proname = any (%s) and p.prokind = 'f'
        """,
        [
            [
                *PAIRS,
                "norm_l0",
                "norm_l1",
                "norm_l2",
                "norm_max",
                "normalize_l1",
                "normalize_l2",
                "normalize_max",
            ]
        ],
    )
    assert declared == [("i", True, "s")]


@pytest.mark.one_server
def test_pgvector_answers_the_same(server: Server) -> None:
    with server.database() as database, database.connect() as connection:
        if not rows(connection, "select from pg_available_extensions where name = 'vector'"):
            pytest.skip("pgvector is not installed on this server")
        connection.execute("create schema v; create extension vector schema v")
        connection.execute("set search_path = public, v")

        def body(data: st.DataObject) -> None:
            one = st.lists(st.floats(-100, 100, width=32), min_size=5, max_size=5)
            a, b = data.draw(one), data.draw(one)
            ((ours, theirs, ours_dot, theirs_dot, ours_l1, theirs_l1, ours_cosine, theirs_cosine),) = rows(
                connection,
                """
                select
                  pgml.distance_l2(a, b), a::vector <-> b::vector, pgml.dot_product(a, b), -(a::vector <#> b::vector),
                  pgml.distance_l1(a, b), l1_distance(a::vector, b::vector),
                  1 - pgml.cosine_similarity(a, b), a::vector <=> b::vector
                from (select %s::real[] as a, %s::real[] as b) t
                """,
                [a, b],
            )
            scale = 1e-6 * sum(abs(x * y) for x, y in zip(a, b, strict=True)) + 1e-30
            assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-20)
            assert ours_l1 == pytest.approx(theirs_l1, rel=1e-5, abs=1e-30)
            assert ours_dot == pytest.approx(theirs_dot, rel=1e-5, abs=scale)
            if min(np.abs(a).max(), np.abs(b).max()) > 1e-15:
                assert ours_cosine == pytest.approx(theirs_cosine, rel=1e-5, abs=1e-6)

        proof(body)
