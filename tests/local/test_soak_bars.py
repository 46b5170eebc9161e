"""What `make soak` fails for: a refused moment, a branch that got lost, what was never compared, what stays behind."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.figures import Figures
from bench.soak import leaks
from bench.soak.__main__ import COMPARED, told_comparisons
from bench.soak.files import Known, left_over
from bench.soak.patient import Gone, Patient, Refused, Sourceless
from bench.soak.shadow import Shadow
from bench.soak.unrest import Unrest
from lakebase.local.cluster.branching import ATTEMPTS

NOTHING = leaks.Held(rss=0, descriptors=0, sockets=0, processes=0, servers=0, strangers=[], files=[])


class Answering(Patient):
    """To a POST with the one, to a GET with the other: raised where it is an error."""

    def __init__(self, post: Any, get: Any = None) -> None:
        self.answers = {"POST": post, "GET": get}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer


class KillingMeanwhile(Answering):
    def __init__(self, unrest: Unrest) -> None:
        super().__init__({}, Gone("no"))
        self.unrest = unrest

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        for _ in range(ATTEMPTS):
            self.unrest.count("postgres killed")
        return super().ask(method, path, body)


def unrest(patient: Patient) -> Unrest:
    """Of a soak that has lasted ten minutes."""
    made = Unrest(patient, Shadow([]), seed=0)
    made.began -= 600
    return made


@pytest.mark.parametrize("status", [400, 501])
def test_a_refused_moment_is_a_fault(status: int) -> None:
    made = unrest(Answering(Refused(status, "must lie in the history")))
    made.past_branch()
    (fault,) = made.shadow.faults
    assert "ago was refused: must lie in the history" in fault


@pytest.mark.parametrize("incident", [Unrest.branch, Unrest.past_branch, Unrest.snapshot])
@pytest.mark.parametrize(("answers", "error"), [(({}, Gone("no")), Gone), ((Gone("no"), {}), Sourceless)])
def test_what_was_acknowledged_and_is_not_there_ends_the_soak(
    incident: Callable[[Unrest], None], answers: tuple[Any, Any], error: type[Exception]
) -> None:
    """Whether it was to expire in half a minute or never."""
    for _ in range(5):
        with pytest.raises(error):
            incident(unrest(Answering(*answers)))


def test_what_was_killed_as_often_as_it_is_tried_may_be_given_up() -> None:
    made = unrest(Answering({}, Gone("no")))
    with pytest.raises(Gone):
        made.standby()
    made.patient = KillingMeanwhile(made)
    made.standby()
    assert made.counts["given up after that many kills"] == 1


def test_each_kind_of_comparison_must_have_been_made() -> None:
    figures, shadow = Figures(), Shadow([])
    told_comparisons(figures, shadow)
    assert len(figures.missed) == len(COMPARED)
    for kind in COMPARED:
        shadow.compare(f"{kind} projects/shop/branches/b1", {}, 0, 0)
    told_comparisons(figures := Figures(), shadow)
    assert figures.missed == []


@pytest.mark.parametrize("held", [{"servers": 1}, {"strangers": ["7 clone.py"]}, {"files": ["run/x"]}])
@pytest.mark.parametrize("rest", [0, 1, 2])
def test_what_stays_is_told_though_it_was_there_before(held: dict[str, Any], rest: int) -> None:
    rests = [NOTHING, NOTHING, NOTHING]
    leaks.told(figures := Figures(), rests)
    assert figures.missed == []
    rests[rest:] = [replace(NOTHING, **held)] * len(rests[rest:])
    leaks.told(figures, rests)
    assert len(figures.missed) == 1


def test_a_process_that_works_on_its_data_is_found_by_its_words_and_by_where_it_is(tmp_path: Path) -> None:
    sleeps = [sys.executable, "-c", "print(flush=True); input()"]
    assert leaks.strangers(tmp_path) == []
    for words, at in (([*sleeps, str(tmp_path / "part")], "/"), (sleeps, tmp_path)):
        with subprocess.Popen(words, cwd=at, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert [line.split()[0] for line in leaks.strangers(tmp_path)] == [str(process.pid)]
            process.communicate(b"\n")


KNOWN = Known({"br-1", "sn-1", "ep-1"}, {"br-1": {"ba-1": "0" * 23 + "5", "ba-2": "0" * 23 + "8"}})
KEPT = ["branches/br-1", "snapshots/sn-1", "standbys/ep-1", "template-0", "history/br-1/bases/ba-1",
        "history/br-1/bases/ba-2", "history/br-1/log/000000010000000000000005", "logs/br-1.log",
        "history/br-1/log/00000002.history", "run/ep-1", "run/0"]  # fmt: skip


@pytest.mark.parametrize(
    "left",
    ["branches/br-2", "branches/br-1.0f0f0f0f.part", "snapshots/sn-2", "standbys/ep-2", "history/br-2",
     "history/br-1/bases/ba-3", "history/br-1/bases/ba-3.part", "history/br-1/log/000000010000000000000009.part",
     "history/br-1/log/000000010000000000000004", "logs/sn-2.recovery.log", "run/sn-2", "template-1.part"],
)  # fmt: skip
def test_a_file_of_nothing_is_told(tmp_path: Path, left: str) -> None:
    for path in KEPT:
        (tmp_path / path).mkdir(parents=True)
    assert left_over(tmp_path, KNOWN) == []
    (tmp_path / left).mkdir(parents=True)
    assert left_over(tmp_path, KNOWN) == [left]


def test_a_base_without_its_copy_is_told(tmp_path: Path) -> None:
    assert left_over(tmp_path, KNOWN) == [f"history/br-1/bases/ba-{n} is missing" for n in (1, 2)]


def test_what_is_known_is_read_from_the_records(tmp_path: Path) -> None:
    branch = {"name": "projects/shop/branches/b1", "uid": "br-1"}
    base = {"name": f"{branch['name']}/bases/ba-1", "uid": "ba-1", "segment": "0" * 24}
    with sqlite3.connect(tmp_path / "state.db") as database:
        database.execute("CREATE TABLE record (name TEXT PRIMARY KEY, kind TEXT, body TEXT)")
        for kind, body in (("bases", base), ("branches", branch)):
            database.execute("INSERT INTO record VALUES (?, ?, ?)", (body["name"], kind, json.dumps(body)))
    database.close()
    assert Known.read(tmp_path / "state.db") == Known({"br-1"}, {"br-1": {"ba-1": "0" * 24}})
