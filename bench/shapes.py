"""The file types that settings stand in, each written as its own tools and people write it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from bench.draw import Setting

Shape = Callable[[Sequence[Setting]], str]

_PLAIN_YAML = re.compile(r"[A-Za-z/.][0-9A-Za-z_./+=~|!$-]*")
_PLAIN_WORD = re.compile(r"[0-9A-Za-z_./+=:@%,~^!?&-]+")


def quoted(value: str) -> str:
    """Return a value as a string literal of JSON, which most languages read alike."""
    return json.dumps(value)


def one_line(value: str) -> str:
    """Return a value with its line ends escaped."""
    return value.replace("\n", "\\n")


def camel(name: str) -> str:
    """Return a name as Java and JavaScript write it."""
    first, *rest = name.lower().split("_")
    return first + "".join(map(str.capitalize, rest))


def kebab(name: str) -> str:
    """Return a name as YAML and HTTP headers write it."""
    return name.lower().replace("_", "-")


def _dotenv_value(value: str) -> str:
    return value if _PLAIN_WORD.fullmatch(value) else quoted(value)


def _yaml_value(value: str, indent: str) -> str:
    if "\n" in value:
        return "|" + "".join(f"\n{indent}  {line}" for line in value.splitlines())
    return value if _PLAIN_YAML.fullmatch(value) else quoted(value)


def _yaml_map(settings: Sequence[Setting], indent: str = "  ") -> str:
    return "".join(f"{indent}{s.name}: {_yaml_value(s.value, indent)}\n" for s in settings)


def _php(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _each(line: Callable[[Setting], str], before: str = "", after: str = "") -> Shape:
    return lambda settings: before + "".join(line(s) + "\n" for s in settings) + after


def _k8s_secret(settings: Sequence[Setting]) -> str:
    head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ntype: Opaque\nstringData:\n"
    return head + _yaml_map(settings)


def _actions(settings: Sequence[Setting]) -> str:
    head = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    env:\n"
    return head + _yaml_map(settings, "      ") + "    steps:\n      - uses: actions/checkout@v4\n"


def _json_lines(settings: Sequence[Setting]) -> str:
    return json.dumps({"config": {s.name: s.value for s in settings}}, indent=2)


def _minified_json(settings: Sequence[Setting]) -> str:
    config = {camel(s.name): s.value for s in settings}
    return json.dumps({"v": 1, "c": config}, separators=(",", ":"))


def _json_pairs(settings: Sequence[Setting]) -> str:
    """As an ECS task definition or a pipeline's variables list them."""
    return json.dumps([{"name": s.name, "value": s.value} for s in settings], indent=4)


def _csv(settings: Sequence[Setting]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "value", "changed"])
    writer.writerows([s.name, s.value, "2026-03-14"] for s in settings)
    return out.getvalue()


def _log(settings: Sequence[Setting]) -> str:
    told = " ".join(f"{s.name}={_dotenv_value(s.value)}" for s in settings)
    head = "2026-03-14T09:26:53.589Z INFO  [main] "
    return f"{head}boot - starting\n{head}settings - loaded {told} in 12ms\n{head}boot - ready\n"


def _diff(settings: Sequence[Setting]) -> str:
    head = "diff --git a/.env b/.env\nindex 83db48f..bf2a1c0 100644\n--- a/.env\n+++ b/.env\n"
    lines = [f"{s.name}={_dotenv_value(s.value)}" for s in settings]
    return head + f"@@ -1,2 +1,{len(lines) + 1} @@\n" + "".join(f"+{line}\n" for line in lines)


def _curl(settings: Sequence[Setting]) -> str:
    heads = " \\\n".join(f"  -H {quoted(kebab(s.name) + ': ' + s.value)}" for s in settings)
    return f"curl -sS -X GET \\\n{heads} \\\n  https://api.internal.example.com/v1/status\n"


def notebook(lines: Sequence[str]) -> str:
    """Return a notebook with a cell of code whose source is this list."""
    code = {"cell_type": "code", "execution_count": 3, "metadata": {}, "outputs": []}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Churn\n", "A first look."]},
        {**code, "source": list(lines)},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _notebook(settings: Sequence[Setting]) -> str:
    lines = [f"os.environ[{quoted(s.name)}] = {quoted(s.value)}\n" for s in settings]
    return notebook(["import os\n", *lines])


def _sql(settings: Sequence[Setting]) -> str:
    rows = ",\n".join(f"  ('{s.name.lower()}', '{s.value}')" for s in settings)
    return f"INSERT INTO settings (name, value) VALUES\n{rows};\n"


def _markdown(settings: Sequence[Setting]) -> str:
    lines = "".join(f"export {s.name}={shlex.quote(s.value)}\n" for s in settings)
    return f"# Set-up\n\nBefore the first start:\n\n```sh\n{lines}```\n\nThen `make run`.\n"


