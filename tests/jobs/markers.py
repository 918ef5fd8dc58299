"""Secrets planted where they hurt, and the search for them in everything offkey leaves behind."""

from __future__ import annotations

import base64
import json
import threading
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from correlate.model import KindId
from detectors.mint import mint
from jobs.kind_files import packaged_kinds
from sample_data.company import Company, load
from sample_data.simulators.plan import IssuedToken
from tests.connectors.gitrepo import Repo

MIRRORS = "mirrors"  # repositories as they are; their secrets stand in them by nature
KINDS = {kind.id: kind for kind in packaged_kinds()}


def token(seed: str) -> str:
    """Return a token that looks like GitHub's."""
    return mint(KINDS[KindId("github_pat_classic")], f"marker {seed}")


def key_pair(seed: str) -> tuple[str, str]:
    """Return a pair that looks like AWS's: its id, which is no secret, and its secret."""
    number, _, secret = mint(KINDS[KindId("aws_access_key")], f"marker {seed}").partition(":")
    return number, secret


def spellings(secret: str) -> Iterator[bytes]:
    """Yield the ways in which a secret may stand in a file."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield urllib.parse.quote(secret, safe="").encode()
    for before in range(3):  # base64 of a longer text that holds it
        coded = base64.b64encode(b"x" * before + raw)
        yield coded[4 if before else 0 : -4]


@dataclass(slots=True)
class Watchman:
    """Knows every secret by a name, and where it was seen."""

    secrets: Mapping[str, str]
    seen: set[tuple[str, str]] = field(default_factory=set)
    looked_at: int = 0

    def look(self, place: str, data: bytes) -> None:
        """Search one text."""
        self.looked_at += len(data)
        for name, secret in self.secrets.items():
            if any(spelling in data for spelling in spellings(secret)):
                self.seen.add((name, place))

    def look_below(self, folder: Path, leave_out: Iterable[str] = (MIRRORS,)) -> None:
        """Search every file below a folder, and every name."""
        for path in folder.rglob("*"):
            place = str(path.relative_to(folder))
            if not set(leave_out) & set(path.relative_to(folder).parts):
                self.look(f"the name {place}", place.encode())
                if path.is_file():
                    self.look(place, path.read_bytes())


def planted(company: Company) -> tuple[Company, dict[str, str]]:
    """Plant secrets in ordinary and in hostile places; return the company and all secrets by name.

    Those named "live ..." are accepted by their issuer and owned by somebody who left.
    """
    number, secret = key_pair("pair")
    made = {"live token": token("live token"), "live pair": secret} | {
        name: token(name) for name in ("author", "file name", "branch", "message", "notebook name")
    }
    repository = Repo(company.repositories / "hostile")
    files = {
        "deploy/live.env": f"TOKEN={made['live token']}\n",
        "deploy/aws.env": f"AWS_ACCESS_KEY_ID={number}\nAWS_SECRET_ACCESS_KEY={secret}\n",
        f"deploy/{made['file name']}.env": f"AGAIN={made['live token']}\n",
    }
    who = {"GIT_AUTHOR_NAME": made["author"], "GIT_AUTHOR_EMAIL": f"{made['author']}@x.example"}
    repository.commit(files, **who)
    repository.git("checkout", "-q", "-b", f"feature/{made['branch']}")
    repository.commit({"more.env": f"MORE={made['live token']}\nhere=1\n"}, **who)
    repository.git("commit", "-q", "--allow-empty", "-m", f"use {made['message']}", env=who)
    text = f"key = '{made['live token']}'\n"
    cell = {"cell_type": "code", "source": text, "metadata": {}, "outputs": []}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (company.notebooks / "shared" / f"{made['notebook name']}.ipynb").write_text(notebook)
    _tell_vendors(company, made["live token"], f"{number}:{secret}")
    return _all_secrets(load(company.folder), made)


def _tell_vendors(company: Company, classic: str, pair: str) -> None:
    path = company.folder / "world.json"
    world = json.loads(path.read_text(encoding="utf-8"))
    tokens = world["plan"]["tokens"]
    for label, text in (("dana-github-classic", classic), ("dana-aws-key", pair)):
        like = next(one for one in tokens if one["label"] == label)
        tokens.append({**like, "label": f"marker {label}", "secret": text})
    groups = world["plan"]["gitlab"]["places"]
    like = groups[0]["variables"] or groups[0]["places"][0]["variables"]
    groups[0]["variables"] = [
        *groups[0]["variables"],
        {**like[0], "name": "LEFT", "value": classic},
    ]
    path.write_text(json.dumps(world), encoding="utf-8")


def _all_secrets(company: Company, made: Mapping[str, str]) -> tuple[Company, dict[str, str]]:
    plan = company.plan
    known = {f"planted {one.label}": _plain(one) for one in plan.tokens}
    logins = {
        "login github": plan.logins.github,
        "login gitlab": plan.logins.gitlab,
        "login jira": plan.logins.jira_token,
    }
    return company, {**known, **logins, **made}


def _plain(one: IssuedToken) -> str:
    return one.secret.partition(":")[2] or one.secret


class _Parrot(BaseHTTPRequestHandler):
    """Says back whatever it was told, login and all, in every way an answer has room for."""

    protocol_version = "HTTP/1.1"
    turns = (200, 401, 403, 404, 302, 429, 500, 400)
    count = 0

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        heard = f"{self.path} {dict(self.headers)} {self.rfile.read(length)!r}"
        turn = _Parrot.count = _Parrot.count + 1
        body = (
            json.dumps({"message": heard, "error": heard, "errors": [heard], "login": heard})
            if turn % 2
            else f"<html><title>{heard}</title></html>"
        ).encode()
        one_line = heard.replace("\n", " ").replace("\r", " ")
        self.send_response(self.turns[turn % len(self.turns)], one_line[:2000])
        self.send_header("Content-Type", "application/json" if turn % 2 else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Heard", one_line)
        self.send_header("WWW-Authenticate", f'Basic realm="{one_line}"')
        self.send_header("Location", f"/{urllib.parse.quote(one_line)}")
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_HEAD = _answer  # noqa: N815  # names of http.server

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def parrot() -> Iterator[str]:
    """Run a host that echoes every request; yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Parrot) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
