"""A crowd of issuers with rate limits of their own, and thousands of tokens to ask them about.

    python -m sample_data.simulators.crowd FOLDER

serves, until it is ended, the crowd that `lay_out` wrote into FOLDER, and answers GET /counts on
each port with how often each token was asked about and how often somebody was told to wait.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ISSUERS = 20
PORTS = "ports.json"
_PLAN = "plan.json"
_STATES = ("live", "live", "dead", "limited")
_STATUS = {
    "live": HTTPStatus.OK,
    "limited": HTTPStatus.FORBIDDEN,
    "dead": HTTPStatus.UNAUTHORIZED,
}
_KIND = """\
issuer = "{name}"
[[kinds]]
id = "{name}_token"
name = "A token of {name}"
token = '''{name}_[0-9a-f]{{32}}'''
source = "https://offkey.example/crowd"
example = "{name}_{{hex:32}}"
near_misses = ["{name}_{{hex:31}}", "{name}-{{hex:32}}"]
verification = "user"
[verifications.user]
host = "https://{name}.example"
source = "https://offkey.example/crowd"
path = "/user"
identities = [{{ system = "login", at = "/login" }}]
answers = [
  {{ state = "live", statuses = [200], body = {{ "/login" = "*" }}, reason = "it answered as the user" }},
  {{ state = "live_limited", statuses = [403], body = {{ "/message" = "scope" }}, reason = "without the scope" }},
  {{ state = "dead", statuses = [401], body = {{ "/message" = "bad token" }}, reason = "it says: bad token" }},
]
"""


def lay_out(folder: Path, tokens: int, seed: int = 1) -> dict[str, str]:
    """Write the crowd's plan, its kinds and a repository with all tokens into `folder`.

    Every second issuer stands less than a client that goes as fast as `configure` lets it.
    Returns the state of each token: "live", "limited" or "dead".
    """
    rng, plan = random.Random(seed), {}  # noqa: S311  # made up, and the same each time
    kinds = folder / "kinds"
    kinds.mkdir(parents=True)
    for number in range(ISSUERS):
        name = f"crowd{number:02d}"
        (kinds / f"{name}.toml").write_text(_KIND.format(name=name))
        share = range(tokens // ISSUERS)
        plan[name] = {f"{name}_{rng.randbytes(16).hex()}": rng.choice(_STATES) for _ in share}
    (folder / _PLAN).write_text(json.dumps(plan))
    states = {token: state for part in plan.values() for token, state in part.items()}
    _commit(folder / "repository.git", list(states))
    return states


def configure(folder: Path, spacing_s: float) -> Path:
    """Write a configuration for the crowd that is being served; return its path."""
    ports = json.loads((folder / PORTS).read_text())
    hosts = "\n".join(f'{name} = "http://127.0.0.1:{port}"' for name, port in ports.items())
    path = folder / "offkey.toml"
    path.write_text(f"""\
[organisation]
pepper = {{ env = "CROWD_PEPPER" }}
[policy]
proof_gap_seconds = 1
questions_per_second = 2000.0
[kinds]
folders = ["kinds"]
[[sources]]
type = "git"
name = "repositories"
repositories = ["{folder / "repository.git"}"]
[[issuers]]
type = "http"
internal_hosts = ["127.0.0.1"]
spacing_s = {spacing_s}
[issuers.hosts]
{hosts}
""")
    return path


def _commit(path: Path, tokens: list[str]) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    files = b"".join(
        b"M 100644 inline settings/%d.env\ndata %d\n%b\n" % (number, len(text), text)
        for number, text in enumerate(f"# service\nTOKEN={token}\n".encode() for token in tokens)
    )
    head = (
        b"commit refs/heads/main\ncommitter A <a@corp.example> 1700000000 +0000\ndata 6\nchange\n"
    )
    words = ["git", f"--git-dir={path}", "fast-import", "--quiet"]
    subprocess.run(words, input=head + files, check=True)


@dataclass(slots=True)
class _Issuer:
    """One issuer: its tokens, how many questions a second it stands, and what it was asked."""

    tokens: dict[str, str]
    per_second: float
    asked: Counter[str] = field(default_factory=Counter)
    last: dict[str, float] = field(default_factory=dict)
    closest: float = 1e9  # seconds between two questions about one token
    refused: int = 0
    second: int = 0
    within: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, token: str) -> tuple[int, dict[str, str]]:
        with self.lock:
            now = int(time.monotonic())
            self.second, self.within = now, self.within + 1 if now == self.second else 1
            if self.within > self.per_second:
                self.refused += 1
                return HTTPStatus.TOO_MANY_REQUESTS, {"message": "slow down"}
            self.asked[token] += 1
            at = time.monotonic()
            self.closest = min(self.closest, at - self.last.get(token, -1e9))
            self.last[token] = at
        state = self.tokens.get(token, "dead")
        words = {"live": {"login": token[-8:]}, "limited": {"message": "scope"}}
        return _STATUS[state], words.get(state, {"message": "bad token"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the name the base class calls
        issuer: _Issuer = self.server.issuer  # type: ignore[attr-defined]
        if self.path == "/counts":
            status, words = (
                HTTPStatus.OK,
                {
                    "asked": issuer.asked,
                    "refused": issuer.refused,
                    "closest": issuer.closest,
                },
            )
        else:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, words = issuer.answer(token)  # type: ignore[assignment]
        body = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


def serve(folder: Path) -> None:
    """Serve the crowd of `folder` until the process is ended; its ports stand in PORTS."""
    plan = json.loads((folder / _PLAN).read_text())
    ports = {}
    for number, (name, tokens) in enumerate(plan.items()):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        server.issuer = _Issuer(tokens, 40 if number % 2 else 10_000)  # type: ignore[attr-defined]
        ports[name] = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
    half = folder / f"{PORTS}.half"
    half.write_text(json.dumps(ports))
    half.rename(folder / PORTS)
    threading.Event().wait()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
