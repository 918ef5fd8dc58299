"""From the regular expressions of Go, Rust, Vectorscan and Python to one that all of ours read.

What comes out is read alike by Hyperscan, RE2 and Python's `re`, over bytes: no verbose mode, no
comments, no names, flags only as `(?i:...)`, classes written out. Where they cannot agree there is
a reason instead. It differs from its original in two things that matter little to a credential:
a character beyond ASCII counts as its bytes of UTF-8, and letters fold by ASCII only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from detectors.packs.char_class import Flavour, Unsayable, read_class, read_code, spelled

__all__ = ["Flavour", "Translated", "Unsayable", "translate"]

_SPECIAL = frozenset(r"\.^$*+?{}[]|()")
_VISIBLE = frozenset("ims")  # of the flags, those that are written out
_FLAGS = re.compile(r"\(\?([A-Za-z]*)(?:-([A-Za-z]+))?([:)])")
_NAME = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_LOOK = re.compile(r"\(\?<?[=!]")
_COUNT = re.compile(r"\{\d+(?:,\d*)?\}")
_ASCII = 128
# flags that change nothing over bytes: u is Unicode, a is ASCII, L the locale
_IDLE = frozenset("uaL")


@dataclass(frozen=True, slots=True)
class Translated:
    """The pattern, and the name of each of its groups in order: empty where it has none."""

    pattern: str
    groups: tuple[str, ...]


def translate(text: str, flavour: Flavour, flags: str = "") -> Translated:
    """Return the pattern in our dialect; `flags` (of "imsx") hold from its beginning.

    Raises Unsayable with the reason. The pattern may still not compile: `exact.problem` tells.
    """
    made = _Translation(text, flavour, frozenset(flags))
    made.run()
    return Translated("".join(made.out), tuple(made.groups))


@dataclass(slots=True)
class _Frame:
    """An open group: the flags it began with, those in force, and those of the open wrapper."""

    base: frozenset[str]
    now: frozenset[str]
    wrapper: frozenset[str] | None = None


@dataclass(slots=True)
class _Translation:
    text: str
    flavour: Flavour
    flags: frozenset[str]
    at: int = 0
    out: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    repeats: int = 0  # how many signs of repetition stand after the last atom

    def run(self) -> None:
        self.frames = [_Frame(frozenset(), self.flags)]
        while self.at < len(self.text):
            self._step(self.text[self.at])
        self._unwrap()
        if len(self.frames) > 1:
            raise Unsayable("a group that is not closed")

    def _step(self, letter: str) -> None:
        if "x" in self.frames[-1].now and (letter.isspace() or letter == "#"):
            self._skip_verbose(letter)
        elif letter == "\\":
            self._escape()
        elif letter == "[":
            verbose = "x" in self.frames[-1].now
            found = read_class(self.text, self.at, self.flavour, verbose=verbose)
            self._atom(found.pattern, found.end)
        elif letter == "(":
            self._open()
        elif letter == ")":
            self._close()
        elif letter == "|":
            self._unwrap()
            self.out.append("|")
            self.repeats, self.at = 0, self.at + 1
        elif letter in "*+?" or (letter == "{" and _COUNT.match(self.text, self.at)):
            self._repeat(letter)
        else:
            written = letter if letter in "^$." else _literal(ord(letter))
            self._atom(written, self.at + 1)

    def _skip_verbose(self, letter: str) -> None:
        end = self.text.find("\n", self.at) if letter == "#" else self.at
        self.at = len(self.text) if end < 0 else end + 1

    def _atom(self, written: str, end: int) -> None:
        """Write what stands for itself, within a wrapper for the flags in force."""
        self._wrap()
        self.out.append(written)
        self.repeats, self.at = 0, end

    def _wrap(self) -> None:
        frame = self.frames[-1]
        wanted = frame.now & _VISIBLE
        if frame.wrapper is not None and frame.wrapper != wanted:
            self._unwrap()
        if frame.wrapper is None and wanted != frame.base & _VISIBLE:
            self.out.append(_flag_group(frame.base, wanted))
            frame.wrapper = wanted

    def _unwrap(self) -> None:
        if self.frames[-1].wrapper is not None:
            self.out.append(")")
            self.frames[-1].wrapper = None

    def _repeat(self, letter: str) -> None:
        count = _COUNT.match(self.text, self.at) if letter == "{" else None
        lazy = letter == "?" and self.repeats == 1
        if self.repeats and not lazy:
            # possessive in Python, a repetition of a repetition in Rust, an error in Go
            raise Unsayable("a repetition of a repetition")
        written = count[0] if count else letter
        self.out.append(written)
        self.repeats, self.at = self.repeats + 1, self.at + len(written)

    def _open(self) -> None:
        text, at = self.text, self.at
        if text.startswith("(?#", at):
            end = text.find(")", at)
            self.at = len(text) if end < 0 else end + 1
        elif name := _NAME.match(text, at):
            self._group("(", name.end(), name[1])
        elif look := _LOOK.match(text, at):
            self._enter(look[0], look.end())
        elif flags := _FLAGS.match(text, at):
            self._flags(flags)
        elif text.startswith("(?P=", at):
            raise Unsayable("a back-reference")
        elif text.startswith("(?", at):
            raise Unsayable(f"a group that opens with {text[at : at + 3]}")
        else:
            self._group("(", at + 1, "")

    def _group(self, opening: str, end: int, name: str) -> None:
        self.groups.append(name)
        self._enter(opening, end)

    def _enter(self, opening: str, end: int, flags: frozenset[str] | None = None) -> None:
        self._atom(opening, end)
        now = self.frames[-1].now if flags is None else flags
        self.frames.append(_Frame(now, now))

    def _flags(self, found: re.Match[str]) -> None:
        on, off = frozenset(found[1]), frozenset(found[2] or "")
        unknown = (on | off) - _IDLE - _VISIBLE - {"x"}
        if unknown:
            raise Unsayable(f"the flag {min(unknown)}")
        frame = self.frames[-1]
        now = (frame.now | on) - off - _IDLE
        if found[3] == ")":
            frame.now, self.at = now, found.end()
        else:
            self._enter(_flag_group(frame.now, now), found.end(), now)

    def _close(self) -> None:
        if len(self.frames) == 1:
            raise Unsayable("a group that is closed but not opened")
        self._unwrap()
        self.frames.pop()
        self.out.append(")")
        self.repeats, self.at = 0, self.at + 1

    def _escape(self) -> None:
        letter, after = self.text[self.at + 1 : self.at + 2], self.at + 2
        if letter in ("A", "B", "d", "D", "w", "W", "s", "S"):
            self._atom(f"\\{letter}", after)
        elif letter == "b":
            if self.text.startswith("{", after):
                raise Unsayable("a word boundary with a side")
            self._atom("\\b", after)
        elif letter in ("z", "Z"):
            if (letter == "Z") != (self.flavour is Flavour.PYTHON):
                raise Unsayable(f"the escape \\{letter}")
            self._atom("(?-m:$)" if "m" in self.frames[-1].now else "$", after)
        elif letter == "Q":
            end = self.text.find("\\E", after)
            for quoted in self.text[after : end if end >= 0 else None]:
                self._atom(_literal(ord(quoted)), self.at)
            self.at = end + 2 if end >= 0 else len(self.text)
        elif letter in ("p", "P"):
            raise Unsayable("a Unicode class")
        else:
            self._atom(*_code(self.text, self.at + 1))


def _code(text: str, at: int) -> tuple[str, int]:
    code, end = read_code(text, at)
    return _literal(code), end


def _literal(code: int) -> str:
    letter = chr(code)
    if letter in _SPECIAL:
        return f"\\{letter}"
    if code < _ASCII:
        return letter if letter == "-" else spelled(code)
    return "(?:" + "".join(f"\\x{byte:02x}" for byte in letter.encode(errors="replace")) + ")"


def _flag_group(before: frozenset[str], after: frozenset[str]) -> str:
    on, off = after & _VISIBLE - before, before & _VISIBLE - after
    return f"(?{''.join(sorted(on))}{'-' * bool(off)}{''.join(sorted(off))}:"
