"""The parts that are compiled; without a compiler all works, slower, and the live pointer is read at every call."""

from setuptools import Extension, setup


def compiled(module: str) -> Extension:
    return Extension(
        module,
        [f"src/{module.replace('.', '/')}.c"],
        py_limited_api=True,
        optional=True,
        # sums are to be the same with and without a compiler: no multiplication may be joined to an addition
        extra_compile_args=["-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Wno-unused-parameter"],
    )


setup(
    ext_modules=[
        compiled("turnout.catalog._snapshot"),
        compiled("turnout.runtime._sums"),
        compiled("turnout.runtime._pieces"),
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
