"""Interleaved rounds: each round measures every contender once, and ratios are taken within a round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median

from rich.console import Console
from rich.table import Table

console = Console()
Measure = Callable[[], float]


def interleaved(contenders: Mapping[str, Measure], rounds: int) -> dict[str, list[float]]:
    """Measure every contender once a round; the figures by contender, in the order of the rounds."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, measure in contenders.items():
            with console.status(f"round {number + 1} of {rounds}: {name}"):
                figures[name].append(measure())
    return figures


def ratio(figures: Mapping[str, list[float]], name: str, base: str) -> float:
    """The median over the rounds of one contender's figure over another's."""
    return median(mine / theirs for mine, theirs in zip(figures[name], figures[base], strict=True))


def report(
    title: str,
    figures: Mapping[str, list[float]],
    *,
    base: str,
    unit: str,
    goals: Mapping[str, str] | None = None,
) -> None:
    """Print median, spread and ratio to ``base`` of every contender."""
    table = Table(title=title)
    for heading in ("contender", f"median {unit}", "lowest", "highest", f"ratio to {base}", "goal"):
        table.add_column(heading, justify="left" if heading in ("contender", "goal") else "right")
    for name, values in figures.items():
        table.add_row(
            name,
            f"{median(values):.4g}",
            f"{min(values):.4g}",
            f"{max(values):.4g}",
            f"{ratio(figures, name, base):.3f}",
            (goals or {}).get(name, ""),
        )
    console.print(table)
