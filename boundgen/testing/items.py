"""A model file as tests: each side of each claim; on request modules that are up to date and implications at data."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import Any

import pytest

from boundgen.catalogue.model_files import read_model
from boundgen.errors import BoundgenError
from boundgen.language.model import Model
from boundgen.language.statements import Claim, ConditionsClaim, about, named_claim
from boundgen.work.limits import Limits

IMPLICATIONS = "testable implications"
MODEL_OF_NAME = pytest.StashKey[dict[str, str]]()


class Unmet(Exception):
    """A test that fails, with all that is to be said."""


class BoundsTest(pytest.Item):
    """One test: an action that raises `Unmet`, or an error of ours, where it fails."""

    def __init__(self, *, action: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self.action = action
        self.add_marker("boundgen")

    def runtest(self) -> None:
        """Do what is tested."""
        self.action()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What a failure says in a report: our words alone, not where in boundgen they came from."""
        if isinstance(excinfo.value, Unmet | BoundgenError):
            # Limits are an option here.
            return str(excinfo.value).replace("Limits(seconds=SECONDS)", "--boundgen-time-limit SECONDS")
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int | None, str]:
        """The model's file, and the test's name."""
        return self.path, None, self.nodeid.partition("::")[2]


def _calls_r(claim: Claim, side: str) -> bool:
    formula = claim.lower if side == "lower" else claim.upper
    return bool(formula and formula.code and formula.code.language == "r")


Inside = Callable[["NamedTests"], Iterable[pytest.Item | pytest.Collector]]


class NamedTests(pytest.Collector):
    """Tests under one name: a claim, or an estimand of it."""

    def __init__(
        self, *, inside: Callable[[NamedTests], Iterable[pytest.Item | pytest.Collector]], **options: Any
    ) -> None:
        super().__init__(**options)
        self.inside = inside

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """What stands under the name."""
        return list(self.inside(self))


