"""Reads control references out of mappings that others wrote: CSV, OSCAL, Prowler, or our own form."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from correlate.crosswalk import Cited, Crosswalk
from correlate.errors import ConfigError
from jobs.control_files import read_mapping

_MAX_BYTES = 50_000_000
_COLUMNS = {"framework", "edition", "id"}
# how titles of OSCAL documents and Prowler's `Framework` name what we have
_NAMES = (
    (r"non.?human|\bnhi\b", "owasp-nhi"),
    (r"cybersecurity framework|\bcsf\b", "nist-csf"),
    (r"ai.?(rmf|risk management)", "nist-ai-rmf"),
    (r"800-53", "nist-800-53"),
    (r"27001", "iso-27001"),
    (r"soc.?2\b", "aicpa-soc2"),
    (r"\bpci\b", "pci-dss"),
    (r"cis.?controls", "cis-controls"),
)
_EDITION = re.compile(r"(?:revision|rev\.?|v(?:ersion)?|:)?[ _-]*(\d+(?:\.\d+)?)", re.IGNORECASE)


def read_references(path: Path, crosswalk: Crosswalk) -> list[Cited]:
    """Return the references of a file, by its ending: .toml (our form), .csv (framework, edition, id,
    title), .json (an OSCAL catalogue or profile, or a compliance file of Prowler). Raises ConfigError.
    """
    if path.suffix == ".toml":
        mapping = read_mapping(path)
        return [cited for row in mapping.rows.values() for cited in row]
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _unread(path, "it is larger than 50 MB")
        text = path.read_text(encoding="utf-8-sig")
        found = list(_csv(path, text) if path.suffix == ".csv" else _json(path, text, crosswalk))
    except (
        AttributeError,
        KeyError,
        OSError,
        TypeError,
        ValueError,
        RecursionError,
        csv.Error,
    ) as error:
        raise _unread(path, type(error).__name__) from None
    if not found:
        raise _unread(path, "no reference stands in it")
    return found


def _unread(path: Path, why: str) -> ConfigError:
    return ConfigError(
        "A mapping of controls cannot be read", where=path.name, why=why,
        fix="hand in our TOML form, a CSV with the columns framework, edition, id and title, OSCAL JSON "
        "(a catalogue or profile) or a compliance file of Prowler",
    )  # fmt: skip


def _csv(path: Path, text: str) -> Iterator[Cited]:
    reader = csv.DictReader(text.splitlines())
    if not set(reader.fieldnames or ()) >= _COLUMNS:
        raise _unread(path, "a column of framework, edition and id is missing")
    for row in reader:
        yield Cited(
            (row["framework"] or "").strip(), (row["edition"] or "").strip(), (row["id"] or "").strip(),
            (row.get("title") or "").strip(), f"{path.name}:{reader.line_num}",
        )  # fmt: skip


def _json(path: Path, text: str, crosswalk: Crosswalk) -> Iterator[Cited]:
    raw = json.loads(text)
    if "catalog" in raw:
        yield from _oscal_catalogue(path, raw["catalog"], crosswalk)
    elif "profile" in raw:
        yield from _oscal_profile(path, raw["profile"], crosswalk)
    elif "Requirements" in raw:
        yield from _prowler(path, raw, crosswalk)


def _oscal_catalogue(
    path: Path, catalogue: Mapping[str, Any], crosswalk: Crosswalk
) -> Iterator[Cited]:
    """https://pages.nist.gov/OSCAL-Reference/models/latest/catalog/json-reference/"""
    framework, edition = _named(catalogue["metadata"]["title"], crosswalk)
    waiting = [catalogue]
    while waiting:
        inner = waiting.pop()
        waiting += [*inner.get("groups", ()), *inner.get("controls", ())]
        for control in inner.get("controls", ()):
            props = {prop["name"]: prop["value"] for prop in control.get("props", ())}
            if props.get("status", "").casefold() != "withdrawn":  # the catalogue says so itself
                yield Cited(framework, edition, control["id"], control.get("title", ""), path.name)


def _oscal_profile(path: Path, profile: Mapping[str, Any], crosswalk: Crosswalk) -> Iterator[Cited]:
    """https://pages.nist.gov/OSCAL-Reference/models/latest/profile/json-reference/"""
    resources = {
        f"#{item['uuid']}": " ".join(link["href"] for link in item.get("rlinks", ()))
        for item in profile.get("back-matter", {}).get("resources", ())
    }
    for part in profile["imports"]:
        href = part["href"]
        named = f"{profile['metadata']['title']} {resources.get(href, href)}"
        framework, edition = _named(named, crosswalk)
        for included in part.get("include-controls", ()):
            for control in included.get("with-ids", ()):
                yield Cited(framework, edition, control, "", path.name)


def _prowler(path: Path, raw: Mapping[str, Any], crosswalk: Crosswalk) -> Iterator[Cited]:
    """https://docs.prowler.com/developer-guide/security-compliance-framework"""
    framework, edition = _named(f"{raw['Framework']} {raw.get('Name', '')}", crosswalk)
    editions = crosswalk.editions(framework)
    edition = str(raw.get("Version") or edition)
    if edition not in editions and len(editions) == 1 and not raw.get("Version"):
        edition = next(iter(editions))
    for row in raw["Requirements"]:
        name, _, rest = str(row.get("Name") or "").partition(" ")
        where = f"{path.name}: {row['Id']}"
        if any(item.spelled(name) for item in editions.values()) or re.search(r"[A-Z].*\d", name):
            yield Cited(framework, edition, name, rest, where)
        else:
            yield Cited(framework, edition, str(row["Id"]), str(row.get("Name") or ""), where)


def _named(title: str, crosswalk: Crosswalk) -> tuple[str, str]:
    """Return the framework and edition that a title or address names, as far as it does: of
    "Rev. 5.1.1" the 5 where that is how we name the edition.
    """
    for pattern, framework in _NAMES:
        if found := re.search(pattern, title, re.IGNORECASE):
            said = _EDITION.search(title, found.end())
            edition = said.group(1) if said else ""
            whole = edition.partition(".")[0]
            return framework, whole if whole in crosswalk.editions(framework) else edition
    return title, ""
