from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.aws_query import Query
from connectors.http import Http, Policy
from connectors.inventory_aws import AwsInventory, Settings, connect
from correlate.errors import AuthError, Refused, SourceError, Unavailable
from correlate.listed import InventoryRow, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret
from tests.aws import moto
from tests.connectors.inventory_contract import NOW
from tests.connectors.wire import Answerer, Asked, Told, answering

OWN = "A" + "KIA" + "ABCDEFGH12345678"


def made(base: str, **changes: Any) -> AwsInventory:
    given = {"base_url": base, "internal_hosts": ("127.0.0.1",), "spacing_s": 0.0, **changes}
    return connect(Settings(OWN, Secret("own-secret"), **given), Setup("aws", Path("/nonexistent")))


def iam(base: str) -> Query:
    http = Http(Policy(internal_hosts=("127.0.0.1",)))
    return Query(
        http, base, "moto", OWN, Secret("x"), "us-east-1", "iam", "2010-05-08",
        lambda: datetime.now(UTC),
    )  # fmt: skip


def test_a_real_iam_of_moto_is_read_whole() -> None:
    with moto() as running:
        _read_whole(running.base)


def _read_whole(base: str) -> None:
    ask = iam(base)
    for number in range(105):  # more than moto gives in a page
        ask.ask("CreateUser", [("UserName", f"user{number:03}")])
    first = ask.ask("CreateAccessKey", [("UserName", "user001")])
    second = ask.ask("CreateAccessKey", [("UserName", "user104")])
    ids = [text.partition("<AccessKeyId>")[2].partition("<")[0] for text in (first, second)]
    ask.ask(
        "UpdateAccessKey",
        [("UserName", "user104"), ("AccessKeyId", ids[1]), ("Status", "Inactive")],
    )
    taken = made(base, report=False).snapshot(NOW)
    keys = {row.row_id: row for row in taken.rows if row.what == "access key"}
    assert "account: access keys" in taken.listed
    assert set(keys) == set(ids)
    one, other = keys[ids[0]], keys[ids[1]]
    assert (one.state, other.state) == (RowState.ACTIVE, RowState.DISABLED)
    assert Identity("aws-user", "user001") in one.owners
    assert one.expires is Truth.NO
    assert one.created_at is not None
    assert [(hint.form, hint.value) for hint in one.hints] == [("id", ids[0])]


def xml(action: str, inside: str, after: str = "<IsTruncated>false</IsTruncated>") -> Told:
    body = f"<{action}Response><{action}Result>{inside}{after}</{action}Result></{action}Response>"
    return Told(body=body.encode(), content_type="text/xml")


def refusal(status: int, code: str) -> Told:
    body = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"
    return Told(status, body.encode(), "text/xml")


REPORT = (
    "user,arn,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_2_active\n<root_account>,arn:aws:iam::1:root,true,2020-01-01T00:00:00+00:00,N/A,false\n"
)


def account(asked: Asked) -> Told:
    form = dict(part.split("=", 1) for part in asked.body.decode().split("&"))
    action = form["Action"]
    if action == "ListUsers":
        page = int(form.get("Marker", "0"))
        user = f"<Users><member><UserName>u{page}</UserName><Arn>arn:{page}</Arn></member></Users>"
        more = f"<IsTruncated>true</IsTruncated><Marker>{page + 1}</Marker>"
        return xml(action, user, more if page < 2 else "<IsTruncated>false</IsTruncated>")
    user = form.get("UserName", "")
    key = f"A{'KIA'}{user.upper():X<16}"
    lists = {
        "ListAccessKeys": f"<AccessKeyMetadata><member><UserName>{user}</UserName><AccessKeyId>{key}"
        "</AccessKeyId><Status>Active</Status><CreateDate>2024-01-01T00:00:00Z</CreateDate></member>"
        "</AccessKeyMetadata>",
        "GetAccessKeyLastUsed": "<AccessKeyLastUsed><LastUsedDate>2026-01-01T00:00:00Z</LastUsedDate>"
        "</AccessKeyLastUsed>",
        "ListServiceSpecificCredentials": "<ServiceSpecificCredentials><member><UserName>u1</UserName>"
        "<ServiceSpecificCredentialId>ACCA1</ServiceSpecificCredentialId><Status>Active</Status>"
        "<ServiceName>bedrock.amazonaws.com</ServiceName><ExpirationDate>2026-01-01T00:00:00Z"
        "</ExpirationDate></member></ServiceSpecificCredentials>",
        "ListSSHPublicKeys": "<SSHPublicKeys/>",
        "GenerateCredentialReport": "<State>COMPLETE</State>",
        "GetCredentialReport": f"<Content>{base64.b64encode(REPORT.encode()).decode()}</Content>",
    }
    return xml(action, lists[action])


