"""The part of a certificate that proves what independent causes identify, but for one group of variables at most.

The checker reads the statements, and knows each observed cell as a product of probabilities of groups. It is told how
the cells of factors are functions of observed cells, and what a formula is in cells of factors. Where one group is not
identified, an estimand is a sum of probabilities of that group, each times one of the others; with parameters in the
place of these it is an estimand of the group's own model, which has a certificate of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count

from boundgen.bounds.derived import Derivation
from boundgen.bounds.estimand_parts import estimand_parts
from boundgen.bounds.factoring import FactoredModel
from boundgen.bounds.functions_json import function_json
from boundgen.bounds.independent import known_factors, times_known
from boundgen.bounds.independent_problem import FactoredEstimand
from boundgen.bounds.needed_responses import KnownValues
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.language.expressions import Atom, Comparison, Label, Outcome, Probability, Quantity, Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_estimand
from boundgen.language.statements import Estimand, Parameter
from boundgen.strata.cells import distinct_cells
from boundgen.strata.stratum import response_name
from boundgen.verification.certificate_parts import Json

Formulas = dict[str, RationalFunction]


@dataclass(frozen=True)
class GroupModel:
    """An estimand as a sum over one group of variables that share causes, as a model of that group.

    Parameters
    ----------
    model : Model
        The group with what affects it randomized, and a parameter for what the data identify of the other groups.
    weights : tuple of (str, KnownValues)
        What each of these parameters is the probability of.
    """

    model: Model
    weights: tuple[tuple[str, KnownValues], ...]


def identified_formula(asked: FactoredEstimand) -> RationalFunction | None:
    """The formula of an estimand in cells of factors; None where it is not identified."""
    known = known_factors(asked.program)
    if any(None in each.events for each in known):
        return None
    above = Polynomial.total(times_known(term, known) for term in asked.program.numerator)
    if asked.program.divisor is None:
        return RationalFunction(above)
    return RationalFunction.of(above, Polynomial.total(times_known(term, known) for term in asked.program.divisor))


def group_model(factored: FactoredModel, asked: FactoredEstimand) -> GroupModel | None:
    """The model of the one group that is not identified.

    Returns
    -------
    GroupModel or None
        None where there are several, for ratios, and where a parameter of the model multiplies.
    """
    unknown = [k for k, each in enumerate(known_factors(asked.program)) if None in each.events]
    if len(unknown) != 1 or asked.program.divisor is not None:
        return None
    alone, _ = factored.alone(unknown[0])
    inside = set(factored.factors[unknown[0]].variables)
    taken = {*factored.model.by_name, *(parameter.name for parameter in factored.model.parameters)}
    taken |= {str(value) for variable in factored.model.variables for value in variable.domain}
    weights: dict[KnownValues, str] = {}
    terms: list[tuple[Fraction, tuple[Atom, ...]]] = []
    for coefficient, responses in estimand_parts(factored.model, asked.estimand).numerator:
        own, others = (tuple(r for r in responses if (r[0][0] in inside) is here) for here in (True, False))
        number = coefficient.constant
        if number is None:
            return None
        if others:
            free = (name for i in count(1) if (name := f"w{i}") not in {*taken, *weights.values()})
            weights[others] = weights.get(others) or next(free)
        weight = (Quantity(weights[others]),) if others else ()
        terms.append((number, (*weight, *((_event(factored.model, own),) if own else ()))))
    parameters = [Parameter(name, Fraction(0), Fraction(1)) for name in weights.values()]
    estimand = Estimand(asked.estimand.name, Sum.of(*terms))
    model = replace(alone, parameters=(*alone.parameters, *parameters), estimands=(estimand,))
    return GroupModel(Model.parse(str(model)), tuple((name, known) for known, name in weights.items()))


def _event(model: Model, responses: KnownValues) -> Probability:
    """The probability that potential outcomes have these values."""

    def compared(name: str, above: tuple[Value, ...], value: Value) -> Comparison:
        outcome = Outcome(name, tuple(zip(model.by_name[name].parents, above, strict=True)))
        return Comparison("=", outcome, Label(value) if isinstance(value, str) else Sum.of((Fraction(value), ())))

    return Probability(tuple(compared(name, above, value) for (name, above), value in responses))


def factored_document(derivation: Derivation, formulas: Formulas, given: list[Json], head: Json) -> Json:
    """The certificate but for its digest.

    Parameters
    ----------
    derivation : Derivation
    formulas : dict of str to RationalFunction
        Of identified estimands.
    given : list of dict
        The proofs of those of one group, see `given_json`.
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
    used |= {name for name, _ in factored.cells} if given else set()
    return {
        **head,
        "factors": [
            {"name": name, **function_json(function, place)} for name, function in factored.cells if name in used
        ],
        "identified": [
            {**_about(independent.model, name), "formula": function_json(formula, place)}
            for name, formula in formulas.items()
        ],
        "given": given,
    }


def given_json(model: Model, name: str, group: GroupModel, certificate: Json) -> Json:
    """An estimand of one group: what the parameters of its model are, and the certificate of that."""
    weights = {
        parameter: {response_name(response): str(value) for response, value in known}
        for parameter, known in group.weights
    }
    return {**_about(model, name), "weights": weights, "certificate": certificate}


def _about(model: Model, name: str) -> Json:
    return {"name": name, "expression": print_estimand(model.estimand_named(name), model.by_name)}
