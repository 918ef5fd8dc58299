"""Repositories of the shop: what customers see and what takes their money."""

from __future__ import annotations

from sample_data.history import Commit, Repository
from sample_data.people import DOMAIN
from sample_data.planted import Planted

_DEPENDABOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"

PLANTED = (
    Planted(
        "dana-github-classic",
        "github_pat_classic",
        ("storefront:deploy/config.env", "storefront-experiments:deploy/config.env"),
        "a leaver's own token at the tip, and the same blob in a fork: one case, two places",
        # GitHub names Dana, who left on 2026-09-30
        cases=(("F1", "100109"),),
        vendor="github",
        owner="100109",
        scopes=("repo", "workflow"),
    ),
    Planted(
        "storefront-slack-bot",
        "slack_bot_token",
        ("storefront:src/notify.py",),
        "deleted a month later, still in the history; a leaver worked there at the time",
        # a bot is nobody's; Dana wrote in this repository until 2026, the token came in 2025
        cases=(("F2", "100109"),),
        vendor="slack",
        account="storefront-alerts",
        scopes=("chat:write",),
    ),
    Planted(
        "oskar-aws-key",
        "aws_access_key",
        ("orders-api:infra/terraform.tfvars",),
        "a leaver's key pair, deleted from the tip; the leaver's id starts with zeros",
        # AWS names the user olindqvist, who is 000123 and left on 2026-03-31
        cases=(("F1", "000123"),),
        vendor="aws_sts",
        owner="000123",
    ),
    Planted(
        "orders-database",
        "database_url_postgres",
        ("orders-api:config/settings.py",),
        "a login of a server that the configuration does not name, introduced by a leaver: watched",
        watch=(("000123", "unknown"),),
    ),
    Planted(
        "erik-npm",
        "npm_token",
        ("orders-api:.npmrc",),
        "pushed and force-pushed away: on no ref, still in the object store",
        # npm's user is nobody we know; Erik is here by the personnel file, whatever the
        # directory says; Oskar had left a month before
        cases=(("F5", "100150"),),
        vendor="npm",
        account="fennelrye-publish",
    ),
    Planted(
        "ravi-openai",
        "openai_project_key",
        ("billing:src/llm.py",),
        "written while merging: in the merge commit only, in neither parent",
        # OpenAI names Ravi's address; Ravi left on 2025-11-28
        cases=(("F1", "100126"),),
        vendor="openai",
        owner="100126",
    ),
    Planted(
        "billing-service-key",
        "openai_service_account_key",
        ("billing:ops/cron.yaml",),
        "a service's key, introduced by somebody who is here, known to a leaver",
        # no person owns a service account; Ravi left nine months after it came
        cases=(("F2", "100126"),),
        vendor="openai",
        account="svc-billing",
    ),
    Planted(
        "chloe-github-fine",
        "github_pat_fine_grained",
        ("pos-terminal:scripts/release.sh",),
        "introduced under an address that its holder no longer uses",
        # GitHub names chloe-adams, who is here
        cases=(("F5", "100151"),),
        vendor="github",
        owner="100151",
    ),
    Planted(
        "pos-session",
        "jwt",
        ("pos-terminal:tests/session.json",),
        "a web token: generic, never a case",
    ),
)

_STOREFRONT = Repository(
    "storefront",
    (
        Commit(
            "2022-03-07T10:12:00Z",
            "100104",
            "Start the storefront",
            {"README.md": "# storefront\n", "src/app.py": "PORT = 8080\n"},
        ),
        Commit(
            "2023-01-16T09:40:00Z",
            "100109",
            "Add the basket",
            {"src/basket.py": "def total(lines):\n    return sum(lines)\n"},
        ),
        Commit(
            "2024-05-14T13:05:00Z",
            "100109",
            "Deploy from one file",
            {
                "deploy/config.env": "REGION=eu-west-2\nGITHUB_TOKEN=<<dana-github-classic>>\nREPLICAS=3\n"
            },
        ),
        Commit(
            "2024-06-03T08:15:00Z",
            _DEPENDABOT,
            "Bump urllib3",
            {"requirements.txt": "urllib3==2.2.1\n"},
        ),
        Commit(
            "2025-03-12T15:30:00Z",
            "100104",
            "Say in the channel when an order fails",
            {
                "src/notify.py": 'CHANNEL = "#orders"\nSLACK_TOKEN = "<<storefront-slack-bot>>"\n',
                "README.md": "# storefront\n\nSet `GITHUB_TOKEN` (a placeholder: <<placeholder-github>>).\n",
            },
        ),
        Commit(
            "2025-04-10T11:00:00Z",
            "100104",
            "Take notifications out again",
            {"src/notify.py": None},
        ),
        Commit(
            "2026-08-19T16:20:00Z",
            "100117",
            "Serve on 8443",
            {"src/app.py": "PORT = 8443\n"},
        ),
    ),
)

