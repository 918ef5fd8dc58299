"""No secret comes out: not in a word, a file, a ticket, a report or a process's own papers."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sample_data.company import Company
from sample_data.configuration import write_configuration
from sample_data.simulators.run import running
from sample_data.simulators.world import VENDORS, World
from tests.jobs.apart import Ended, Offkey
from tests.jobs.markers import Watchman, parrot, planted
from tests.jobs.town import copied

FORMATS = ("text", "json", "jsonl", "csv", "sarif")


@dataclass(slots=True)
class Papers:
    """What `ps` and /proc tell of a command's processes, gathered while it runs."""

    offkey: Offkey
    stop: threading.Event = field(default_factory=threading.Event)
    found: set[tuple[str, bytes]] = field(default_factory=set)

    def gather(self) -> None:
        while not self.stop.wait(0.02):
            for number in self.offkey.processes():
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        self.found.add((name, (Path("/proc") / str(number) / name).read_bytes()))


@dataclass(slots=True)
class Scene:
    """A company full of secrets, and somebody who looks at all that offkey writes."""

    offkey: Offkey
    company: Company
    config: Path
    world: World
    watchman: Watchman
    papers: Papers
    ran: int = 0

    def run(self, *words: str) -> Ended:
        ended = self.offkey.run("--debug", *words)
        self.watchman.look(f"out of {words}", ended.out)
        self.watchman.look(f"err of {words}", ended.err)
        assert b"Traceback" not in ended.err, words
        self.ran += 1
        return ended

    def look_around(self) -> None:
        """Look at what stands in files, in tickets and in the vendors' logs."""
        self.watchman.look_below(self.offkey.folder / "state")
        self.watchman.look_below(self.offkey.folder / "tmp")
        for path in self.offkey.folder.glob("report.*"):
            self.watchman.look(path.name, path.read_bytes())
        for issue in self.world.jira.all:
            self.watchman.look(f"ticket {issue.key}", repr(issue).encode())
        for vendor, method, target, _ in self.world.log:
            self.watchman.look(f"an address asked of {vendor}", f"{method} {target}".encode())
        for name, text in self.papers.found:
            self.watchman.look(f"{name} of a process", text)

    def assert_nothing_was_seen(self) -> None:
        seen = sorted(self.watchman.seen)
        assert not seen, "\n".join(f"{name}: {place}" for name, place in seen)


@pytest.fixture
def scene(built: Company, tmp_path: Path) -> Iterator[Scene]:
    company, secrets = planted(copied(built, tmp_path / "company"))
    offkey = Offkey(tmp_path)
    world = company.world()
    with running(world) as endpoints:
        config = write_configuration(company, endpoints.urls, tmp_path)
        pepper = (tmp_path / "logins" / "pepper").read_text(encoding="utf-8")
        papers = Papers(offkey)
        thread = threading.Thread(target=papers.gather, daemon=True)
        thread.start()
        watchman = Watchman({**secrets, "pepper": pepper})
        yield Scene(offkey, company, config, world, watchman, papers)
        papers.stop.set()
        thread.join()


def test_no_secret_comes_out_of_any_command(scene: Scene) -> None:
    assert scene.run("run", "nightly").code == 1
    live = scene.run("cases", "--format", "csv").out.decode()
    assert "hostile:deploy/live.env" in live
    key = re.findall(r"^([0-9a-f]{24}),", live, re.MULTILINE)[0]
    for form in FORMATS:
        scene.run("cases", "--all", "--format", form)
        scene.run("report", "--format", form)
        scene.run("scan", str(scene.company.repositories / "hostile"), "--format", form)
    for words in (
        ("report", "--output", "report.html"),
        ("report", "--format", "csv", "--output", "report.csv"),
        ("show", key),
        ("show", key, "--format", "json"),
        ("leaver", "100109"),
        ("leaver", "100184", "--before-leave", "--format", "json", "--offline"),
        ("doctor",),
        ("config", "explain"),
        ("config", "check"),
        ("kinds", "list"),
        ("scan", str(scene.company.notebooks), "--generic"),
    ):
        scene.run(*words)
    scene.look_around()
    assert {name for name, _ in scene.papers.found} == {"cmdline", "environ"}
    assert scene.watchman.looked_at > 1_000_000
    assert not scene.watchman.seen, "\n".join(
        f"{name}: {place}" for name, place in sorted(scene.watchman.seen)
    )


FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("status", {"status": 500}),
    ("html", {}),
    ("truncate", {}),
    ("short_body", {}),
    ("drop", {}),
    ("lost_answer", {}),
    ("status", {"status": 401}),
)


def test_no_secret_comes_out_when_things_go_wrong(scene: Scene) -> None:
    for number, vendor in enumerate(VENDORS * 4):
        kind, more = FAULTS[number % len(FAULTS)]
        scene.world.fault(vendor, kind, skip=number % 3, **more)
    broken = scene.company.repositories / "storefront.git"
    for pack in broken.rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:-40])
    live = scene.watchman.secrets["live token"]
    odd = scene.company.notebooks / "shared" / "odd.ipynb"
    odd.write_text(f'{{"cells": [{{"source": "{live}"')
    (scene.company.notebooks / "shared" / f"{live}.ipynb").write_text("{")
    scene.company.personnel.write_text(f"Worker,{live}\n{live},{live}\n")
    assert scene.run("run", "nightly").code == 3
    assert scene.run("run", "nightly").code == 3
    for words in (("report", "--format", "json"), ("leaver", "100109"), ("doctor",)):
        scene.run(*words)
    scene.look_around()
    scene.assert_nothing_was_seen()


def test_no_secret_comes_back_from_a_host_that_echoes_what_it_is_told(scene: Scene) -> None:
    with parrot() as url:
        text = scene.config.read_text(encoding="utf-8")
        scene.config.write_text(re.sub(r"http://127\.0\.0\.1:\d+", url, text), encoding="utf-8")
        for _ in range(2):
            assert scene.run("run", "nightly").code == 3
        for words in (("doctor",), ("report", "--format", "json"), ("leaver", "100109")):
            scene.run(*words)
    scene.look_around()
    scene.assert_nothing_was_seen()


def test_a_secret_in_the_wrong_place_is_not_quoted(scene: Scene) -> None:
    live, text = scene.watchman.secrets["live token"], scene.config.read_text(encoding="utf-8")
    for wrong in (
        text.replace('token = { file = "logins/gitlab" }', f'token = "{live}"'),
        text.replace('pepper = { file = "logins/pepper" }', f'pepper = "{live}"'),
        text.replace('token = { file = "logins/gitlab" }', f'token = {{ "{live}" = "x" }}'),
        text.replace('token = { file = "logins/gitlab" }', f'token = "{live}'),
        f'{text}\n[policy]\nx = "{live}"\n',
    ):
        assert wrong != text
        scene.config.write_text(wrong, encoding="utf-8")
        for words in (("config", "check"), ("run", "nightly")):
            assert scene.run(*words).code == 2
    scene.assert_nothing_was_seen()
