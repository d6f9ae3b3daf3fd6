"""Everything that is needed to believe a family without trusting the engine, ``boundgen.family-certificate/1``.

The checker (`boundgen.verification.check_family`) shares no code with this. It is told

- `family`: the kinds as numbers, and which argument is made at which numbers of levels;
- `texts`: the model's statements at every number of levels at which it has to look;
- `certificates`: ordinary certificates of the bounds at numbers of levels with few terms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from boundgen.errors import NoClosedFormError
from boundgen.families.to_json import family_json
from boundgen.verification.certificate import certify, statements
from boundgen.work.limits import Limits

if TYPE_CHECKING:
    from boundgen.families.family import BoundsFamily

SCHEMA = "boundgen.family-certificate/1"
# With so many terms a side an ordinary certificate is made in a few seconds.
FEW_TERMS = 45


def family_certificate(family: BoundsFamily, limits: Limits) -> dict[str, Any]:
    """The certificate of a family."""
    estimands = [each for each in family.estimands if not each.weighted]
    if not estimands:
        raise NoClosedFormError(
            "certificates of sums of maxima are not made for every number of levels",
            remedy="boundgen certify makes one at a number of levels.",
        )
    names = [each.name for each in estimands]
    sides = [side for each in estimands for side in (each.lower, each.upper)]
    looked_at = {k for side in sides for argument in (side.valid, side.sharp) for k in argument.levels}
    most = {k: max(dict(side.counts)[k] for side in sides) for k in family.derived}
    small = [k for k in family.derived if most[k] <= FEW_TERMS and k >= max(each.start for each in estimands)]
    texts, certificates = {}, {}
    for k in sorted(looked_at | set(small)):
        model = family.scaling.at(k)
        asked = tuple(replace(model.estimand_named(name), label="") for name in names)
        texts[str(k)] = str(statements(replace(model, claims=(), estimands=asked)))
        if k in small:
            certificates[str(k)] = certify(model, names, limits=limits)
    document = family_json(replace(family, estimands=tuple(estimands)))
    return {"schema": SCHEMA, "family": document, "texts": texts, "certificates": certificates}
