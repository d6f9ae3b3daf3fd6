"""Numbers published with real data: from the shipped counts everywhere, from the files where they are.

The table is that of ../shared/data/README.md: plug-in sharp bounds, from R's package mediation where it is right.

Where published software is wrong. `mediate.pd` of R's mediation (parallel design, interaction allowed) has Y=0 for
Y=1 in a lower term of δ(0), and Y=1 for Y=0 in another and in an upper one. On boundsdata none of the three decides,
so it prints the right numbers there; at other data its interval need not hold the truth, or is empty. See the claims
in mediation_parallel.bounds, and the last tests here.
"""

from __future__ import annotations

import csv
import itertools
import re
from fractions import Fraction

import pytest
from scipy.optimize import linprog

from boundgen import Model, catalogue, evaluate, read_data
from boundgen.data.observed import ObservedData
from support.catalogue import derived
from support.paths import SHARED

THERE = pytest.mark.skipif(not SHARED.is_dir(), reason="the files of real data are not beside the repository")

# data, model, estimand, lower, upper; printed with six digits
TABLE = [
    ("boundsdata", "mediation_randomization", "delta0", "-0.669670", "0.330330"),
    ("boundsdata", "mediation_randomization", "delta1", "-0.124183", "0.870341"),
    ("boundsdata", "mediation_mmr", "delta0", "-0.273450", "0.273450"),
    ("boundsdata", "mediation_mmr", "delta1", "-0.045752", "0.273450"),
    ("jobs", "mediation_randomization", "delta0", "-0.287625", "0.684426"),
    ("jobs", "mediation_randomization", "delta1", "-0.655000", "0.345000"),
    ("framing", "mediation_randomization", "delta0", "-0.304569", "0.695431"),
    ("framing", "mediation_randomization", "delta1", "-0.588235", "0.411765"),
    ("boundsdata_parallel", "mediation_parallel", "delta1", "0.200650", "0.767974"),
    ("boundsdata_encouragement", "mediation_encouragement", "delta0", "-0.434075", "0.323651"),
    ("boundsdata_encouragement", "mediation_encouragement", "delta1", "-0.020137", "0.743392"),
]
# shipped counts -> the file, and what makes the one of the other
SOURCES = {
    "boundsdata": ("boundsdata.csv", {"columns": "A=ttt,M=med,Y=out", "where": "manip=0"}),
    "boundsdata_parallel": (
        "boundsdata.csv",
        {"columns": "A=ttt,M=med,Y=out", "where": ["1: manip=0", "2: manip=1"]},
    ),
    "boundsdata_encouragement": ("boundsdata.csv", {"columns": "A=ttt,Z=enc,M=med.enc,Y=out.enc"}),
    "ceddata": ("CEDdata.csv", {"columns": "A=T1,M=M1,Y=Y1"}),
    "framing": ("framing.csv", {"columns": "A=treat,M=emo,Y=cong_mesg", "dichotomize": "M>7"}),
    "framing_scale": ("framing.csv", {"columns": "A=treat,M=emo,Y=immigr", "dichotomize": "M>7"}),
    "jobs": ("jobs.csv", {"columns": "A=treat,M=job_dich,Y=work1", "dichotomize": "Y=psyemp"}),
    "jobs_sex": (
        "jobs.csv",
        {"columns": "A=treat,M=job_dich,Y=work1", "dichotomize": "Y=psyemp", "within": "sex"},
    ),
    "transphobia": (
        "transphobia.csv",
        {
            "columns": "A=treated,M=therm_trans_t2,Y=nondiscrim_law_t3",
            "dichotomize": ["M>1", "Y>2"],
            "drop_missing": True,
        },
    ),
    "bursztyn": (
        "bursztyn_data.csv",
        {"columns": "A=condition2,M=signed_up_number,Y=applied_out_fl", "drop_missing": True},
    ),
    "bursztyn_missing": (
        "bursztyn_data.csv",
        {"columns": "X=condition2,R=applied_out_fl,Y=applied_out_fl", "recode": "R=there"},
    ),
    "jobs_take_up": ("jobs.csv", {"columns": "Z=treat,X=comply,Y=work1", "dichotomize": "Y=psyemp"}),
    "jobs_stages": ("jobs.csv", {"columns": "Z=treat,X=comply,M=job_dich,Y=work1", "dichotomize": "Y=psyemp"}),
}
# Drawn at random for the guide, and of a known law.
MADE = {"training", "napkin"}
# From tables and demonstrations in print.
PRINTED = {"smoking", "outcome_selection", "nonresponse"}
UNITS = {
    "transphobia": 379,
    "bursztyn": 290,
    "bursztyn_missing": 375,
    "jobs_take_up": 899,
    "jobs_stages": 899,
    "framing": 265,
    "framing_scale": 265,
    "jobs": 899,
    "boundsdata": 486,
    "ceddata": 2000,
}
SCALE = "variable A in {0, 1} randomized\nvariable M(A) in {0, 1}\nvariable Y(A, M) in [1, 4]\nobserve P(Y, M | A)\n"
MODELS = {
    "boundsdata_parallel": "mediation_parallel",
    "boundsdata_encouragement": "mediation_encouragement",
    "bursztyn_missing": "horowitz_manski_missing",
    "jobs_take_up": "iv_ate",
    "jobs_stages": "iv_second_stage",
}


