from __future__ import annotations

import pytest

from detectors.engine import Engine
from detectors.generic import PLUGINS, Generic, candidate_line
from detectors.kind_check import PLUGIN_NAMES
from tests.detectors.looking import look
from tests.effort import quickest

WORD = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing


@pytest.mark.parametrize(
    "line",
    [
        'password = "{}!#"',
        "db_password: '{}'",
        '"secret_key": "{}"',
        'api_key => "{}"',
        "ftp://deploy:{}@files.internal.corp/x",
        "DB_PASSWORD={}",
        "export API_KEY={}",
        "  password: {}",
        "db.password = {}",
        "deploy --password {} --force",
        "deploy --api-key='{}'",
        "<password>{}</password>",
        "Provider=x;Password={};",
        "https://ci.corp/?api_key={}&x=1",
    ],
)
def test_a_plain_password_is_found_quietly(engine: Engine, line: str) -> None:
    assert len(look(engine, line.format(WORD) + "\n")) == 1


@pytest.mark.parametrize(
    "line",
    [
        'password = "changeme"',
        'password = "password123"',
        'password = "<your password>"',
        'password = "${DB_PASSWORD}"',
        'password = "{{ vault_password }}"',
        'password = os.environ["DB_PASSWORD_PROD"]',
        'secret = "arn:aws:secretsmanager:eu-west-1:1:secret:x"',
        'secret_name = "my-service-database-credentials"',
        'api_key = "123e4567-e89b-12d3-a456-426614174000"',
        'secret = "d41d8cd98f00b204e9800998ecf8427e"',
        'token_key = "access_token_for_service"',
        'password_field = "user.profile.password"',
        'secret = "xxxxxxxxxxxxxxxx"',
        'secret = "/run/secrets/database"',
        "https://user:password@example.com/",
        "https://user:secret@host/",
        'label = "Forgotten password?"',
        "PASSWORD=$OTHER",
        "password: string",
        "secret: oauth2-client-secret-v1",
        "password=123456789012",
        "api_key: 123e4567-e89b-12d3-a456-426614174000",
        "password = hash_password(user1.password2)",
        "password = self.password1",
        "secret_key=/run/secrets/key1",
        "private_key: server1.pem",
        "--password-file /etc/app/secret1.txt",
        "<password>${env.PASSWORD1}</password>",
        "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256",
    ],
)
def test_what_only_looks_like_one_is_left_out(engine: Engine, line: str) -> None:
    assert look(engine, line + "\n") == []


def test_kind_files_may_name_every_plug_in_there_is() -> None:
    assert set(PLUGINS) == PLUGIN_NAMES


@pytest.mark.parametrize("plugin", sorted(PLUGINS))
def test_runs_of_spaces_cost_no_plug_in_its_time(plugin: str) -> None:
    generic = Generic()

    def confirm() -> None:
        for word in (b"password", b"key", b"token"):
            assert not generic.confirms(plugin, word + b" " * 4000 + b"x", "x")
            assert not generic.confirms(plugin, word + b" x" * 4000, "y")

    assert quickest(1, confirm) < 1


def test_several_passwords_on_one_line_are_all_found(engine: Engine) -> None:
    line = f'a_password="{WORD}a", b_password="{WORD}b", api_key: "{WORD}c"'
    assert len(look(engine, line)) == 3


def test_a_plug_in_is_shown_one_capped_line() -> None:
    assert candidate_line(b"key \t =\r\n  value") == "key = value"
    assert len(candidate_line(b"x" * 9000)) == 400
