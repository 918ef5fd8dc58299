from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detectors.matching as under_test
from correlate.kind import Kind
from correlate.model import Finding, Medium
from detectors.engine import Engine, ruleset_of
from detectors.mint import mint
from jobs.kind_files import packaged_kinds
from tests.detectors.looking import document, look, told
from tests.effort import grows_linearly, quickest

KINDS = {kind.id: kind for kind in packaged_kinds()}
TOKENS = [mint(kind, "seed") for kind in KINDS.values() if not kind.plugin]


def token(name: str, seed: str = "a") -> str:
    return mint(KINDS[name], seed)  # type: ignore[index]  # ids are strings


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "key={}",
        'key="{}"',
        "key: '{}'",
        '{{"key":"{}"}}',
        "first\\n{}\\nlast",
        "<td>{}</td>",
        "`{}`",
        "export KEY={};",
        "\tkey\t{}\t",
        "https://host/?key={}&x=1",
        "({})",
        "[{}]",
    ],
)
def test_a_token_is_found_however_it_stands(engine: Engine, around: str) -> None:
    for name in ("github_pat_classic", "npm_token", "huggingface_token", "slack_bot_token"):
        found = look(engine, around.format(token(name)))
        assert told(found) == [(name, token(name), 1)]


def test_a_token_without_its_checksum_is_a_fake(engine: Engine) -> None:
    good = token("github_pat_classic")
    assert look(engine, good[:-1] + ("a" if good[-1] != "a" else "b")) == []


def test_lines_count_from_one_and_a_secret_is_told_once(engine: Engine) -> None:
    one, two = token("npm_token", "1"), token("npm_token", "2")
    found = look(engine, f"\n\n{two}\r\n{one}\n{two}\n")
    assert told(found) == [("npm_token", two, 3), ("npm_token", one, 4)]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("{} # pragma: allowlist secret", "pragma: allowlist secret"),
        ("x = '{}'  // gitleaks:allow", "gitleaks:allow"),
        ("# pragma: allowlist nextline secret\n{}", "pragma: allowlist nextline secret"),
        ("# pragma: allowlist secret\n{}", ""),
        ("{}\n# gitleaks:allow", ""),
        ("{} # gitleaks:allow\n{}", ""),
    ],
)
def test_an_allow_list_mark_suppresses_and_never_hides(
    engine: Engine, text: str, mark: str
) -> None:
    (found,) = look(engine, text.replace("{}", token("npm_token")))
    assert found.suppressed == mark


def test_an_issuers_match_takes_the_place_of_a_generic_one(engine: Engine) -> None:
    found = look(engine, f'auth_token = "{token("gitlab_pat")}"')
    assert [f.kind for f in found] == ["gitlab_pat"]
    key, _, secret = token("aws_access_key").partition(":")
    found = look(engine, f'access_key = "{key}"\nsecret_key = "{secret}"\n')
    assert [f.kind for f in found] == ["aws_access_key"]


def test_the_medium_and_place_of_the_document_are_the_findings(engine: Engine) -> None:
    (found,) = engine.find(document(token("npm_token"), Medium.CI_VARIABLE))
    assert isinstance(found, Finding)
    assert found.medium is Medium.CI_VARIABLE
    assert (found.locator.source, found.locator.item, found.locator.line) == ("source", "item", 1)


def test_utf16_text_is_read(engine: Engine) -> None:
    text = f"first\r\n$key = '{token('npm_token')}'\r\n"
    for encoding in ("utf-16-le", "utf-16-be"):
        data = text.encode("utf-16")[:2] if encoding == "utf-16-le" else b"\xfe\xff"
        assert told(look(engine, data + text.encode(encoding))) == [
            ("npm_token", token("npm_token"), 2)
        ]


def test_binary_data_is_scanned_like_any_other(engine: Engine) -> None:
    data = b"\x00\xff" * 500 + token("npm_token").encode() + b"\x00\xfe" * 500
    assert [f.kind for f in look(engine, data)] == ["npm_token"]