def read(answer: Answerer) -> tuple[list[InventoryRow], tuple[str, ...], list[str]]:
    with answering(answer) as base:
        taken = made(base).snapshot(NOW)
    return list(taken.rows), taken.listed, [gap.container for gap in taken.gaps]


def test_all_lists_of_an_account() -> None:
    rows, listed, gaps = read(account)
    assert gaps == []
    assert len(listed) == 4
    whats = [row.what for row in rows]
    assert whats.count("access key") == 3
    root = next(row for row in rows if row.what.startswith("root"))
    assert (root.owner_is_person, root.created_at) == (Truth.NO, datetime(2020, 1, 1, tzinfo=UTC))
    bedrock = next(row for row in rows if "bedrock" in row.what)
    assert (bedrock.state, bedrock.owner_name) == (RowState.EXPIRED, "u1")
    assert next(row for row in rows if row.what == "access key").last_used_at is not None


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize(
    "fault",
    [
        refusal(500, "ServiceFailure"),
        refusal(403, "AccessDenied"),
        refusal(400, "Throttling"),
        Told(200, b"<html>sign in</html>", "text/html"),
        Told(200, b"<ListUsersResponse><Users><member>", "text/xml"),
        xml("ListUsers", "<Other/>"),
        xml("ListUsers", "<Users/>", "<IsTruncated>true</IsTruncated>"),
        xml("ListUsers", "<Users/>", "<IsTruncated>true</IsTruncated><Marker>1</Marker>"),
    ],
)
def test_a_list_that_breaks_off_is_never_taken_for_whole(fault: Told, number: int) -> None:
    count = {"users": 0}

    def answer(asked: Asked) -> Told:
        if b"Action=ListUsers" not in asked.body:
            return account(asked)
        count["users"] += 1
        return fault if (count["users"] - 1) % 3 >= number else account(asked)

    _, listed, gaps = read(answer)
    assert "account: access keys" not in listed
    assert "account: access keys" in gaps


def test_our_own_key_refused_is_an_error_and_is_not_shown() -> None:
    with pytest.raises(AuthError) as caught:
        read(lambda _: refusal(403, "InvalidClientTokenId"))
    assert "own-secret" not in str(caught.value)
    assert "own-secret" not in repr(made("http://127.0.0.1:1"))


@pytest.mark.parametrize("content", ["", "bm90IGEgcmVwb3J0", "%%%"])
def test_a_report_that_is_none_is_a_gap(content: str) -> None:
    def answer(asked: Asked) -> Told:
        if b"Action=GetCredentialReport" in asked.body:
            return xml("GetCredentialReport", f"<Content>{content}</Content>")
        return account(asked)

    assert read(answer)[2] == ["account: root user"]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (refusal(403, "AccessDenied"), Refused),
        (refusal(429, "Whatever"), Unavailable),
        (Told(200, b"", "text/xml"), SourceError),
    ],
)
def test_errors(told: Told, error: type[Exception]) -> None:
    with answering(lambda _: told) as base, pytest.raises(error):
        iam(base).ask("ListUsers")
