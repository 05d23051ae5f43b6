"""Write docs/reference/*.md from the sources: functions and settings, errors.

    python tools/reference.py [--check]

A function's text is the comment above it in its SQL file. ``--check`` only says whether the pages are up to date.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

from turnout import errors

ROOT = Path(__file__).parents[1]
PAGES_AT = ROOT / "docs" / "reference"
FUNCTIONS = ROOT / "src" / "turnout" / "extension" / "sql" / "functions"
VECTORS = FUNCTIONS.parent / "vectors"
CREATED = re.compile(
    r"^create function pgml\.(?P<name>\w+)\s*\((?P<arguments>.*?)\)\s*returns (?P<returns>.*?)\s*\n?language",
    re.DOTALL | re.MULTILINE,
)
AGGREGATE = re.compile(r"^create aggregate pgml\.(?P<name>\w+)\((?P<arguments>.*?)\)", re.MULTILINE)

SETTINGS = {
    "pgml.pin_deployments": (
        "`off`",
        "anybody",
        "`on`: the session keeps the model of a project that it used first, until it reconnects or turns this off",
    ),
    "pgml.model_cache_mb": (
        "`256`",
        "anybody",
        "how many megabytes of models a session keeps; the least recently used leaves first",
    ),
    "pgml.predict_threads": (
        "`1`",
        "anybody",
        "how many threads of the backend answer for the rows of `pgml.predict_relation` and `pgml.score_into`",
    ),
    "pgml.python": (
        "the interpreter beside the Python that the server is linked with",
        "administrators: `postgresql.conf`, `alter system`, `alter database`, `alter role`",
        "the interpreter of the processes that train, an absolute path",
    ),
    "pgml.path": (
        "none",
        "administrators: `alter database`",
        "directories, joined by colons, where the server's Python finds Turnout, if its PYTHONPATH does not say",
    ),
}


def functions() -> list[str]:
    """A section for every function that people call."""
    lines = ["## Functions", ""]
    for file in sorted(FUNCTIONS.glob("[!_]*.sql")):
        lines += [f"### pgml.{file.stem}", "", *_text(file), "", "```sql", *_signatures(file), "```", ""]
    return lines


def vectors() -> list[str]:
    """A section for every family of functions of vectors."""
    lines = ["## Vectors", "", "For vectors of `real` and of `double precision`; everybody may run them.", ""]
    for file in sorted(VECTORS.glob("[!_]*.sql")):
        title = file.stem.capitalize()
        lines += [
            f"### {title}",
            "",
            *_text(file),
            "",
            "```sql",
            *_signatures(file),
            *_aggregates(file),
            "```",
            "",
        ]
    return lines


def _aggregates(file: Path) -> list[str]:
    found = AGGREGATE.finditer(file.read_text())
    return [f"pgml.{match['name']}({match['arguments']}) returns {match['arguments']}" for match in found]


def _text(file: Path) -> list[str]:
    comments = []
    for line in file.read_text().splitlines():
        if not line.startswith("--"):
            break
        comments.append(line[2:].strip())
    return comments


def _signatures(file: Path) -> list[str]:
    found = []
    for match in CREATED.finditer(file.read_text()):
        if not match["name"].startswith("_"):
            arguments = " ".join(match["arguments"].split())
            returns = " ".join(match["returns"].split())
            found.append(f"pgml.{match['name']}({arguments}) returns {returns}")
    return found


def settings() -> list[str]:
    """The table of the settings."""
    rows = [f"| `{name}` | {text} | {default} | {who} |" for name, (default, who, text) in SETTINGS.items()]
    return ["## Settings", "", "| name | meaning | default | set by |", "|---|---|---|---|", *rows, ""]


def problems() -> str:
    """The page of the errors, by the module that they stand in."""
    head = (
        "Each error has one class, whose name begins the message in psql, one code, which it has over HTTP, one "
        "SQLSTATE and one HTTP status."
    )
    lines = [
        "# Reference of the errors",
        "",
        "Written by `python tools/reference.py` from the sources.",
        "",
        head,
        "",
    ]
    files = sorted(
        Path(errors.__file__).parent.glob("*errors.py"), key=lambda file: (len(file.stem), file.stem)
    )
    for module in [importlib.import_module(f"turnout.{file.stem}") for file in files]:
        lines += [
            f"## {_title(module)}",
            "",
            "| error | code | SQLSTATE | HTTP | message |",
            "|---|---|---|---|---|",
        ]
        own = [kind for kind in errors.every().values() if kind.__module__ == module.__name__]
        lines += [_problem(kind) for kind in sorted(own, key=lambda kind: kind.__name__)]
        lines.append("")
    return "\n".join(lines)


def _title(module: ModuleType) -> str:
    first = (module.__doc__ or "").partition("\n")[0]
    return "Errors" if module is errors else first.rstrip(".")


def _problem(kind: type[errors.TurnoutError]) -> str:
    message = " ".join((kind.__doc__ or "").split()).replace("|", "\\|")
    return f"| `{kind.__name__}` | `{kind.code}` | {kind.sqlstate} | {kind.http_status} | {message} |"


def page() -> str:
    """The page of the SQL side."""
    head = ["# Reference of the SQL side", "", "Written by `python tools/reference.py` from the sources.", ""]
    return "\n".join([*head, *functions(), *vectors(), *settings()])


PAGES = {"sql.md": page, "errors.md": problems}


def main() -> int:
    PAGES_AT.mkdir(parents=True, exist_ok=True)
    if "--check" in sys.argv[1:]:
        old = [name for name, text in PAGES.items() if (PAGES_AT / name).read_text() != text()]
        print(f"out of date: {', '.join(old)}; run python tools/reference.py" if old else "up to date")
        return int(bool(old))
    for name, text in PAGES.items():
        (PAGES_AT / name).write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
