"""The reference says what the sources say."""

from __future__ import annotations

import re
from pathlib import Path

from tools import reference

SOURCES = Path(reference.ROOT, "src", "turnout")


def test_the_page_is_up_to_date() -> None:
    assert reference.PAGE.read_text() == reference.page(), "run python tools/reference.py"


def test_every_function_has_a_text() -> None:
    for file in reference.FUNCTIONS.parent.glob("[fv]*/[!_]*.sql"):
        assert file.read_text().startswith("-- "), f"{file.name} does not begin with what the function is for"


def test_every_setting_is_documented() -> None:
    text = "\n".join(file.read_text() for kind in ("*.py", "*.sql") for file in SOURCES.rglob(kind))
    made = set(re.findall(r"create (?:table|view|function|type) (pgml\.\w+)", text))
    quoted = set(re.findall(r"""['"](pgml\.\w+)[='"]""", text))
    known = made | {f"{name}_id_seq" for name in made} | {"pgml.control", "pgml.digits", "pgml.snapshot_"}
    assert quoted - known == set(reference.SETTINGS)