class ModelFile(pytest.File):
    """A model file; a model that cannot be read is an error of the collection, in our one paragraph."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """The claims of the model, then what the command line asks for."""
        found: list[pytest.Item | pytest.Collector] = [*self._claims(), *self._modules(), *self._implications()]
        return found or [self._test(self, "no claims", self._nothing)]

    @cached_property
    def model(self) -> Model:
        """The model of the file."""
        try:
            model = read_model(str(self.path))
        except BoundgenError as error:
            raise self.CollectError(str(error)) from None
        return model

    @property
    def limits(self) -> Limits:
        """The time that the command line allows a derivation."""
        return Limits(seconds=self.config.getoption("--boundgen-time-limit"))

    @property
    def engine(self) -> str:
        """The engine of enumerations."""
        return str(self.config.getoption("--boundgen-engine"))

    def _test(self, parent: pytest.Collector, name: str, action: Callable[[], None]) -> BoundsTest:
        return BoundsTest.from_parent(parent, name=name, action=action)

    def _nothing(self) -> None:
        pytest.skip(f"{self.path.name} has no claims: nothing published to hold against the sharp bounds")

    # ------------------------------------------------------------ claims
    def _claims(self) -> Iterator[pytest.Collector]:
        claims = self.model.claims
        for where in dict.fromkeys(claim.where for claim in claims):
            of_where = [claim for claim in claims if claim.where == where]
            yield NamedTests.from_parent(self, name=where, inside=partial(self._subjects, claims=of_where))

    def _subjects(self, parent: NamedTests, claims: Sequence[Claim | ConditionsClaim]) -> Iterator[pytest.Collector]:
        for claim in claims:
            name = IMPLICATIONS if isinstance(claim, ConditionsClaim) else claim.estimand
            yield NamedTests.from_parent(parent, name=name, inside=partial(self._sides, claim=claim))

    def _sides(self, parent: NamedTests, claim: Claim | ConditionsClaim) -> Iterator[BoundsTest]:
        for side in ("conditions",) if isinstance(claim, ConditionsClaim) else claim.sides:
            yield self._test(parent, side, partial(self._judge, claim, side))

    def _judge(self, claim: Claim | ConditionsClaim, side: str) -> None:
        from boundgen.verification.claimed_code import r_is_there
        from boundgen.verification.report import claim_text

        if isinstance(claim, Claim) and _calls_r(claim, side) and not r_is_there():
            pytest.skip("the claim is R code, and Rscript is not there to call it")
        verification = self.verification(about(claim))
        for verdict in verification.claims:
            if (verdict.where, verdict.side) == (claim.where, side) and verdict.estimand == about(claim):
                if not verdict.as_expected:
                    expected = verdict.expected or "sharp"
                    raise Unmet(f"{expected} was expected\n{claim_text(verification, verdict, unicode=True)}")
                return
        own = {about(claim), named_claim(claim), f"{named_claim(claim)}, {side}"}
        reasons = "\n".join(each.said(True) for each in verification.unanswered if each.name in own)
        raise Unmet(f"no verdict on {claim.where}, {side}\n{reasons}")

    @cached_property
    def verification(self) -> Callable[[str], Any]:
        """The verdicts on all claims about one estimand, judged once."""
        from boundgen.verification.judgement import verify

        @cache
        def of(name: str) -> Any:
            claims = tuple(claim for claim in self.model.claims if about(claim) == name)
            return verify(replace(self.model, claims=claims), engine=self.engine, limits=self.limits)

        return of

    # ------------------------------------------------------------ generated modules
    def _modules(self) -> Iterator[pytest.Collector]:
        folder = self.config.getoption("--boundgen-derived")
        if folder is None or not self.model.estimands:
            return
        self._refuse_twins()
        yield NamedTests.from_parent(self, name=f"module in {folder}", inside=partial(self._fresh, folder=folder))

    def _refuse_twins(self) -> None:
        """Two files with one model would be one module."""
        known = self.config.stash.setdefault(MODEL_OF_NAME, {})
        other = known.setdefault(self.model.name, str(self.path))
        if other != str(self.path):
            raise self.CollectError(
                f"{self.path}: its model is called {self.model.name}, and so is that of {other}: they would be one "
                "module. Rename one of them."
            )

    def _fresh(self, parent: NamedTests, folder: str) -> Iterator[BoundsTest]:
        for estimand in self.model.estimands:
            yield self._test(parent, estimand.name, partial(self._compare, estimand.name, folder))

    def _compare(self, estimand: str, folder: str) -> None:
        from boundgen.codegen.generate import compare_files

        files = self._module_files
        for file in files:
            for each in file.unanswered:
                if each.name == estimand:
                    pytest.skip(f"no closed form: {each.error}")
        written = [file for file in files if file.text]
        for state in compare_files(written, str(self.config.invocation_params.dir / folder)):
            if state.status != "up to date":
                raise Unmet(
                    f"{os.path.join(folder, state.name)} is {state.status}\n  Renew it: {self._renewal(folder)}"
                )

    @cached_property
    def _module_files(self) -> Any:
        from boundgen.codegen.generate import evaluator_files

        target = self.config.getoption("--boundgen-target")
        package = bool(self.config.getoption("--boundgen-package"))
        named = [(str(self.path), self.model)]
        files = evaluator_files(named, target, package=package, engine=self.engine, limits=self.limits)
        # What modules share depends on all of them; `generate --check` compares it.
        return files[package:]

    def _renewal(self, folder: str) -> str:
        target, package = self.config.getoption("--boundgen-target"), self.config.getoption("--boundgen-package")
        options = ("" if target == "python" else f" --target {target}") + " --package" * bool(package)
        path = os.path.relpath(self.path, self.config.invocation_params.dir)
        return f"boundgen generate {shlex.quote(path)}{options} -o {shlex.quote(folder)}"

    # ------------------------------------------------------------ testable implications at data
    def _implications(self) -> Iterator[pytest.Collector]:
        name = self.config.getoption("--boundgen-data")
        if name is None:
            return
        data = self.path.parent / name.replace("{name}", self.model.name)
        if data.exists():
            yield NamedTests.from_parent(
                self, name=IMPLICATIONS, inside=lambda group: [self._test(group, data.name, lambda: self._holds(data))]
            )

    def _holds(self, data: os.PathLike[str]) -> None:
        from boundgen.derivation import derive
        from boundgen.evaluation.evaluate import evaluate
        from boundgen.evaluation.report import failing_text

        # The implications are those of the model, and one of its estimands is enough to derive them.
        asked = [estimand.name for estimand in self.model.estimands[:1]]
        derivation = derive(self.model, asked, engine=self.engine, limits=self.limits)
        found = evaluate(derivation, os.fspath(data), self._parameters())
        failing = {failing_text(found, one.condition, unicode=True): one.amount for one in found[0].violations or ()}
        if failing:
            said = [f"  {condition} is missed by {float(amount):.6g}" for condition, amount in failing.items()]
            raise Unmet(
                "\n".join([f"{os.path.basename(data)} contradicts the assumptions of {self.model.name}", *said])
            )

    def _parameters(self) -> dict[str, str]:
        """The values on the command line of the parameters that the model has."""
        given = dict(each.partition("=")[::2] for each in self.config.getoption("--boundgen-at"))
        return {each.name: given[each.name] for each in self.model.parameters if each.name in given}
