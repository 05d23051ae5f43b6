"""The extension's files, where a server looks for them."""

from __future__ import annotations

from pathlib import Path

from turnout import __version__, extension, server_errors
from turnout.install.connection import Connection, value
from turnout.install.database import available


def place(connection: Connection) -> Path:
    """Write the extension's files where the server looks for extensions; that directory.

    Raises
    ------
    CannotInstall
        The directory isn't on this machine, or isn't ours to write.
    """
    directory = _directory(connection)
    database = connection.info.dbname
    if not directory.is_dir():
        raise server_errors.CannotInstall(
            database=database,
            reason=f"the server's directory {directory} is not on this machine",
            hint="run this on the server's machine, or install with --without-plpython",
        )
    try:
        extension.write(directory)
    except OSError as error:
        if available(connection) != __version__:
            raise server_errors.CannotInstall(
                database=database,
                reason=f"{directory} cannot be written ({error.strerror})",
                hint="run this as a user who may write there, usually root",
            ) from None
    if available(connection) != __version__:
        raise server_errors.CannotInstall(
            database=database,
            reason=f"the files are in {directory}, and the server doesn't see them",
            hint="run this on the server's machine, and inside its container if it has one",
        )
    return directory


def _directory(connection: Connection) -> Path:
    # From 18 on, a server may look elsewhere too. Where it finds us already, the new files belong.
    searched = str(value(connection, "select current_setting('extension_control_path', true)") or "")
    for place in searched.split(":"):
        if place and not place.startswith("$") and (Path(place) / "extension" / "pgml.control").exists():
            return Path(place) / "extension"
    return Path(str(value(connection, "select setting from pg_config where name = 'SHAREDIR'"))) / "extension"
