"""The part of a certificate that proves formulas of estimands which independent causes identify.

The checker reads the statements, and knows each observed cell as a product of probabilities of groups. It is told how
the cells of factors are functions of observed cells, and what the formula is in cells of factors.
"""

from __future__ import annotations

from boundgen.bounds.derived import Derivation
from boundgen.bounds.functions_json import function_json
from boundgen.bounds.independent import known_factors, times_known
from boundgen.bounds.independent_problem import FactoredEstimand
from boundgen.errors import NoClosedFormError
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.language.printer import print_estimand
from boundgen.strata.cells import distinct_cells
from boundgen.verification.certificate_parts import Json
from boundgen.work.unanswered import Unanswered


def identified_formulas(derivation: Derivation) -> tuple[dict[str, RationalFunction], tuple[Unanswered, ...]]:
    """The formulas of estimands in cells of factors, and the estimands that are not identified.

    Returns
    -------
    dict of str to RationalFunction
    tuple of Unanswered
    """
    independent = derivation.independent
    assert independent is not None
    found: dict[str, RationalFunction] = {}
    left = list(independent.unanswered)
    for each in independent.posed:
        formula = _formula(each) if isinstance(each, FactoredEstimand) else None
        if formula is None:
            error = NoClosedFormError(
                f"no certificate of {each.estimand.name} was made: where variables share no causes there is one of "
                "what is identified alone",
                remedy="boundgen verify judges a claim about its bounds.",
            )
            left.append(Unanswered(each.estimand.name, error.message, error.beside(derivation.text())))
        else:
            found[each.estimand.name] = formula
    return found, tuple(left)


def _formula(asked: FactoredEstimand) -> RationalFunction | None:
    known = known_factors(asked.program)
    if any(None in each.events for each in known):
        return None
    above = Polynomial.total(times_known(term, known) for term in asked.program.numerator)
    if asked.program.divisor is None:
        return RationalFunction(above)
    return RationalFunction.of(above, Polynomial.total(times_known(term, known) for term in asked.program.divisor))


def factored_document(derivation: Derivation, formulas: dict[str, RationalFunction], head: Json) -> Json:
    """The certificate but for its digest.

    Parameters
    ----------
    derivation : Derivation
    formulas : dict of str to RationalFunction
    head : dict
        What the certificate says of the model.

    Returns
    -------
    dict
    """
    independent = derivation.independent
    assert independent is not None
    factored = independent.factored
    assert factored is not None
    observed = [cell.name for cell in distinct_cells(independent.arms)]
    cells = [cell.name for cell in distinct_cells(factored.pseudo_arms)]
    parameters = [parameter.name for parameter in independent.model.parameters]
    place = {name: i for i, name in enumerate(dict.fromkeys([*cells, *observed, *parameters]))}
    used = {name for formula in formulas.values() for name in formula.names}
    model = independent.model
    return {
        **head,
        "factors": [
            {"name": name, **function_json(function, place)} for name, function in factored.cells if name in used
        ],
        "identified": [
            {
                "name": name,
                "expression": print_estimand(model.estimand_named(name), model.by_name),
                "formula": function_json(formula, place),
            }
            for name, formula in formulas.items()
        ],
    }
