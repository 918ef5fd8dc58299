"""Repositories of warehouse, fleet and office: most of what leavers left behind stands here."""

from __future__ import annotations

from sample_data.history import Commit, Repository
from sample_data.people import DOMAIN
from sample_data.planted import Planted
from sample_data.simulators.plan import Status

_CI = f"ci <ci@{DOMAIN}>"
_SEOYEON_NO_REPLY = "4188207+seoyeon-na@users.noreply.github.com"

PLANTED = (
    Planted(
        "inventory-gitlab-bot",
        "gitlab_pat",
        ("inventory-sync:sync/client.py",),
        "a 2022 commit by an address that another person holds today",
        # a project's bot owns it; john.smith@ was 100052 in 2022, who left on 2023-03-31
        cases=(("F2", "100052"),),
        vendor="gitlab",
        account="project_21_bot_inventory",
        scopes=("read_api",),
    ),
    Planted(
        "inventory-anthropic",
        "anthropic_api_key",
        ("inventory-sync:sync/ask.py",),
        "the same address in 2025: its new holder, who is here",
        # the key names nobody; the former holder had left two years before
        cases=(("F5", "100175"),),
        vendor="anthropic",
        account="workspace",
    ),
    Planted(
        "scanner-slack-bot",
        "slack_bot_token",
        ("warehouse-scanner:app/alerts.py",),
        "on a tag only; by a contractor whose end date has passed unnoticed",
        cases=(("F2", "100140"),),
        vendor="slack",
        account="scanner-alerts",
        scopes=("chat:write",),
    ),
    Planted(
        "felix-github-dead",
        "github_pat_classic",
        ("warehouse-scanner:build.sh",),
        "a leaver's token that GitHub rejects: nothing",
        vendor="github",
        owner="100140",
        status=Status.REVOKED,
    ),
    Planted(
        "routes-slack-bot",
        "slack_bot_token",
        ("delivery-routes:config/slack.json", "fleet-telemetry:deploy/slack.yaml"),
        "one token in two repositories; two leavers could read it, a third had gone before",
        # Wei, who is here, put it in both; Seo-yeon (left 2026-05-29) wrote in both, Asa
        # (left 2026-07-31) in one; Kofi left a month before it came
        cases=(("F2", "100119"), ("F2", "100171")),
        vendor="slack",
        account="routes-alerts",
        scopes=("chat:write",),
    ),
    Planted(
        "fleet-openai-service",
        "openai_service_account_key",
        ("fleet-telemetry:ingest/enrich.py",),
        "introduced under a GitHub no-reply address",
        cases=(("F2", "100171"),),
        vendor="openai",
        account="svc-fleet",
    ),
    Planted(
        "kofi-private-key",
        "private_key_openssh",
        ("fleet-telemetry:ops/id_backup",),
        "a leaver's private key: no inventory of keys is configured, so it is watched",
        watch=(("100148", "unknown"),),
    ),
    Planted(
        "ingrid-github-fine",
        "github_pat_fine_grained",
        ("payroll-export:export/run.sh",),
        "its owner's last day ended an hour ago, in Los Angeles",
        cases=(("F1", "100155"),),
        vendor="github",
        owner="100155",
    ),
    Planted(
        "payroll-broker",
        "database_url_amqp",
        ("payroll-export:export/settings.toml",),
        "a login introduced by a leaver whom the directory has forgotten",
        watch=(("100166", "not_verifiable"),),
    ),
    Planted(
        "theo-github-classic",
        "github_pat_classic",
        ("payroll-export:export/labels.sh",),
        "every question about it is answered with a rate limit: watched, not judged",
        watch=(("100166", "unknown"),),
        vendor="github",
        owner="100166",
        status=Status.THROTTLED,
    ),
    Planted(
        "runbooks-gitlab-bot",
        "gitlab_pat",
        ("ops-runbooks:runbooks/restore.md",),
        "introduced by a contractor whom only the directory knows, expired on 2026-08-31",
        cases=(("F2", "directory:ext-mkowalski"),),
        vendor="gitlab",
        account="project_11_bot_restore",
        scopes=("read_repository",),
        status=Status.LIMITED,
    ),
    Planted(
        "runbooks-slack-bot",
        "slack_bot_token",
        ("ops-runbooks:runbooks/paging.md",),
        "introduced by a contractor who is merely disabled: suspected, watched",
        watch=(("directory:ext-lpark", "suspected_leaver"),),
        vendor="slack",
        account="pager",
        scopes=("chat:write",),
    ),
    Planted(
        "runbooks-npm",
        "npm_token",
        ("ops-runbooks:ci/cache.sh",),
        "introduced by a machine, owned by nobody we know",
        cases=(("F3", None),),
        vendor="npm",
        account="fennelrye-cache",
    ),
    Planted(
        "paul-github-classic",
        "github_pat_classic",
        ("ops-runbooks:runbooks/mirror.sh",),
        "its owner's last day is today and not over",
        cases=(("F5", "100158"),),
        vendor="github",
        owner="100158",
        scopes=("repo",),
    ),
)

_INVENTORY = Repository(
    "inventory-sync",
    (
        Commit(
            "2022-06-01T10:00:00Z",
            "100052",
            "Ask GitLab for the list",
            {
                "README.md": "# inventory-sync\n",
                "sync/client.py": 'GITLAB_TOKEN = "<<inventory-gitlab-bot>>"\n',
            },
        ),
        Commit(
            "2024-03-18T10:00:00Z",
            "100130",
            "Log each run",
            {"sync/log.py": "LEVEL = 20\n"},
        ),
        Commit(
            "2025-05-20T10:00:00Z",
            "100175",
            "Ask a model about odd rows",
            {"sync/ask.py": 'ANTHROPIC_API_KEY = "<<inventory-anthropic>>"\n'},
        ),
    ),
    bare=False,
)

