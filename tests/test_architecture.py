"""The layer rule, the one-connector-one-file rule and the plain-secret rule, run by a machine."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from correlate.secret import Secret
from jobs.wiring import types_of
from tests.connectors.outbound import dialling, opens, speaks_http
from tests.connectors.states_contract import StatesContract

HOME = Path(__file__).parent.parent
ROOMS = ("correlate", "detectors", "connectors", "jobs", "sample_data")
MODULES = {
    ".".join(path.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ROOMS
    for path in (HOME / room).rglob("*.py")
    if "migrations" not in path.parts
}
CORE = {f"correlate.{name}" for name in
        ("model", "listed", "secret", "kind", "ports", "ports_store", "stored", "errors", "verdict", "codec", "ticket", "notice", "merkle", "tree_head", "exception")}  # fmt: skip
ENTRY = ("jobs.cli", "jobs.schedule", "jobs.web")


def layer(module: str) -> int:
    """Return the layer of a module as the design draws it; the sample company stands beside jobs."""
    room = module.split(".", maxsplit=1)[0]
    if module.startswith(ENTRY):
        return 4
    if room == "correlate":
        return 0 if module in CORE or module == "correlate" else 1
    return {"detectors": 2, "connectors": 2, "jobs": 3, "sample_data": 3}[room]


@cache
def imports(module: str) -> tuple[str, ...]:
    """Return what a module imports; asked for each pair of modules, so that each is parsed once."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name if name in MODULES else node.module for name in inner]
    return tuple(found)


@cache
def ours(module: str) -> frozenset[str]:
    return frozenset(name for name in imports(module) if name.split(".")[0] in ROOMS)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_module_imports_a_higher_layer_or_a_sibling_room(module: str) -> None:
    for name in ours(module):
        assert layer(name) <= layer(module), f"{module} imports {name} above it"
        rooms = {module.split(".", maxsplit=1)[0], name.split(".")[0]}
        assert rooms != {"detectors", "connectors"}, f"{module} imports its sibling {name}"
        assert not (name.startswith("sample_data") and not module.startswith(
            ("sample_data", "jobs.cli.demo"))), f"{module} rests on the sample company"  # fmt: skip


def test_there_is_no_import_cycle() -> None:
    graph = {module: ours(module) & set(MODULES) - {module} for module in MODULES}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for name in graph[module]:
                walk(name, (*path, module))
            done.add(module)

    for module in graph:
        walk(module, ())


@pytest.mark.parametrize("module", sorted(name for name in MODULES if name.startswith("correlate")))
def test_the_judgement_imports_the_standard_library_only_and_reads_no_clock(module: str) -> None:
    outside = {"os", "io", "socket", "time", "subprocess", "random", "secrets", "logging"}
    for name in imports(module):
        top = name.split(".")[0]
        assert top == "correlate" or top in sys.stdlib_module_names, f"{module} imports {name}"
        assert top not in outside, f"{module} imports {name}"
    text = MODULES[module].read_text(encoding="utf-8")
    assert not re.search(r"\.(now|utcnow|today)\(|(?<!def )(?<![\w.])open\(|os\.environ", text)


# one library, one file; the store's engine is one subject in several files
OWNERS = {
    "requests": r"connectors\.http",
    "ldap3": r"connectors\.ldap_line",
    "pandas": r"connectors\.feed_csv",
    "git": r"connectors\.git_mirror",
    "hyperscan": r"detectors\.\w+",
    "detect_secrets": r"detectors\.generic",
    "apscheduler": r"jobs\.schedule",
    "jwt": r"jobs\.web\.security_event",
    "starlette": r"jobs\.web\.\w+",
    "uvicorn": r"jobs\.web\.server",
    "re2": r"detectors\.packs\.exact",
    "yaml": r"detectors\.packs\.families",
    "jinja2": r"jobs\.page",
    "sqlalchemy": r"connectors\.store_\w+",
    "alembic": r"connectors\.store_upgrade",
    "rfc3161_client": r"connectors\.timestamp",
    "cryptography": r"(connectors|detectors\.forms|sample_data)\.\w+|detectors\.signed_posts"
    r"|jobs\.evidence\.verifier",
}


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_imported_where_it_belongs(library: str) -> None:
    users = {
        module
        for module in MODULES
        if any(name.split(".")[0] == library for name in imports(module))
    }
    strays = {module for module in users if not re.fullmatch(OWNERS[library], module)}
    assert not strays
    if library not in ("sqlalchemy", "cryptography", "starlette"):
        assert len(users) <= 1, users