def _html(settings: Sequence[Setting]) -> str:
    rows = "".join(
        f'<input type="hidden" name="{s.name.lower()}" value="{html.escape(s.value)}">\n'
        for s in settings
    )
    return f"<!doctype html>\n<title>Settings</title>\n<form>\n{rows}</form>\n"


def _script(settings: Sequence[Setting]) -> str:
    config = json.dumps({s.name: s.value for s in settings})
    return f"<html><head><script>window.CONFIG = {config};</script></head><body></body></html>\n"


def _python_dict(settings: Sequence[Setting]) -> str:
    lines = "".join(f"    {quoted(s.name.lower())}: {quoted(s.value)},\n" for s in settings)
    return f"from app import run\n\nCONFIG = {{\n{lines}}}\n\nrun(**CONFIG)\n"


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        ".env": _each(lambda s: f"{s.name}={_dotenv_value(s.value)}"),
        "yaml": lambda settings: "config:\n" + _yaml_map(settings),
        "yaml, kebab": _each(lambda s: f"{kebab(s.name)}: {_yaml_value(s.value, '')}"),
        "k8s Secret": _k8s_secret,
        "k8s env": _each(lambda s: f"  - name: {s.name}\n    value: {quoted(s.value)}", "env:\n"),
        "compose": _each(lambda s: f"      - {s.name}={one_line(s.value)}"),
        "GitHub Actions": _actions,
        "json": _json_lines,
        "json, minified": _minified_json,
        "json, name and value": _json_pairs,
        "toml": _each(lambda s: f"{s.name.lower()} = {quoted(s.value)}", "[app]\n"),
        "ini": _each(lambda s: f"{s.name.lower()} = {one_line(s.value)}", "[app]\n"),
        "properties": _each(lambda s: f"{s.name.lower().replace('_', '.')}={one_line(s.value)}"),
        "xml": _each(
            lambda s: f"  <{camel(s.name)}>{html.escape(s.value)}</{camel(s.name)}>",
            '<?xml version="1.0"?>\n<config>\n',
            "</config>\n",
        ),
        "web.config": _each(
            lambda s: f'    <add key="{s.name}" value="{html.escape(s.value)}" />',
            "<configuration>\n  <appSettings>\n",
            "  </appSettings>\n</configuration>\n",
        ),
        "python": _each(lambda s: f"{s.name} = {quoted(s.value)}", "import os\n\n"),
        "python, dict": _python_dict,
        "javascript": _each(lambda s: f"const {camel(s.name)} = {quoted(s.value)};"),
        "typescript": _each(lambda s: f"export const {camel(s.name)}: string = {quoted(s.value)};"),
        "go": _each(
            lambda s: f"\t{camel(s.name)} = {quoted(s.value)}", "package app\n\nconst (\n", ")\n"
        ),
        "java": _each(
            lambda s: f"    private static final String {s.name} = {quoted(s.value)};",
            "class Config {\n",
            "}\n",
        ),
        "kotlin": _each(lambda s: f"    val {camel(s.name)}: String = {quoted(s.value)}"),
        "rust": _each(lambda s: f"pub const {s.name}: &str = {quoted(s.value)};"),
        "c#": _each(lambda s: f'    services.Set("{s.name}", {quoted(s.value)});'),
        "ruby": _each(lambda s: f"ENV['{s.name}'] ||= {quoted(s.value)}"),
        "php": _each(lambda s: f"define('{s.name}', {_php(s.value)});", "<?php\n"),
        "php, array": _each(
            lambda s: f"    '{s.name.lower()}' => {_php(s.value)},", "<?php\nreturn [\n", "];\n"
        ),
        "shell": _each(lambda s: f"export {s.name}={shlex.quote(s.value)}", "#!/bin/sh\nset -eu\n"),
        "shell, flags": _each(lambda s: f"  --set {kebab(s.name)}={shlex.quote(s.value)} \\"),
        "batch, CRLF": _each(lambda s: f"set {s.name}={one_line(s.value)}\r"),
        "Dockerfile": _each(lambda s: f"ENV {s.name}={quoted(s.value)}", "FROM python:3.13\n"),
        "terraform": _each(
            lambda s: f"  {s.name.lower()} = {quoted(s.value)}", 'module "app" {\n', "}\n"
        ),
        "markdown": _markdown,
        "markdown, table": _each(
            lambda s: f"| `{s.name}` | `{one_line(s.value)}` |", "| Name | Value |\n|---|---|\n"
        ),
        "csv": _csv,
        "log": _log,
        "diff": _diff,
        "curl": _curl,
        "notebook": _notebook,
        "sql": _sql,
        "html form": _html,
        "html script": _script,
    }
)
