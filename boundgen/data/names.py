"""What choices about data are called; nothing is imported that makes the command line slow."""

from typing import Literal, get_args

# What becomes of strata of covariates with few units; the first is taken where none is named.
ThinStrata = Literal["merge", "leave-out", "refuse"]
THIN_STRATA: tuple[ThinStrata, ...] = get_args(ThinStrata)
