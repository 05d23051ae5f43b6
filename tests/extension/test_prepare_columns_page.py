"""The page on how to prepare columns: every statement runs, and answers what stands behind it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.extension.statements import value
from tests.servers import Database
from turnout.runtime.labels import label_text

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "prepare-columns.md"

pytestmark = pytest.mark.one_server


def test_the_page(empty_database: Database) -> None:
    blocks = "".join(re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL))
    found = re.findall(r"(.*?);(?: *-- ([^\n]*))?\n", blocks, re.DOTALL)
    assert sum(bool(answer) for _, answer in found) == 9
    with empty_database.connect() as sql:
        for statement, answer in found:
            if answer:
                assert label_text(value(sql, statement)) == answer, statement
            else:
                sql.execute(statement)
