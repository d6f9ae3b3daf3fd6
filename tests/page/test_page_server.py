"""The server by HTTP: its answers are those of the command line, and nothing that is asked takes it down."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from boundgen import catalogue
from support.served import LONG, Served, served

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytestmark = pytest.mark.slow

SMALL = catalogue.text("mediation_mmr")


@pytest.fixture(scope="module")
def page() -> Iterator[Served]:
    with served("--memory-limit", "700", "--time-limit", "30") as found:
        found.ask("read", model="")  # children are warm from here on
        yield found


def command(*arguments: str) -> str:
    return subprocess.run([sys.executable, "-m", "boundgen", *arguments], capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("question", "fields", "arguments"),
    [
        ("derive", {"estimands": ["delta1"], "format": "json"}, ["derive", "FILE", "delta1", "--format", "json"]),
        ("derive", {"estimands": ["delta1"]}, ["derive", "FILE", "delta1", "--format", "typeset"]),
        ("check", {}, ["check", "FILE", "--format", "json"]),
        ("show", {"stage": "strata"}, ["show", "FILE", "--at", "strata", "--format", "json"]),
        ("ask", {"estimands": ["delta1"]}, ["ask", "FILE", "delta1", "--format", "json"]),
        ("verify", {}, ["verify", "FILE", "--format", "json"]),
        ("evaluate", {"data": [{"shipped": "jobs"}]}, ["evaluate", "FILE", "jobs", "--format", "json", "--show-data"]),
        ("certify", {"estimands": ["delta1"]}, ["certify", "FILE", "delta1"]),
    ],
)
def test_answers_are_those_of_the_command_line(
    page: Served, tmp_path: Path, question: str, fields: dict[str, object], arguments: list[str]
) -> None:
    file = tmp_path / "model.bounds"
    file.write_text(SMALL, encoding="utf-8")
    printed = command(*(str(file) if each == "FILE" else each for each in arguments))
    assert page.ask(question, model=SMALL, **fields)["answer"] == json.loads(printed)


def test_files_are_handed_back(page: Served) -> None:
    code = page.ask("generate", model=SMALL, target="r")["files"]
    assert "mediation_mmr.R" in code
    picture = page.ask("evaluate", model=SMALL, data=[{"shipped": "jobs"}], picture="svg")["files"]["picture.svg"]
    assert "<svg" in picture["text"]


def test_bad_input_is_said_as_on_the_command_line(page: Served) -> None:
    said = page.ask("derive", model=SMALL.replace("M(1) >= M(0)", "Q(1) >= M(0)"))
    assert said["status"] == 2
    assert said["complaint"].startswith("model.bounds:")
    assert "unknown variable 'Q'" in said["complaint"]
    assert page.ask("evaluate", model=SMALL, data=[{"name": "x.csv", "text": "a,b\n1,2\n"}])["status"] == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_others_may_not_ask(page: Served, headers: dict[str, str], status: int) -> None:
    body = json.dumps({"question": "read", "model": ""}).encode()
    assert page.post(body, headers)[0] == status


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[" * 50_000, 400), (b"\xff", 400), (b"5", 422), (b'{"question": "rm"}', 422)],
)
def test_what_is_no_question_is_said(page: Served, body: bytes, status: int) -> None:
    assert page.post(body)[0] == status


def test_a_body_that_is_too_large_is_not_read(page: Served) -> None:
    assert page.post(b" " * 33_000_000)[0] == 413


def test_files_of_the_page_and_no_others(page: Served) -> None:
    with urllib.request.urlopen(page.address) as response:
        assert b"<title>boundgen</title>" in response.read()
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    for path in ("../pyproject.toml", "%2e%2e/%2e%2e/pyproject.toml", "nothing.js", "/etc/passwd"):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(page.address + path)
        assert error.value.code == 404


def test_a_hundred_questions_at_once(page: Served) -> None:
    body = json.dumps({"question": "read", "model": SMALL}).encode()
    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(lambda _: page.post(body)[1][-1], range(100)))
    assert all(each["answer"]["errors"] == [] for each in answers)


def test_what_is_typed_is_read_while_ten_derivations_run(page: Served) -> None:
    body = json.dumps({"question": "derive", "model": LONG, "time_limit": 8}).encode()
    with ThreadPoolExecutor(10) as threads:
        running = [threads.submit(page.post, body) for _ in range(10)]
        time.sleep(1)
        start = time.monotonic()
        assert page.ask("read", model=SMALL)["answer"]["model"]["name"] == "mediation_mmr"
        assert time.monotonic() - start < 3
        assert page.ask("derive", model=SMALL)["answer"]["estimands"]
        assert any(not each.done() for each in running), "a small derivation does not wait for long ones"
        assert all(each.result()[1][-1]["status"] in (1, 2, 3) for each in running)


def test_time_ends_a_derivation_and_says_so(page: Served) -> None:
    start = time.monotonic()
    said = page.ask("derive", model=LONG, time_limit=1)
    assert time.monotonic() - start < 12
    assert said["status"] in (1, 2, 3)
    assert "time" in said["complaint"]


def test_a_model_that_eats_memory_ends_alone(page: Served) -> None:
    eats = LONG.replace("0..7", "0..40").replace("0..3", "0..9")
    said = page.ask("derive", model=eats, time_limit=25)
    assert said["status"] in (1, 2, 3)
    assert said["complaint"]
    assert page.ask("read", model=SMALL)["answer"]["errors"] == []


def test_code_that_a_claim_names_is_not_run(page: Served, tmp_path: Path) -> None:
    """A link may bring any model: judging its claims must not run what is on this machine."""
    trace = tmp_path / "trace"
    code = tmp_path / "bound.py"
    code.write_text(f"open({str(trace)!r}, 'w').close()\ndef f(*cells):\n    return 1\n", encoding="utf-8")
    model = f'{SMALL}claim "code" for delta1\n  upper from python "{code}:f" (P(Y=1, M=1 | A=1))\n'
    said = page.ask("verify", model=model)
    assert "is code, and none is run here" in said["complaint"]
    assert not trace.exists()
    file = tmp_path / "model.bounds"
    file.write_text(model, encoding="utf-8")
    assert "is code" not in command("verify", str(file), "--format", "json")
    assert trace.exists(), "the command line runs it"


def test_a_full_disk_is_said_and_what_fits_is_answered(tmp_path: Path) -> None:
    small = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    mounted = 'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$@"'
    # Linux alone has it, and not every container allows it.
    if shutil.which("unshare") is None or subprocess.run([*small, mounted, str(tmp_path), "true"]).returncode:
        pytest.skip("no disk of any size can be mounted here")
    with served(within=(*small, mounted, str(tmp_path)), TMPDIR=str(tmp_path)) as page:
        said = page.ask("check", model=f"{SMALL}# {'x' * 100_000}\n")
        assert (said["status"], said["complaint"]) == (1, "The server cannot write its files: No space left on device")
        assert page.ask("check", model=SMALL)["answer"]


def test_progress_is_told_and_a_browser_that_goes_away_ends_the_work(page: Served) -> None:
    body = json.dumps({"question": "derive", "model": LONG, "time_limit": 25}).encode()
    host, port = re.findall(r"//([\d.]+):(\d+)", page.address)[0]
    with socket.create_connection((host, int(port))) as connection:
        head = [
            "POST /ask HTTP/1.1",
            f"Host: {host}:{port}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        said = b""
        while b'"progress"' not in said:
            said += connection.recv(4096)
        assert children(page), "a child is at work"
    deadline = time.monotonic() + 10
    while children(page) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not children(page)


def children(page: Served) -> list[int]:
    """The processes that answer: children of the process that is copied."""
    copied = _children_of(page.process.pid)
    return [answering for each in copied for answering in _children_of(each)]


def _children_of(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid) and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def test_a_second_instance_is_told_where_the_first_is(page: Served) -> None:
    port = page.address.rpartition(":")[2].strip("/")
    found = subprocess.run(
        [sys.executable, "-m", "boundgen", "serve", "--port", port], capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 2
    assert found.stderr.startswith(f"port {port} is in use, perhaps by another boundgen serve")


def test_interrupting_ends_it_and_its_children() -> None:
    with served() as page:
        page.ask("read", model="")
        body = json.dumps({"question": "derive", "model": LONG, "time_limit": 25}).encode()
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(page.post, body)
            deadline = time.monotonic() + 10
            while not children(page) and time.monotonic() < deadline:
                time.sleep(0.05)
            below = [*children(page), *_children_of(page.process.pid)]
            page.process.send_signal(signal.SIGINT)
            page.process.wait(15)
            assert isinstance(running.exception(), Exception) or running.result()
    deadline = time.monotonic() + 5
    while any(_is_alive(pid) for pid in below) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert below
    assert not [pid for pid in below if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return False


def test_another_address_needs_the_token() -> None:
    with served("--host", "0.0.0.0") as page:
        token = page.address.partition("#token=")[2]
        page.address = re.sub(r"//[^/:]+:(\d+)/.*", r"//127.0.0.1:\1/", page.address)
        body = json.dumps({"question": "start"}).encode()
        assert page.post(body)[0] == 401
        status, lines = page.post(body, {"Authorization": f"Bearer {token}"})
        assert status == 200
        assert lines[0]["answer"]["models"]
