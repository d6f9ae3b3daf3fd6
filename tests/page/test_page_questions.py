"""What a request may ask: options one by one, and no file or option of a stranger's choice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from boundgen.page.guards import POLICY, PageGuard
from boundgen.page.questions import KNOWN, RequestError, question_of

MODEL = "model m\nvariable X in {0, 1}\nobserve P(X)\nestimand p = P(X=1)\n"


def asked(**fields: Any) -> Any:
    return question_of({"model": MODEL, **fields}, 10, 500)


def test_limits_stand_in_every_derivation() -> None:
    question = asked(question="derive", estimands=["p"], time_limit=99)
    assert question.arguments == (
        "derive", "--time-limit=10", "--memory-limit=500", "--format=typeset", "--", "model.bounds", "p"
    )  # fmt: skip
    assert question.seconds == 10


def test_what_a_user_wrote_is_no_option_and_no_file() -> None:
    data = [{"name": "../../etc/x.csv", "text": "X\n1\n"}]
    question = asked(question="evaluate", data=data, map=["X=--help"], where=["/etc/passwd"])
    assert {"--map=X=--help", "--where=/etc/passwd"} < set(question.arguments)
    assert question.arguments[-3:] == ("--", "model.bounds", "data1.csv")
    assert set(question.files) == {"model.bounds", "data1.csv"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"question": "rm"}, "question is none of"),
        ({"question": "derive", "model": 5}, "model is not a text"),
        ({"question": "derive", "model": "x" * 2_000_000}, "model has more than 1000000 characters"),
        ({"question": "derive", "estimands": ["--engine=ppl"]}, "estimands: .* is no name"),
        ({"question": "derive", "estimands": "p"}, "estimands is not a list"),
        ({"question": "derive", "format": "exe"}, "format is none of"),
        ({"question": "derive", "time_limit": "long"}, "time_limit is not a number"),
        ({"question": "derive", "time_limit": float("nan")}, "time_limit is not a number"),
        ({"question": "show", "stage": "../.."}, "stage is none of"),
        ({"question": "evaluate", "data": [{"shipped": "/etc/passwd"}]}, "there are no shipped data '/etc/passwd'"),
        ({"question": "evaluate", "data": []}, "data are not one file"),
        ({"question": "evaluate", "data": [{"name": "a.csv", "base64": "?"}]}, "not in base64"),
        ({"question": "evaluate", "data": [{"text": ""}], "where": ["a\nb"]}, "where holds control characters"),
        ({"question": "generate", "target": "perl"}, "target is none of"),
        ({"question": "edit", "edit": []}, "edit is no object"),
    ],
)
def test_a_request_that_no_page_makes_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        asked(**fields)


@pytest.mark.parametrize("wrong", [None, 5, "x", [], {}, {"question": {}}])
def test_what_is_no_question_is_refused(wrong: object) -> None:
    with pytest.raises(RequestError):
        question_of(json.loads(json.dumps(wrong)), 10)


def test_every_question_is_refused_without_its_fields_or_asked() -> None:
    for name in KNOWN:
        try:
            question_of({"question": name}, 10)
        except RequestError:
            continue
        raise AssertionError(f"{name} needs nothing")


# ---------------------------------------------------------------- who may ask
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8765"}, None),
        ({"host": "localhost:8765", "origin": "http://localhost:8765"}, None),
        ({"host": "127.0.0.1:8765", "sec-fetch-site": "same-origin"}, None),
        ({"host": "evil.example:8765"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"host": "127.0.0.1:8765.evil.example"}, 421),
        ({}, 421),
        ({"host": "127.0.0.1:8765", "origin": "http://evil.example"}, 403),
        ({"host": "127.0.0.1:8765", "origin": "null"}, 403),
        ({"host": "127.0.0.1:8765", "origin": "http://localhost:8765"}, 403),
        ({"host": "127.0.0.1:8765", "sec-fetch-site": "cross-site"}, 403),
        ({"host": "127.0.0.1:8765", "content-type": "text/plain"}, 415),
    ],
)
def test_only_the_servers_own_pages_ask(headers: dict[str, str], status: int | None) -> None:
    refused = PageGuard("127.0.0.1", 8765).refuses({**JSON, **headers}, asks=True)
    assert (refused and refused[0]) == status


@pytest.mark.parametrize(
    ("authorization", "status"), [("", 401), ("Bearer wrong", 401), ("secret", 401), ("Bearer secret", None)]
)
def test_others_need_the_token(authorization: str, status: int | None) -> None:
    guard = PageGuard("192.0.2.7", 8765, "secret")
    refused = guard.refuses({**JSON, "host": "192.0.2.7:8765", "authorization": authorization}, asks=True)
    assert (refused and refused[0]) == status


def test_a_server_for_all_addresses_is_called_by_one_of_them() -> None:
    guard = PageGuard("0.0.0.0", 8765, "secret")
    assert guard.knows("192.0.2.7:8765")
    assert not guard.knows("evil.example:8765")


def test_no_script_or_style_stands_in_a_page() -> None:
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
