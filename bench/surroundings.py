"""What stands around credentials, and whole files without any: nothing here opens anything."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from bench.draw import Setting

_WORDS = [
    "account",
    "batch",
    "buffer",
    "cache",
    "client",
    "config",
    "cursor",
    "event",
    "field",
    "filter",
    "group",
    "handler",
    "index",
    "item",
    "label",
    "limit",
    "message",
    "node",
    "offset",
    "order",
    "page",
    "parser",
    "queue",
    "record",
    "region",
    "report",
    "request",
    "result",
    "route",
    "schema",
    "server",
    "session",
    "shard",
    "signal",
    "state",
    "stream",
    "table",
    "task",
    "target",
    "tenant",
    "thread",
    "user",
    "value",
    "vector",
    "version",
    "window",
    "worker",
]
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def harmless(rng: random.Random, count: int, *, digests: bool) -> list[Setting]:
    """Return settings that hold no credential. With `digests`, some are what a credential of no
    prefix looks like: hashes, identifiers, integrity values.
    """
    makers = [*_DULL, *(_DIGESTS if digests else ())]
    return [
        Setting(f"{_name(rng)}_{name}", make(rng)) for name, make in rng.choices(makers, k=count)
    ]


def _name(rng: random.Random) -> str:
    return rng.choice(_WORDS).upper()


def _hex(rng: random.Random, digits: int) -> str:
    return f"{rng.getrandbits(digits * 4):0{digits}x}"


def _base64(rng: random.Random, size: int) -> str:
    return base64.b64encode(rng.randbytes(size)).decode()


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


_DULL: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("HOST", lambda rng: f"{rng.choice(_WORDS)}-{rng.randrange(9)}.internal.example.com"),
    ("PORT", lambda rng: str(rng.randrange(1024, 65536))),
    ("URL", lambda rng: f"https://{rng.choice(_WORDS)}.example.com/v{rng.randrange(4)}/items"),
    ("ENABLED", lambda rng: rng.choice(("true", "false"))),
    ("VERSION", lambda rng: ".".join(str(rng.randrange(30)) for _ in range(3))),
    ("TIMEOUT", lambda rng: f"{rng.randrange(1, 90)}s"),
    ("TITLE", lambda rng: " ".join(rng.choices(_WORDS, k=4))),
    ("EMAIL", lambda rng: f"{rng.choice(_WORDS)}@example.com"),
)
_DIGESTS: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("ID", _uuid),
    ("COMMIT", lambda rng: _hex(rng, 40)),
    ("ETAG", lambda rng: _hex(rng, 32)),
    ("SHA256", lambda rng: _hex(rng, 64)),
    ("INTEGRITY", lambda rng: f"sha512-{_base64(rng, 64)}"),
    ("IMAGE", lambda rng: f"registry.example.com/app@sha256:{_hex(rng, 64)}"),
    ("ARN", lambda rng: f"arn:aws:iam::{rng.randrange(10**12):012d}:role/{rng.choice(_WORDS)}"),
)


def bodies(rng: random.Random, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield files of at least `size` bytes without any credential, each with what it is."""
    for name, line in _LINES.items():
        lines: list[str] = []
        length = 0
        while length < size:
            lines.append(line(rng))
            length += len(lines[-1]) + 1
        yield name, "\n".join(lines).encode()
    yield "binary", rng.randbytes(size)


def _code(rng: random.Random) -> str:
    pattern = rng.choice(
        (
            "    if {0}.{1} is not None and len({2}) > 3:",
            "        return {0}_{1}({2}, timeout=30)",
            "const {0} = await {1}.{2}(req.params.id);",
            "public static {0} get{1}({2} key) {{",
            "# the {0} of each {1} is kept until its {2} ends",
            "func (s *{0}) {1}(ctx context.Context, token string) ({2}, error) {{",
            'password = getpass("{0} {1}: ")  # never the {2}',
            "api_key = os.environ['{0}_API_KEY']",
            "{0}_token: {1} = field(default_factory={2})",
        )
    )
    return pattern.format(*rng.choices(_WORDS, k=3))


