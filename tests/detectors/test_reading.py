"""Encodings, archives and parts within each other, through the whole engine."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from correlate.model import Batch, Finding, Medium, Skip
from detectors.engine import Engine
from tests.detectors.looking import document, look
from tests.jobs.scanning import token

SECRET = token("github_pat_classic")
TEXT = f"first line\nkey = {SECRET}\nlast\n"


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def b64(data: bytes) -> bytes:
    return b"data: " + base64.b64encode(data) + b"\n"


@pytest.mark.parametrize(
    ("data", "encoded", "line"),
    [
        (b"a\nb\n" + b64(TEXT.encode()), "base64", 3),
        (b"a\n" + TEXT.encode().hex().encode(), "hex", 2),
        ("\n\n".encode("utf-16") + TEXT.encode("utf-16-le"), "utf-16-le", 4),
        (b"x = " + "".join(f"%{byte:02x}" for byte in SECRET.encode()).encode(), "escaped", 1),
        (f'k = "{SECRET[:9]}" + "{SECRET[9:]}"'.encode(), "split", 1),
        (b"\n" + b64(gzip.compress(TEXT.encode(), mtime=0)), "base64, packed", 2),
        (gzip.compress(TEXT.encode(), mtime=0), "", 2),
    ],
)
def test_an_encoded_secret_stands_at_its_line_and_says_how(
    engine: Engine, data: bytes, encoded: str, line: int
) -> None:
    found = [f for f in look(engine, data) if f.kind == "github_pat_classic"]
    assert [(f.secret.reveal(), f.locator.line, f.facts.get("encoded", "")) for f in found] == [
        (SECRET, line, encoded)
    ]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (zipped(conf__a=TEXT.encode()), "conf/a"),
        (zipped(inner=zipped(b=TEXT.encode())), "inner!/b"),
        (tarred("c.txt", TEXT.encode()), "c.txt"),
        (gzip.compress(tarred("d.txt", TEXT.encode()), mtime=0), "d.txt"),
        (
            zipped(book=json.dumps({"nbformat": 4, "cells": [{"source": TEXT}]}).encode()),
            "book!/cell 1 source",
        ),
    ],
)
def test_a_file_in_an_archive_is_a_part_with_lines_of_its_own(
    engine: Engine, data: bytes, part: str
) -> None:
    found = look(engine, data)
    assert [(f.kind, f.locator.part, f.locator.line) for f in found] == [
        ("github_pat_classic", part, 2)
    ]


def test_layers_end_and_the_end_is_told(engine: Engine) -> None:
    data = TEXT.encode()
    for _ in range(7):
        data = zipped(z=data)
    (told,) = engine.find(document(data))
    assert isinstance(told, Skip)
    assert "layers" in told.reason
    assert not told.by_design


def test_a_secret_is_told_once_however_often_it_is_encoded(engine: Engine) -> None:
    data = TEXT.encode() + b64(TEXT.encode()) + TEXT.encode().hex().encode()
    (found,) = look(engine, data)
    assert (found.locator.line, "encoded" in found.facts) == (2, False)


def test_a_kubernetes_secret_names_what_it_holds(engine: Engine) -> None:
    value = base64.b64encode(b"0a1b2c3d4e5f60718293a4b5c6d7e8f9").decode()
    text = f"apiVersion: v1\nkind: Secret\ndata:\n  DATADOG_API_KEY: {value}\n"
    found = [f for f in look(engine, text) if not f.kind.startswith("generic_")]
    assert [(f.kind, f.locator.line) for f in found] == [("datadog_api_key", 4)]


@pytest.mark.parametrize("wrap", [lambda d: d, gzip.compress, lambda d: zipped(a=d), b64])
def test_what_a_screen_saw_gives_the_same_findings(
    engine: Engine, wrap: Callable[[bytes], bytes]
) -> None:
    texts = [b"nothing", wrap(TEXT.encode()), b"nothing either", wrap(TEXT.encode())]
    data, starts, ends = b"", [], []
    for text in texts:
        starts.append(len(data))
        data += text
        ends.append(len(data))
        data += b"\n"
    items = [str(number) for number in range(len(texts))]
    batch = Batch("s", "c", Medium.FILE, memoryview(data), items, starts, ends)
    screened = dict(engine.screen(batch))
    assert list(screened) == [1, 3]
    for number, seen in screened.items():
        alone = list(engine.find(batch.document(number)))
        assert list(engine.find(batch.document(number), seen)) == alone
        assert [f.kind for f in alone if isinstance(f, Finding)] == ["github_pat_classic"]
