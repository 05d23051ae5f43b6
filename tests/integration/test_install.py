"""`turnout install`: the extension in an existing server."""

from __future__ import annotations

import pytest

from tests.servers import Database, Server
from turnout import __version__, errors
from turnout.install import install, install_catalog
from turnout.install.connection import connect, value


def test_the_database_has_the_extension(database: Database) -> None:
    with connect(database.dsn) as connection:
        assert value(connection, "select extversion from pg_extension where extname = 'pgml'") == __version__
