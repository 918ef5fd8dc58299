"""CI variables of the company's forges, and who may read them there."""

from __future__ import annotations

from sample_data.accounts import github_account, gitlab_account
from sample_data.history import Fill
from sample_data.planted import Planted
from sample_data.simulators.plan import CiVariable, Forge, Member, Place, Status

ORGANISATION = "fennelandrye"
INSTANCE = "instance"  # how places call what stands on the GitLab instance itself

PLANTED = (
    Planted(
        "deploy-slack-bot",
        "slack_bot_token",
        ("platform/deploy:variable SLACK_TOKEN",),
        "a project's variable, and a leaver is still a maintainer there",
        # Dana has access level 40; Oskar, with 30, cannot read variables
        cases=(("F2", "100109"),),
        vendor="slack",
        account="deploy",
        scopes=("chat:write",),
    ),
    Planted(
        "edge-npm",
        "npm_token",
        ("platform/edge:variable NPM_TOKEN",),
        "masked, which hides it from logs and not from maintainers",
        cases=(("F2", "100119"),),
        vendor="npm",
        account="fennelrye-edge",
    ),
    Planted(
        "data-huggingface",
        "huggingface_token",
        ("data:variable HF_TOKEN",),
        "a group's variable whose owner is here; the group's own members are too",
        cases=(("F5", "100184"),),
        vendor="huggingface",
        owner="100184",
        scopes=("read",),
        created_at="2024-02-01T08:00:00Z",
    ),
    Planted(
        "pipelines-anthropic",
        "anthropic_api_key",
        ("data/pipelines:variable ANTHROPIC_API_KEY",),
        "nobody's key; a leaver is still a maintainer of the project",
        cases=(("F2", "100177"),),
        vendor="anthropic",
        account="workspace",
    ),
    Planted(
        "kofi-github-classic",
        "github_pat_classic",
        (f"{INSTANCE}:variable GITHUB_TOKEN",),
        "a variable of the whole instance, the token of somebody who left in 2024",
        cases=(("F1", "100148"),),
        vendor="github",
        owner="100148",
        scopes=("repo", "admin:org"),
    ),
    Planted(
        "org-openai-service",
        "openai_service_account_key",
        (f"{ORGANISATION}:variable OPENAI_API_KEY",),
        "an organisation's variable: nobody owns it, nobody is known to have set or read it",
        cases=(("F3", None),),
        vendor="openai",
        account="svc-actions",
    ),
    Planted(
        "dana-aws-key",
        "aws_access_key",
        (f"{ORGANISATION}/storefront:variable AWS_CREDENTIALS",),
        "a pair in one variable; AWS names a leaver",
        cases=(("F1", "100109"),),
        vendor="aws_sts",
        owner="100109",
    ),
    Planted(
        "orders-slack-bot",
        "slack_bot_token",
        (f"{ORGANISATION}/orders-api:variable SLACK_TOKEN",),
        "an environment's variable; a contractor who has left may still push, another only pull",
        cases=(("F2", "100140"),),
        vendor="slack",
        account="orders",
        scopes=("chat:write",),
    ),
    Planted(
        "menu-npm-dead",
        "npm_token",
        (f"{ORGANISATION}/menu-planner:variable NPM_TOKEN",),
        "rejected by its issuer: nothing",
        vendor="npm",
        account="fennelrye-menu",
        status=Status.REVOKED,
    ),
)


def gitlab(fill: Fill) -> Forge:
    """Return the GitLab instance with its variables' texts filled in."""
    deploy = Place(
        11,
        "platform/deploy",
        (
            CiVariable("REGION", "eu-west-2"),
            CiVariable("SLACK_TOKEN", fill("<<deploy-slack-bot>>"), protected=True),
            CiVariable("SIGNING_KEY", readable=False),
        ),
        (Member(gitlab_account("100109"), "40"), Member(gitlab_account("000123"), "30")),
    )
    edge = Place(
        12,
        "platform/edge",
        (CiVariable("NPM_TOKEN", fill("<<edge-npm>>"), masked=True, scope="production"),),
        (Member(gitlab_account("100119"), "40"),),
    )
    pipelines = Place(
        21,
        "data/pipelines",
        (CiVariable("ANTHROPIC_API_KEY", fill("<<pipelines-anthropic>>")),),
        (Member(gitlab_account("100177"), "40"), Member(gitlab_account("100180"), "30")),
    )
    platform = Place(10, "platform", (), (Member(gitlab_account("100104"), "50"),), (deploy, edge))
    data = Place(
        20,
        "data",
        (CiVariable("HF_TOKEN", fill("<<data-huggingface>>")),),
        (Member(gitlab_account("100184"), "50"),),
        (pipelines,),
    )
    variables = (CiVariable("GITHUB_TOKEN", fill("<<kofi-github-classic>>")),)
    return Forge("gitlab.fennelandrye.example", variables, (platform, data))


def github(fill: Fill) -> Forge:
    """Return the GitHub organisation with its variables' texts filled in."""
    pair = "aws_access_key_id=<<dana-aws-key.id>>\naws_secret_access_key=<<dana-aws-key.secret>>\n"
    storefront = Place(
        501,
        "storefront",
        (
            _variable("AWS_CREDENTIALS", fill(pair)),
            _secret("DEPLOY_KEY"),
        ),
        (Member(github_account("100104"), "admin"), Member(github_account("100109"), "push")),
    )
    production = Place(601, "production", (_variable("SLACK_TOKEN", fill("<<orders-slack-bot>>")),))
    orders = Place(
        502,
        "orders-api",
        (_variable("REGION", "eu-north-1"),),
        (
            Member(github_account("100130"), "admin"),
            Member(github_account("100140"), "push"),
            Member(github_account("100126"), "pull"),
        ),
        (production,),
    )
    menu = Place(
        503,
        "menu-planner",
        (_variable("NPM_TOKEN", fill("<<menu-npm-dead>>")),),
        (Member(github_account("100117"), "maintain"),),
    )
    padding = tuple(_variable(f"FLAG_{number:02d}", "on") for number in range(1, 12))
    variables = (*padding, _variable("OPENAI_API_KEY", fill("<<org-openai-service>>")))
    return Forge(ORGANISATION, variables, (storefront, orders, menu))


def _variable(name: str, value: str) -> CiVariable:
    return CiVariable(name, value, "2024-11-04T10:00:00Z", "2025-02-10T10:00:00Z")


def _secret(name: str) -> CiVariable:
    at = "2023-02-01T09:00:00Z"
    return CiVariable(name, created_at=at, updated_at=at, readable=False)
