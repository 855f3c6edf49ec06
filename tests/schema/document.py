#!/usr/bin/env python3
"""document.py SCHEMA [PAGE]: the JSON Schema of the output as a page of Markdown on stdout; with PAGE, compares with it."""

import json
import sys
import textwrap

HEAD = """# JSON

<!-- Made from data/schema/output.schema.json by tests/schema/document.py; a test compares. -->

`--json` prints one document on stdout, errors included; the exit status is the same as without.
{description}

[`data/schema/output.schema.json`](../data/schema/output.schema.json) is this page as a JSON Schema (draft 2020-12),
installed as `share/vramcalc/schema/output.schema.json`.
"""


def link(reference):
    name = reference.rsplit("/", 1)[1]
    return f"[{name}](#{name})"


def kind_of(schema):
    """The type of a value, in a few words."""
    if "$ref" in schema:
        return link(schema["$ref"])
    if "anyOf" in schema:
        return " or ".join(kind_of(each) for each in schema["anyOf"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(each)}`" for each in schema["enum"])
    if schema["type"] == "array":
        return "list of " + kind_of(schema["items"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(types)


def rows(schema, prefix=""):
    for key, each in schema["properties"].items():
        optional = "" if key in schema["required"] else " (not always there)"
        meaning = each["description"].replace("|", "\\|") + optional
        yield f"| `{prefix}{key}` | {kind_of(each)} | {each.get('x-unit', '')} | {meaning} |"
        if "properties" in each:
            yield from rows(each, f"{prefix}{key}.")


def table(schema):
    return ["| Key | Type | Unit | Meaning |", "|---|---|---|---|", *rows(schema)]


def section(title, schema):
    return [f"### {title}", "", schema["description"] + ".", "", *table(schema), ""]


def page(schema):
    lines = HEAD.format(description=textwrap.fill(schema["description"], 118)).splitlines() + ["", "## Documents", ""]
    definitions = schema["$defs"]
    for name, each in definitions.items():
        if name.startswith("report_"):
            lines += section(each["title"], each)
    lines += ["## Parts of them", ""]
    for name, each in definitions.items():
        if not name.startswith("report_"):
            lines += section(name, each)
    return "\n".join(lines)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = page(json.load(file))
    if len(sys.argv) == 2:
        sys.stdout.write(text)
        return
    with open(sys.argv[2], encoding="utf-8") as file:
        if file.read() != text:
            sys.exit(f"{sys.argv[2]} is not what the schema says; write it anew: {sys.argv[0]} {sys.argv[1]} > {sys.argv[2]}")


main()
