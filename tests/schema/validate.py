#!/usr/bin/env python3
"""validate.py [--some] PROGRAM SCHEMA FILE...: the JSON of every command line of the golden files against the schema.

Every line that begins with "$ vramcalc" is run with --json, whatever format it was recorded in; of formats for other
programs (SARIF, JUnit …) only errors are JSON of ours. Then:
  - each document is valid,
  - with one unknown key in any of its objects it is not, so that the schema hides no new key,
  - every kind of document and every key of the schema occurs, so that the schema promises nothing that is not there;
    with --some, FILE is only some of the files, and keys may be missing.
"""

import json
import os
import shlex
import subprocess
import sys

import jsonschema


def command_lines(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return [line[2:].rstrip("\n") for line in file if line.startswith("$ ")]


def is_format(word):
    return word == "--json" or word.startswith("--format")


def without_format(words):
    kept, skip = [], False
    for word in words:
        if skip or is_format(word):
            skip = word == "--format"
        else:
            kept.append(word)
    return kept


def parsed(line):
    """The environment, the arguments with --json, and the file on stdin of a golden command line."""
    words, environment, stdin = shlex.split(line), {}, os.devnull
    while words[0] != "vramcalc":
        name, value = words.pop(0).split("=", 1)
        environment[name] = value
    words = words[1:]
    if "<" in words:
        at = words.index("<")
        stdin = words[at + 1]
        del words[at : at + 2]
    dashes = words.index("--") if "--" in words else len(words)
    return environment, without_format(words[:dashes]) + ["--json"] + words[dashes:], stdin


def prints_no_json(arguments):
    return "-h" in arguments or "--help" in arguments or "--generate" in arguments or arguments[0] == "complete"


def document_of(program, line):
    environment, arguments, stdin = parsed(line)
    if prints_no_json(arguments):
        return None
    keep = {name: os.environ[name] for name in ("SYSTEMROOT", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    with open(stdin, encoding="utf-8") as file:
        run = subprocess.run([program] + arguments, env={**keep, **environment}, stdin=file, capture_output=True)
    return json.loads(run.stdout)


def only(schema, definition):
    return {**schema, "oneOf": [{"$ref": "#/$defs/" + definition}]}


class Validators:
    """One per kind of document: oneOf over all of them would say only that none matches."""

    def __init__(self, schema):
        self.schema = schema
        self.by_kind = {}

    def of(self, document):
        kind = document.get("kind", "?") if isinstance(document, dict) else "?"
        definition = "report_" + kind
        if definition not in self.schema["$defs"]:
            raise ValueError(f"the schema has no kind {kind!r}")
        if kind not in self.by_kind:
            self.by_kind[kind] = jsonschema.Draft202012Validator(only(self.schema, definition))
        return self.by_kind[kind]

    def mistakes(self, document):
        for error in self.of(document).iter_errors(document):
            for cause in error.context or [error]:
                yield f"{'/'.join(map(str, cause.absolute_path))}: {cause.message[:300]}"


class Seen:
    """The definitions' keys that occurred, found by walking a document along the schema."""

    def __init__(self, schema):
        self.schema = schema
        self.keys = set()

    def resolve(self, schema):
        if "anyOf" in schema:
            schema = schema["anyOf"][0]
        if "$ref" not in schema:
            return None, schema
        name = schema["$ref"].rsplit("/", 1)[1]
        return name, self.schema["$defs"][name]

    def walk(self, value, schema, where):
        name, schema = self.resolve(schema)
        where = name or where
        if isinstance(value, list):
            for each in value:
                self.walk(each, schema.get("items", {}), where)
        if isinstance(value, dict):
            for key, each in value.items():
                if key in schema.get("properties", {}):
                    self.keys.add((where, key))
                    self.walk(each, schema["properties"][key], f"{where}.{key}")

    def all_keys(self):
        def inside(where, schema):
            for key, each in schema.get("properties", {}).items():
                yield where, key
                yield from inside(f"{where}.{key}", each)

        return {key for name, each in self.schema["$defs"].items() for key in inside(name, each)}


def objects_in(value):
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from objects_in(each)


def first_objects(document, count=40):
    """Some objects of a document, those of its long lists left out but for the first."""
    short = json.loads(json.dumps(document))
    for each in list(objects_in(short)):
        for key, value in each.items():
            if isinstance(value, list):
                each[key] = value[:1]
    return short, list(objects_in(short))[:count]


def accepted_unknown_keys(validators, document):
    short, objects = first_objects(document)
    open_ones = [each["arguments"] for each in objects if isinstance(each.get("arguments"), dict)]
    for each in objects:
        if any(each is one for one in open_ones):  # keys of the input
            continue
        each["no_such_key"] = 1
        if validators.of(short).is_valid(short):
            yield sorted(each)
        del each["no_such_key"]


def is_unwanted_error(path, document):
    """Golden files record errors; what is asked besides is to be answered."""
    return os.path.basename(path) == "commands.txt" and document["kind"] == "error"


def main():
    arguments = sys.argv[1:]
    some = arguments[0] == "--some"
    program, schema_path, *files = arguments[1:] if some else arguments
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validators, seen, tried, count, mistakes = Validators(schema), Seen(schema), set(), 0, []
    for path in files:
        for line in command_lines(path):
            try:
                document = document_of(program, line)
                if document is None:
                    continue
                count += 1
                wrong = list(validators.mistakes(document))
                if not wrong and document["kind"] not in tried:
                    tried.add(document["kind"])
                    wrong = [f"an unknown key beside {keys} is accepted"
                             for keys in accepted_unknown_keys(validators, document)]
                    if not jsonschema.Draft202012Validator(schema).is_valid(document):
                        wrong.append("the whole schema refuses it")
                if is_unwanted_error(path, document):
                    wrong.append(document["error"]["message"])
                seen.walk(document, {"$ref": "#/$defs/report_" + document["kind"]}, "")
            except ValueError as error:
                wrong = [str(error)]
            mistakes += [f"{os.path.basename(path)}: {line}\n  {each}" for each in wrong[:5]]
    for name, key in [] if some else sorted(seen.all_keys() - seen.keys):
        mistakes.append(f"no command line printed {name.removeprefix('report_')}: {key}")
    print("\n".join(mistakes) if mistakes else f"{count} documents are valid")
    sys.exit(1 if mistakes or count == 0 else 0)


main()