@pytest.mark.parametrize(
    "role", ["source", "people", "issuer", "inventory", "tickets", "outlet", "store"]
)
def test_a_connector_is_one_file_found_by_its_name_and_named_nowhere_else(role: str) -> None:
    for kind in types_of(role):
        module = importlib.import_module(f"connectors.{role}_{kind}")
        assert hasattr(module, "Settings")
        users = {name for name in MODULES if f"connectors.{role}_{kind}" in ours(name)}
        assert not users, f"{users} name connectors.{role}_{kind}; wiring finds it"
        assert (HOME / "tests" / "connectors" / f"test_{role}_{kind}.py").is_file()


def test_whoever_opens_connections_is_held_to_where_they_go() -> None:
    """A connector of one of these roles that imports what opens connections, itself or through
    another module, is asked by `tests/connectors/test_outbound.py`.
    """
    prefixes = ("issuer_", "inventory_", "revoker_", "tickets_", "outlet_")
    found = {
        path.stem
        for path in (HOME / "connectors").glob("*.py")
        if path.stem.startswith(prefixes) and opens(path.stem)
    }
    assert found
    assert found - {"outlet_email"} <= set(dialling())  # a mail server is one of ours


def test_whoever_judges_an_issuers_answers_in_code_is_held_to_all_their_states() -> None:
    """Those over HTTP by `StatesContract`; declared calls by `test_declared_answers.py`."""
    names = [name for name in dialling() if name.startswith("issuer_") and speaks_http(name)]
    for name in set(names) - {"issuer_http"}:
        tests = importlib.import_module(f"tests.connectors.test_{name}")
        held = [
            one
            for one in vars(tests).values()
            if isinstance(one, type) and issubclass(one, StatesContract) and hasattr(one, "scenes")
        ]
        assert held, f"test_{name}.py has no StatesContract"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_public_name_is_documented_and_no_file_or_function_is_long(module: str) -> None:
    text = MODULES[module].read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), f"{module} says nothing of itself"
    assert text.count("\n") <= 420, f"{module} is too long"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno
            assert length <= 60, f"{module}.{node.name} has {length} lines"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{module}.{node.name} has no contract"


def test_plaintext_is_revealed_only_by_those_who_must() -> None:
    """`reveal` opens a Secret: an issuer's verifier, a connector's login, the fingerprint, the
    detectors that made it, the pipe to a scan child, and whoever checks a pushed event."""
    may = re.compile(
        r"connectors\.(?!store_rows|store_scans|store_cases).+|correlate\.(secret|webhook)|detectors\..+"
        r"|jobs\.(config|scan_\w+|spec|web\.\w+|wire)|sample_data\..+"
    )
    users = {
        module for module, path in MODULES.items() if ".reveal(" in path.read_text(encoding="utf-8")
    }
    assert {module for module in users if not may.fullmatch(module)} == set()


def test_no_value_that_crosses_a_seam_holds_plaintext_but_a_finding() -> None:
    for name in (
        "correlate.model",
        "correlate.verdict",
        "correlate.stored",
        "correlate.notice",
        "correlate.exception",
        "jobs.report_data",
    ):
        module = importlib.import_module(name)
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == name:
                hints = " ".join(map(str, getattr(kind, "__annotations__", {}).values()))
                held = re.search(rf"\b{Secret.__name__}\b", hints)
                assert (kind.__name__ == "Finding") == bool(held), kind


TOKEN_LIKE = re.compile(
    r"gh[pousr]_[0-9A-Za-z]{36}|AKIA[0-9A-Z]{16}|xox[bp]-\d{6,}|glpat-[\w-]{20}|npm_[0-9A-Za-z]{36}"
    r"|hf_[A-Za-z]{34}|sk-ant-\w+-[\w-]{80}|-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]{40}"
)


def test_no_token_like_text_stands_in_the_repository() -> None:
    made = (".", "build", "dist", "demo-company")  # what is not the repository's
    rooms = [path for path in HOME.iterdir() if not path.name.startswith(made)]
    strays = [
        str(path.relative_to(HOME))
        for room in rooms
        for path in (room, *room.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and TOKEN_LIKE.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert strays == []
