"""Every git process starts here, so hardened that a hostile repository has nothing to fire.

Reading is by plumbing that runs no hook, filter, fsmonitor or external diff; the settings below
shut those off all the same, and override what a repository's own configuration says.
https://git-scm.com/docs/git#_environment_variables
"""

from __future__ import annotations

import base64
import contextlib
import os
import resource
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from correlate.errors import SourceError
from correlate.secret import Secret

_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "advice.graftFileDeprecated=false",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=",
    "core.packedGitLimit=24m",  # a pack is looked at through windows, not mapped whole
    "core.packedGitWindowSize=8m",
    "core.deltaBaseCacheLimit=24m",
    "core.pager=cat",
    "core.useReplaceRefs=false",
    "credential.helper=",
    "diff.external=",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "log.mailmap=false",  # of any size, and sorted entry by entry
    "log.showSignature=false",
    f"mailmap.file={os.devnull}",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "transfer.bundleURI=false",
)
_KEPT = ("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
_HARDENED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_GRAFT_FILE": os.devnull,  # a history that says of itself that it ends sooner
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_QUOTED = 200  # how much of git's own words goes into an error


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one object store. `protocols` are those it may speak; none for reading."""

    git_dir: Path
    protocols: str = "none"
    login: Mapping[str, str] = field(default_factory=dict, repr=False)

    def run(self, *args: str, data: bytes = b"", seconds: float = 600) -> bytes:
        """Return what git wrote. Raises SourceError when it fails or takes too long."""
        try:
            done = subprocess.run(
                self._words(args),
                input=data,
                capture_output=True,
                env=self._environment(),
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise failure(self.git_dir, args[0], f"no end after {seconds:.0f} s") from error
        if done.returncode:
            raise failure(self.git_dir, args[0], last_words(done.stderr))
        return done.stdout

    def start(
        self,
        *args: str,
        stdin: IO[bytes] | int,
        stderr: IO[bytes],
        stdout: int = subprocess.PIPE,
        memory_mb: int = 0,
        file_mb: int = 0,
    ) -> subprocess.Popen[bytes]:
        """Start git with its output on a pipe, for reading as it comes, or where `stdout` says.

        It fails when it takes more memory than `memory_mb`, or writes a file larger than `file_mb`
        (by SIGXFSZ), where the system can hold it to that.
        """
        process = subprocess.Popen(
            self._words(args),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=self._environment(),
            bufsize=1 << 20,
            pipesize=1 << 20,
        )
        bounds = ((resource.RLIMIT_DATA, memory_mb << 20), (resource.RLIMIT_FSIZE, file_mb << 20))
        for which, most in bounds if hasattr(resource, "prlimit") else ():
            if most:
                with contextlib.suppress(ProcessLookupError):  # it has ended already
                    resource.prlimit(process.pid, which, (most, most))
        return process

    def _words(self, args: Sequence[str]) -> list[str]:
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        return ["git", f"--git-dir={self.git_dir}", *settings, *args]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in (*_KEPT, *_PROXIES) if name in os.environ}
        return kept | _HARDENED | {"GIT_ALLOW_PROTOCOL": self.protocols} | dict(self.login)


def login_environment(username: str, token: Secret) -> dict[str, str]:
    """Return what makes git log in over HTTPS: never in a URL or an argument, and never sent on
    to where a redirect points.
    """
    pair = base64.b64encode(f"{username}:{token.reveal()}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {pair}",
        "GIT_CONFIG_KEY_1": "http.followRedirects",
        "GIT_CONFIG_VALUE_1": "false",
    }


def last_words(stderr: bytes) -> str:
    """Return git's last line of complaint, bounded, and fit to be shown: it may quote a file."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    words = lines[-1][:_QUOTED] if lines else "it said nothing"
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def failure(git_dir: Path, verb: str, why: str) -> SourceError:
    """Return the error for a git call that did not work."""
    return SourceError(
        f"git {verb} failed",
        where=str(git_dir),
        why=why,
        fix="check the repository with `git fsck`; offkey never writes into a scanned repository",
    )
