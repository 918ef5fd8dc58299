"""Notebooks kept outside of any repository: one folder per user, as a notebook server has them."""

from __future__ import annotations

from sample_data.notebook_text import notebook
from sample_data.planted import Planted
from sample_data.simulators.plan import Status

PLANTED = (
    Planted(
        "maya-anthropic",
        "anthropic_api_key",
        ("notebooks:mfontaine/demand.ipynb",),
        "in the source of a leaver's own notebook; the key itself names nobody",
        cases=(("F2", "100177"),),
        vendor="anthropic",
        account="workspace",
    ),
    Planted(
        "yusuf-openai-service",
        "openai_service_account_key",
        ("notebooks:ydemir/rag.ipynb",),
        "printed into the output of somebody's notebook who is here",
        cases=(("F6", "100184"),),
        vendor="openai",
        account="svc-research",
    ),
    Planted(
        "shared-anthropic",
        "anthropic_api_key",
        ("notebooks:shared/scratch.ipynb",),
        "in a notebook that is nobody's",
        cases=(("F6", None),),
        vendor="anthropic",
        account="workspace",
    ),
    Planted(
        "lena-huggingface-dead",
        "huggingface_token",
        ("notebooks:lfischer/labels.ipynb",),
        "rejected by its issuer: nothing",
        vendor="huggingface",
        owner="100180",
        status=Status.REVOKED,
    ),
)

NOTEBOOKS = {
    "mfontaine/demand.ipynb": notebook(
        ("import anthropic\n", 'client = anthropic.Anthropic(api_key="<<maya-anthropic>>")\n'),
        heading="Demand by week",
    ),
    "ydemir/rag.ipynb": notebook(
        ("print(settings)\n",),
        output="{'model': 'small', 'key': '<<yusuf-openai-service>>'}\n",
        heading="Answers from recipes",
    ),
    "shared/scratch.ipynb": notebook(('KEY = "<<shared-anthropic>>"\n',), heading="Scratch"),
    "lfischer/labels.ipynb": notebook(
        ("%env HF_TOKEN=<<lena-huggingface-dead>>\n",), heading="Labels"
    ),
    "lfischer/clean.ipynb": notebook(("rows = rows.dropna()\n",), heading="Clean rows"),
}
