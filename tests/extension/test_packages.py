"""What the server's Python is and has."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

from tests.extension.statements import refused, rows, value
from tests.servers import Connection, Database
from turnout.errors import MissingPackages
from turnout.services import packages


@pytest.fixture
def sql(empty_database: Database) -> Connection:
    return empty_database.connect()


def test_what_it_has(sql: Connection) -> None:
    with sql:
        assert str(value(sql, "select pgml.python_version()")).startswith(f"3.{sys.version_info.minor}.")
        for name in ("scikit-learn", "sklearn", "Scikit_Learn"):
            assert value(sql, "select pgml.python_package_version(%s)", [name]) == version("scikit-learn")
        assert value(sql, "select pgml.python_package_version('xgboost')") == version("xgboost-cpu")
        frozen = [str(row[0]) for row in rows(sql, "select package from pgml.python_pip_freeze()")]
        assert f"numpy=={version('numpy')}" in frozen
        assert len(frozen) == len(set(frozen))
        assert value(sql, "select pgml.validate_python_dependencies()") is True
        for name in ("no_such_package", "", "a/b"):
            refused(
                sql, "select pgml.python_package_version(%s)", [name], sqlstate="42704",
                match=f'UnknownPackage: package "{name}" is not installed',
            )  # fmt: skip
        refused(sql, "select pgml.python_package_version(null)", sqlstate="22004", match="name is missing")


def test_missing_packages_are_named() -> None:
    with pytest.raises(MissingPackages, match="does not find: no_such_package, nor_this"):
        packages.validate(("sys", "no_such_package", "nor_this"))