_SCANNER = Repository(
    "warehouse-scanner",
    (
        Commit(
            "2024-10-07T02:00:00Z",
            "100138",
            "Start the scanner",
            {"README.md": "# warehouse-scanner\n"},
        ),
        Commit(
            "2025-09-18T08:00:00Z",
            "100140",
            "Alert on a jam",
            {"app/alerts.py": 'TOKEN = "<<scanner-slack-bot>>"\n'},
            branch="release-0.9",
            tag="v0.9.1",
        ),
        Commit(
            "2025-10-06T08:00:00Z",
            "100140",
            "Build from source",
            {"build.sh": "#!/bin/sh\nexport GITHUB_TOKEN=<<felix-github-dead>>\nmake\n"},
        ),
        Commit(
            "2026-02-02T03:00:00Z",
            "100138",
            "Show what a token looks like",
            {"docs/tokens.md": "A mistyped one: <<wrong-checksum>>\n"},
        ),
    ),
    dropped=("release-0.9",),
)

_ROUTES = Repository(
    "delivery-routes",
    (
        Commit(
            "2022-08-15T08:00:00Z",
            "100119",
            "Start routing",
            {"README.md": "# delivery-routes\n"},
            mail=f"abergstrom@{DOMAIN}",
        ),
        Commit(
            "2024-06-10T01:00:00Z",
            "100171",
            "Prefer short ways",
            {"routes/cost.py": "PER_KM = 1.2\n"},
        ),
        Commit(
            "2025-01-20T03:00:00Z",
            "100122",
            "Tell the drivers",
            {
                "config/slack.json": '{\n  "channel": "#drivers",\n  "token": "<<routes-slack-bot>>"\n}\n'
            },
        ),
    ),
    bare=False,
)

_TELEMETRY = Repository(
    "fleet-telemetry",
    (
        Commit(
            "2023-04-17T09:00:00Z",
            "100148",
            "Start telemetry",
            {"README.md": "# fleet-telemetry\n"},
        ),
        Commit(
            "2024-03-11T09:00:00Z",
            "100148",
            "Back up by ssh",
            {"ops/id_backup": "<<kofi-private-key>>\n"},
        ),
        Commit(
            "2025-02-03T03:00:00Z",
            "100122",
            "Tell the drivers here too",
            {"deploy/slack.yaml": "slack:\n  token: <<routes-slack-bot>>\n"},
        ),
        Commit(
            "2025-10-06T01:00:00Z",
            "100171",
            "Enrich stops",
            {"ingest/enrich.py": 'OPENAI_API_KEY = "<<fleet-openai-service>>"\n'},
            mail=_SEOYEON_NO_REPLY,
        ),
        Commit(
            "2025-12-01T03:00:00Z",
            "100122",
            "Read the database's login from a file",
            {"ingest/db.py": 'PASSWORD = "<<generic-password>>"\n'},
        ),
    ),
)

_PAYROLL = Repository(
    "payroll-export",
    (
        Commit(
            "2023-03-20T09:00:00Z",
            "100142",
            "Start the export",
            {"README.md": "# payroll-export\n"},
        ),
        Commit(
            "2024-09-16T09:00:00Z",
            "100166",
            "Read from the payroll queue",
            {"export/settings.toml": '[source]\nurl = "<<payroll-broker>>"\n'},
        ),
        Commit(
            "2025-01-27T09:00:00Z",
            "100166",
            "Fetch labels",
            {"export/labels.sh": "#!/bin/sh\nexport GITHUB_TOKEN=<<theo-github-classic>>\n"},
        ),
        Commit(
            "2026-08-14T18:00:00Z",
            "100155",
            "Run each month",
            {"export/run.sh": "#!/bin/sh\nGITHUB_TOKEN=<<ingrid-github-fine>> make export\n"},
        ),
    ),
)

_RUNBOOKS = Repository(
    "ops-runbooks",
    (
        Commit(
            "2025-11-10T09:00:00Z",
            "100158",
            "Start the runbooks",
            {"README.md": "# ops-runbooks\n"},
        ),
        Commit(
            "2026-03-09T09:00:00Z",
            "directory:ext-mkowalski",
            "Describe how to restore",
            {"runbooks/restore.md": "Fetch with `PRIVATE-TOKEN: <<runbooks-gitlab-bot>>`.\n"},
        ),
        Commit(
            "2026-09-15T09:00:00Z",
            "directory:ext-lpark",
            "Describe paging",
            {"runbooks/paging.md": "Post with <<runbooks-slack-bot>> to #pager.\n"},
        ),
        Commit(
            "2026-10-10T03:00:00Z",
            _CI,
            "Warm the cache",
            {"ci/cache.sh": "#!/bin/sh\nexport NPM_TOKEN=<<runbooks-npm>>\n"},
        ),
        Commit(
            "2026-10-15T09:00:00Z",
            "100158",
            "Mirror the runbooks",
            {"runbooks/mirror.sh": "#!/bin/sh\nexport GH_TOKEN=<<paul-github-classic>>\n"},
        ),
    ),
    bare=False,
)

REPOSITORIES = (_INVENTORY, _SCANNER, _ROUTES, _TELEMETRY, _PAYROLL, _RUNBOOKS)
