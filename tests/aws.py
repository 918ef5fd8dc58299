"""A real moto, the AWS that runs on loopback, in a process of its own: its state is its module's
state, and a test must not meet another one's.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from tests.services import await_port, free_port, missing, process

_LOGIN = "AWS4-HMAC-SHA256 Credential=a/20260301/us-east-1/iam/aws4_request, SignedHeaders=a, Signature=b"
_UNCHECKED = 100_000
# AWS calls its refusals XML, moto leaves them to what Flask calls everything
_RUN = (
    "import flask, moto.server, sys; flask.Response.default_mimetype = 'text/xml';"
    " moto.server.main(sys.argv[1:])"
)


@dataclass(frozen=True, slots=True)
class Moto:
    """`base` is its address. It checks no signature until `check_signatures(yes=True)`."""

    base: str

    def check_signatures(self, *, yes: bool) -> None:
        asked = 0 if yes else _UNCHECKED
        self._post("/moto-api/reset-auth", f"{asked}", {"Content-Type": "text/plain"})

    def iam(self, form: str) -> str:
        """The answer of IAM to an unsigned form: `Action=CreateUser&UserName=jane`."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": _LOGIN}
        return self._post("/", f"{form}&Version=2010-05-08", kind)

    def session_of(self, role: str) -> tuple[str, str, str]:
        """A new role's new session: its key's id and secret, and its session token."""
        self.iam(f"Action=CreateRole&RoleName={role}&AssumeRolePolicyDocument=%7B%7D")
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": _LOGIN.replace("/iam/", "/sts/")}  # fmt: skip
        arn = f"arn:aws:iam::123456789012:role/{role}"
        form = f"Action=AssumeRole&RoleArn={arn}&RoleSessionName=s&Version=2011-06-15"
        made = self._post("/", form, kind)
        return _inside(made, "AccessKeyId"), _inside(made, "SecretAccessKey"), _inside(made, "SessionToken")  # fmt: skip

    def key_of(self, user: str) -> tuple[str, str]:
        """A new user's new access key: its id and its secret."""
        self.iam(f"Action=CreateUser&UserName={user}")
        made = self.iam(f"Action=CreateAccessKey&UserName={user}")
        return _inside(made, "AccessKeyId"), _inside(made, "SecretAccessKey")

    def _post(self, path: str, body: str, headers: dict[str, str]) -> str:
        request = urllib.request.Request(self.base + path, body.encode(), headers)  # noqa: S310  # the server of this test
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return bytes(answer.read()).decode()


@contextlib.contextmanager
def moto() -> Iterator[Moto]:
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        missing("moto[server]")
    port = free_port()
    command = [sys.executable, "-c", _RUN, "-H", "127.0.0.1", "-p", str(port)]
    with process(command) as running:
        await_port(port, running, 60)
        yield Moto(f"http://127.0.0.1:{port}")


def _inside(text: str, tag: str) -> str:
    found = re.search(f"<{tag}>([^<]+)</{tag}>", text)
    assert found is not None
    return found[1]