def model_for(data: str) -> Model:
    if data == "framing_scale":
        return Model.parse(f"model scale\n{SCALE}")
    return catalogue.load(MODELS.get(data, "mediation_mmr"))


def shipped(data: str) -> ObservedData:
    return read_data(model_for(data), data, within="sex" if data == "jobs_sex" else ())


@pytest.mark.parametrize(("data", "model", "estimand", "lower", "upper"), TABLE)
def test_number_from_shipped_counts(data: str, model: str, estimand: str, lower: str, upper: str) -> None:
    found = evaluate(derived(model), read_data(catalogue.load(model), data))
    (one,) = (each for each in found if each.estimand == estimand)
    assert one.lower is not None
    assert one.upper is not None
    assert (f"{float(one.lower):.6f}", f"{float(one.upper):.6f}") == (lower, upper)
    assert one.violations == ()


@pytest.mark.parametrize("data", sorted(UNITS))
def test_shipped_counts_have_as_many_units_as_the_study(data: str) -> None:
    (source,) = shipped(data).sources
    assert source.used == UNITS[data]


def test_every_shipped_study_is_tested_here_and_cites_its_source() -> None:
    assert set(catalogue.data_names()) == {*SOURCES, *MADE, *PRINTED}
    assert all("# source: made data" in catalogue.data(name) for name in MADE)
    assert all(catalogue.data(name).count("# source: ") == 1 for name in PRINTED)
    for name in SOURCES:
        comment = [line for line in catalogue.data(name).splitlines() if line.startswith("# ")]
        assert catalogue.data_title(name) == comment[0][2:]
        assert sum(line.startswith("# source: ") for line in comment) == 2
        assert "GPL" in " ".join(comment)


@THERE
@pytest.mark.parametrize("data", sorted(SOURCES))
def test_shipped_counts_are_those_of_the_file(data: str) -> None:
    file, options = SOURCES[data]
    from_file = read_data(model_for(data), str(SHARED / file), **options)  # type: ignore[arg-type]
    assert from_file.arms == shipped(data).arms
    assert getattr(from_file.strata, "arms", ()) == getattr(shipped(data).strata, "arms", ())


@THERE
def test_counts_without_this_packages_reader() -> None:
    """Counted by hand, from the file with the most steps in between."""
    with open(SHARED / "transphobia.csv", encoding="utf-8") as file:
        rows = [[row["treated"], row["therm_trans_t2"], row["nondiscrim_law_t3"]] for row in csv.DictReader(file)]
    complete = [[float(value) for value in row] for row in rows if "NA" not in row]
    counts = shipped("transphobia").counts
    for a, m, y in itertools.product((0, 1), repeat=3):
        same = [row for row in complete if (row[0], row[1] > 1, row[2] > 2) == (a, m, y)]
        assert counts[f"P(Y={y},M={m}|A={a})"] == len(same)


# ---------------------------------------------------------------- against a linear program over response types
TYPES = [(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1)]


def numeric(data: ObservedData, treated: int, moved: bool) -> tuple[float, float]:
    """δ(treated) of the parallel encouragement design, by HiGHS, over M(0,·), M(1,·) and Y(treated,·)."""
    strata = list(itertools.product(TYPES, TYPES, (0, 1), (0, 1)))
    rows, right = [], []
    for a, z, m, y in itertools.product((0, 1), (-1, 0, 1), (0, 1), (0, 1)):
        if a == treated:
            rows.append([float(s[a][z + 1] == m and s[2 + m] == y) for s in strata])
            right.append(float(data.probabilities[f"P(Y={y},M={m}|A={a},Z={z})"]))
        elif y == 0:
            rows.append([float(s[a][z + 1] == m) for s in strata])
            right.append(float(sum(data.probabilities[f"P(Y={v},M={m}|A={a},Z={z})"] for v in (0, 1))))
    asked = [not moved or s[treated][0] < s[treated][2] for s in strata]
    cost = [(s[2 + s[1][1]] - s[2 + s[0][1]]) * ask for s, ask in zip(strata, asked, strict=True)]
    share = 1.0
    if moved:
        share = sum(float(data.probabilities[f"P(Y={y},M=1|A={treated},Z={z})"]) * z for y in (0, 1) for z in (-1, 1))
    ends = [sign * linprog([sign * c for c in cost], A_eq=rows, b_eq=right).fun / share for sign in (1, -1)]
    return ends[0], ends[1]


