"""Train models where the data lives, and change which model answers without moving the endpoint."""

__version__ = "0.1.0"
