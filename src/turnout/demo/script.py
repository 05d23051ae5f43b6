"""A demo's script: an SQL file that psql can run as it is, read as a list of steps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Step:
    """One statement, and what is to be said before it.

    Attributes
    ----------
    story
        The comment above the statement, empty without one.
    statement
        The SQL, with its semicolon.
    """

    story: str
    statement: str


def steps(text: str) -> list[Step]:
    """Read a script: statements with blank lines between them, each with its comment above it.

    >>> steps("-- One\\nselect 1;\\n\\nselect 2;\\n")
    [Step(story='One', statement='select 1;'), Step(story='', statement='select 2;')]
    """
    return [_step(block.splitlines()) for block in text.strip().split("\n\n")]


def _step(lines: list[str]) -> Step:
    story = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    statement = [line for line in lines if not line.startswith("--")]
    return Step(story=" ".join(story), statement="\n".join(statement))
