"""What is said of one side of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from boundgen.bounds.independences import Independence
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.language.statements import Verdict
from boundgen.strata.stratum import Stratum

# What is found of a bound at laws of the data alone: it agrees with the sharp one there, or is nowhere better and
# somewhere worse.
Finding = Literal["sharp", "valid", "invalid", "agrees", "loose"]
RECORDED: dict[Finding, Verdict] = {"agrees": "sharp", "loose": "valid"}
Status = Literal["sharp", "loose", "superfluous", "wrong"]


@dataclass(frozen=True)
class Witness:
    """A distribution that proves a verdict; numbers are exact.

    Parameters
    ----------
    cells, parameters : tuple of (name, Fraction)
    strata : tuple of (Stratum, Fraction), or None
        The distribution over strata, where the witness is one of the model.
    estimand, claimed, sharp : Fraction or None
        The true estimand, the claimed bound (None where no claimed term counts) and the sharp bound there, which may be
        infinite. For testable implications: None, the least claimed slack, and the least true slack.
    """

    cells: tuple[tuple[str, Fraction], ...]
    parameters: tuple[tuple[str, Fraction], ...]
    strata: tuple[tuple[Stratum, Fraction], ...] | None
    estimand: Fraction | float | None
    claimed: Fraction | None
    sharp: Fraction | float


@dataclass(frozen=True)
class TermVerdict:
    """One claimed term as it was written.

    ``sharp``: it is a term of the sharp bound. ``loose``: valid, but not one. ``superfluous``: never above the
    other claimed terms. ``wrong``: it is not a bound.
    """

    written: str
    status: Status


@dataclass(frozen=True)
class ClaimVerdict:
    """What one side of a claim is worth.

    Parameters
    ----------
    where, estimand : str
    side : {"lower", "upper", "conditions"}
    verdict : {"sharp", "valid", "invalid", "agrees", "loose"}
        ``valid`` means valid and not sharp. A function that cannot be judged by its terms ``agrees`` with the sharp
        bound at laws of the data, or is ``loose``: nowhere better there, and at the witness worse.
    expected : verdict that the catalogue records, or None
    witness : Witness or None
        None for a sharp claim.
    terms : tuple of TermVerdict
    missing : tuple of Term, ProductCondition or Independence
        Terms of the sharp bound that are somewhere above all valid claimed ones; testable implications that those
        claimed do not imply.
    misprint : str
        The likely misprint, where changing one coefficient or cell makes the side sharp; else empty.
    laws : int or None
        At how many laws a function was held against the sharp bound, where these are all that is known.
    tolerance : Fraction
        By how much the values may differ there.
    """

    where: str
    estimand: str
    side: Literal["lower", "upper", "conditions"]
    verdict: Finding
    expected: Verdict | None
    witness: Witness | None
    terms: tuple[TermVerdict, ...]
    missing: tuple[AnyCondition | Independence, ...]
    misprint: str = ""
    laws: int | None = None
    tolerance: Fraction = Fraction(0)

    @property
    def as_expected(self) -> bool:
        """Whether nothing speaks against the recorded verdict; without a record a claim claims to be sharp."""
        return RECORDED.get(self.verdict, self.verdict) == (self.expected or "sharp")
