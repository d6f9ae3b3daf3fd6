"""The R package's door to boundgen: a child process that does the work, and the host in R's process that waits for it.

The host sends a call, the child answers with values that R can hold: texts, JSON, and the result itself, pickled. The
child is kept, so that only the first call imports boundgen. It ends when the host closes its pipe, or when R says so.
"""

from __future__ import annotations

import os
import pickle
import queue
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, BinaryIO

# How often R is told of progress, in seconds.
REFRESH = 0.1
HEAD = struct.Struct(">Q")


# ---------------------------------------------------------------- frames on a pipe
def send(pipe: BinaryIO, value: Any) -> None:
    """A value behind its length."""
    content = pickle.dumps(value)
    pipe.write(HEAD.pack(len(content)) + content)
    pipe.flush()


def received(pipe: BinaryIO) -> bytes:
    """The next value as it was sent; EOFError where the other end is closed."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    (size,) = HEAD.unpack(head)
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


# ---------------------------------------------------------------- the host, in R's process
@contextmanager
def signals_held() -> Iterator[None]:
    """Threads that are started meanwhile take no signals: R's handlers run R, which only R's own thread may do."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    kept = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, kept)


class Interrupts:
    """The handlers of Ctrl-C, as they were when this file was loaded: R's, and that to which reticulate hands it on.

    Some libraries set their own when they are imported, as cysignals does for an exact engine. R would not learn of
    Ctrl-C then: while it waits for the child its handlers stand, and afterwards what was there before.
    """

    def __init__(self) -> None:
        import ctypes

        self._get, self._set = ctypes.pythonapi.PyOS_getsig, ctypes.pythonapi.PyOS_setsig
        self._get.argtypes, self._get.restype = [ctypes.c_int], ctypes.c_void_p
        self._set.argtypes, self._set.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
        self._of_r = self._handlers()
        self._others: tuple[Any, Any] | None = None

    def _handlers(self) -> tuple[Any, Any]:
        return signal.getsignal(signal.SIGINT), self._get(signal.SIGINT)

    def _install(self, handlers: tuple[Any, Any]) -> None:
        in_python, in_c = handlers
        if in_python is not None:
            signal.signal(signal.SIGINT, in_python)
        self._set(signal.SIGINT, in_c)

    def to_r(self) -> None:
        """From now on Ctrl-C is for R."""
        found = self._handlers()
        if found != self._of_r:
            self._others = found
            self._install(self._of_r)

    def back(self) -> None:
        """Who had Ctrl-C before has it again."""
        if self._others is not None:
            self._install(self._others)
            self._others = None


INTERRUPTS = Interrupts()


