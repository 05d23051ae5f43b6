"""Putting the extension into a PostgreSQL server."""

from turnout.install.service import Installed, install, install_catalog

__all__ = ["Installed", "install", "install_catalog"]
