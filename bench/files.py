"""Kinds whose credential is a file, or a line of one, in that file's own syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bench.shapes import notebook
from correlate.kind import Kind

# Their templates are pieces of such files: they stand in no other file as a value.
_FILES = frozenset(
    {
        *("google_service_account_key", "login_pypirc", "login_docker_config", "login_netrc"),
        *("login_kubeconfig_token", "login_npmrc", "database_pgpass_line", "private_key_putty"),
    }
)


def is_file(kind: Kind) -> bool:
    """Whether the kind's template is a piece of a file."""
    return kind.id in _FILES


def secret_in(kind: Kind, text: str) -> str:
    """Return the part of a file that is the credential: the kind's pattern says which part is."""
    match = re.search(kind.pattern.encode(), text.encode())
    return match[kind.secret_group].decode() if match else text


def _indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" for line in text.splitlines())


FILE_SHAPES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "file": lambda text: text + "\n",
        "file, CRLF": lambda text: text.replace("\n", "\r\n") + "\r\n",
        "file, below others": lambda text: f"# made by hand\n# 2026-03-14\n\n{text}\n\n# end\n",
        "file in a heredoc": lambda text: f"cat > file <<'EOF'\n{text}\nEOF\nchmod 600 file\n",
        "file in a ConfigMap": lambda text: (
            f"kind: ConfigMap\ndata:\n  file: |\n{_indented(text, '    ')}"
        ),
        "file in markdown": lambda text: f"Put this there:\n\n```\n{text}\n```\n\nand go on.\n",
        "file in a notebook": lambda text: notebook(
            ["%%writefile f\n", *text.splitlines(keepends=True)]
        ),
    }
)
