"""What the methods of inference and their choices are called; nothing is imported that makes the command line slow."""

from typing import Literal, get_args

# The first is taken where none is named.
METHODS = ("intersection", "cox-shi", "stoye", "directional", "subsampling", "bootstrap")
# When intervals stay valid in a wrong model: where the sample contradicts it, always, or never.
Robust = Literal["auto", "always", "never"]
ROBUST: tuple[Robust, ...] = get_args(Robust)
