"""The one part that is compiled; without a compiler the rest works, and reads the live pointer at every call."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "turnout.catalog._snapshot",
            ["src/turnout/catalog/_snapshot.c"],
            py_limited_api=True,
            optional=True,
            extra_compile_args=["-O2", "-Wall", "-Wextra", "-Wno-unused-parameter"],
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
