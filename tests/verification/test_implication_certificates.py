"""Certificates prove testable implications that are no linear functions, and that they are all."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from boundgen import Model, certify, derive
from boundgen.verification.check_certificate import (
    KINDS,
    UNKNOWN_OTHERS,
    Certificate,
    Implications,
    Malformed,
    Node,
    Program,
    Wrong,
    check,
)
from support.certificates import Json, signed
from support.piece_models import COMPLIERS, INSTRUMENT, PIECE_MODELS

Change = Callable[[Json], object]
TEXTS = {
    "compliers": COMPLIERS,
    # Linear ones, of a model whose estimand is a ratio.
    "linear": f"model linear{INSTRUMENT}estimand late = E[Y(1) - Y(0) | X(1) > X(0)]\n",
    # An end of a range is needed, and that P(S=1) is at most one.
    "part": """model part
variable D in {0, 1}
variable S(D) in {0, 1}
variable Y(D) in {0, 1}
observe P(Y, D | S=1)
observe P(S=1)
assume S(1) >= S(0)
assume more: E[Y(1) | S=1] >= E[Y(1) | S=0]
estimand effect = E[Y(1) - Y(0)]
""",
    **{name: PIECE_MODELS[name] for name in ("chain", "two_sources", "monotone_instrument")},
}
EVERY = pytest.mark.parametrize("name", TEXTS)
LISTED = pytest.mark.parametrize("name", [name for name in TEXTS if name not in ("linear", "part")])


@dataclass(frozen=True)
class Made:
    """A certificate, and what of it the testable implications need."""

    document: Json
    certificate: Certificate
    program: Program

    def holds(self, change: Change = lambda _: None) -> bool:
        """Whether the testable implications hold after a change."""
        copied = copy.deepcopy(self.document["implications"])
        change(copied)
        try:
            implications = Implications(self.certificate, [self.program], Node(copied, "implications"))
            implications.check_implied()
            implications.check_complete()
        except (Wrong, Malformed):
            return False
        return True


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    return {name: _made(certify(Model.parse(text))) for name, text in TEXTS.items()}


def _made(document: Json) -> Made:
    certificate = Certificate(Node(document))
    (kind,) = KINDS.keys() & {key for key in document if document[key]}
    (node,) = certificate.node[kind].items()
    program = KINDS[kind](certificate, node)
    program.remove_impossible(node["impossible"])
    return Made(document, certificate, program)


@EVERY
def test_they_are_those_that_are_derived_and_all(name: str, made: dict[str, Made]) -> None:
    known = derive(Model.parse(TEXTS[name])).known_conditions
    assert known is not None
    (line,) = [line for line in check(made[name].document).splitlines() if line.startswith("testable implications")]
    assert line.endswith(f": {len(known) or 'none'}")
    assert made[name].holds()


def without(k: int) -> Change:
    """One fewer, as if it were none of those that are needed."""

    def change(node: Json) -> None:
        node["listed"].pop(k)
        for proof in node["complete"]["rays"]:
            kept = {i: h for i, h in proof["from"].items() if i != str(k)}
            proof["from"] = {str(int(i) - (int(i) > k)): h for i, h in kept.items()}

    return change


@LISTED
def test_one_that_is_left_out_is_found(name: str, made: dict[str, Made]) -> None:
    for k in range(len(made[name].document["implications"]["listed"])):
        assert not made[name].holds(lambda node, k=k: node["listed"].pop(k))
        assert not made[name].holds(without(k))


@LISTED
def test_a_changed_one_is_found(name: str, made: dict[str, Made]) -> None:
    for k, entry in enumerate(made[name].document["implications"]["listed"]):
        key = next(iter(entry["function"]["numerator"]["coefficients"]))
        row = next(iter(entry["multiples"]))
        guard = {"value": {"constant": "-1/2", "coefficients": {key.split("*")[0]: "1"}}, "relation": ">"}
        changes: list[Callable[[Json], object]] = [
            lambda own: own["function"]["numerator"].update(constant="-1/7"),
            lambda own, key=key: own["function"]["numerator"]["coefficients"].pop(key),
            lambda own, row=row: own["multiples"].update({row: "1/7"}),
            lambda own: own["by"].update(constant="-1"),
            lambda own, guard=guard: own["if"].append(guard),
        ]
        for change in changes:
            assert not made[name].holds(lambda node, k=k, change=change: change(node["listed"][k]))


@LISTED
def test_one_that_is_added_is_found(name: str, made: dict[str, Made]) -> None:
    def change(node: Json) -> None:
        more = copy.deepcopy(node["listed"][-1])
        more["function"]["numerator"]["constant"] = "-1/100"
        node["listed"].append(more)

    assert not made[name].holds(change)


@EVERY
def test_a_demand_without_a_proof_is_found(name: str, made: dict[str, Made]) -> None:
    complete = made[name].document["implications"]["complete"]
    needed = [k for k, proof in enumerate(complete["rays"]) if proof["from"]]
    assert bool(needed) == (name != "part")
    for k in needed:
        changes: list[Callable[[Json], object]] = [
            lambda own, k=k: own["rays"].pop(k),
            lambda own, k=k: own["rays"][k].update({"from": {}}),
            lambda own, k=k: own["rays"][k]["times"].update(constant="-1"),
        ]
        for change in changes:
            assert not made[name].holds(lambda node, change=change: change(node["complete"]))
    for key in ("positive", "zero", "rows"):
        if complete[key]:
            assert not made[name].holds(lambda node, key=key: node["complete"][key].pop())


def test_what_the_sign_of_a_divisor_rests_on_may_not_rest_on_it(made: dict[str, Made]) -> None:
    """A share is not negative by implications without guards alone."""
    listed = made["compliers"].document["implications"]["listed"]
    (guarded,) = [k for k, entry in enumerate(listed) if entry["if"]]

    def change(node: Json) -> None:
        for proof in node["complete"]["positive"]:
            proof["from"][str(guarded)] = {"constant": "0", "coefficients": {}}

    assert not made["compliers"].holds(change)


def test_without_that_proof_the_report_says_so(made: dict[str, Made]) -> None:
    for name, said in (("linear", UNKNOWN_OTHERS), ("compliers", "not part of this certificate")):
        document = copy.deepcopy(made[name].document)
        document["implications"]["complete"] = None
        assert UNKNOWN_OTHERS in check(signed(document))
        del document["implications"]
        assert said in check(signed(document))


def test_linear_ones_stand_in_one_place(made: dict[str, Made]) -> None:
    listed = made["chain"].document["implications"]["listed"]
    assert not made["linear"].holds(lambda node: node.update(listed=copy.deepcopy(listed)))
    document = copy.deepcopy(made["linear"].document)
    document["conditions"].pop()
    with pytest.raises((Wrong, Malformed)):
        check(signed(document))


def test_another_estimand_has_no_rows(made: dict[str, Made]) -> None:
    for name in ("unknown", "Y"):
        assert not made["compliers"].holds(lambda node, name=name: node.update(of=name))
