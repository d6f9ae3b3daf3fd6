"""The part of a certificate that proves what is known where causes are independent.

The checker reads the statements, and knows each observed cell as a product of probabilities of groups. It is told how
the cells of factors are functions of observed cells, and what a formula is in cells of factors. Where one group is not
identified, an estimand is a sum of probabilities of that group, each times one of the others; with parameters in the
place of these it is an estimand of the group's own model, which has a certificate of its own. Of several groups that
are not identified the largest has that, and the others go over laws of which the checker knows that one is the worst.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count

from boundgen.bounds.derived import Derivation
from boundgen.bounds.estimand_parts import parts_of
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
from boundgen.verification import check_certificate as checker
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
    others : tuple of tuple of str
        The variables of each other group that the data do not identify either: it goes over its laws.
    """

    model: Model
    weights: tuple[tuple[str, KnownValues], ...]
    others: tuple[tuple[str, ...], ...] = ()


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
    """The model of the group that is not identified; of several, of the one with the most response types.

    Returns
    -------
    GroupModel or None
        None for ratios and what is given a condition, but for one of known probability and one group; and where a
        parameter of the model multiplies.
    """
    *outer, last = unknown_groups(asked)
    if asked.program.divisor is not None and (outer or not _is_known_condition(asked)):
        return None
    alone, _ = factored.alone(last)
    inside = set(factored.factors[last].variables)
    taken = {*factored.model.by_name, *(parameter.name for parameter in factored.model.parameters)}
    taken |= {str(value) for variable in factored.model.variables for value in variable.domain}
    weights: dict[KnownValues, str] = {}
    terms: list[tuple[Fraction, tuple[Atom, ...]]] = []
    for each in parts_of(factored.model, asked.estimand)[0]:
        own, others = (tuple(r for r in each.responses if (r[0][0] in inside) is here) for here in (True, False))
        number = each.coefficient.constant
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
    return GroupModel(
        Model.parse(str(model)),
        tuple((name, known) for known, name in weights.items()),
        tuple(factored.factors[k].variables for k in outer),
    )


def _is_known_condition(asked: FactoredEstimand) -> bool:
    """Whether what divides is the probability of a condition, which the data identify."""
    known, divisor = known_factors(asked.program), asked.program.divisor or ()
    identified = all(known[k].events[event] is not None for term in divisor for k, event in term.events)
    return asked.estimand.divisor is None and identified


def unknown_groups(asked: FactoredEstimand) -> list[int]:
    """The numbers of the groups that are not identified, the largest last."""
    unknown = [k for k, each in enumerate(known_factors(asked.program)) if None in each.events]
    return sorted(unknown, key=lambda k: (len(asked.program.factors[k].columns), k))


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


def laws_json(document: Json, name: str, inner: Sequence[str], others: Sequence[tuple[str, ...]]) -> list[Json]:
    """The laws of the other groups of which one is the worst: of all basic solutions those that may be.

    Parameters
    ----------
    document : dict
        The certificate's head.
    name : str
        Of the estimand.
    inner : sequence of str
        The variables of the group that has the certificate.
    others : sequence of tuple of str

    Returns
    -------
    list of dict
        One for each other group.
    """
    independent = checker.Independent(checker.Certificate(checker.Node(document)))
    by_name = {group.names: group for group in independent.groups}
    groups = [by_name[tuple(inner)], *(by_name[names] for names in others)]
    _, numerator, _ = independent.model.estimands[name]
    terms = independent.terms(numerator)
    found = []
    for names in others:
        rest = [group for group in groups if group.names != names]
        outer = checker.Outer(independent, by_name[names], rest, terms)
        sides = {side: [_law_json(outer, basis) for basis in outer.needed(sign)] for side, sign in checker.SIDES}
        found.append({"variables": list(names), **sides})
    return found


def _law_json(outer: checker.Outer, basis: Sequence[int]) -> list[Json]:
    values = outer.law(basis)
    assert values is not None, "a basis has one"
    return [
        {
            "type": {response_name(r): str(value) for r, value in outer.group.types[outer.kinds[kind]].items()},
            "probability": {
                "constant": str(own.constant),
                "coefficients": {key: str(c) for key, c in own.coefficients.items()},
            },
        }
        for kind, own in values.items()
    ]


def _about(model: Model, name: str) -> Json:
    return {"name": name, "expression": print_estimand(model.estimand_named(name), model.by_name)}
