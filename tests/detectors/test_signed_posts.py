from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from correlate.errors import ConfigError
from detectors.signed_posts import LIST, Post, opened, read_only_posts, sign

TEXT = b'[[posts]]\nhost = "https://x.example"\npath = "/graphql"\nbody = "{}"\n'
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
SIGNATURE = sign(TEXT, bytes(range(32)))


def test_the_list_that_comes_along_is_as_it_was_signed_and_names_its_sources() -> None:
    posts = read_only_posts()
    assert Post("https://slack.com", "/api/auth.test", "") in posts
    assert LIST.read_text().count("\nsource = ") == len(posts)


def test_a_signed_list_opens() -> None:
    assert opened(TEXT, SIGNATURE, PUBLIC) == {Post("https://x.example", "/graphql", "{}")}


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        (TEXT + b" ", SIGNATURE),
        (TEXT.replace(b"x.example", b"y.example"), SIGNATURE),
        (TEXT, sign(TEXT + b" ", bytes(range(32)))),
        (TEXT, sign(TEXT, bytes(32))),
        (TEXT, b"no base64!"),
        (TEXT, b""),
    ],
)
def test_any_other_list_is_refused(text: bytes, signature: bytes) -> None:
    with pytest.raises(ConfigError, match="not as it was signed"):
        opened(text, signature, PUBLIC)
