from __future__ import annotations

from connectors.ci_variables import Holder, Variable, documents
from correlate.model import Document


def test_both_halves_of_a_pair_stand_together() -> None:
    held = [
        Variable("AWS_ACCESS_KEY_ID", "id-value"),
        Variable("AWS_SECRET_ACCESS_KEY", "secret-value"),
        Variable("AWS_SECRET_ACCESS_KEY", "other", "prod"),
        Variable("DB_PASSWORD", "x"),
        Variable("PEM", "line one\nline two"),
    ]
    texts = [d.data for d in documents(Holder("s", "c"), held) if isinstance(d, Document)]
    assert texts[0] == b"AWS_ACCESS_KEY_ID=id-value\nAWS_SECRET_ACCESS_KEY=secret-value"
    assert texts[1:] == [
        b"AWS_SECRET_ACCESS_KEY=secret-value",
        b"AWS_SECRET_ACCESS_KEY=other",
        b"DB_PASSWORD=x",
        b"line one\nline two",
    ]
    assert "secret-value" not in repr(held)