def _package_lock(rng: random.Random) -> str:
    name = "-".join(rng.choices(_WORDS, k=2))
    return (
        f'    "node_modules/{name}": {{\n      "version": "{rng.randrange(9)}.1.0",\n'
        f'      "resolved": "https://packages.corp.example/{name}/-/{name}-1.1.0.tgz",\n'
        f'      "integrity": "sha512-{_base64(rng, 64)}"\n    }},'
    )


def _other_locks(rng: random.Random) -> str:
    name = rng.choice(_WORDS)
    return rng.choice(
        (
            f'[[package]]\nname = "{name}"\nversion = "1.2.3"\nchecksum = "{_hex(rng, 64)}"',
            f"github.com/{name}/{name} v1.2.3 h1:{_base64(rng, 32)}",
            f'    {{file = "{name}-1.0-py3-none-any.whl", hash = "sha256:{_hex(rng, 64)}"}},',
            f'"{name}@^1.0.0":\n  version "1.0.4"\n  integrity sha1-{_base64(rng, 20)}',
            f"    --hash=sha256:{_hex(rng, 64)} \\",
        )
    )


def _pem(rng: random.Random) -> str:
    label = rng.choice(("CERTIFICATE", "PUBLIC KEY", "CERTIFICATE REQUEST", "X509 CRL"))
    body = "MII" + _base64(rng, 900)
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"


def _public_key(rng: random.Random) -> str:
    return rng.choice(
        (
            f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{_base64(rng, 260)} {rng.choice(_WORDS)}@host",
            f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{_base64(rng, 32)[:43]} {rng.choice(_WORDS)}",
            f"host{rng.randrange(99)},10.0.0.{rng.randrange(255)} ssh-rsa AAAAB3{_base64(rng, 255)}",
        )
    )


def _digests(rng: random.Random) -> str:
    return f"{_hex(rng, rng.choice((32, 40, 64, 96, 128)))}  dist/{rng.choice(_WORDS)}.tar.gz"


def _identifiers(rng: random.Random) -> str:
    return (
        f'{{"id":"{_uuid(rng)}","trace":"{_hex(rng, 32)}","span":"{_hex(rng, 16)}",'
        f'"key":"{rng.choice(_WORDS)}:{rng.randrange(10**9)}","at":"2026-03-14T09:26:53Z"}}'
    )


def _image(rng: random.Random) -> str:
    kind = rng.choice(("png;base64,iVBORw0KGgo", "jpeg;base64,/9j/4AAQSk", "gif;base64,R0lGOD"))
    return f'<img alt="{rng.choice(_WORDS)}" src="data:image/{kind}{_base64(rng, 6000)}">'


def _minified(rng: random.Random) -> str:
    a, b, c, d = rng.choices(_LETTERS, k=4)
    word, number = rng.choice(_WORDS), rng.randrange(9999)
    return "".join(
        rng.choice(
            (
                f"function {a}({b},{c}){{return {b}.{word}?{c}({b}):{d}({number})}}",
                f'var {a}="{word}",{b}={{key:{number},{c}:"{word}-{number}"}};',
                f'{a}.prototype.{word}=function({b}){{this.{c}={b}||"{_hex(rng, 8)}"}};',
                f'!function({a}){{"use strict";{a}.{word}("{word}",{number})}}({b});',
            )
        )
        for _ in range(40)
    )


def _source_map(rng: random.Random) -> str:
    mappings = ";".join("".join(rng.choices(_LETTERS, k=4)) for _ in range(300))
    return f'{{"version":3,"sources":["{rng.choice(_WORDS)}.ts"],"mappings":"{mappings}"}}'


def _drawing(rng: random.Random) -> str:
    points = " ".join(f"L{rng.random() * 99:.3f},{rng.random() * 99:.3f}" for _ in range(60))
    return f'<path d="M0,0 {points}Z" fill="#{_hex(rng, 6)}"/>'


_LINES: Mapping[str, Callable[[random.Random], str]] = MappingProxyType(
    {
        "code": _code,
        "package-lock.json": _package_lock,
        "other lock files": _other_locks,
        "certificates": _pem,
        "public keys": _public_key,
        "digests": _digests,
        "identifiers": _identifiers,
        "base64 images": _image,
        "minified javascript": _minified,
        "source maps": _source_map,
        "drawings": _drawing,
        "base64": lambda rng: _base64(rng, 57),
        "vectors": lambda rng: ",".join(f"{rng.gauss(0, 1):.8f}" for _ in range(16)),
    }
)
