"""The reference says what the sources say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import reference

SOURCES = Path(reference.ROOT, "src", "turnout")


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_page_is_up_to_date(name: str) -> None:
    written = (reference.PAGES_AT / name).read_text()
    assert written == reference.PAGES[name](), "run python tools/reference.py"


def test_each_error_has_a_code_of_its_own() -> None:
    kinds = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", reference.problems(), re.MULTILINE)
    assert len({code for _, code in kinds}) == len({name for name, _ in kinds}) == len(kinds) > 80


def test_every_function_has_a_text() -> None:
    for file in reference.FUNCTIONS.parent.glob("[fv]*/[!_]*.sql"):
        assert file.read_text().startswith("-- "), f"{file.name} does not begin with what the function is for"


def test_every_setting_is_documented() -> None:
    text = "\n".join(file.read_text() for kind in ("*.py", "*.sql") for file in SOURCES.rglob(kind))
    made = set(re.findall(r"create (?:table|view|function|type) (pgml\.\w+)", text))
    quoted = set(re.findall(r"""['"](pgml\.\w+)[='"]""", text))
    known = made | {f"{name}_id_seq" for name in made} | {"pgml.control", "pgml.digits", "pgml.snapshot_"}
    assert quoted - known == set(reference.SETTINGS)
