"""What a real browser makes of a page: its elements, what it shows, and whatever it does by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Dialog, Request

from tests.jobs.hostile_texts import HOST, TEXTS, hostile, word

_CANARY = "window.ran = []; window.canary = number => { window.top.ran.push(number) }"
_ELEMENTS = """() => [...document.querySelectorAll("*")].map(one => [
  one.namespaceURI, one.parentElement?.localName, one.localName,
  ...[...one.attributes].map(held => `${held.name}=${held.value}`)].join(" "))"""
_SHOWN = """() => {
  const page = document.documentElement.cloneNode(true);
  // the drawing's labels are cut short; each is told whole by the title of its bar
  page.querySelectorAll("style, svg text").forEach(one => one.remove());
  return page.textContent }"""
_POKED = """() => document.querySelectorAll("*").forEach(one => {
  for (const name of ["mouseover", "focus", "click"])
    one.dispatchEvent(new MouseEvent(name, {bubbles: true, cancelable: true})) })"""


@dataclass(slots=True)
class Opened:
    """What came of a page in the browser."""

    elements: list[str] = field(default_factory=list)
    shown: str = ""
    ran: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def opened(
    browser: Browser, folder: Path, html: str, *, policy: bool, quiet: bool = True
) -> Opened:
    """Open a page, touch everything on it, and (`quiet`) wait until it asks for nothing more."""
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    seen = Opened()

    def ask(request: Request) -> None:
        if request.url != path.as_uri():
            seen.asked.append(request.url)

    def tell(dialog: Dialog) -> None:
        seen.said.append(dialog.message)
        dialog.dismiss()

    with browser.new_context(bypass_csp=not policy, offline=True) as context:
        context.add_init_script(_CANARY)
        context.on("request", ask)
        context.on("console", lambda message: seen.said.append(message.text))
        context.on("dialog", tell)
        context.on("weberror", lambda error: seen.said.append(str(error.error)))
        first = context.new_page()
        context.on("page", lambda another: seen.asked.append(another.url))
        first.goto(path.as_uri())
        seen.elements = first.evaluate(_ELEMENTS)
        seen.shown = first.evaluate(_SHOWN)
        first.evaluate(_POKED)
        if quiet:
            first.wait_for_load_state("networkidle")
        seen.ran = first.evaluate("ran")
    return seen


def proven_inert(browser: Browser, folder: Path, innocent: str, page: str, *, policy: bool) -> None:
    """Hold a page of hostile texts against the one of innocent words that is otherwise the same."""
    assert "canary" not in innocent
    assert HOST not in innocent
    meant = opened(browser, folder, innocent, policy=policy)
    assert [text for text in TEXTS if word(text) not in meant.shown] == []
    seen = opened(browser, folder, page, policy=policy)
    assert (seen.ran, seen.asked, seen.said) == ([], [], [])
    assert seen.elements == [hostile(one) for one in meant.elements]
    assert seen.shown == hostile(meant.shown)
