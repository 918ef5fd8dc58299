"""detect-secrets' plug-ins, on candidate lines only.

Only `analyze_string` is used: the library's settings are one process-wide object, so that two
users of them in one process see each other's plug-ins. A line is collapsed and capped first,
since some of the library's patterns take cubic time on runs of spaces.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# Where each plug-in is. Importing the library takes longer than starting a scanning process does
# otherwise, and few texts hold a candidate: it is imported for the first one.
PLUGINS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "azure_storage": ("azure_storage_key", "AzureStorageKeyDetector"),
        "basic_auth": ("basic_auth", "BasicAuthDetector"),
        "ibm_cloud_iam": ("ibm_cloud_iam", "IbmCloudIamDetector"),
        "keyword": ("keyword", "KeywordDetector"),
        "telegram": ("telegram_token", "TelegramBotTokenDetector"),
    }
)
_LONGEST = 400
_SPACE = re.compile(r"\s+")


class Generic:
    """Confirms candidates. Remembers verdicts by hash: a line stands in many versions of a file."""

    _REMEMBERED = 50_000

    def __init__(self) -> None:
        self._plugins: dict[str, Any] = {}
        self._verdicts: dict[int, bool] = {}

    def confirms(self, plugin: str, match: bytes, value: str) -> bool:
        """Whether the plug-in, shown the match of a kind's pattern, finds its value too."""
        line = candidate_line(match)
        key = hash((plugin, line, value))
        if key not in self._verdicts:
            if len(self._verdicts) >= self._REMEMBERED:
                self._verdicts.clear()
            self._verdicts[key] = self._asks(plugin, line, value)
        return self._verdicts[key]

    def _asks(self, plugin: str, line: str, value: str) -> bool:
        if plugin not in self._plugins:
            module, name = PLUGINS[plugin]
            library = importlib.import_module(f"detect_secrets.plugins.{module}")
            self._plugins[plugin] = getattr(library, name)()
        found = self._plugins[plugin].analyze_string(line)
        return any(isinstance(text, str) and (text in value or value in text) for text in found)


def candidate_line(match: bytes) -> str:
    """Return the text a plug-in is shown: one line, capped, runs of white space made one space.

    It is the match alone, not its line, since a plug-in stops at the first secret it sees.
    """
    return _SPACE.sub(" ", match[:_LONGEST].decode(errors="replace"))
