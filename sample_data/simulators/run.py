"""All vendors of one world together: what tests, the demo and the command line start."""

from __future__ import annotations

from contextlib import AbstractContextManager

from sample_data.simulators import (
    anthropic,
    aws_sts,
    control,
    github,
    gitlab,
    huggingface,
    jira,
    jira_dc,
    npm,
    openai,
    servicenow,
    slack,
)
from sample_data.simulators.server import Endpoints, serving
from sample_data.simulators.world import World

SERVICES = (
    github.SERVICE,
    gitlab.SERVICE,
    slack.SERVICE,
    aws_sts.SERVICE,
    npm.SERVICE,
    openai.SERVICE,
    anthropic.SERVICE,
    huggingface.SERVICE,
    jira.SERVICE,
    jira_dc.SERVICE,
    servicenow.SERVICE,
    control.SERVICE,
)


def running(world: World) -> AbstractContextManager[Endpoints]:
    """Run every vendor and the control port on free loopback ports, in daemon threads.

    They listen when the block is entered and are gone, with all connections, when it ends.
    """
    return serving(world, SERVICES)
