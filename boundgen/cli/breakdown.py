"""The option ``--breakdown`` of `estimate`: from where to where a parameter is looked at, and for which conclusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import click

from boundgen.cli.options import Output, check_apart, gathered, names_of, with_options
from boundgen.cli.terminal import INCOMPLETE, VerbOutcome, answer_kept, missing, without

if TYPE_CHECKING:
    from boundgen.cli.at_data import AtData, ParameterGrid
    from boundgen.evaluation.breakdown_points import BreakdownRange

# Values along the parameter at which a picture shows intervals, where no grid is asked for.
SHOWN = 41


@dataclass(frozen=True)
class Sought:
    """Which breakdown values are sought: of which parameter, and of which conclusion."""

    parameter: str | None
    threshold: str | None
    conclusion: Literal["above", "below"] | None

    def check(self, method: str, default: str, within: tuple[str, ...], project: bool, robust: str) -> None:
        """Refuse what goes with breakdown values alone, or does not go with them."""
        from boundgen.exact.rational import rational

        if self.parameter is None and (self.threshold is not None or self.conclusion is not None):
            raise click.UsageError("--threshold and --conclusion are for --breakdown.")
        if self.parameter is not None and method != default:
            raise click.UsageError(f"--breakdown is for the method {default}, not for {method}: leave --method out.")
        if self.parameter is not None and (within or project or robust != "auto"):
            raise click.UsageError("--breakdown takes no --within, no --project and no --robust.")
        if self.threshold is not None:
            rational(self.threshold, "the threshold")

    def along(self, asked: AtData, picture: str | None) -> Along:
        """Where to look; what can be refused at once is refused before long work."""
        from boundgen.bounds.posing import chosen_estimands
        from boundgen.data.options import parameter_values
        from boundgen.evaluation.evaluate import checked_parameters
        from boundgen.inference.breakdown import breakdown_range

        name = self.parameter or ""
        chosen_estimands(asked.model, asked.estimands)
        values = parameter_values(asked.at)
        grid = tuple(sorted(values.pop(name, ())))
        if len(grid) == 1:
            raise click.UsageError(
                f"--breakdown looks along {name}: --at {name}=LOW:HIGH:STEP says from where to where."
            )
        low, high = (grid[0], grid[-1]) if grid else (None, None)
        within = breakdown_range(asked.model.parameters, name, low, high)
        others = checked_parameters([each for each in asked.model.parameters if each.name != name], values)
        if picture is not None and (self.threshold is not None or self.conclusion is not None):
            raise click.UsageError("--plot shows where the sign is lost: it takes no --threshold and no --conclusion.")
        return Along(self, within, grid, others)


@dataclass(frozen=True)
class Along:
    """Where to look.

    Parameters
    ----------
    sought : Sought
    within : BreakdownRange
    grid : tuple of Fraction
        The values that were asked for; perhaps none.
    others : mapping of name to values
        Of the other parameters.
    """

    sought: Sought
    within: BreakdownRange
    grid: tuple[Fraction, ...]
    others: Mapping[str, tuple[Fraction, ...]]

    @property
    def drawn(self) -> ParameterGrid:
        """The values of all parameters for a picture."""
        name, low, high = self.within.parameter, self.within.low, self.within.high
        if not isinstance(high, Fraction):
            raise click.UsageError(f"a picture needs a range with an end: --at {name}=LOW:HIGH:STEP.")
        even = tuple(low + (high - low) * i / (SHOWN - 1) for i in range(SHOWN))
        return {**self.others, name: self.grid if len(self.grid) > 2 else even}


def breakdown_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """``--breakdown`` and what it is told; the verb takes `sought`."""
    options = [
        click.option(
            "--breakdown",
            "parameter",
            metavar="PARAMETER",
            help="Instead: its smallest value at which the sign of the effect is lost, with limits.",
        ),
        click.option("--threshold", metavar="NUMBER", help="Of --breakdown: a conclusion other than the sign.  [0]"),
        click.option(
            "--conclusion",
            type=click.Choice(("above", "below")),
            help="Of --breakdown: on which side of it.  [the side that the sample supports]",
        ),
    ]
    return with_options(gathered("sought", Sought, names_of(Sought))(verb), options)


def check_drawn(picture: str, output: str | None, values: ParameterGrid, no_conditions: bool) -> None:
    """What cannot be drawn of estimates is refused before long work."""
    from boundgen.pictures.estimate_bands import FEWEST_VALUES
    from boundgen.pictures.files import picture_format

    picture_format(picture)
    check_apart(output, picture)
    if no_conditions and max(map(len, values.values()), default=0) >= FEWEST_VALUES:
        raise click.UsageError(
            "a picture against a parameter shows where testable implications fail: leave --no-conditions out."
        )


def breakdown_outcome(asked: AtData, output: Output, along: Along, level: float, seed: int, draws: int) -> VerbOutcome:
    """What `estimate` answers instead of intervals; its picture is that of the intervals."""
    from boundgen.inference.breakdown import breakdown
    from boundgen.inference.estimate import estimate
    from boundgen.pictures.files import write_picture
    from boundgen.work.progress import progress

    if output.picture is not None:
        check_drawn(output.picture, output.output, along.drawn, asked.no_conditions)
    observed = asked.observed()
    derivation = asked.proved()
    within = along.within
    with progress() as report:
        found = breakdown(
            derivation,
            observed,
            within.parameter,
            along.others,
            low=within.low,
            high=within.high if isinstance(within.high, Fraction) else None,
            threshold=along.sought.threshold or 0,
            conclusion=along.sought.conclusion,
            level=level,
            seed=seed,
            draws=draws,
            report=report,
        )
        text = output.text(found)
        if output.picture is not None:
            drawn = estimate(derivation, observed, along.drawn, level=level, seed=seed, draws=draws, report=report)
            with answer_kept(text):
                write_picture(drawn.plot(), output.picture)
    text = output.given(text, f"{len(found.breakdowns)} breakdown values of {asked.model.name}")
    complaint = "\n".join([*missing(derivation), *without(found.unanswered)])
    return VerbOutcome(text, INCOMPLETE if complaint else 0, complaint)
