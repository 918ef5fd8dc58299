"""CI variables as documents, the same for every forge that has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from correlate.model import Document, Locator, Medium, Reader, Skip, Trace, Truth

_NAMES_A_HALF = re.compile(
    r"(ID|USER|USERNAME|LOGIN|ACCOUNT|ACCESS_KEY|CLIENT|PUBLIC_KEY)$", re.IGNORECASE
)
_HOLDS_A_HALF = re.compile(r"SECRET|PASSWORD|PASSWD|PRIVATE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of one container. `value` None: it cannot be read, for the reason `why`."""

    name: str
    value: str | None = field(repr=False)
    scope: str = ""
    why: str = ""

    @property
    def item(self) -> str:
        """The variable's part of a Locator: NAME, or NAME@scope where it has one."""
        return f"{self.name}@{self.scope}" if self.scope else self.name


@dataclass(frozen=True, slots=True)
class Holder:
    """What the variables of a container share. `source` is the source's configured name."""

    source: str
    container: str
    readers: tuple[Reader, ...] = ()
    link: str = ""


def documents(holder: Holder, variables: Sequence[Variable]) -> Iterator[Document | Skip]:
    """Yield each variable as a Document, those that cannot be read as a Skip."""
    for variable in variables:
        if variable.value is None:
            yield Skip(holder.source, holder.container, variable.item, variable.why, by_design=True)
            continue
        locator = Locator(holder.source, holder.container, variable.item)
        trace = Trace(
            locator,
            f"variable {variable.name}",
            readers=holder.readers,
            at_tip=Truth.YES,
            reachable=Truth.YES,
            link=holder.link,
        )
        text = "\n".join([_line(variable), *(_line(v) for v in _partners(variable, variables))])
        data = text.encode("utf-8", "surrogatepass")
        yield Document(locator, data, Medium.CI_VARIABLE, trace)


def again(
    holder: Holder, variables: Sequence[Variable], locator: Locator, gone: str
) -> Document | Skip:
    """Return the document at `locator` from variables just read, or a Skip saying `gone`."""
    for found in documents(holder, variables):
        item = found.locator.item if isinstance(found, Document) else found.item
        if item == locator.item:
            return found
    return Skip(holder.source, holder.container, locator.item, gone)


def _line(variable: Variable) -> str:
    """Return the value as an assignment, which is what a job sees; a file's text as it is."""
    value = variable.value or ""
    return value if "\n" in value else f"{variable.name}={value}"


def _partners(variable: Variable, variables: Iterable[Variable]) -> Iterator[Variable]:
    """Yield the variables that hold the other half of a pair that this one names.

    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are mostly two variables, and neither opens
    anything alone.
    """
    if not _NAMES_A_HALF.search(variable.name):
        return
    stem = variable.name.partition("_")[0].casefold()
    for other in variables:
        if (
            other is not variable
            and other.value is not None
            and other.scope == variable.scope
            and other.name.partition("_")[0].casefold() == stem
            and _HOLDS_A_HALF.search(other.name)
        ):
            yield other
