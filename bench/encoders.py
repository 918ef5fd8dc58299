"""Ways in which texts and settings stand encoded, packed or cut into pieces."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import random
import tarfile
import textwrap
import zipfile
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from bench.draw import Setting
from bench.shapes import SHAPES, notebook, quoted

Encoder = Callable[[Sequence[Setting], random.Random], bytes]
Packer = Callable[[bytes, random.Random], bytes]

_MIME_COLUMNS = 76
_NOON = (2026, 3, 14, 12, 0, 0)


def _text(settings: Sequence[Setting]) -> bytes:
    return SHAPES[".env"](settings).encode()


def _inline(code: Callable[[bytes], str]) -> Packer:
    """As the value of a setting in a file of settings."""

    def pack(text: bytes, rng: random.Random) -> bytes:
        # so that the secret stands at each place in a group of digits
        head = b"#" * rng.randrange(1, 4) + b"\n"
        return f"kind: blob\ncontent: {code(head + text)}\nend: yes\n".encode()

    return pack


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _wrapped(data: bytes) -> str:
    return "|\n" + "\n".join(textwrap.wrap(_base64(data), _MIME_COLUMNS))


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _percent(data: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in data)


def _unicode_escapes(data: bytes) -> str:
    return '"' + "".join(f"\\u{byte:04x}" for byte in data) + '"'


def _query(settings: Sequence[Setting], _: random.Random) -> bytes:
    asked = "&".join(f"{s.name.lower()}={quote(s.value, safe='')}" for s in settings)
    return f"GET /start?{asked} HTTP/1.1\nHost: www.example.com\n".encode()


def _query_in_query(settings: Sequence[Setting], rng: random.Random) -> bytes:
    inner = _query(settings, rng).decode().split()[1]
    return f"<a href='/login?next={quote(inner, safe='')}'>log in</a>\n".encode()


def _slashes(settings: Sequence[Setting], _: random.Random) -> bytes:
    r"""As PHP's json_encode writes it, with \/."""
    return SHAPES["json"](settings).replace("/", "\\/").encode()


def _json_in_json(settings: Sequence[Setting], _: random.Random) -> bytes:
    return quoted(SHAPES["json, minified"](settings)).encode()


def _k8s_data(settings: Sequence[Setting], _: random.Random) -> bytes:
    rows = "".join(f"  {s.name}: {_base64(s.value.encode())}\n" for s in settings)
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n{rows}".encode()


def _wide(codec: str, mark: bytes) -> Packer:
    return lambda text, _: mark + text.decode().replace("\n", "\r\n").encode(codec)


def _packed(pack: Callable[[bytes], bytes]) -> Packer:
    return lambda text, _: pack(text)


def _of_text(pack: Packer) -> Encoder:
    return lambda settings, rng: pack(_text(settings), rng)


def zipped(name: str, data: bytes) -> bytes:
    """Return a zip file of one deflated member, the same every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _NOON), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _tarred(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("etc/app.env")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _docx(settings: Sequence[Setting], rng: random.Random) -> bytes:
    """A word processor's file, which cuts words into runs wherever somebody typed."""
    paragraphs = []
    for setting in settings:
        text = f"{setting.name}={setting.value}"
        at = rng.randrange(1, len(text))
        runs = "".join(
            f"<w:r><w:t>{p.replace('&', '&amp;')}</w:t></w:r>" for p in (text[:at], text[at:])
        )
        paragraphs.append(f"<w:p>{runs}</w:p>")
    return zipped("word/document.xml", f"<w:body>{''.join(paragraphs)}</w:body>".encode())


PACKERS: Mapping[str, Packer] = MappingProxyType(
    {
        "base64": _inline(_base64),
        "base64, wrapped": _inline(_wrapped),
        "base64, url-safe": _inline(_url_safe),
        "base64 of base64": _inline(lambda data: _base64(_base64(data).encode())),
        "base64 of gzip": _inline(lambda data: _base64(gzip.compress(data, mtime=0))),
        "hex": _inline(lambda data: data.hex()),
        "hex, upper case": _inline(lambda data: data.hex().upper()),
        "percent, every byte": _inline(_percent),
        "\\u0000": _inline(_unicode_escapes),
        "utf-16-le": _wide("utf-16-le", b"\xff\xfe"),
        "utf-16-be": _wide("utf-16-be", b"\xfe\xff"),
        "gzip": _packed(lambda data: gzip.compress(data, mtime=0)),
        "bzip2": _packed(bz2.compress),
        "xz": _packed(lzma.compress),
        "zip": _packed(lambda data: zipped("app/.env", data)),
        "zip in zip": _packed(lambda data: zipped("app.zip", zipped(".env", data))),
        "tar": _packed(_tarred),
        "tar.gz": _packed(lambda data: gzip.compress(_tarred(data), mtime=0)),
    }
)
ENCODERS: Mapping[str, Encoder] = MappingProxyType(
    {
        **{name: _of_text(pack) for name, pack in PACKERS.items()},
        "percent, in a query": _query,
        "percent, twice": _query_in_query,
        "json with \\/": _slashes,
        "json in json": _json_in_json,
        "k8s data": _k8s_data,
        "docx": _docx,
    }
)


def _cut(value: str, rng: random.Random) -> tuple[str, str]:
    at = rng.randrange(len(value) // 4, len(value) * 3 // 4) if len(value) > 1 else 1
    return value[:at], value[at:]


def _split(line: Callable[[str, str, str], str]) -> Encoder:
    """Settings as lines, the value of each cut in two."""

    def encode(settings: Sequence[Setting], rng: random.Random) -> bytes:
        return "".join(line(s.name, *_cut(s.value, rng)) + "\n" for s in settings).encode()

    return encode


def _notebook_list(settings: Sequence[Setting], rng: random.Random) -> bytes:
    """A notebook whose list of source lines breaks within the values."""
    pieces: list[str] = []
    for setting in settings:
        first, last = _cut(quoted(setting.value), rng)
        pieces += [f"{setting.name} = {first}", f"{last}\n"]
    return notebook(pieces).encode()


SPLITS: Mapping[str, Encoder] = MappingProxyType(
    {
        "notebook list": _notebook_list,
        "plus": _split(lambda name, a, b: f"{name} = {quoted(a)} + {quoted(b)}"),
        "plus, next line": _split(
            lambda name, a, b: f"var {name} = {quoted(a)} +\n    {quoted(b)};"
        ),
        "side by side": _split(
            lambda name, a, b: f"{name} = (\n    {quoted(a)}\n    {quoted(b)}\n)"
        ),
        "php dot": _split(lambda name, a, b: f"$cfg['{name}'] = '{a}' . '{b}';"),
        "shell line": _split(lambda name, a, b: f'export {name}="{a}\\\n{b}"'),
    }
)
