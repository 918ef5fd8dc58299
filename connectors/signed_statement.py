"""A statement that a machine signs to say who it is: a JSON web token, RS256 (RFC 7515, RFC 7519)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from correlate.errors import ConfigError
from correlate.secret import Secret


def signed_statement(claims: Mapping[str, object], key: Secret, where: str, fix: str) -> Secret:
    """Return `claims`, signed with an RSA key in PEM. Raises ConfigError, naming the setting
    `where` the key stands and the `fix`, for a key that is none.
    """
    signing = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = _key(key, where, fix).sign(signing.encode(), padding.PKCS1v15(), hashes.SHA256())
    return Secret(f"{signing}.{_bare(signature)}")


def _key(pem: Secret, where: str, fix: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.reveal().encode(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ConfigError(
            "A key cannot be used", where=where, why="it is no RSA key in PEM", fix=fix
        )
    return key


def _part(value: object) -> str:
    return _bare(json.dumps(value, separators=(",", ":")).encode())


def _bare(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
