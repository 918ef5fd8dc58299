from __future__ import annotations

from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from sample_data.simulators.plan import Status
from sample_data.simulators.world import World
from tests.sample_data.caller import Caller


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def slack(call: Caller, secret: str) -> Any:
    return call("POST", "slack", "/api/auth.test", headers=bearer(secret))


def test_slack_answers_200_and_puts_the_verdict_in_the_body(
    call: Caller, world: World, secret: dict[str, str]
) -> None:
    token = secret["storefront-slack-bot"]
    said = slack(call, token).json()
    assert said["ok"] is True
    assert said["bot_id"].startswith("B")
    world.revoke("storefront-slack-bot")
    assert slack(call, token).json() == {"ok": False, "error": "token_revoked"}
    assert slack(call, token).status_code == 200
    assert slack(call, "nobody").json()["error"] == "invalid_auth"
    assert slack(call, "").json()["error"] == "not_authed"
    world.set_status("storefront-slack-bot", Status.THROTTLED)
    assert slack(call, token).headers["Retry-After"] == "30"


def test_npm_says_who_one_is(call: Caller, world: World, secret: dict[str, str]) -> None:
    def ask() -> Any:
        return call("GET", "npm", "/-/whoami", headers=bearer(secret["erik-npm"]))

    assert ask().json() == {"username": "fennelrye-publish"}
    world.revoke("erik-npm")
    assert ask().status_code == 401


def test_openai_tells_users_keys_from_services(call: Caller, secret: dict[str, str]) -> None:
    user, service = bearer(secret["ravi-openai"]), bearer(secret["billing-service-key"])
    assert call("GET", "openai", "/v1/me", headers=user).json()["email"].startswith("ravi.menon@")
    assert call("GET", "openai", "/v1/me", headers=service).status_code == 403
    assert call("GET", "openai", "/v1/models", headers=service).json()["data"]


def test_openai_refusals_carry_codes(call: Caller, world: World, secret: dict[str, str]) -> None:
    def code(label: str) -> tuple[int, str]:
        answer = call("GET", "openai", "/v1/me", headers=bearer(secret[label]))
        return answer.status_code, answer.json()["error"]["code"]

    assert code("recipes-openai-restricted") == (403, "missing_scope")
    world.revoke("ravi-openai")
    assert code("ravi-openai") == (401, "invalid_api_key")


def test_anthropic_wants_its_two_headers(
    call: Caller, world: World, secret: dict[str, str]
) -> None:
    key = {"x-api-key": secret["maya-anthropic"]}
    version = {"anthropic-version": "2023-06-01"}

    def ask(headers: dict[str, str]) -> Any:
        return call("GET", "anthropic", "/v1/models?limit=1", headers=headers)

    assert ask(key | version).json()["data"]
    assert ask(key).status_code == 400
    assert ask(version).json()["error"]["type"] == "authentication_error"
    world.revoke("maya-anthropic")
    assert ask(key | version).status_code == 401


def test_hugging_face_names_the_owner(call: Caller, world: World, secret: dict[str, str]) -> None:
    def ask(label: str) -> Any:
        return call("GET", "huggingface", "/api/whoami-v2", headers=bearer(secret[label]))

    said = ask("viktor-huggingface").json()
    assert said["email"] == "viktor.petrov@fennelandrye.example"
    assert said["auth"]["accessToken"]["role"] == "write"
    world.set_status("viktor-huggingface", Status.THROTTLED)
    assert ask("viktor-huggingface").status_code == 429
    world.revoke("viktor-huggingface")
    assert ask("viktor-huggingface").status_code == 401


def identity(call: Caller, pair: str) -> Any:
    number, _, secret = pair.partition(":")
    client = boto3.client(
        "sts",
        endpoint_url=call.endpoints["aws_sts"],
        aws_access_key_id=number,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    try:
        return client.get_caller_identity()
    finally:
        client.close()


def test_sts_takes_what_botocore_signs(call: Caller, secret: dict[str, str]) -> None:
    said = identity(call, secret["oskar-aws-key"])
    assert said["Arn"] == "arn:aws:iam::000011112222:user/olindqvist"


def test_sts_refuses_a_wrong_secret_an_unknown_key_and_an_inactive_one(
    call: Caller, world: World, secret: dict[str, str]
) -> None:
    pair = secret["oskar-aws-key"]

    def refused(pair: str) -> str:
        with pytest.raises(ClientError) as caught:
            identity(call, pair)
        return str(caught.value.response["Error"]["Code"])

    assert refused(pair[:-1] + ("A" if pair[-1] != "A" else "B")) == "SignatureDoesNotMatch"
    assert refused("AK" + "IA" + "Q" * 16 + ":x") == "InvalidClientTokenId"
    world.revoke("oskar-aws-key")
    assert refused(pair) == "InvalidClientTokenId"


def test_sts_refuses_a_changed_body(call: Caller) -> None:
    answer = call("POST", "aws_sts", "/", data={"Action": "GetCallerIdentity"})
    assert answer.status_code == 403
    assert "MissingAuthenticationToken" in answer.text
    assert answer.headers["Content-Type"] == "text/xml"


def test_the_world_counts_how_often_a_token_was_asked_about(
    call: Caller, world: World, secret: dict[str, str]
) -> None:
    slack(call, secret["storefront-slack-bot"])
    slack(call, secret["storefront-slack-bot"])
    assert world.asked == {"storefront-slack-bot": 2}
    assert world.requests["slack"] == 2
