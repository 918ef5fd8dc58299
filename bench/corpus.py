"""A labelled corpus, drawn from the kinds' own templates: the same for the same seed.

What a sample holds is known because it was put there; nothing here asks a detector.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bench.draw import (
    Setting,
    draw,
    filled,
    longest,
    secret_of,
    settings_of,
    with_example,
    with_slot,
)
from bench.encoders import ENCODERS, PACKERS, SPLITS
from bench.files import FILE_SHAPES, is_file, secret_in
from bench.shapes import SHAPES
from bench.surroundings import bodies, harmless
from correlate.kind import Grade, Kind
from detectors.forms.known import form_of

NEGATIVE_BYTES = 400_000  # of each sort of file without credentials
_NEIGHBOURS = 4
_PLACES = 2  # of each text that is none
_SHORTEST_STAIRS = 10
_STAIRS = "1234567890abcdefghijklmnopqrstuvwxyz" * 40

# Near misses of one kind that are tokens of another: (made from, may be found as).
ALSO = MappingProxyType(
    {
        "stripe_live_key": {"workos_api_key", "paystack_secret_key", "clerk_secret_key"},
        "workos_api_key": {"stripe_live_key"},
        "paystack_secret_key": {"stripe_live_key"},
        "clerk_secret_key": {"stripe_live_key"},
        "google_service_account_key": {"private_key_pem"},
        "segment_public_api_token": {"sourcegraph_access_token"},
    }
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A document. `kind` and `secret` are what it holds, both empty where it holds nothing; `of`
    is the kind that it was made from. `sort` is "GROUP: what", `shape` its type of file.
    """

    data: bytes
    sort: str
    shape: str
    of: str = ""
    kind: str = ""
    secret: str = ""


def scored(kinds: Sequence[Kind]) -> list[Kind]:
    """Return the kinds that the corpus is drawn from: ours, of an issuer."""
    return [kind for kind in kinds if kind.grade is Grade.ISSUER and not kind.pack]


def samples(kind: Kind, seed: int, rounds: int = 1) -> Iterator[Sample]:
    """Yield samples of the kind: each round has another token for each place, plain, encoded and
    cut, then texts that are none.
    """
    for number in range(rounds):
        rng = random.Random(f"{seed} {kind.id} {number}")  # noqa: S311  # a corpus, not a secret
        yield from _positives(kind, rng)
        yield from _negatives(kind, rng)


def negatives(seed: int, size: int = NEGATIVE_BYTES) -> Iterator[Sample]:
    """Yield files of at least `size` bytes that hold no credential at all."""
    rng = random.Random(seed)  # noqa: S311  # a corpus, not a secret
    for name, data in bodies(rng, size):
        yield Sample(data, f"negative: {name}", name)


def _positives(kind: Kind, rng: random.Random) -> Iterator[Sample]:
    if is_file(kind):
        yield from _file_positives(kind, rng)
        return
    for name, shape in SHAPES.items():
        settings, secret = _drawn(kind, rng)
        data = shape(_among(settings, rng, digests=True)).encode()
        yield Sample(data, "plain", name, kind.id, kind.id, secret)
    for name, encode in ENCODERS.items():
        settings, secret = _drawn(kind, rng)
        data = encode(_among(settings, rng, digests=True), rng)
        yield Sample(data, f"encoded: {name}", name, kind.id, kind.id, secret)
    for name, split in SPLITS.items():
        settings, secret = _drawn(kind, rng)
        yield Sample(split(settings, rng), f"split: {name}", name, kind.id, kind.id, secret)


def _file_positives(kind: Kind, rng: random.Random) -> Iterator[Sample]:
    for name, shape in FILE_SHAPES.items():
        text = draw(kind, kind.example, rng)
        secret = form_of(kind).spelling(secret_in(kind, text))
        yield Sample(shape(text).encode(), "plain", name, kind.id, kind.id, secret)
    for name, pack in PACKERS.items():
        text = draw(kind, kind.example, rng)
        secret = form_of(kind).spelling(secret_in(kind, text))
        data = pack(text.encode() + b"\n", rng)
        yield Sample(data, f"encoded: {name}", name, kind.id, kind.id, secret)


def _negatives(kind: Kind, rng: random.Random) -> Iterator[Sample]:
    for sort, text in _lookalikes(kind, rng):
        if is_file(kind):
            for name in rng.sample(sorted(FILE_SHAPES), _PLACES):
                yield Sample(FILE_SHAPES[name](text).encode(), sort, name, kind.id)
            continue
        own_names = _names(kind, rng) if sort.startswith("placeholder") else ("VALUE", "OTHER")
        settings = settings_of(kind, text, own_names)
        # a hash beside the id of a pair is what its secret looks like
        around = _among(settings, rng, digests=not kind.partner)
        for name in rng.sample(sorted(SHAPES), _PLACES):
            yield Sample(SHAPES[name](around).encode(), sort, name, kind.id)


def _lookalikes(kind: Kind, rng: random.Random) -> Iterator[tuple[str, str]]:
    for template in kind.near_misses:
        yield "near miss", draw(kind, template, rng)
    if "{checksum}" in kind.example and kind.checksum_certain:
        template = kind.example.replace("{checksum}", "{wrong_checksum}")
        yield "wrong checksum", draw(kind, template, rng)
    for mark in ("x", "X", "0", "*"):
        text = filled(kind, kind.example, lambda size, mark=mark: mark * size)  # type: ignore[misc]
        yield f"placeholder: {mark}", text
    if longest(kind, kind.example) >= _SHORTEST_STAIRS:
        yield "placeholder: stairs", filled(kind, kind.example, lambda size: _STAIRS[:size])
    # nobody who writes an example works out its checksum
    example = kind.example.replace("{checksum}", "{wrong_checksum}")
    if "\n" not in example:  # nobody ends a key's line in a word
        yield "placeholder: EXAMPLE", with_example(kind, example, rng)
    for slot in ("<your-token>", "your_token_here", "${VALUE}", "{{ .Values.token }}", "..."):
        yield f"placeholder: {slot}", with_slot(kind, example, slot, rng)


def _drawn(kind: Kind, rng: random.Random) -> tuple[list[Setting], str]:
    settings = settings_of(kind, draw(kind, kind.example, rng), _names(kind, rng))
    return settings, form_of(kind).spelling(secret_of(kind, settings))


def _names(kind: Kind, rng: random.Random) -> tuple[str, str]:
    issuer = kind.issuer.upper().replace("-", "_").replace(" ", "_")
    if kind.partner:
        return f"{issuer}_KEY_ID", f"{issuer}_SECRET_KEY"
    return rng.choice((f"{issuer}_TOKEN", f"{issuer}_SECRET", "API_TOKEN", "TOKEN")), ""


def _among(settings: Sequence[Setting], rng: random.Random, *, digests: bool) -> list[Setting]:
    before, after = (harmless(rng, _NEIGHBOURS, digests=digests) for _ in range(2))
    return [*before, *settings, *after]
