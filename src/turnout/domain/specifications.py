"""Software and hardware specifications, by name and by an id made of the name.

In Watson Machine Learning they say in which image a model runs. Here a model is an artifact that needs none; but
clients look a specification up before they store a model or deploy one, under names that this module knows.
"""

from __future__ import annotations

from functools import cache
from uuid import NAMESPACE_URL, UUID, uuid5

SOFTWARE = "software_specification"
HARDWARE = "hardware_specification"

# what a listing shows
_LISTED = (
    "autoai-kb_rt24.1-py3.11", "autoai-kb_rt25.1-py3.12", "autoai-ts_rt24.1-py3.11", "autoai-ts_rt25.1-py3.12",
    "default_py3.8", "default_py3.9", "default_py3.10", "genai-A25-py3.12", "hybrid_0.1", "hybrid_0.2",
    "pytorch-onnx_rt24.1-py3.11", "pytorch-onnx_rt25.1-py3.12", "rag_24.1-py3.11", "runtime-22.1-py3.9",
    "runtime-22.2-py3.10", "runtime-23.1-py3.10", "runtime-24.1-py3.11", "runtime-25.1-py3.12",
    "tensorflow_rt24.1-py3.11", "tensorflow_rt25.1-py3.12",
)  # fmt: skip
# what older notebooks still ask for
_OLDER = (
    "ai-function_0.1-py3", "ai-function_0.1-py3.6", "autoai-kb_3.0-py3.6", "autoai-kb_3.1-py3.7",
    "autoai-kb_3.3-py3.7", "autoai-kb_3.4-py3.8", "autoai-obm_2.0", "autoai-obm_3.0", "autoai-obm_3.2",
    "autoai-ts_1.0-py3.6", "autoai-ts_1.0-py3.7", "autoai-ts_3.8-py3.8", "default_py3.6", "default_py3.7",
    "default_py3.7_opence", "default_py3.11", "default_py3.12", "default_r3.6", "default_r36py38", "do_12.9",
    "do_12.10", "do_20.1", "do_22.1", "kernel-spark3.3-py3.10", "kernel-spark3.3-r4.2", "pmml-3.0_4.3",
    "prompt_tune_1.0", "pytorch-onnx_1.1-py3.6", "pytorch-onnx_1.1-py3.6-edt", "pytorch-onnx_1.2-py3.6",
    "pytorch-onnx_1.2-py3.6-edt",
    "pytorch-onnx_1.3-py3.7", "pytorch-onnx_1.3-py3.7-edt", "pytorch-onnx_1.7-py3.7", "pytorch-onnx_1.7-py3.8",
    "pytorch_1.1-py3.6", "pytorch_1.2-py3.6", "rag_pattern-py3.11", "runtime-22.1-r3.6", "runtime-22.2-r4.2",
    "runtime-23.1-r4.2", "runtime-24.1-r4.3", "runtime-25.1-r4.4", "scikit-learn_0.17-py3.5", "scikit-learn_0.19-py3.6",
    "scikit-learn_0.20-py3.6", "scikit-learn_0.22-py3.6", "scikit-learn_0.23-py3.6", "scikit-learn_0.23-py3.7",
    "shiny-r3.6", "spark-mllib_2.3", "spark-mllib_2.3-r_3.6", "spark-mllib_2.3-scala_2.11", "spark-mllib_2.4",
    "spark-mllib_2.4-r_3.6", "spark-mllib_2.4-scala_2.11", "spark-mllib_3.0", "spark-mllib_3.0-py37",
    "spark-mllib_3.0-scala_2.12", "spark-mllib_3.2", "spark-mllib_3.3", "spark-mllib_3.4", "spss-modeler_17.1",
    "spss-modeler_18.1", "spss-modeler_18.2", "tensorflow_1.1.3-py3", "tensorflow_1.11-py3.6", "tensorflow_1.14-py3.6",
    "tensorflow_1.15-py3.6", "tensorflow_1.15-py3.6-ddl", "tensorflow_2.1-py3.6", "tensorflow_2.1-py3.7",
    "tensorflow_2.4-py3.7", "tensorflow_2.4-py3.8", "watsonx-byom-dnd", "watsonx-cfm-caikit-1.0",
    "watsonx-cfm-caikit-1.1", "watsonx-tgis-1.0", "xgboost_0.6-py3", "xgboost_0.82-py3.6", "xgboost_0.90-py3.6",
)  # fmt: skip
# each release of the runtimes had each of these, in one or two versions of Python
_FAMILIES = (
    "runtime-{}",
    "tensorflow_rt{}",
    "pytorch-onnx_rt{}",
    "autoai-kb_rt{}",
    "autoai-ts_rt{}",
    "autoai-tsad_rt{}",
)
_RELEASES = tuple(f"{year}.{half}" for year in range(22, 30) for half in (1, 2))
_PYTHONS = tuple(f"py3.{minor}" for minor in range(9, 16))
_VARIANTS = ("", "-cuda", "-nnpa", "-xc")
# processors and gigabytes
_SIZES = {
    "XXS": ("1", "2Gi"), "XS": ("1", "4Gi"), "S": ("2", "8Gi"), "M": ("4", "16Gi"), "L": ("8", "32Gi"),
    "XL": ("16", "64Gi"), "XXL": ("32", "128Gi"), "K80": ("4", "16Gi"), "V100": ("26", "224Gi"),
    "V100x2": ("26", "224Gi"), "A100": ("24", "224Gi"), "WX-S": ("2", "8Gi"), "WX-M": ("4", "16Gi"),
    "WX-L": ("8", "32Gi"), "WX-XL": ("16", "64Gi"),
}  # fmt: skip


def id_of(kind: str, name: str) -> UUID:
    """The id of a specification: always the same for a name.

    >>> str(id_of(SOFTWARE, "runtime-24.1-py3.11"))
    'ca26137e-0e82-51bc-a0ac-ae066e69ea75'
    """
    return uuid5(NAMESPACE_URL, f"turnout:{kind}/{name}")


def listed(kind: str) -> tuple[str, ...]:
    """The names that a listing shows."""
    return _LISTED if kind == SOFTWARE else tuple(_SIZES)


def known(kind: str, name: str) -> bool:
    """Whether there is a specification of this name."""
    return id_of(kind, name) in _names(kind)


def name_of(kind: str, specification_id: UUID) -> str | None:
    """The name behind an id."""
    return _names(kind).get(specification_id)


def size_of(name: str) -> tuple[str, str]:
    """Processors and memory of a hardware specification."""
    return _SIZES[name]


@cache
def _names(kind: str) -> dict[UUID, str]:
    if kind == HARDWARE:
        names = list(_SIZES)
    else:
        runtimes = [
            f"{family.format(release)}-{python}{variant}"
            for family in _FAMILIES
            for release in _RELEASES
            for python in _PYTHONS
            for variant in _VARIANTS
        ]
        names = [*_LISTED, *_OLDER, *runtimes]
    return {id_of(kind, name): name for name in names}
