"""Interleaved rounds: each round measures every contender once, and ratios are taken within a round."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from statistics import median
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

console = Console()
Measure = Callable[[], float]


class Goal(NamedTuple):
    """What one contender's figure over another's should be; without ``most`` and ``least`` it is only reported."""

    contender: str
    base: str
    most: float | None = None
    least: float | None = None

    @property
    def text(self) -> str:
        """The goal in words."""
        if self.most is not None:
            return f"at most {self.most:g}"
        return "none" if self.least is None else f"at least {self.least:g}"

    def reached(self, measured: float) -> str:
        """Whether the measured ratio is on the right side, in a word."""
        if self.most is not None:
            return "yes" if measured <= self.most else "no"
        if self.least is not None:
            return "yes" if measured >= self.least else "no"
        return ""


def parser(doc: str | None, rounds: int) -> argparse.ArgumentParser:
    """The options that every benchmark has; its docstring's first line is what it says of itself."""
    made = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    made.add_argument("--rounds", type=int, default=rounds)
    made.add_argument("--markdown", action="store_true", help="print tables as a page has them")
    return made


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
    markdown: bool = False,
) -> None:
    """Print median, spread and ratio to ``base`` of every contender."""
    headings = ["contender", f"median {unit}", "lowest", "highest", f"ratio to {base}"]
    rows = [
        [name, f"{median(values):.4g}", f"{min(values):.4g}", f"{max(values):.4g}", f"{ratio(figures, name, base):.3f}"]
        for name, values in figures.items()
    ]  # fmt: skip
    if goals:
        headings.append("goal")
        rows = [[*row, goals.get(row[0], "")] for row in rows]
    show(title, headings, rows, markdown=markdown)


def judge(figures: Mapping[str, list[float]], goals: Iterable[Goal], *, markdown: bool = False) -> None:
    """Print what became of every goal."""
    rows = []
    for goal in goals:
        measured = ratio(figures, goal.contender, goal.base)
        names = f"{goal.contender} / {goal.base}"
        rows.append([names, f"{measured:.3f}", goal.text, goal.reached(measured)])
    show("goals", ["ratio", "measured", "goal", "reached"], rows, markdown=markdown)


def show(title: str, headings: list[str], rows: Iterable[list[str]], *, markdown: bool = False) -> None:
    """Print a table, its first column to the left and the others to the right."""
    table = Table(title=None if markdown else title, box=box.MARKDOWN if markdown else box.HEAVY_HEAD)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", no_wrap=markdown)
    for row in rows:
        table.add_row(*row)
    if markdown:
        # as wide as it is: a page has no columns to wrap at
        console.print(f"\n{title}:\n")
        Console(width=400).print(table)
    else:
        console.print(table)
