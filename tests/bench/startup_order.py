#!/usr/bin/env python3
"""Writes src/cli/startup_order.ld: which functions run in an everyday answer, so that the linker lays them side by side.

  cmake --preset release -DCMAKE_EXE_LINKER_FLAGS=-Wl,-Map=%.map && cmake --build build/release --target vramcalc
  tests/bench/startup_order.py build/release/vramcalc > src/cli/startup_order.ld

Needs valgrind. Worth doing again when `bench` says that a start became slow; a list that is out of date costs nothing but
what it no longer gains.
"""

import bisect
import re
import subprocess
import sys
import tempfile

ANSWERS = ["deepseek-r1 --quant Q4_K_M"]

LONGEST_NAME = 160

# valgrind shows no vDSO, which the C library looks for when it starts
UNSEEN = ["*libc.a:dl-object.o(.text)", "*libc.a:dl-lookup.o(.text)"]

HEAD = """/* Written by tests/bench/startup_order.py. An everyday answer runs a fifth of the program's code; scattered over all of it,
   each piece costs a page fault of its own. Here it lies side by side. What is listed and not there is passed over. */
SECTIONS
{
  .text.startup_order :
  {"""
TAIL = """  }
}
INSERT BEFORE .text;"""


def addresses_run(program, answer):
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={out.name}",
                        program, *answer.split()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        address = 0
        for line in out:
            if found := re.match(r"(0x[0-9a-f]+|[+-]\d+|\*) ", line):
                word = found[1]
                address = int(word, 16) if word.startswith("0x") else address + (0 if word == "*" else int(word))
                yield address


def input_sections(map_file):
    """(address, size, section, file) of all code, sorted."""
    sections, name = [], None
    with open(map_file) as lines:
        for line in lines:
            if line.startswith(" .text"):
                name, _, line = line.strip().partition(" ")
            found = re.match(r"\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", " " + line)
            if name and found and int(found[2], 16) > 0:
                sections.append((int(found[1], 16), int(found[2], 16), name, found[3].strip()))
            if name and line.strip():
                name = None
    return sorted(sections)


def pattern(section, file):
    if member := re.search(r"([^/]*\.a)\((.*)\)$", file):
        archive, name = member.groups()
        if variant := re.match(r"(\w+)-(avx|evex|sse)", name):  # of which another processor takes another
            return f"*{archive}:{variant[1]}-*.o(.text*)"
        return f"*{archive}:{name}({section})"
    if "ltrans" not in file:
        return None
    # Copies that the compiler makes of a function (NAME.isra.0) change with every release of it, and the names of
    # templates are as long as a page.
    name = re.sub(r"(\.(isra|part|constprop|lto_priv|cold)(\.\d+)?)+$", "", section)
    return f"*({name[:LONGEST_NAME]}*)"


def main():
    (program,) = sys.argv[1:]
    sections = input_sections(program + ".map")
    starts = [section[0] for section in sections]
    patterns = dict.fromkeys(UNSEEN)
    for answer in ANSWERS:
        hit = {bisect.bisect_right(starts, address) - 1 for address in addresses_run(program, answer)}
        for index in sorted(hit - {-1}):
            if found := pattern(*sections[index][2:]):
                patterns.setdefault(found)
    print(HEAD, *(f"    {each}" for each in patterns), TAIL, sep="\n")


if __name__ == "__main__":
    main()
