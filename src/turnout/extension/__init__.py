"""The SQL side: the extension's files, put together from one file per thing.

Two parts: the catalog (types, tables, guards, views, functions of vectors) is plain SQL and can be run where no
extension can be installed; the functions need PL/Python.
"""

from hashlib import sha256
from pathlib import Path

from turnout import __version__

HERE = Path(__file__).parent
CATALOG = ("types", "tables", "tables_service", "guards", "guards_service", "views")
PRIVILEGES = ("privileges", "privileges_pure")


def _text(*parts: Path) -> str:
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def _files(*names: str) -> list[Path]:
    return [HERE / "sql" / f"{name}.sql" for name in names]


def catalog() -> str:
    """The catalog's SQL, to be run in schema ``pgml``."""
    return _text(*_files(*CATALOG), *sorted((HERE / "sql" / "vectors").glob("*.sql")), *_files(*PRIVILEGES))


def functions() -> str:
    """The functions' SQL, which needs the language plpython3u and the catalog."""
    return _text(
        *sorted((HERE / "sql" / "functions").glob("*.sql")),
        *_files("privileges_plpython", "privileges_pure"),
    )


def build() -> str:
    """What tells these files from those of another build of the same version."""
    return f"Turnout {__version__}, build {sha256((catalog() + functions()).encode()).hexdigest()[:16]}"


def _stamp() -> str:
    return f"comment on table pgml.projects is '{build()}';\n"


def script(*, plpython: bool) -> str:
    """The SQL to run over a connection where ``create extension pgml`` is not possible."""
    return "create schema pgml;\n" + catalog() + (functions() if plpython else "") + _stamp()


def write(directory: Path) -> None:
    """Write ``pgml.control``, ``pgml--<version>.sql`` and the updates into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    guard = '\\echo Use "CREATE EXTENSION pgml" to load this file. \\quit\n'
    body = guard + catalog() + functions() + _text(HERE / "sql" / "dump.sql") + _stamp()
    (directory / f"pgml--{__version__}.sql").write_text(body, encoding="utf-8")
    for file in [HERE / "pgml.control", *(HERE / "updates").glob("pgml--*.sql")]:
        (directory / file.name).write_bytes(file.read_bytes())