def test_a_notebooks_findings_stand_at_its_parts_and_not_twice(engine: Engine) -> None:
    secret = token("openai_project_key")
    cell = {
        "source": ["a = 1\n", f'key = "{secret}"\n'],
        "outputs": [{"output_type": "stream", "text": [secret]}],
    }
    book = json.dumps({"nbformat": 4, "cells": [cell]})
    found = look(engine, book)
    assert [(f.locator.part, f.locator.line, f.medium) for f in found] == [
        ("cell 1 source", 2, Medium.NOTEBOOK_SOURCE),
        ("cell 1 output 1", 1, Medium.NOTEBOOK_OUTPUT),
    ]


def test_a_broken_notebook_is_scanned_as_text(engine: Engine) -> None:
    found = look(engine, '{"nbformat": 4, "cells": [' + token("npm_token"))
    assert [(f.kind, f.locator.part) for f in found] == [("npm_token", "")]


@given(
    chunk=st.integers(20_000, 60_000),
    pieces=st.lists(
        st.tuples(st.sampled_from(TOKENS), st.integers(0, 30_000)), min_size=1, max_size=8
    ),
)
def test_chunks_change_nothing(engine: Engine, chunk: int, pieces: list[tuple[str, int]]) -> None:
    text = "".join(f"{'- ' * (gap // 2)}\n{piece}\n" for piece, gap in pieces)
    whole = told(look(engine, text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(under_test, "CHUNK", chunk)
        assert told(look(engine, text)) == whole
    assert whole


def test_a_stored_database_finds_the_same(engine: Engine) -> None:
    again = Engine(tuple(KINDS.values()), engine.serialised())
    text = "\n".join(TOKENS)
    assert told(look(again, text)) == told(look(engine, text))


def test_the_ruleset_changes_with_what_is_found_and_with_nothing_else(engine: Engine) -> None:
    kinds = tuple(KINDS.values())
    assert ruleset_of(kinds) == engine.ruleset

    def changed(**fields: object) -> str:
        first: Kind = dataclasses.replace(kinds[0], **fields)  # type: ignore[arg-type]
        return ruleset_of((first, *kinds[1:]))

    assert changed(pattern="(other)") != engine.ruleset
    assert changed(entropy_min=1.0) != engine.ruleset
    assert changed(revoke_hint="other") == engine.ruleset


@pytest.mark.parametrize("separator", [" ", "\n"])
def test_many_findings_on_one_line_take_linear_time(engine: Engine, separator: str) -> None:
    def find(count: int) -> None:
        pieces = (f'password="kZq8xRw{n:05d}Lm" {token("npm_token")}' for n in range(count))
        assert len(look(engine, separator.join(pieces))) > 0.9 * count

    assert grows_linearly(find, 500, 8000)


@pytest.mark.parametrize(
    "text",
    [
        "password" + " " * 4000 + "x",
        'password = "' + "a1B2c3D4" * 12 + '"' + " " * 4000 + "x",
        'token = "aB3dE6gH9jK2"; key' + " " * 4000 + "=",
        "key=" * 20_000,
        '{"nbformat": 4, "cells": ' + "[" * 100_000,
        '{"nbformat": 4, "cells": [], "metadata": ' + '{"a":' * 900 + "1" + "}" * 901,
    ],
)
def test_no_line_hangs_the_scan(engine: Engine, text: str) -> None:
    assert quickest(1, lambda: look(engine, text)) < 1


def test_no_plaintext_shows_in_a_repr(engine: Engine) -> None:
    secret = token("npm_token")
    assert secret not in repr(look(engine, secret))


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xfe", b'{"nbformat": 4, "cells": [']))
def test_no_bytes_do_harm(engine: Engine, noise: bytes, head: bytes) -> None:
    token_bytes = token("npm_token").encode()
    found = look(engine, head + noise + b"\n" + token_bytes + b"\n" + noise)
    assert "npm_token" in [f.kind for f in found]
    assert all(f.locator.line > 0 for f in found)
