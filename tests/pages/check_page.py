#!/usr/bin/env python3
"""check_page.py FILE...: the basics of pages, without a browser.

Headings in order, labels, scopes and captions of tables, references that exist, contrast of at least 4.5 in both
themes, nothing that needs the network, and embedded figures for every device.
"""

import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "img", "hr", "line", "polyline"}
LEAST_CONTRAST = 4.5
TEXT_COLOURS = ["ink", "muted", "accent", "great", "fits", "tight", "offload", "no"]
BACKGROUNDS = ["bg", "panel", "soft"]
NETWORK = ["fetch(", "XMLHttpRequest", "WebSocket", "EventSource", "import(", "@import", "sendBeacon", "url("]


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.problems, self.open = [], []
        self.headings, self.ids, self.references, self.fields = [], [], [], []
        self.labelled, self.captions, self.tables = set(), 0, 0
        self.devices, self.title, self.texts = 0, "", {"script": [], "style": [], "json": []}
        self.button = None

    def complain(self, what):
        self.problems.append(f"line {self.getpos()[0]}: {what}")

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        if "id" in has:
            self.ids.append(has["id"])
        for name in ("aria-labelledby", "for", "aria-describedby"):
            if name in has:
                self.references.append(has[name])
        if "src" in has or tag in ("link", "iframe", "object", "embed", "img"):
            self.complain(f"<{tag}> loads something")
        if any(name.startswith("on") for name in has):
            self.complain(f"<{tag}> has a script in an attribute")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html" and not has.get("lang"):
            self.complain("no language")
        if tag == "th" and "scope" not in has:
            self.complain("<th> without a scope")
        if tag == "tr" and "data-i" in has:
            self.devices += 1
        if tag in ("input", "select", "textarea"):
            inside = "label" in self.open
            if not inside and "aria-label" not in has:
                self.fields.append(has.get("id", ""))
        if tag == "label" and "for" in has:
            self.labelled.add(has["for"])
        if tag == "button":
            self.button = has.get("aria-label", "")
        if tag == "svg" and has.get("aria-hidden") != "true" and has.get("role") != "img":
            self.complain("a picture without words that is not hidden from screen readers")
        if tag == "a" and not has.get("href"):
            self.complain("a link to nowhere")
        if tag == "script":
            self.kind = "json" if has.get("type") == "application/json" else "script"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.complain(f"</{tag}> closes <{self.open[-1] if self.open else 'nothing'}>")
            return
        self.open.pop()
        if tag == "button" and not self.button:
            self.complain("a button without words")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        if not self.open:
            return
        if self.open[-1] == "title":
            self.title += data
        if self.open[-1] == "style":
            self.texts["style"].append(data)
        if self.open[-1] == "script":
            self.texts[self.kind].append(data)
        if "button" in self.open:
            self.button = (self.button or "") + data.strip()


def luminance(colour):
    colour = colour.lstrip("#")
    if len(colour) == 3:
        colour = "".join(2 * digit for digit in colour)
    parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes(style):
    light = re.search(r":root\{([^}]*)\}", style)
    dark = re.search(r":root\[data-theme=dark\]\{([^}]*)\}", style)
    for name, rules in (("light", light), ("dark", dark)):
        yield name, dict(re.findall(r"--([a-z0-9]+):(#[0-9a-fA-F]+)", rules.group(1)) if rules else [])


def problems_of(page):
    yield from page.problems
    if page.open:
        yield f"not closed: {page.open}"
    if not page.title:
        yield "no title"
    if page.headings.count(1) != 1:
        yield f"{page.headings.count(1)} headings of level 1"
    for before, after in zip(page.headings, page.headings[1:]):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"
    for name in set(page.ids):
        if page.ids.count(name) > 1:
            yield f"the id {name} is there twice"
    for name in page.references:
        if name not in page.ids:
            yield f"nothing has the id {name}"
    for name in page.fields:
        if name not in page.labelled:
            yield f"the field {name} has no label"
    style = "".join(page.texts["style"])
    code = style + "".join(page.texts["script"])
    for word in NETWORK:
        if word in code:
            yield f"the page may use the network: {word}"
    for theme, colours in themes(style):
        for text in TEXT_COLOURS:
            for background in BACKGROUNDS:
                ratio = contrast(colours[text], colours[background])
                if ratio < LEAST_CONTRAST:
                    yield f"{theme}: the contrast of {text} on {background} is {ratio:.2f}"
    for text in page.texts["json"]:
        for choice in json.loads(text)["choices"]:
            if not len(choice["verdicts"]) == len(choice["contexts"]) == page.devices:
                yield f"{choice['name']}: {len(choice['verdicts'])} verdicts for {page.devices} devices"


def main(paths):
    found = False
    for path in paths:
        page = Page()
        with open(path, encoding="utf-8") as file:
            page.feed(file.read())
        for problem in problems_of(page):
            found = True
            print(f"{path}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
