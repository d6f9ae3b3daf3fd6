"""The model: one frozen value that says what is randomized, observed, assumed and asked."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from boundgen.calls import public_class
from boundgen.errors import ModelError, Place, did_you_mean, quoted
from boundgen.language import syntax as s
from boundgen.language.causes import beside_unconfounded, cause_names, check_cause, check_shared, components
from boundgen.language.claims import (
    check_denominators,
    is_general,
    refuse_estimands,
    resolve_code,
    resolve_implication,
    resolve_side,
)
from boundgen.language.declarations import Declaration, ForAll, ParameterName, quantifiers
from boundgen.language.expressions import Value
from boundgen.language.observed import read_observations, with_observations
from boundgen.language.printer import print_model
from boundgen.language.ratios import read_estimand
from boundgen.language.resolution import resolve_assumption, resolve_identified
from boundgen.language.scope import MOST_NAMES, Scope, shortened
from boundgen.language.statements import (
    Assumption,
    Claim,
    ClaimSide,
    ConditionsClaim,
    Definition,
    Estimand,
    Holds,
    Named,
    Observation,
    Ordering,
    Parameter,
    Setting,
    Verdict,
    about,
    check_name,
    check_once,
    check_text,
)
from boundgen.language.values import COMPARE, number_value, value_text, values_text
from boundgen.language.variables import Variable, arms_needed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boundgen.bounds.closed_form import Bounds
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds
    from boundgen.inspection.shown import Shown


@public_class
@dataclass(frozen=True)
class Model:
    """A discrete causal model with its observed data, assumptions, estimands and claims.

    A model is never changed: each method that adds a statement returns a new model.

    Parameters
    ----------
    name : str
        An identifier.
    variables : tuple of Variable
        Parents stand before their children. Declarations made by `variable` may be given too.
    causes : tuple of tuple of str, or None
        The sets of variables that share an unmeasured cause, each cause independent of the others; empty where nothing
        shares any. None: all variables that are not randomized may share causes.
    title, sources, observations, parameters, definitions, assumptions, estimands, claims
        As in the model language.
    """

    name: str
    variables: tuple[Variable, ...] = ()
    title: str = ""
    sources: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    definitions: tuple[Definition, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    estimands: tuple[Estimand, ...] = ()
    claims: tuple[Claim | ConditionsClaim, ...] = ()
    causes: tuple[tuple[str, ...], ...] | None = None
    where: Place | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        declared = tuple(v.variable if isinstance(v, Declaration) else v for v in self.variables)
        object.__setattr__(self, "variables", declared)
        check_name(self.name, "model")
        check_text(self.title, "title")
        for source in self.sources:
            check_text(source, "source")
        for claim in self.claims:
            check_text(claim.where, "place of a claim")
        for estimand in self.estimands:
            check_text(estimand.label, "label of an estimand")
        self._check_names()
        above: dict[str, None] = {}
        for variable in declared:
            self._check_parents(variable, above)
            above[variable.name] = None
        for cause in self.causes or ():
            check_cause(cause, self.by_name)
        for assumption in self.assumptions:
            check_shared(assumption, self)
        for observation in self.observations:
            self._check_observation(observation)
        self._check_claims_once()
        estimands = {estimand.name: estimand for estimand in reversed(self.estimands)}
        for claim in self.claims:
            self._check_claim(claim, estimands)

    # ------------------------------------------------------------ checks at birth
    def _check_names(self) -> None:
        quantities: list[Named] = [*self.variables, *self.parameters, *self.definitions]
        check_once(quantities, "name")
        check_once(self.estimands, "estimand")
        check_once(self.assumptions, "assumption")
        names = {item.name for item in quantities}
        for variable in self.variables:
            for label in variable.domain:
                if label in names:
                    raise ModelError(
                        f"'{label}' is both a value and the name of a variable, parameter or definition",
                        variable.where,
                        "Give one of them another name.",
                    )

    def _check_parents(self, variable: Variable, above: Mapping[str, None]) -> None:
        for parent in variable.parents:
            if parent in above:
                if self.by_name[parent].bounded:
                    raise ModelError(
                        f"the bounded outcome '{parent}' is a parent of '{variable.name}'",
                        variable.where,
                        f"Only means of '{parent}' are used: give it a list of values, or drop the parent.",
                    )
                continue
            if parent not in self.by_name:
                declared = ", ".join(map(shortened, itertools.islice(above, MOST_NAMES))) or "nothing"
                raise ModelError(
                    f"unknown parent '{shortened(parent)}' of '{variable.name}'",
                    variable.where,
                    f"declared: {declared}",
                )
            cycle = self._cycle(variable.name)
            if cycle:
                raise ModelError(
                    f"the parents make a cycle: {' -> '.join(cycle)}",
                    variable.where,
                    "Effects run forward in time: drop a parent, or split a variable into its values at "
                    "different times.",
                )
            raise ModelError(
                f"parent '{parent}' of '{variable.name}' is declared later",
                variable.where,
                "Declare parents above their children.",
            )

    def _cycle(self, start: str) -> list[str]:
        """A path of effects from a variable back to itself, or nothing."""
        children: dict[str, list[str]] = {variable.name: [] for variable in self.variables}
        for variable in self.variables:
            for parent in dict.fromkeys(variable.parents):
                children.setdefault(parent, []).append(variable.name)
        paths = [[start]]
        seen: set[str] = set()
        while paths:
            path = paths.pop(0)
            for child in children[path[-1]]:
                if child == start:
                    return [*path, child]
                if child not in seen:
                    seen.add(child)
                    paths.append([*path, child])
        return []

    def _check_observation(self, observation: Observation) -> None:
        settings = observation.settings
        if not observation.outcomes:
            raise ModelError("observe lists no variable", observation.where, "Write observe P(Y, M | A).")
        for position, (name, value) in enumerate(settings):
            where = observation.place(position)
            if name not in self.by_name:
                raise ModelError(f"unknown variable '{shortened(name)}' in observe", where, self.scope.known(name))
            domain = self.by_name[name].domain
            if value is not None and value not in domain:
                raise ModelError(
                    f"'{name}' has no value {value_text(value)}", where, f"its values: {values_text(domain)}"
                )
            if self.by_name[name].bounded and (value is not None or position >= len(observation.outcomes)):
                raise ModelError(
                    f"'{name}' is a bounded outcome, of which only means are observed",
                    where,
                    f"It stands before the bar, without a value: observe P({name}, ...).",
                )
            if name in (other for other, _ in settings[:position]):
                raise ModelError(f"'{name}' stands twice in one observe", where, "List each variable once.")
        if any(self.by_name[name].randomized for name, _ in observation.outcomes):
            self._check_law(observation)
        else:
            self._check_behind(observation)
            self._check_arms(observation)

    def _check_law(self, observation: Observation) -> None:
        """The law of randomized variables is observed by itself, and for all of their values."""
        names = ", ".join(name for name, _ in observation.outcomes)
        for position, (name, value) in enumerate(observation.settings):
            where = observation.place(position)
            if position >= len(observation.outcomes):
                joint = f"Observe their joint law, P({names}, {name}), and other variables given both."
                alone = f"Randomized variables precede '{name}': observe P({names})."
                message = f"the law of randomized '{names}' stands given '{name}'"
                raise ModelError(message, where, joint if self.by_name[name].randomized else alone)
            if not self.by_name[name].randomized:
                raise ModelError(
                    f"'{name}' stands beside randomized variables before one bar",
                    where,
                    "Observe P(... | Z) and the law P(Z), each by itself.",
                )
            if value is not None:
                raise ModelError(
                    f"the law of randomized '{name}' is observed for one value",
                    where,
                    f"Its whole law is observed: write '{name}' before the bar without a value, "
                    f"or the arm behind it, P(... | {name}={value_text(value)}).",
                )

    def _check_behind(self, observation: Observation) -> None:
        """Arms are randomized; selections, and what an experiment sets, need not be."""
        before = len(observation.outcomes)
        for position, (name, _) in enumerate(observation.arms, before):
            if not self.by_name[name].randomized:
                raise ModelError(
                    f"'{name}' stands behind the bar and is not randomized",
                    observation.place(position),
                    f"Observe the joint distribution, with '{name}' before the bar; or units with one value of it, "
                    f"P(... | {name}=...); or an experiment, do({name}).",
                )
        before += len(observation.arms) + len(observation.interventions)
        for position, (name, _) in enumerate(observation.selection, before):
            if self.by_name[name].randomized:
                raise ModelError(
                    f"'{name}' is randomized, and units are not selected by it",
                    observation.place(position),
                    f"It is an arm: P(... | {name}).",
                )

    def mixed_arms(self, observation: Observation) -> dict[str, str]:
        """The randomized variables over whose arms a distribution goes, each with what it affects; laws too.

        Returns
        -------
        dict of str to str
        """
        fixed = {name for name, _ in (*observation.arms, *observation.interventions)}
        needed: dict[str, str] = {}
        for name, _ in (*observation.outcomes, *observation.selection):
            for arm in arms_needed(name, fixed, self.by_name):
                needed.setdefault(arm, name)
        return needed

    def _check_arms(self, observation: Observation) -> None:
        """Randomized variables on which anything depends are named, or have a law."""
        needed = self.mixed_arms(observation)
        for arm, name in needed.items():
            if not self.scope.averages({arm}):
                raise ModelError(
                    f"randomized variable '{arm}' affects '{name}' and does not stand behind the bar",
                    observation.where,
                    "Without it, arms would be mixed by an assignment law that the model does not hold: "
                    f"observe P(... | {arm}); or observe that law too, P({arm}).",
                )
        arms = [name for name in self.by_name if name in needed]
        if arms and not self.scope.averages(set(arms)):
            raise self.scope.cannot_average("this distribution", arms, observation.where)

    def _check_claims_once(self) -> None:
        seen: set[tuple[str, str]] = set()
        for claim in self.claims:
            if (about(claim), claim.where) in seen:
                raise ModelError(
                    f'two claims for {about(claim)} are called "{claim.where}"',
                    claim.place,
                    "Say where each of them stands.",
                )
            seen.add((about(claim), claim.where))

    def _check_claim(self, claim: Claim | ConditionsClaim, estimands: Mapping[str, Estimand]) -> None:
        if not isinstance(claim, Claim):
            return
        if claim.estimand not in estimands:
            raise ModelError(
                f"claim for unknown estimand '{claim.estimand}'",
                claim.place,
                did_you_mean(claim.estimand, estimands)
                + f"estimands: {', '.join(e.name for e in self.estimands) or 'none'}",
            )
        if claim.lower is None and claim.upper is None:
            raise ModelError(
                "a claim has a lower or an upper side", claim.place, "Write lower max(...), upper min(...) or both."
            )
        estimand = self.estimand_named(claim.estimand)
        if estimand.refusal is None:
            check_denominators(claim, estimand, self._claims_generally(estimand))

    # ------------------------------------------------------------ lookups
    @cached_property
    def by_name(self) -> Mapping[str, Variable]:
        """The variables by name, in the order of declaration."""
        return {variable.name: variable for variable in self.variables}

    @cached_property
    def _estimand_names(self) -> frozenset[str]:
        return frozenset(estimand.name for estimand in self.estimands)

    @cached_property
    def _values(self) -> frozenset[Value]:
        """The values of all variables."""
        return frozenset(value for variable in self.variables for value in variable.domain)

    @cached_property
    def scope(self) -> Scope:
        """What an expression of this model may name."""
        return Scope(
            self.by_name,
            frozenset(p.name for p in self.parameters),
            frozenset(d.name for d in self.definitions),
            laws=self.laws,
        )

    @cached_property
    def laws(self) -> frozenset[frozenset[str]]:
        """The sets of randomized variables whose joint law is observed."""
        return frozenset(
            frozenset(name for name, _ in observation.outcomes)
            for observation in self.observations
            if all(name in self.by_name and self.by_name[name].randomized for name, _ in observation.outcomes)
        )

    @cached_property
    def components(self) -> tuple[tuple[str, ...], ...]:
        """The variables that are not randomized, those together that unmeasured causes connect."""
        return components(self.by_name, self.causes)

    @cached_property
    def factored(self) -> bool:
        """Whether some variables are independent of others: not every response type may go with every other."""
        everyone = sum(not variable.randomized for variable in self.variables)
        return self.causes is not None and everyone > max((len(set(cause)) for cause in self.causes), default=1)

    def quantified(self, indices: Sequence[tuple[str, str]], orders: Sequence[Ordering] = ()) -> Scope:
        """The scope of a statement with *for all*; orders stand between names that run over one variable."""
        found: dict[str, tuple[Value, ...]] = {}
        for index, variable in indices:
            check_name(index, "quantified name")
            if variable not in self.by_name:
                raise ModelError(
                    f"unknown variable '{shortened(variable)}' in for all", remedy=self.scope.known(variable)
                )
            if index in found or index in self.by_name or index in self._values or self.scope.is_quantity(index):
                raise ModelError(
                    f"quantified name '{index}' is taken",
                    remedy="It may not be the name of a variable, value, parameter, definition or other index.",
                )
            if self.by_name[variable].bounded:
                raise ModelError(
                    f"quantified name '{index}' runs over the bounded outcome '{variable}'",
                    remedy="It runs over the values of a variable that has a list of them.",
                )
            found[index] = self.by_name[variable].domain
        for left, relation, right in orders:
            if relation == "=":
                raise ModelError(
                    f"quantified names '{left}' and '{right}' are set equal",
                    remedy="Write one name; names are ordered by <, <=, >, >= or !=.",
                )
        if orders and not any(True for _ in self.environments(indices, orders)):
            raise ModelError(
                "no values of the quantified names are in the order that is asked for",
                remedy="Order fewer names, or the other way around: it says nothing like this.",
            )
        return replace(self.scope, indices=found)

    def environments(
        self, indices: Sequence[tuple[str, str]], orders: Sequence[Ordering] = ()
    ) -> Iterator[dict[str, Value]]:
        """Every assignment of values to quantified names that has these orders, by the places in the domain."""
        domains = [self.by_name[variable].domain for _, variable in indices]
        names = [index for index, _ in indices]
        for places in itertools.product(*(range(len(domain)) for domain in domains)):
            at = dict(zip(names, places, strict=True))
            if all(COMPARE[relation](at[left], at[right]) for left, relation, right in orders):
                yield {name: domain[i] for name, domain, i in zip(names, domains, places, strict=True)}

    def estimand_named(self, name: str) -> Estimand:
        for estimand in self.estimands:
            if estimand.name == name:
                return estimand
        raise ModelError(
            f"model {self.name} has no estimand {quoted(name)}",
            remedy=did_you_mean(name, (e.name for e in self.estimands))
            + f"estimands: {', '.join(e.name for e in self.estimands) or 'none'}",
        )

    # ------------------------------------------------------------ text
    @staticmethod
    def parse(text: str, file: str = "<text>") -> Model:
        """Read a model from text of the model language.

        Returns
        -------
        Model

        Raises
        ------
        ModelSyntaxError, ModelError
            With the place in the text and what to do.
        """
        from boundgen.language.parser import parse_model

        return parse_model(text, file)

    @staticmethod
    def from_graph(
        graph: Any,
        *,
        name: str | None = None,
        randomized: Sequence[str] = (),
        levels: Mapping[str, int] | None = None,
        observe: Sequence[str] = (),
    ) -> Model:
        """The model of a causal graph of networkx, y0 or dagitty; what it does not hold is warned of.

        `boundgen.import_graph` gives beside the model what had to be chosen, and says what may be given.

        Parameters
        ----------
        graph : networkx.DiGraph, y0.graph.NxMixedGraph, text or path
            Latent nodes of networkx have an attribute ``hidden``, ``latent`` or ``h`` that is true.
        name, randomized, levels, observe
            As in `boundgen.import_graph`.

        Returns
        -------
        Model

        Raises
        ------
        GraphError, FileError
            For what is no graph.

        Examples
        --------
        >>> from boundgen import Model
        >>> print(Model.from_graph("A -> M -> Y; M <-> Y", randomized=["A"]).observations[0].arms)
        (('A', None),)
        """
        from boundgen.graphs.importing import import_graph

        found = import_graph(graph, name=name, randomized=randomized, levels=levels, observe=observe)
        for remark in found.graph.remarks:
            warnings.warn(remark, UserWarning, stacklevel=2)
        return found.model

    def __str__(self) -> str:
        return print_model(self)

    def _repr_html_(self) -> str:
        """In a notebook: the text of the language."""
        return f"<pre>{escape(str(self))}</pre>"

    def graph(self, *, title: str = "") -> Figure:
        """The graph of the model as a picture: effects as arrows, unmeasured common causes dashed.

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.graph import graph_picture

        return graph_picture(self, title=title)

    # ------------------------------------------------------------ building
    def source(self, citation: str) -> Model:
        """The model with one more citation."""
        return replace(self, sources=(*self.sources, citation))

    def observe(self, distribution: s.Syntax) -> Model:
        """The model with one more observed distribution, as ``P(Y, M | A)``.

        A randomized variable before the bar states its law: ``P(Y, A)`` is ``P(Y | A)`` and ``P(A)``. A value of
        another variable behind it is a selection: ``P(Y | (S == 1))``.

        Raises
        ------
        ModelError
            Where variables stand on the wrong side of the bar, or arms are mixed in shares that are not observed.
        """
        if not isinstance(distribution, s.ProbabilityNode):
            raise ModelError(
                f"observe takes P(...), not {quoted(distribution)}",
                distribution.where if isinstance(distribution, s.Syntax) else None,
                "Write .observe(P(Y, M | A)) with the variables themselves.",
            )
        behind = [part for part in distribution.given if not isinstance(part, s.Do)]
        done = [part for part in distribution.given if isinstance(part, s.Do)]
        stated = read_observations(
            [(self._setting(part), part.where) for part in distribution.event],
            [(self._setting(part), part.where) for part in behind],
            [(_set_value(name, value), part.where) for part in done for name, value in part.settings],
            self.by_name,
            distribution.where,
        )
        return replace(self, observations=with_observations(self.observations, stated))

    def _setting(self, node: s.Syntax) -> Setting:
        match node:
            case s.Name():
                return node.name, None
            case s.Compare("=", s.Name() as left, right):
                return _set_value(left.name, right)
        raise ModelError("observe lists variables, or variable=value", node.where)

    def confounded(self, *variables: s.Name | str) -> Model:
        """The model with one more unmeasured cause, which these variables share.

        Once a model has one, variables that no cause puts together are independent.

        Returns
        -------
        Model

        Raises
        ------
        ModelError
            With fewer than two variables, with a randomized one, and beside `unconfounded`.

        Examples
        --------
        >>> from boundgen import Model, variable
        >>> X = variable("X", [0, 1])
        >>> M = variable("M", [0, 1], parents=[X])
        >>> Y = variable("Y", [0, 1], parents=[M])
        >>> model = Model("front_door", [X, M, Y]).confounded(X, Y)
        >>> model.components
        (('X', 'Y'), ('M',))
        """
        if self.causes == ():
            fault = beside_unconfounded()
            raise fault
        return replace(self, causes=(*(self.causes or ()), cause_names(variables)))

    def unconfounded(self) -> Model:
        """The model whose variables share no unmeasured causes."""
        if self.causes:
            fault = beside_unconfounded()
            raise fault
        return replace(self, causes=())

    def parameter(self, declared: ParameterName) -> Model:
        """The model with one more parameter, made by `boundgen.parameter`."""
        return replace(self, parameters=(*self.parameters, declared.parameter))

    def define(self, name: str, expression: s.Writable) -> Model:
        """The model with one more definition."""
        node = _node(expression)
        found = Definition(name, resolve_identified(node, self.scope), node.where)
        return replace(self, definitions=(*self.definitions, found))

    def assume(self, assumption: s.Writable, name: str | None = None, for_all: Sequence[ForAll] = ()) -> Model:
        """The model with one more assumption, unit-level or population-level.

        Parameters
        ----------
        assumption : expression, or str
            A text may hold everything that stands after ``assume``: ``"mmr: M(1) >= M(0)"``.
        name : str, optional
        for_all : sequence of quantified names, made by `boundgen.index`, and of orders of them, ``z1 > z0``

        Returns
        -------
        Model
            A new one; models do not change.

        Examples
        --------
        >>> from boundgen import Model, variable
        >>> X = variable("X", [0, 1])
        >>> Y = variable("Y", [0, 1], parents=[X])
        >>> model = Model("helps", [X, Y]).assume("helps: Y(1) >= Y(0)")
        >>> model == Model("helps", [X, Y]).assume(Y(1) >= Y(0), name="helps")
        True
        """
        if isinstance(assumption, str):
            from boundgen.language.parser import parse_assumption

            written_name, node, (written_indices, written_orders) = parse_assumption(assumption)
            name = name or written_name
        else:
            node, written_indices, written_orders = s.written(assumption), (), ()
        indices, orders = quantifiers(for_all)
        indices, orders = (*indices, *written_indices), (*orders, *written_orders)
        body = resolve_assumption(node, self.quantified(indices, orders))
        return replace(self, assumptions=(*self.assumptions, Assumption(name, body, indices, node.where, orders)))

    def estimand(self, name: str, expression: s.Writable, label: str = "") -> Model:
        """The model with one more estimand; tables and pictures show its label beside its name."""
        node = _node(expression)
        found = replace(read_estimand(name, node, self.scope), label=label)
        return replace(self, estimands=(*self.estimands, found))

    def claim(
        self,
        where: str,
        estimand: str,
        lower: Sequence[s.Writable] | s.FunctionSide | None = None,
        upper: Sequence[s.Writable] | s.FunctionSide | None = None,
        denominator: s.Writable | None = None,
        expect: Verdict | tuple[Verdict | None, Verdict | None] | None = None,
    ) -> Model:
        """The model with one more published bound: the terms of its max and its min, or code (`boundgen.from_code`)."""
        lower, upper = ((side,) if isinstance(side, s.FunctionSide) else side for side in (lower, upper))
        verdicts = expect if isinstance(expect, tuple) else (expect, expect)
        found = Claim(
            where,
            estimand,
            self.claim_side("max", lower, denominator, estimand) if lower else None,
            self.claim_side("min", upper, denominator, estimand) if upper else None,
            verdicts[0] if lower else None,
            verdicts[1] if upper else None,
        )
        return replace(self, claims=(*self.claims, found))

    def claim_side(
        self,
        op: Literal["max", "min"] | None,
        terms: Sequence[s.Writable],
        denominator: s.Writable | None = None,
        estimand: str = "",
    ) -> ClaimSide:
        """One side of a claim with its names looked up; messages are about the estimand, where it is known."""
        known = next((e for e in self.estimands if e.name == estimand and e.refusal is None), None)
        match terms:
            case (s.FunctionSide() as code,):
                refuse_estimands(code, self.scope, self._estimand_names)
                return resolve_code(code, self.scope)
        nodes = [self._claimed(term) for term in terms]
        over = None if denominator is None else self._claimed(denominator)
        for node in (*nodes, *([] if over is None else [over])):
            refuse_estimands(node, self.scope, self._estimand_names)
        return resolve_side(op, nodes, over, self.scope, known, self._claims_generally(known))

    def _claims_generally(self, estimand: Estimand | None) -> bool:
        shares = bool(self.laws) or any(observation.selection for observation in self.observations)
        return is_general(estimand, self.assumptions, shares or self.factored)

    def _claimed(self, written: s.Writable) -> s.Syntax:
        """Syntax of a claim, in which a text may use symbols as they are printed."""
        if not isinstance(written, str):
            return s.written(written)
        from boundgen.language.parser import parse_formula
        from boundgen.language.printed import printed_symbols

        return parse_formula(written, printed_symbols(self))

    def claim_conditions(
        self,
        where: str,
        holds: Sequence[s.Syntax | tuple[s.Syntax, Sequence[ForAll]]],
        expect: Verdict | None = None,
    ) -> Model:
        """The model with published testable implications: inequalities, perhaps with their indices."""
        pairs = [item if isinstance(item, tuple) else (item, ()) for item in holds]
        found = tuple(self.holds(node, *quantifiers(for_all)) for node, for_all in pairs)
        return replace(self, claims=(*self.claims, ConditionsClaim(where, found, expect)))

    def holds(self, node: s.Syntax, indices: tuple[tuple[str, str], ...], orders: tuple[Ordering, ...]) -> Holds:
        scope = self.quantified(indices, orders)
        refuse_estimands(node, scope, self._estimand_names)
        return Holds(resolve_implication(node, scope, self.factored), indices, orders)

    # ------------------------------------------------------------ deriving
    def show(self, stage: str = "strata", estimands: Sequence[str] = (), engine: str = "auto") -> Shown:
        """One stage of the derivation; as text it is what ``boundgen show`` prints.

        Parameters
        ----------
        stage : {"model", "strata", "program", "reduced", "dual", "vertices"}
        estimands : sequence of str
            All of them, where none is named.
        engine : {"auto", "cdd", "ppl", "orbits"}

        Returns
        -------
        Shown
        """
        from boundgen.inspection.show import show
        from boundgen.work.limits import Budget

        return show(self, estimands, stage, engine, Budget())

    def bound(
        self, estimand: s.Writable, name: str = "effect", engine: str = "auto", conditions: bool = True
    ) -> Bounds | PiecewiseBounds:
        """Sharp bounds on an estimand, given by its name in this model or as an expression.

        Parameters
        ----------
        estimand : expression or str
        name : str
            What an estimand that is given as an expression is called.
        engine : {"auto", "cdd", "ppl", "orbits"}
        conditions : bool
            Whether to derive the testable implications too.

        Returns
        -------
        Bounds
        """
        from boundgen.derivation import derive

        if isinstance(estimand, str) and estimand.isidentifier():
            self.estimand_named(estimand)
            return derive(self, [estimand], engine=engine, conditions=conditions).closed_forms[0]
        model = replace(self, estimands=(), claims=()).estimand(name, estimand)
        return derive(model, engine=engine, conditions=conditions).closed_forms[0]


# ---------------------------------------------------------------- helpers
def _node(written: s.Writable) -> s.Syntax:
    """Syntax from Python operators, or from a string of the language."""
    if isinstance(written, str):
        from boundgen.language.parser import parse_formula

        return parse_formula(written)
    return s.written(written)


def _set_value(name: str, node: s.Syntax | None) -> Setting:
    match node:
        case None:
            return name, None
        case s.NumberNode(value):
            return name, number_value(value)
        case s.Plus(((-1, s.NumberNode(value)),)):
            return name, number_value(-value)
        case s.Name(label):
            return name, label
    raise ModelError(f"'{name}' is set to something that is not a value", node.where)
