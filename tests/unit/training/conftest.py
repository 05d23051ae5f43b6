"""Fits in this process wait as those in a child do: asleep."""

import os

# read by OpenMP when the first library that uses it is loaded
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