_FORK = Repository(
    "storefront-experiments",
    (
        Commit(
            "2024-08-26T10:00:00Z",
            "100180",
            "Try another ranking",
            {"src/ranking.py": "WEIGHT = 0.7\n"},
        ),
    ),
    forked=("storefront", 4),
)

_ORDERS = Repository(
    "orders-api",
    (
        Commit(
            "2022-05-09T09:00:00Z",
            "100130",
            "Start the orders service",
            {"README.md": "# orders-api\n", "orders/api.py": "VERSION = 1\n"},
        ),
        Commit(
            "2023-02-20T14:22:00Z",
            "000123",
            "Describe the bucket",
            {
                "infra/terraform.tfvars": 'region = "eu-north-1"\naws_access_key_id = "<<oskar-aws-key.id>>"\n'
                'aws_secret_access_key = "<<oskar-aws-key.secret>>"\n'
            },
        ),
        Commit(
            "2023-03-02T09:10:00Z",
            "100130",
            "Read credentials from the environment",
            {"infra/terraform.tfvars": 'region = "eu-north-1"\n'},
        ),
        Commit(
            "2024-01-15T10:45:00Z",
            "000123",
            "Keep orders in PostgreSQL",
            {"config/settings.py": 'DATABASE_URL = "<<orders-database>>"\n'},
        ),
        Commit(
            "2026-05-05T12:00:00Z",
            "100150",
            "Publish the client",
            {".npmrc": "//npm.fennelandrye.example/:_authToken=<<erik-npm>>\n"},
            branch="publish",
        ),
        Commit(
            "2026-05-05T12:30:00Z",
            "100150",
            "Publish the client",
            {"client/package.json": '{"name": "@fennelandrye/orders"}\n'},
        ),
    ),
    bare=False,
    dropped=("publish",),
)

_BILLING = Repository(
    "billing",
    (
        Commit(
            "2022-04-04T09:30:00Z",
            "100126",
            "Start billing",
            {"README.md": "# billing\n", "src/invoice.py": "VAT = 0.2\n"},
        ),
        Commit(
            "2024-09-26T10:00:00Z",
            "100131",
            "Summarise invoices",
            {"src/summary.py": "LENGTH = 80\n"},
            branch="summaries",
        ),
        Commit(
            "2024-09-30T10:00:00Z",
            "100126",
            "Round per line",
            {"src/invoice.py": "VAT = 0.2\nROUND = 2\n"},
        ),
        Commit(
            "2024-10-03T17:45:00Z",
            "100126",
            "Merge branch 'summaries'",
            {
                "src/summary.py": "LENGTH = 80\n",
                "src/llm.py": 'OPENAI_API_KEY = "<<ravi-openai>>"\n',
            },
            merges="summaries",
        ),
        Commit(
            "2024-10-04T09:00:00Z",
            "100131",
            "Take the key out",
            {"src/llm.py": 'OPENAI_API_KEY = ""\n'},
        ),
        Commit(
            "2025-02-11T11:15:00Z",
            "100131",
            "Bill at night",
            {
                "ops/cron.yaml": 'schedule: "0 2 * * *"\nenv:\n  OPENAI_API_KEY: <<billing-service-key>>\n'
            },
        ),
    ),
)

_POS = Repository(
    "pos-terminal",
    (
        Commit(
            "2022-09-12T08:00:00Z",
            "100151",
            "Start the terminal",
            {"README.md": "# pos-terminal\n"},
            mail=f"chloe.adams@{DOMAIN}",
        ),
        Commit(
            "2023-05-22T10:30:00Z",
            "100151",
            "Release from a script",
            {"scripts/release.sh": "#!/bin/sh\nexport GH_TOKEN=<<chloe-github-fine>>\nmake dist\n"},
            mail=f"chloe.adams@{DOMAIN}",
        ),
        Commit(
            "2024-11-18T13:00:00Z",
            "100131",
            "Test sessions",
            {"tests/session.json": '{"session": "<<pos-session>>"}\n'},
        ),
        Commit(
            "2025-09-01T09:00:00Z",
            "100151",
            "Name the terminal",
            {"README.md": "# pos-terminal\n\nThe till's own program.\n"},
        ),
    ),
)

REPOSITORIES = (_STOREFRONT, _FORK, _ORDERS, _BILLING, _POS)
