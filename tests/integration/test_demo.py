"""`turnout demo`, as a newcomer runs it: once, and once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.commands import Commands
from turnout.demo.script import steps

PROJECT = "Handwritten Digit Image Classifier"
STRATEGIES = ["best_score", "most_recent", "rollback", "rollback", "best_score", "rollback", "specific"]


@pytest.fixture
def turnout(tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(tmp_path)
    yield commands
    commands.run("down")


@pytest.mark.slow
def test_it_works_twice(turnout: Commands) -> None:
    for round_ in (1, 2):
        done = turnout.run("demo")
        assert (done.returncode, done.stderr) == (0, "")
        assert "ERROR" not in done.stdout
        assert turnout.status()["dsn"] in done.stdout
        assert f"TURNOUT_HOME={turnout.home}" in done.stdout
        history = turnout.sql(
            "select strategy from pgml.deployments where strategy <> 'new_score' order by revision"
        )
        assert history.split() == STRATEGIES * round_
        live = turnout.sql(f"select algorithm from pgml.deployed_models where name = '{PROJECT}'")
        assert live == "random_forest"
        assert turnout.sql("select count(*) from pgml.models where status = 'successful'") == str(5 * round_)


def test_a_statement_goes_on_to_the_next_blank_line() -> None:
    first, second = steps("-- One\n-- and more\nselect 1,\n  2;\n\nselect 3;\n")
    assert (first.story, first.statement) == ("One and more", "select 1,\n  2;")
    assert (second.story, second.statement) == ("", "select 3;")
