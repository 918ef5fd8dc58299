"""Repositories of the kitchen: menus, recipes, loyalty and forecasts, with notebooks among them."""

from __future__ import annotations

from sample_data.history import Commit, Repository
from sample_data.notebook_text import notebook
from sample_data.planted import Planted
from sample_data.simulators.plan import Status

PLANTED = (
    Planted(
        "noor-github-classic",
        "github_pat_classic",
        ("menu-planner:deploy/release.env",),
        "its owner is on leave, which is not leaving",
        cases=(("F5", "100145"),),
        vendor="github",
        owner="100145",
        scopes=("repo",),
    ),
    Planted(
        "menu-npm-allowed",
        "npm_token",
        ("menu-planner:config.ini",),
        "live, but its line says that it is allowed: no case",
        vendor="npm",
        account="fennelrye-readonly",
    ),
    Planted(
        "sofia-github-classic",
        "github_pat_classic",
        ("recipes-cms:cms/publish.yml",),
        "its owner is on garden leave: still paid, last working day past",
        cases=(("F1", "100133"),),
        vendor="github",
        owner="100133",
        scopes=("repo",),
    ),
    Planted(
        "recipes-openai-restricted",
        "openai_project_key",
        ("recipes-cms:cms/translate.py",),
        "valid but not permitted to say whose it is (403): live, limited",
        # introduced by Amara, who leaves next month and so is still here; Sofia's last
        # working day was before it came
        cases=(("F5", "100163"),),
        vendor="openai",
        account="restricted",
        status=Status.LIMITED,
    ),
    Planted(
        "viktor-huggingface",
        "huggingface_token",
        ("loyalty:ml/push.py",),
        "introduced in a first employment; its owner came back",
        # Hugging Face names viktor.petrov, who works here again since 2025
        cases=(("F5", "100160"),),
        vendor="huggingface",
        owner="100160",
        scopes=("write",),
        created_at="2022-10-20T08:00:00Z",
    ),
    Planted(
        "loyalty-private-key",
        "private_key_pem",
        ("loyalty:certs/legacy.pem",),
        "a private key of people who are here: nothing to watch",
    ),
    Planted(
        "forecast-huggingface",
        "huggingface_token",
        ("forecasting:notebooks/train.ipynb",),
        "in a notebook's source inside a repository; came after the leaver there had gone",
        # Hugging Face names Yusuf, who is here
        cases=(("F6", "100184"),),
        vendor="huggingface",
        owner="100184",
        scopes=("read",),
        created_at="2026-04-01T08:00:00Z",
    ),
    Planted(
        "forecast-openai",
        "openai_project_key",
        ("forecasting:notebooks/eval.ipynb",),
        "in a notebook's output; the owner has left, which weighs more than the notebook",
        # OpenAI names Maya's address; Maya left on 2026-02-27
        cases=(("F1", "100177"),),
        vendor="openai",
        owner="100177",
    ),
)

_MENU = Repository(
    "menu-planner",
    (
        Commit(
            "2023-11-06T09:00:00Z",
            "100117",
            "Start the planner",
            {"README.md": "# menu-planner\n"},
        ),
        Commit(
            "2025-06-17T09:20:00Z",
            "100145",
            "Release by file",
            {"deploy/release.env": "GITHUB_TOKEN=<<noor-github-classic>>\n"},
        ),
        Commit(
            "2025-07-01T09:20:00Z",
            "100117",
            "Read packages",
            {"config.ini": "[npm]\ntoken = <<menu-npm-allowed>>  # pragma: allowlist secret\n"},
        ),
    ),
)

_RECIPES = Repository(
    "recipes-cms",
    (
        Commit(
            "2022-06-20T09:00:00Z",
            "100133",
            "Start the recipe editor",
            {"README.md": "# recipes-cms\n"},
        ),
        Commit(
            "2026-04-22T15:10:00Z",
            "100133",
            "Publish recipes",
            {"cms/publish.yml": "steps:\n  - run: publish\n    token: <<sofia-github-classic>>\n"},
        ),
        Commit(
            "2026-10-20T10:00:00Z",
            "100163",
            "Translate recipes",
            {"cms/translate.py": 'KEY = "<<recipes-openai-restricted>>"\n'},
        ),
    ),
)

_LOYALTY = Repository(
    "loyalty",
    (
        Commit(
            "2022-11-14T10:00:00Z",
            "100160",
            "Push the model",
            {"README.md": "# loyalty\n", "ml/push.py": 'HF_TOKEN = "<<viktor-huggingface>>"\n'},
        ),
        Commit(
            "2024-02-12T02:00:00Z",
            "100138",
            "Keep the old certificate",
            {"certs/legacy.pem": "<<loyalty-private-key>>\n"},
        ),
    ),
    bare=False,
)

_FORECASTING = Repository(
    "forecasting",
    (
        Commit(
            "2023-06-05T09:00:00Z",
            "100177",
            "Start forecasting",
            {"README.md": "# forecasting\n"},
        ),
        Commit(
            "2025-08-12T14:00:00Z",
            "100177",
            "Compare two models",
            {
                "notebooks/eval.ipynb": notebook(
                    ("client = connect(debug=True)\n",),
                    output="connected with OPENAI_API_KEY=<<forecast-openai>>\n",
                )
            },
        ),
        Commit(
            "2026-04-15T12:00:00Z",
            "100184",
            "Train on the new weeks",
            {
                "notebooks/train.ipynb": notebook(
                    ("import os\n", 'os.environ["HF_TOKEN"] = "<<forecast-huggingface>>"\n')
                )
            },
        ),
        Commit(
            "2026-06-01T12:00:00Z",
            "100180",
            "Explain the weeks",
            {"README.md": "# forecasting\n\nWeeks start on Monday.\n"},
        ),
    ),
)

REPOSITORIES = (_MENU, _RECIPES, _LOYALTY, _FORECASTING)
