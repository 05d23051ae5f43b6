"""Estimators as plain numbers: trees as flat arrays, and linear combinations, for the formats that need no library."""


class NoForm(Exception):
    """An estimator that cannot be written so; the message says why."""