class Host:
    """A child process, and what it has said so far."""

    def __init__(self, python: str) -> None:
        self.owner = os.getpid()
        flags: dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":
            flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
        # A group of its own: Ctrl-C is for R, which then ends the child.
        self._process = subprocess.Popen(
            [python, os.path.abspath(__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            **flags,
        )
        self._said: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with signals_held():
            threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while True:
            try:
                content = received(self._process.stdout)
            except (EOFError, OSError, ValueError):
                self._said.put(("ended", None))
                return
            self._said.put(("said", content))

    def ask(self, verb: str, arguments: Mapping[str, Any]) -> bool:
        """Send a call; whether there was somebody to take it. Ctrl-C is for R until `rest`."""
        INTERRUPTS.to_r()
        try:
            assert self._process.stdin is not None
            send(self._process.stdin, (verb, dict(arguments)))
        except OSError:
            return False
        return True

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """What the child says next, or None where it says nothing for so long."""
        try:
            kind, content = self._said.get(timeout=seconds)
        except queue.Empty:
            return None
        if kind == "ended":
            return {"kind": "ended", "status": self._process.wait()}
        found: dict[str, Any] = pickle.loads(content)
        # Which R has as raw bytes.
        return {key: bytearray(each) if isinstance(each, bytes) else each for key, each in found.items()}

    def rest(self) -> None:
        """R waits no longer."""
        INTERRUPTS.back()

    def is_alive(self) -> bool:
        """Whether the child can be asked, by the process that started it."""
        return self.owner == os.getpid() and self._process.poll() is None

    def pid(self) -> int:
        """The number of the child's process."""
        return self._process.pid

    def end(self) -> None:
        """End the child, whatever it does."""
        if self.owner != os.getpid():
            return
        self._process.kill()
        self._process.wait()


def unpickled(content: bytes) -> Any:
    """A result of boundgen, as Python has it."""
    return pickle.loads(content)


# ---------------------------------------------------------------- words, in terms of R
def in_r(text: str) -> str:
    """A message as the command line spells it, in terms of R: options are arguments, verbs are functions.

    Returns
    -------
    str

    Examples
    --------
    >>> in_r("Say where A is: --map A=COLUMN; or leave rows out, --where 'A!=VALUE', --drop-missing.")
    "Say where A is: map = c(A = COLUMN); or leave rows out, where = 'A!=VALUE', drop_missing = TRUE."
    >>> in_r('Raise it with --time-limit SECONDS, or lower --max-strata; --at "g=0.1"; boundgen evaluate has them.')
    'Raise it with seconds = SECONDS, or lower strata =; at = c(g = 0.1); evaluate() has them.'
    """
    from boundgen.errors import OPTION, VERB

    text = text.replace("'boundgen catalogue --data'", "catalogue(data = TRUE)")
    text = text.replace("'boundgen catalogue'", "catalogue()")
    text = text.replace("parameters, estimands, columns, where", "at, estimands, map, where")
    return VERB.sub(r"\1()", OPTION.sub(_argument, text))


def _argument(match: Any) -> str:
    from boundgen.errors import COUNTED, FLAGS

    option, value = match[1], match[2]
    name = option.replace("-", "_")
    if option in FLAGS:
        return f"{name} = TRUE" + (f" {value}" if value else "")
    if option in COUNTED:
        return f"{COUNTED[option]} = {value}" if value else f"{COUNTED[option]} ="
    if value is None:
        return f"{name} ="
    inner = value.strip("'\"")
    named, _, given = inner.partition("=")
    if option in ("map", "at") and given and named.isidentifier():
        return f"{name} = c({named} = {given})"
    return f"{name} = {value}" if value[0] in "'\"" else f'{name} = "{value}"'


def failure(error: BaseException) -> dict[str, Any]:
    """An error as R is told of it: its class and its words, never a traceback."""
    from boundgen.errors import COMMAND_LINE, BoundgenError, LimitError
    from boundgen.work.libraries import missing_library

    if isinstance(error, ImportError) and not isinstance(error, BoundgenError):
        error = missing_library(error, None, "boundgen needs")
    if isinstance(error, BoundgenError):
        spelling = COMMAND_LINE.set(True)
        words = in_r(str(error))
        COMMAND_LINE.reset(spelling)
        derived = error.derived if isinstance(error, LimitError) else ""
        return {"kind": "error", "class": type(error).__name__, "message": words, "derived": derived}
    if isinstance(error, RecursionError):
        return {
            "kind": "error",
            "class": "LimitError",
            "message": "the model is nested too deeply\n  Split long expressions into several statements.",
            "derived": "",
        }
    if isinstance(error, MemoryError):
        return {
            "kind": "error",
            "class": "LimitError",
            "message": "the model needs more memory than there is\n  Coarsen variables, or lower strata =.",
            "derived": "",
        }
    what = " ".join(str(error).split())
    said = f"boundgen met what it does not expect: {type(error).__name__}: {what}\n  Please report it, with the model."
    return {"kind": "error", "class": type(error).__name__, "message": said, "derived": ""}


# ---------------------------------------------------------------- what R sends
def data_of(given: Any) -> Any:
    """Data as R sends them: a name or a path, cells by name, columns of coded values, or a list of these."""
    if isinstance(given, Mapping) and "columns" in given:
        return table_of(given)
    if isinstance(given, Mapping) and "cells" in given:
        return {cell: _number(value) for cell, value in given["cells"].items()}
    if isinstance(given, Mapping) and "sources" in given:
        sources = [data_of(one) for one in given["sources"]]
        numbers = given.get("numbers")
        return dict(zip(map(int, numbers), sources, strict=True)) if numbers else sources
    return given


def _number(value: Any) -> Any:
    """An R number: a whole one is a count, or as good as one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def table_of(given: Mapping[str, Any]) -> Any:
    """A data frame of R: each column a list of places (-1 where the value is missing) in its different values."""
    from boundgen.data.frames import texts_at
    from boundgen.data.table import Table
    from boundgen.data.texts import text_of

    columns = {each["name"]: each for each in given["columns"]}

    @cache
    def texts(name: str) -> list[Any]:
        # Of the columns that are read alone: a survey has hundreds of others.
        return texts_at(_listed(columns[name]["codes"]), _listed(columns[name]["values"]))

    labels = {
        each["name"]: {text_of(value) or "": label for value, label in zip(*map(_listed, each["labels"]), strict=True)}
        for each in given["columns"]
        if each.get("labels")
    }
    name = given.get("name") or "data frame"
    names = tuple(each["name"] for each in given["columns"])
    return Table(name, names, lambda asked, _report: iter([[texts(n) for n in asked]]), labels)


def _listed(value: Any) -> list[Any]:
    """What R sends as a vector: one of length one arrives as its value."""
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def limits_of(given: Mapping[str, Any]) -> Any:
    """Limits, of which R says those that are not the usual ones."""
    from boundgen.work.limits import Limits

    whole = ("strata", "cells", "entries", "assumptions", "mebibytes")
    return Limits(**{name: int(value) if name in whole else value for name, value in given.items()})


# ---------------------------------------------------------------- what R gets
def shown(result: Any, **more: Any) -> dict[str, Any]:
    """A result as texts, and pickled for who wants more of it."""
    unanswered = getattr(result, "unanswered", ())
    return {
        "kind": "result",
        "class": type(result).__name__,
        "text": result.text(),
        "ascii": result.text(unicode=False),
        "latex": _attempt(result.latex),
        "json": as_json(result.json()),
        "rows": columns_of(_attempt(result.rows) or []),
        "object": pickle.dumps(result),
        "remarks": [in_r(each.line) for each in unanswered],
        **more,
    }


def _attempt(form: Callable[[], Any]) -> Any:
    """A form that not every result has."""
    try:
        return form()
    except NotImplementedError:
        return None


def as_json(value: Any) -> str:
    """JSON as R reads it: numbers that are not finite are the texts by which R knows them."""
    import json

    return json.dumps(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else {"inf": "Inf", "-inf": "-Inf"}.get(str(value), "NaN")
    return value if isinstance(value, str | int | bool | type(None)) else str(value)


def columns_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """A tidy table, as JSON of its columns."""
    names = list(rows[0]) if rows else []
    return as_json({name: [row[name] for row in rows] for name in names})


# ---------------------------------------------------------------- verbs
def derive(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Bounds, with the module that evaluates them."""
    import boundgen

    derivation = boundgen.derive(model, report=report, partial=True, **arguments)
    remarks = [*derivation.missing, *(each.line for each in derivation.unanswered)]
    return shown(derivation, module=module_of(derivation), remarks=[in_r(each) for each in remarks])


def module_of(derivation: Any) -> str:
    """The closed forms as R; empty where there are none."""
    from boundgen.codegen.content import module_content
    from boundgen.codegen.generate import source_name
    from boundgen.codegen.targets import TARGETS

    if not derivation.closed_forms:
        return ""
    model = derivation.model
    content = module_content(derivation, source_name(f"{model.name}.bounds", model))
    return TARGETS["r"].text(content)


def certify(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """A certificate as text, and what the independent checker says of it."""
    import json

    from boundgen.verification.certificate import certified
    from boundgen.verification.check_certificate import check

    document, unanswered = certified(model, report=report, **arguments)
    text = json.dumps(document, indent=1)
    remarks = [in_r(each.line) for each in unanswered]
    return {"kind": "result", "class": "Certificate", "text": check(document), "json": text, "remarks": remarks}


def generate(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """An evaluator module: its usual file name and its text."""
    from boundgen.codegen.generate import evaluator_files

    (file,) = evaluator_files([(f"{model.name}.bounds", model)], report=report, **arguments)
    remarks = [in_r(each.line) for each in file.unanswered]
    return {"kind": "result", "class": "Module", "file": file.name, "text": file.text, "remarks": remarks}


def compare(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Two models, side by side."""
    import boundgen

    return shown(boundgen.compare(model, model_of(arguments.pop("other")), report=report, **arguments))


def evaluate(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Bounds at data."""
    import boundgen

    with_levels(model, arguments["data"], arguments)
    data, at = data_of(arguments.pop("data")), arguments.pop("at", None)
    return shown(boundgen.evaluate(model, data, at, report=report, **arguments))


def call(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Any public function of boundgen that takes a model, perhaps data, and gives a result that is shown."""
    import boundgen

    function = getattr(boundgen, arguments.pop("function"))
    given = [data_of(arguments.pop("data"))] if "data" in arguments else []
    return shown(function(model, *given, report=report, **arguments))


def read(_model: Any, arguments: dict[str, Any], _report: Any) -> dict[str, Any]:
    """A model from a text of the language, a name of the catalogue, a file, or a graph of another program."""
    from boundgen import Model, catalogue, import_graph
    from boundgen.catalogue.model_files import read_model

    given, options = arguments["given"], arguments["options"]
    remarks: Sequence[str] = ()
    file = ""
    if MODEL.search(given):
        model = Model.parse(given)
    elif options or GRAPH.search(given) or is_graph_file(given):
        found = import_graph(given, **options)
        model, remarks = found.model, found.remarks
    else:
        model, file = read_model(given), f"{given}.bounds" if given in catalogue.names() else given
    return {
        "kind": "result",
        "name": model.name,
        "text": str(model),
        "file": file,
        "object": pickle.dumps(model),
        "remarks": [in_r(each) for each in remarks],
    }


# How a text of the language begins, behind comments; how graphs do.
MODEL = re.compile(r"^\s*model\s+\w+", re.MULTILINE)
GRAPH = re.compile(r"^\s*(dag|mag|pdag|digraph|strict)\b[^{]*\{|->|<-")


def is_graph_file(name: str) -> bool:
    """Whether a file is of a kind that graphs are drawn in."""
    return name.lower().endswith((".dot", ".gv", ".graphml", ".json", ".dag", ".dagitty"))


def catalogue(_model: Any, arguments: dict[str, Any], _report: Any) -> dict[str, Any]:
    """The shipped models, or data, with their titles."""
    from boundgen import catalogue as shipped

    if arguments["data"]:
        rows = [{"name": name, "title": shipped.data_title(name)} for name in shipped.data_names()]
    else:
        rows = [
            {"name": name, "title": shipped.title(name), "source": "; ".join(shipped.sources(name))}
            for name in shipped.names()
        ]
    return {"kind": "result", "rows": columns_of(rows)}


# ---------------------------------------------------------------- factors
def with_levels(model: Any, given: Any, arguments: dict[str, Any]) -> None:
    """Recode factors of R as R's models code them: of as many levels as a variable has values, in their order.

    Only where no level is the name of a value, and where nothing is said of the variable; the data's notes say it.
    """
    sources = given["sources"] if isinstance(given, Mapping) and "sources" in given else [given]
    factors = {
        each["name"]: _listed(each["levels"])
        for one in sources
        if isinstance(one, Mapping)
        for each in one.get("columns", ())
        if each.get("levels")
    }
    columns = arguments.get("columns") or {}
    if not factors or not isinstance(columns, Mapping):
        return
    said = [*_variables(arguments.get("dichotomize")), *_variables(arguments.get("recode"))]
    rules = {
        variable.name: levels
        for variable in model.variables
        if variable.name not in said and (levels := _levels_of(variable, columns, factors))
    }
    recode = arguments.get("recode")
    made = {
        name: dict(zip(levels, map(str, model.by_name[name].domain), strict=True)) for name, levels in rules.items()
    }
    if made and (not recode or isinstance(recode, Mapping)):
        arguments["recode"] = {**(recode or {}), **made}
    elif made:
        texts = [recode] if isinstance(recode, str) else list(recode)
        arguments["recode"] = [*texts, *(f"{name}={_rule(pairs)}" for name, pairs in made.items())]


def _levels_of(variable: Any, columns: Mapping[str, Any], factors: Mapping[str, list[str]]) -> list[str] | None:
    """The levels of the factor that a variable is; None where it is none, or its levels are no other words."""
    from boundgen.data.matching import domain_coder

    if len(variable.domain) < 2 or variable.bounded:
        return None
    named = columns.get(variable.name, variable.name)
    levels = [factors.get(column) for column in _listed(named)]
    first = levels[0]
    if first is None or any(each != first for each in levels) or len(first) != len(variable.domain):
        return None
    coder = domain_coder(variable, {})
    return first if all(coder.of_text(level) is None for level in first) else None


def _variables(written: Any) -> list[str]:
    """The variables of which an option speaks."""
    if isinstance(written, Mapping):
        return list(written)
    texts = [written] if isinstance(written, str) else list(written or ())
    return [name for text in texts for name in re.findall(r"(\w+)\s*(?:!=|<=|>=|==|=|<|>)", text)]


def _rule(pairs: Mapping[str, str]) -> str:
    from boundgen.data.quoting import in_quotes

    return f"values({', '.join(f'{in_quotes(old)}={new}' for old, new in pairs.items())})"


# ---------------------------------------------------------------- estimates
def _asked(model: Any, arguments: dict[str, Any]) -> Any:
    """Bounds that R has derived already, or the model."""
    derived = arguments.pop("derived", None)
    return model if derived is None else pickle.loads(bytes(derived))


def estimate(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Bounds at a sample, with intervals."""
    import boundgen

    asked = _asked(model, arguments)
    with_levels(model, arguments["data"], arguments)
    data, at = data_of(arguments.pop("data")), arguments.pop("at", None)
    if "limits" in arguments:
        asked = _derived_within(asked, arguments, report)
    return _estimated(boundgen.estimate(asked, data, at, report=report, **arguments))


def _derived_within(asked: Any, arguments: dict[str, Any], report: Any) -> Any:
    """What is asked, derived within limits: `boundgen.estimate` itself derives a model within the usual ones."""
    from boundgen import Model
    from boundgen.errors import CallError
    from boundgen.evaluation.asked import derived_for_data

    if "law" in arguments:
        raise CallError("estimates by a whole law take no limits", remedy="Leave limits = out.")
    if not isinstance(asked, Model):
        return asked
    return derived_for_data(asked, arguments.pop("estimands", ()), arguments["limits"], report)


def again(_model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """The same estimates with other options, such as another level."""
    import boundgen
    from boundgen.errors import CallError
    from boundgen.inference.estimation import Estimation

    found = pickle.loads(bytes(arguments.pop("object")))
    if not isinstance(found, Estimation):
        level = f"{found.level:g}"
        raise CallError(f"intervals by a whole law were estimated at level {level}", remedy="Call estimate(level =).")
    values: dict[str, list[Any]] = {}
    for each in found.estimates:
        for name, value in each.parameters:
            values.setdefault(name, []).append(value)
    at = {name: list(dict.fromkeys(several)) for name, several in values.items()}
    options = {"method": found.method, "seed": found.seed, "draws": found.draws, **arguments}
    return _estimated(boundgen.estimate(found.derivation or found.bounds, found.data, at, report=report, **options))


def _estimated(found: Any) -> dict[str, Any]:
    from boundgen_r_pictures import estimation_picture, law_picture

    from boundgen.inference.estimation import Estimation

    picture = estimation_picture(found) if isinstance(found, Estimation) else law_picture(found)
    return shown(found, picture=as_json(picture))


def sensitivity(model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Bounds against a parameter: exact curves, and for a sample bands and where the sign is lost."""
    from boundgen_r_pictures import curves_picture, estimation_picture

    import boundgen
    from boundgen.evaluation.curves import parameter_range
    from boundgen.work.limits import Limits

    asked = _asked(model, arguments)
    with_levels(model, arguments["data"], arguments)
    estimands = arguments.pop("estimands", ())
    parameter, points, at = arguments.pop("parameter"), arguments.pop("points"), arguments.pop("at", None) or {}
    low, high = parameter_range(model.parameters, parameter, arguments.pop("low", None), arguments.pop("high", None))
    settings = {name: arguments.pop(name) for name in ("level", "seed", "draws")}
    limits = arguments.pop("limits", None) or Limits()
    others = {each.name for each in model.parameters}
    at = {**at, **{name: arguments.pop(name) for name in list(arguments) if name in others}}
    data = boundgen.read_data(model, data_of(arguments.pop("data")), report=report, **arguments)
    derivation = boundgen.derive(asked, estimands, limits=limits, report=report) if asked is model else asked
    grid = [low + (high - low) * i / max(points - 1, 1) for i in range(points)]
    if any(arm.units is None for arm in data.arms):
        found = boundgen.evaluate(derivation, data, {**at, parameter: grid}, limits=limits)
        return shown(found, picture=as_json(curves_picture(derivation, data, parameter, (low, high), at)))
    values = {**at, parameter: grid}
    estimation = boundgen.estimate(derivation, data, values, limits=limits, report=report, **settings)
    lost = boundgen.breakdown(derivation, data, parameter, at, low=low, high=high, report=report, **settings)
    picture = as_json(estimation_picture(estimation, lost=True))
    return shown(lost, picture=picture, estimates=columns_of(estimation.rows()))


def side_by_side(_model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Several columns and sets of assumptions in one table."""
    from boundgen_r_pictures import side_by_side_picture

    import boundgen

    models = [model_of(each) for each in arguments.pop("models")]
    with_levels(models[0], arguments["data"], arguments)
    data, at, own = data_of(arguments.pop("data")), arguments.pop("at", None), arguments.pop("estimands", ())
    found = boundgen.side_by_side(models, data, own, parameters=at, report=report, **arguments)
    return shown(found, picture=as_json(side_by_side_picture(found)))


def companion(_model: Any, arguments: dict[str, Any], report: Any) -> dict[str, Any]:
    """Estimates of a companion method, with its assumptions."""
    import boundgen

    found = boundgen.mediate(arguments.pop("method"), data_of(arguments.pop("data")), report=report, **arguments)
    return shown(found)


ESTIMATES = (estimate, again, sensitivity, side_by_side, companion)
VERBS = {
    each.__name__: each for each in (read, catalogue, derive, certify, generate, compare, evaluate, call, *ESTIMATES)
}


def model_of(given: Any) -> Any:
    """The model of its text."""
    from boundgen import Model

    return Model.parse(given["text"], given.get("file") or "<text>")


def answered(verb: str, arguments: dict[str, Any], tell: Callable[[Any], None]) -> dict[str, Any]:
    """The answer to a call, with what was warned of on the way."""
    last = time.monotonic()

    def report(what: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last > REFRESH:
            last = time.monotonic()
            of = f" of {total}" if total is not None else ""
            tell({"kind": "progress", "text": f"{what}: {done}{of}"})

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")
        try:
            model = model_of(arguments.pop("model")) if "model" in arguments else None
            if "limits" in arguments:
                arguments["limits"] = limits_of(arguments.pop("limits"))
            found = VERBS[verb](model, arguments, report)
        except Exception as error:  # Whatever it is, R is told.
            found = failure(error)
    ours = [in_r(str(each.message)) for each in warned if issubclass(each.category, UserWarning | RuntimeWarning)]
    return {**found, "warnings": list(dict.fromkeys(ours))}


# ---------------------------------------------------------------- the child
def end_with_parent() -> None:
    """Where R is killed, the pipe's listener may have to wait for an engine in C: Linux ends the process itself."""
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def serve() -> None:
    """Answer calls until the pipe is closed; then end at once, whatever is being done."""
    end_with_parent()
    calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # Answers go where stdout was; what a library prints goes to stderr.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def listen() -> None:
        try:
            while True:
                calls.put(pickle.loads(received(sys.stdin.buffer)))
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        verb, arguments = calls.get()
        send(answers, answered(verb, arguments, lambda told: send(answers, told)))


if __name__ == "__main__":
    serve()
