"""AWS IAM's lists of an account: users' access keys, service-specific credentials, SSH keys, and
the root user's keys out of the credential report.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html and its neighbours.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.aws_query import Query, leaves
from connectors.http import Http, policy_of
from connectors.json_shape import unexpected
from connectors.listing import Lists, lasting, moment, name_of, word
from correlate.errors import Refused, Unavailable
from correlate.listed import Hint, InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_STATES = {
    "Active": RowState.ACTIVE,
    "Inactive": RowState.DISABLED,
    "Expired": RowState.EXPIRED,
}
_NEEDS = "the policy IAMReadOnlyAccess"
_REPORT_TRIES = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """`key_id` and `key` are our own, with IAMReadOnlyAccess. `report` reads the root user's keys
    from the credential report (iam:GenerateCredentialReport, iam:GetCredentialReport).
    """

    key_id: str
    key: Secret
    account: str = "account"
    report: bool = True
    region: str = "us-east-1"
    base_url: str = "https://iam.amazonaws.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.05


def connect(settings: Settings, setup: Setup) -> AwsInventory:
    """Return the lists. Asks nothing yet."""
    policy = replace(policy_of(settings), spacing_s=settings.spacing_s)
    return AwsInventory(setup.name, settings, Http(policy))


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AwsInventory:
    """`Inventory` of one account."""

    name: str
    settings: Settings
    http: Http = field(repr=False)
    wall: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the users, what each holds, and the root user's keys."""
        own, lists = self.settings, Lists(self.name, now)
        iam = Query(
            self.http, own.base_url, self.name, own.key_id, own.key, own.region, "iam",
            "2010-05-08", self.wall,
        )  # fmt: skip
        lists.read(f"{own.account}: access keys", _NEEDS, self._access_keys(iam))
        lists.read(f"{own.account}: service credentials", _NEEDS, self._services(iam, now))
        lists.read(f"{own.account}: SSH keys", _NEEDS, self._ssh_keys(iam))
        if own.report:
            lists.read(f"{own.account}: root user", _NEEDS, self._root(iam))
        return lists.snapshot()

    def _users(self, iam: Query) -> Iterator[Mapping[str, str]]:
        for user in iam.members("ListUsers", "Users"):
            name_of(user, "UserName", self.name)
            yield user

    def _access_keys(self, iam: Query) -> Iterator[InventoryRow]:
        for user in list(self._users(iam)):
            given = [("UserName", user["UserName"])]
            for item in list(iam.members("ListAccessKeys", "AccessKeyMetadata", given)):
                key_id = name_of(item, "AccessKeyId", self.name)
                used = leaves(iam.ask("GetAccessKeyLastUsed", [("AccessKeyId", key_id)]))
                made = self._row(user, key_id, "access key", item)
                yield replace(
                    made,
                    kind="aws_access_key",
                    last_used_at=moment(used.get("LastUsedDate")),
                    expires=Truth.NO,  # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
                    hints=(Hint("id", key_id),),
                )

    def _services(self, iam: Query, now: datetime) -> Iterator[InventoryRow]:
        users = {user["UserName"]: user for user in self._users(iam)}
        given = [("AllUsers", "true")]
        for item in iam.members(
            "ListServiceSpecificCredentials", "ServiceSpecificCredentials", given
        ):
            user = users.get(item.get("UserName", ""), item)
            number = name_of(item, "ServiceSpecificCredentialId", self.name)
            made = self._row(user, number, f"{word(item.get('ServiceName'))} credential", item)
            expires_at = moment(item.get("ExpirationDate"))
            alias = word(item.get("ServiceCredentialAlias"))
            yield replace(
                made,
                name=alias or word(item.get("ServiceUserName")),
                state=lasting(made.state, expires_at, now),
                expires_at=expires_at,
                expires=Truth.YES if expires_at else Truth.UNKNOWN,
            )

    def _ssh_keys(self, iam: Query) -> Iterator[InventoryRow]:
        for user in list(self._users(iam)):
            given = [("UserName", user["UserName"])]
            for item in iam.members("ListSSHPublicKeys", "SSHPublicKeys", given):
                number = name_of(item, "SSHPublicKeyId", self.name)
                made = self._row(user, number, "SSH key", item)
                yield replace(made, created_at=moment(item.get("UploadDate")), expires=Truth.NO)

    def _row(
        self, user: Mapping[str, str], number: str, what: str, item: Mapping[str, str]
    ) -> InventoryRow:
        name, arn = word(user.get("UserName")), word(user.get("Arn"))
        owners = [Identity("aws-arn", arn)] if arn else []
        return InventoryRow(
            source=self.name,
            container="",
            row_id=number,
            issuer="aws",
            what=what,
            state=_STATES.get(item.get("Status", ""), RowState.UNKNOWN),
            owners=(*owners, Identity("aws-user", name)) if name else tuple(owners),
            owner_name=name,
            created_at=moment(item.get("CreateDate")),
            revoke_hint=f"Make {number} of user {name} inactive in IAM, then delete it.",
        )

    def _root(self, iam: Query) -> Iterator[InventoryRow]:
        for line in csv.DictReader(io.StringIO(self._report(iam))):
            for number in ("1", "2") if line.get("user") == "<root_account>" else ():
                if line.get(f"access_key_{number}_active") == "true":
                    yield InventoryRow(
                        source=self.name,
                        container="",
                        row_id=f"root access key {number}",
                        issuer="aws",
                        what="root user's access key",
                        state=RowState.ACTIVE,
                        owner_name="root user",
                        owner_is_person=Truth.NO,
                        created_at=moment(line.get(f"access_key_{number}_last_rotated")),
                        last_used_at=moment(line.get(f"access_key_{number}_last_used_date")),
                        expires=Truth.NO,
                        revoke_hint="Delete the root user's access key; sign in as root to do so.",
                    )

    def _report(self, iam: Query) -> str:
        for tried in range(_REPORT_TRIES):
            if leaves(iam.ask("GenerateCredentialReport")).get("State") == "COMPLETE":
                break
            self.sleep(min(2.0**tried, 15.0))
        else:
            raise Unavailable(
                "a report was not made in time", where=self.name, why="AWS still works on it",
                fix="run again later",
            )  # fmt: skip
        try:
            content = _content(iam.ask("GetCredentialReport"))
            text = base64.b64decode(content, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise unexpected(self.name) from None
        if not text.startswith("user,arn,"):
            raise unexpected(self.name)
        return text


def _content(text: str) -> str:
    """Return the report within an answer; it is too long for a flat element."""
    body = text.partition("<Content>")[2].partition("</Content>")[0]
    if not body:
        raise Refused(
            "a report is empty", where="GetCredentialReport", why="no content came",
            fix="allow our key iam:GetCredentialReport",
        )  # fmt: skip
    return "".join(body.split())
