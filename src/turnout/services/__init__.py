"""The use cases, one a module; every face calls the same ones."""
