"""One side of a polynomial program by SCIP (pyscipopt): a program in, what is proved of its optimum out, as JSON.

It is run by its path, in a process of its own, which can be ended; so it imports nothing of boundgen.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

# Feasibility of rows, far below the tolerance that `polynomial_bounds` states.
FEASIBLE = 1e-9
GAP = 1e-6


def solved(given: dict[str, Any]) -> dict[str, Any]:
    """``status``, and ``proved`` and ``found``: the end that no population passes, and one that a population has."""
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    model.setParam("limits/absgap", GAP)
    model.setParam("limits/gap", 0)
    model.setParam("numerics/feastol", FEASIBLE)
    if given["mebibytes"]:
        model.setParam("limits/memory", given["mebibytes"])
    shares = {name: model.addVar(name=f"q{i}", lb=0, ub=1) for i, name in enumerate(given["shares"])}

    def value(polynomial: list[Any]) -> Any:
        total: Any = 0
        for names, coefficient in polynomial:
            term: Any = coefficient
            for name in names:
                term = term * shares[name]
            total = total + term
        return total

    for polynomial, relation in given["rows"]:
        left = value(polynomial)
        if isinstance(left, (int, float)):
            if abs(left) > FEASIBLE and (relation == "=" or left < 0):
                return {"status": "infeasible", "proved": None, "found": None}
            continue
        model.addCons(left == 0 if relation == "=" else left >= 0)
    goal = model.addVar(name="goal", lb=given["low"], ub=given["high"])
    model.addCons(goal * value(given["divisor"]) == value(given["numerator"]))
    model.setObjective(goal, given["sense"])
    model.setParam("limits/time", max(given["until"] - time.time(), 0.05))
    model.optimize()
    status = model.getStatus()
    if status == "infeasible":
        return {"status": status, "proved": None, "found": None}
    found = model.getObjVal() if model.getNSols() else None
    return {"status": status, "proved": model.getDualbound(), "found": found}


if __name__ == "__main__":
    # SCIP's own remarks on tolerances are not for the reader of the bounds.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    json.dump(solved(json.load(sys.stdin)), sys.stdout)
