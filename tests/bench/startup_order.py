#!/usr/bin/env python3
"""Writes src/cli/startup_order.ld: what code and which constants an everyday answer uses, so that the linker lays them
side by side.

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

# What is larger lies side by side by itself.
LARGEST_CONSTANT = 65536

# Output sections, and what goes first into each of them: what valgrind does not show, since it has no vDSO, for which
# the C library looks when it starts; and constants without a name of their own, a few pages in all.
FIRST = {
    ".text": ["*crt1.o(.text)", "*libc.a:dl-object.o(.text)", "*libc.a:dl-lookup.o(.text)", "*libc.a:dl-setup_hash.o(.text)"],
    ".rodata": ["*(.rodata.cst*)", "*.ltrans.o(.rodata.str1.*)", "*libstdc++.a:*(.rodata.str1.*)", "*libc.a:*(.rodata.str1.*)"],
    ".data.rel.ro": [],
    ".data": [],
    ".bss": [],
}

HEAD = """/* Written by tests/bench/startup_order.py. An everyday answer runs a fifth of the program's code; scattered over all of it,
   each piece costs a page fault of its own. Here it lies side by side, and so do the constants that it reads. What is
   listed and not there is passed over. */"""


def addresses_used(program, answer):
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-file={out.name}", program, *answer.split()],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        used = re.compile(r"(?:I | L| S| M) +([0-9a-f]+),")
        return {int(found[1], 16) for line in out if (found := used.match(line))}


def input_sections(map_file):
    """(address, size, section, file), sorted."""
    sections, name = [], None
    with open(map_file) as lines:
        for line in lines:
            if re.match(r" \.\S", line):
                name, _, line = line.strip().partition(" ")
            found = re.match(r"\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", " " + line)
            if name and found and int(found[1], 16) > 0 and int(found[2], 16) > 0:
                sections.append((int(found[1], 16), int(found[2], 16), name, found[3].strip()))
            if name and line.strip():
                name = None
    return sorted(sections)


def pattern(section, file):
    if member := re.search(r"([^/]*\.a)\((.*)\)$", file):
        archive, name = member.groups()
        if variant := re.match(r"(\w+)-(avx|evex|sse)", name):  # of which another processor takes another
            return f"*{archive}:{variant[1]}-*.o({section.split('.avx')[0].split('.evex')[0]}*)"
        return f"*{archive}:{name}({section})"
    if "ltrans" not in file or not re.search(r"\._Z|\.main", section):
        return None
    # Copies that the compiler makes of a function (NAME.isra.0) change with every release of it, and the names of
    # templates are as long as a page.
    name = re.sub(r"(\.(isra|part|constprop|lto_priv|cold)(\.\d+)?|\.str1\.\d)+$", "", section)
    return f"*({name[:LONGEST_NAME]}*)"


def sections_used(program):
    sections = input_sections(program + ".map")
    starts = [section[0] for section in sections]
    used = set()
    for answer in ANSWERS:
        for address in addresses_used(program, answer):
            index = bisect.bisect_right(starts, address) - 1
            if index >= 0 and address < starts[index] + sections[index][1]:
                used.add(index)
    return [sections[index] for index in sorted(used)]


def main():
    (program,) = sys.argv[1:]
    patterns = {kind: dict.fromkeys(first) for kind, first in FIRST.items()}
    for _, size, section, file in sections_used(program):
        kind = next((each for each in patterns if section.startswith(each)), None)
        if kind is None or (kind != ".text" and size > LARGEST_CONSTANT):
            continue
        if found := pattern(section, file):
            patterns[kind].setdefault(found)
    print(HEAD)
    for kind, listed in patterns.items():
        print("SECTIONS", "{", f"  {kind}.startup_order :", "  {", *(f"    {each}" for each in listed), "  }", "}",
              f"INSERT BEFORE {kind};", sep="\n")


if __name__ == "__main__":
    main()
