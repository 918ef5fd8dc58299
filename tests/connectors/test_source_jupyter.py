from __future__ import annotations

import importlib.util
import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.source_jupyter import Jupyter, Settings, connect
from correlate.errors import AuthError, OffkeyError, SourceError, Unavailable
from correlate.model import Document, Identity, Locator, Medium, Skip
from correlate.ports import Setup, Source
from correlate.secret import Secret
from tests.connectors.source_contract import SourceContract, read
from tests.connectors.wire import Asked, Told, answering
from tests.services import await_port, free_port, missing, process
from tests.twins.source import NothingKnown

TOKEN = "jupyter" + "login1"
BOOK = {
    "cells": [{"cell_type": "code", "source": ["a = 1\n", "b = 2"], "metadata": {}, "outputs": [],
               "execution_count": None, "id": "c1"}],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip
RAW = json.dumps(BOOK, indent=1).encode() + b"\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if importlib.util.find_spec("jupyter_server") is None:
        missing("jupyter_server")
    root, home = tmp_path_factory.mktemp("books"), tmp_path_factory.mktemp("home")
    for name in ("top.ipynb", "deep/er/a bü.ipynb", "deep/plain.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(RAW)
    port = free_port()
    arguments = [
        sys.executable, "-W", "ignore", "-m", "jupyter_server", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.open_browser=False",
        f"--ServerApp.root_dir={root}", "--ServerApp.allow_root=True", "--ServerApp.port_retries=0",
        "--ServerApp.terminals_enabled=False",
    ]  # fmt: skip
    folders = {
        name: str(home)
        for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    with process(arguments, env={**os.environ, **folders}) as running:
        await_port(port, running, 60)
        yield f"http://127.0.0.1:{port}"


def make(base: str, **changes: object) -> Jupyter:
    given: dict[str, object] = {
        "base_url": base, "token": Secret(TOKEN), "owner": "jane", "internal_hosts": ("127.0.0.1",),
        "timeout_s": 10.0,
    }  # fmt: skip
    return connect(Settings(**given | changes), Setup("jup", Path("/nonexistent")))  # type: ignore[arg-type]


@pytest.mark.service
class TestJupyter(SourceContract):
    @pytest.fixture
    def source(self, server: str) -> Source:
        return make(server)


@pytest.mark.service
def test_notebooks_come_as_their_files_bytes_at_any_depth(server: str) -> None:
    found, skips = read(make(server))
    assert skips == []
    assert [one.locator.item for one in found] == ["deep/er/a bü.ipynb", "top.ipynb"]
    assert {one.data for one in found} == {RAW}
    assert {one.medium for one in found} == {Medium.NOTEBOOK_SOURCE}
    trace = found[1].trace
    assert trace is not None
    assert trace.introduced[0].identity == Identity("jupyter", "jane")
    assert trace.introduced[0].at is not None
    assert [d.locator.item for d in read(make(server, root="deep"))[0]] == ["deep/er/a bü.ipynb"]


@pytest.mark.service
def test_a_bad_token_is_our_own_fault(server: str) -> None:
    with pytest.raises(AuthError):
        list(make(server, token=Secret("bad")).units(NothingKnown()))
    with pytest.raises(OffkeyError):
        list(make(server, root="no/such").units(NothingKnown()))


@pytest.mark.service
@pytest.mark.parametrize("item", ["../../etc/hosts", "deep/../top.ipynb", "top.ipynb/..", ""])
def test_no_path_leads_out(server: str, item: str) -> None:
    assert isinstance(make(server).reread(Locator("jup", "server", item)), Skip)


@pytest.mark.service
def test_no_cookie_is_kept(server: str) -> None:
    request = urllib.request.Request(  # noqa: S310
        f"{server}/api/contents/top.ipynb", headers={"Authorization": f"token {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        assert answer.headers["Set-Cookie"]
    source = make(server)
    assert isinstance(source.reread(Locator("jup", "server", "top.ipynb")), Document)
    bad = make(server, token=Secret("bad"))
    assert isinstance(bad.reread(Locator("jup", "server", "top.ipynb")), Skip)


def _listing(**entry: object) -> Told:
    return Told(body=json.dumps({"content": [entry]}).encode())


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(body=b'{"content": null}'), SourceError),
        (Told(body=b'{"content": [{"path": 1}'), Unavailable),
        (_listing(path="/outside.ipynb"), None),
        (_listing(path=None), SourceError),
        (Told(200, b"<html>", "text/html"), Unavailable),
        (Told(500), Unavailable),
    ],
)
def test_an_answer_that_is_not_one_is_an_error(told: Told, error: type[Exception] | None) -> None:
    with answering(lambda _: told) as base:
        source = make(base)
        if error is None:
            assert list(source.units(NothingKnown()))
            return
        with pytest.raises(error):
            list(source.units(NothingKnown()))


def test_a_server_cannot_send_us_in_circles() -> None:
    def deeper(asked: Asked) -> Told:
        path = asked.path.removeprefix("/api/contents/").strip("/")
        return _listing(path=f"{path}/d".strip("/"), type="directory")

    with answering(deeper) as base:
        (skip,) = make(base).units(NothingKnown())
    assert isinstance(skip, Skip)
    assert "deep" in skip.reason
    with (
        answering(lambda _: _listing(path="a", type="directory")) as base,
        pytest.raises(SourceError, match="outside its folder"),
    ):
        list(make(base).units(NothingKnown()))
