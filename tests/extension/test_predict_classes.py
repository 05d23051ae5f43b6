"""What classes are answered as: texts, numbers and booleans."""

from __future__ import annotations

import pytest

from tests.extension.statements import rows, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table sorts as
  select x::real as a, (x % 7)::real as b, (array['pear', 'apple', 'fig'])[1 + x / 21] as kind
  from generate_series(1, 62) x;
select pgml.train('sorts', 'classification', 'sorts', 'kind');
create table counted as select x as a, 5 + 2 * (x / 21) as y from generate_series(1, 62) x;
select pgml.train('counted', 'classification', 'counted', 'y');
create table halves as select x as a, 0.5 + x / 21 as y from generate_series(1, 62) x;
select pgml.train('halves', 'classification', 'halves', 'y');
create table flags as select x as a, x > 30 as y from generate_series(1, 60) x;
select pgml.train('flags', 'classification', 'flags', 'y');
"""


def test_classes_that_are_texts(sql: Connection) -> None:
    classes = value(
        sql,
        "select classes from pgml.models m join pgml.projects p on p.id = project_id where name = 'sorts'",
    )
    assert classes == ["apple", "fig", "pear"]
    found = rows(
        sql,
        """
        select pgml.predict('sorts', s), pgml.predict_label('sorts', s), pgml.predict_proba('sorts', s) from sorts s
    """,
    )
    for index, label, shares in found:
        assert isinstance(shares, list)
        assert len(shares) == 3
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert shares.index(max(shares)) == index
        assert label == classes[round(float(str(index)))]


@pytest.mark.parametrize(
    ("project", "classes", "answers"),
    [
        ("counted", ["5", "7", "9"], {5.0: "5", 7.0: "7", 9.0: "9"}),
        ("halves", ["0.5", "1.5", "2.5"], {0.5: "0.5", 1.5: "1.5", 2.5: "2.5"}),
        ("flags", ["false", "true"], {0.0: "false", 1.0: "true"}),
    ],
)
def test_classes_that_are_numbers_are_answered_as_they_are(
    sql: Connection, project: str, classes: list[str], answers: dict[float, str]
) -> None:
    kept = value(
        sql,
        "select classes from pgml.models m join pgml.projects p on p.id = project_id where name = %s",
        [project],
    )
    assert kept == classes
    found = rows(
        sql,
        f"""
        select pgml.predict('{project}', t), pgml.predict_label('{project}', t), pgml.predict_proba('{project}', t)
        from {project} t
    """,
    )
    assert {number for number, _, _ in found} == set(answers)
    for number, label, shares in found:
        assert label == answers[float(str(number))]
        assert isinstance(shares, list)
        assert classes[shares.index(max(shares))] == label


def test_a_single_feature_needs_no_array(sql: Connection) -> None:
    assert value(sql, "select pgml.predict('flags', 59)") == 1.0
    assert value(sql, "select pgml.predict_label('flags', row(2))") == "false"