@pytest.mark.parametrize("treated", [0, 1])
@pytest.mark.parametrize("moved", [False, True])
def test_encouragement_agrees_with_a_numeric_program(treated: int, moved: bool) -> None:
    name = f"delta{treated}" + ("_moved" if moved else "")
    data = shipped("boundsdata_encouragement")
    (one,) = (e for e in evaluate(derived("mediation_encouragement"), data) if e.estimand == name)
    assert one.lower is not None
    assert one.upper is not None
    assert (float(one.lower), float(one.upper)) == pytest.approx(numeric(data, treated, moved), abs=1e-7)


# ---------------------------------------------------------------- published software: mediate.pd, δ(0)
# As coded in R/mediate.designs.R of the package's repository, P{y}{m}{t} in the first experiment and Z{y}{m}{t}
# in the second.
LOWER = (
    "-P100-P110, -P011-P111-P110-P100+Z000, -P001-P101-P100-P110+Z110, -P100-P110+Z100-Z010, -P110+P010-Z010, "
    "-P100+P000-Z100"
)
UPPER = (
    "P000+P010, P011+P111+P010+P000-Z100, P000+P001+P101+P010-Z010, P000+P010+Z100-Z010, P010-P110+Z110, P000-P100+Z100"
)


def software(cells: dict[str, Fraction]) -> tuple[Fraction, Fraction]:
    """What `mediate.pd` computes for δ(0)."""

    def value(term: str) -> Fraction:
        total = Fraction(0)
        for sign, letter, y, m, t in re.findall(r"([+-]?)([PZ])(\d)(\d)(\d)", term):
            name = f"P(Y={y},M={m}|A={t})" if letter == "P" else f"P(Y={y}|A={t},do(M={m}))"
            total += (-1 if sign == "-" else 1) * cells.get(name, Fraction(0))
        return total

    return max(map(value, LOWER.split(","))), min(map(value, UPPER.split(",")))


def test_software_prints_the_right_numbers_on_boundsdata_by_luck() -> None:
    cells = dict(shipped("boundsdata_parallel").probabilities)
    sharp = derived("mediation_parallel").bounds[0].evaluate(cells)
    assert software(cells) == sharp
    assert [f"{float(end):.6f}" for end in sharp] == ["-0.320708", "0.330330"]


def test_software_excludes_the_truth_elsewhere() -> None:
    """Nobody is ever affected: the effect is 0, and the software's interval is empty."""
    ones = [f"P(Y=0,M=0|A={a})" for a in (0, 1)] + [f"P(Y=0|A={a},do(M={m}))" for a in (0, 1) for m in (0, 1)]
    cells = {name: Fraction(1) for name in ones}
    assert derived("mediation_parallel").bounds[0].evaluate(cells) == (0, 0)
    assert derived("mediation_parallel").bounds[0].violations(cells) == ()
    assert software(cells)[0] == 1


def test_claims_of_the_catalogue_are_what_the_software_codes() -> None:
    text = catalogue.text("mediation_parallel").split('as coded" for delta0')[1].split("expect")[0]
    for side, coded in zip(re.findall(r"(?:max|min)\((.*?)\)\n", text + "\n", re.DOTALL), (LOWER, UPPER), strict=True):
        terms = side.split(",\n")
        assert len(terms) == len(coded.split(","))
        for claimed, term in zip(terms, coded.split(","), strict=True):
            first = re.findall(r"([+-]?) ?P\(Y=(\d), M=(\d) \| A=(\d)\)", claimed)
            second = re.findall(r"([+-]?) ?P\(Y=(\d) \| A=(\d), do\(M=(\d)\)", claimed)
            found = {(s or "+", "P", y, m, t) for s, y, m, t in first} | {
                (s or "+", "Z", y, m, t) for s, y, t, m in second
            }
            assert found == {(s or "+", *rest) for s, *rest in re.findall(r"([+-]?)([PZ])(\d)(\d)(\d)", term)}
