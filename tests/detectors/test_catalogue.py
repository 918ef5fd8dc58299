from __future__ import annotations

import pytest

from correlate.errors import ConfigError
from correlate.kind import Grade
from correlate.model import LivenessState
from detectors.catalogue import parse_kinds

GOOD = """
issuer = "acme"

[[kinds]]
id = "acme_key"
name = "Acme key"
pattern = '(acme_[0-9a-f]{32})'
anchors = ["acme_"]
source = "https://acme.example/docs"
example = "acme_{hex:32}"
verification = "me"
survival = "account"

[verifications.me]
host = "https://api.acme.example"
source = "https://acme.example/docs/me"
answers = [
  { state = "dead", statuses = [401], reason = "Acme says no" },
  { state = "live", statuses = [200], body = { "/id" = "*" }, reason = "Acme says hello" },
]

[survivals.account]
when_disabled = "survives"
"""


def test_a_kind_file_becomes_kinds_that_share_tables_by_name() -> None:
    (kind,) = parse_kinds(GOOD, "acme.toml")
    assert (kind.id, kind.issuer, kind.grade) == ("acme_key", "acme", Grade.ISSUER)
    assert kind.survival.when_disabled == "survives"
    assert kind.verification is not None
    assert kind.verification.answers[0].state is LivenessState.DEAD


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("anchors =", "anchor =", "did you mean anchors?"),
        ('host = "https', 'hots = "https', "unknown key|missing"),
        ('name = "Acme key"', "", "missing"),
        ('anchors = ["acme_"]', 'anchors = "acme_"', "not a list"),
        ('anchors = ["acme_"]', "anchors = [1]", "not a list of str"),
        ('verification = "me"', 'verification = "you"', "nothing is called 'you'"),
        ('state = "dead"', 'state = "gone"', "unknown value 'gone'"),
        ('when_disabled = "survives"', 'when_disabled = "maybe"', "unknown value 'maybe'"),
        ("issuer =", "issuer", "Expected"),
        ("statuses = [401]", 'statuses = ["401"]', "not a list of int"),
        ("[0-9a-f]{32})", "[0-9a-f]{32}", "does not compile"),
        ("(acme_[0-9a-f]{32})", "acme_[0-9a-f]{32}", "no group"),
        ('anchors = ["acme_"]', 'anchors = ["beta_"]', "none of its anchors"),
        ('anchors = ["acme_"]', "anchors = []", "names no anchor"),
        ("acme_{hex:32}", "acme_{hex:31}", "does not find its example"),
        ("acme_{hex:32}", "acme_{runes:31}", "unknown field"),
        ('id = "acme_key"', 'id = "Acme-Key"', "lower-case letters"),
        ('survival = "account"', 'checksum = "md5"', "unknown checksum"),
        ('survival = "account"', "partner = '(b)'", "within how many bytes"),
        ('survival = "account"', 'plugin = "tarot"', "unknown plug-in"),
        ('host = "https:', 'method = "DELETE"\nhost = "https:', "not a read"),
        ('host = "https:', 'method = "POST"\nhost = "https:', "not a read"),
        ('host = "https:', 'host = "http:', "https:// origin"),
        ('host = "https:', 'via = "magic"\nhost = "https:', "unknown verifier"),
        (
            GOOD[GOOD.index("answers =") : GOOD.index("[survivals")],
            "",
            "says what no answer means",
        ),
    ],
)
def test_a_file_that_does_not_hold_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=says) as caught:
        parse_kinds(GOOD.replace(old, new, 1), "acme.toml")
    assert caught.value.where.startswith("acme.toml")
