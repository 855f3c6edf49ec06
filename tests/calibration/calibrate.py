#!/usr/bin/env python3
"""Fits data/speeds.json to tests/measured/speeds.tsv, and prints how well it holds.

    cmake --build build/dev --target speed_parts
    build/dev/tests/speed_parts | tests/calibration/calibrate.py [--write data/speeds.json]

With --compare it fails if that file is something else.

The time of a token is a sum of parts that the program derives (src/speed/parts.hpp), each times a coefficient.
Coefficients are fitted by ridge regression on relative errors, robust against single figures that lie far off:
first for a family of devices, towards what is expected of any; then for a generation, towards its family; then
for a chip, towards its generation. So a chip with many figures has its own coefficients, and one with a single
figure little more than those of its generation.

Ranges are conformal: a held-out figure lies in the range of the others' errors with the level that was asked
for, whatever the distribution, if it is exchangeable with them. The errors are those of figures that took no
part in the coefficients: all figures of a model are left out at a time for the range of known chips, and all
figures of a chip for the ranges of its generation and of the rule.
"""

import argparse
import collections
import json
import math
import sys

# The share of the figures that lie in their range. What is known of prompts comes from few models.
LEVELS = {"decode": 0.93, "prefill": 0.90}

DECODE_PARTS = ["dense", "low_bit", "experts", "half_experts", "cache", "layers", "recurrent_layers", "expert_layers",
                "hops", "arithmetic"]
PREFILL_PARTS = ["quantized", "half", "experts", "half_experts", "few_tokens", "attention", "cache", "weights", "layers"]

# What is expected before any figure is seen: reading takes 1.2 times as long as at full bandwidth, a layer's
# kernels start in 60 us, and so on.
EXPECTED = {
    "decode": [1.2, 1.6, 1.3, 3.0, 1.5, 60e-6, 30e-6, 10e-6, 100e-6, 4.0],
    "prefill": [3.0, 2.5, 4.0, 6.0, 100.0, 4.0, 0.03, 1.2, 100e-6],
}
# Serving engines: too few figures are public to fit anything, so these are what the few suggest.
ENGINES = {
    "source": "vLLM 0.23 on an A100 40GB: Llama 3.1 8B in BF16 at 75 tokens/s, Qwen3-30B-A3B at 104; 8,192 tokens of "
              "an 8B in 227 ms on an A100",
    "decode": [1.2, 1.3, 1.4, 1.4, 1.3, 20e-6, 40e-6, 60e-6, 100e-6, 1.0],
    "prefill": [1.7, 1.5, 3.0, 3.0, 40.0, 2.5, 0.01, 1.2, 30e-6],
    "spread": [0.55, 1.6],
}
TRUST = {"family": 0.1, "generation": 0.5, "chip": 0.2}  # in what is expected, in figures
FAR_OFF = 0.12  # relative error from which a figure counts less


def solve(matrix, vector):
    """Gauss with pivots; the matrices are small and positive definite."""
    n = len(vector)
    rows = [row[:] + [value] for row, value in zip(matrix, vector)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(i + 1, n):
            factor = rows[k][i] / rows[i][i]
            if factor:
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    result = [0.0] * n
    for i in reversed(range(n)):
        result[i] = (rows[i][n] - sum(rows[i][j] * result[j] for j in range(i + 1, n))) / rows[i][i]
    return result


def fit(rows, weights, expected, trust, rounds=25):
    """Coefficients whose sum of parts is close to 1 / measured, in relative terms."""
    used = [j for j in range(len(expected)) if any(row["parts"][j] for row in rows)]
    if not used:
        return list(expected)
    scaled = [[row["parts"][j] * row["measured"] * expected[j] for j in used] for row in rows]
    factors = [1.0] * len(used)
    for _ in range(rounds):
        matrix = [[trust if i == j else 0.0 for j in range(len(used))] for i in range(len(used))]
        vector = [trust] * len(used)
        for parts, weight in zip(scaled, weights):
            predicted = sum(a * b for a, b in zip(parts, factors))
            error = abs(math.log(max(predicted, 1e-9)))
            w = weight * min(1.0, FAR_OFF / max(error, 1e-9)) / max(predicted, 0.3)
            for i, a in enumerate(parts):
                if a:
                    vector[i] += w * a
                    for j, b in enumerate(parts):
                        matrix[i][j] += w * a * b
        solved = solve(matrix, vector)
        factors = [0.5 * old + 0.5 * min(20.0, max(0.05, new)) for old, new in zip(factors, solved)]
    coefficients = list(expected)
    for j, factor in zip(used, factors):
        coefficients[j] *= factor
    return coefficients


def shares(rows):
    """A model's figures at several depths or with several builds count as one."""
    of = collections.Counter(one_model(row) for row in rows)
    return [1 / of[one_model(row)] for row in rows]


def one_model(row):
    return row["chip"], row["model"], row["quantization"], row["gpus"] > 1


def shares_of_chips(rows):
    """A chip with many figures does not outvote the others."""
    each = shares(rows)
    of = collections.Counter()
    for row, share in zip(rows, each):
        of[row["chip"]] += share
    return [share / math.sqrt(of[row["chip"]]) for row, share in zip(rows, each)]


def grouped(rows, key):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return dict(sorted(groups.items()))


class Coefficients:
    def __init__(self, rows, kind):
        self.of = {}
        for family, members in grouped(rows, "family").items():
            own = fit(members, shares_of_chips(members), EXPECTED[kind], TRUST["family"])
            self.of[family, "", ""] = own
            for generation, relatives in grouped(members, "generation").items():
                theirs = fit(relatives, shares_of_chips(relatives), own, TRUST["generation"])
                self.of[family, generation, ""] = theirs
                for chip, figures in grouped(relatives, "chip").items():
                    self.of[family, generation, chip] = fit(figures, shares(figures), theirs, TRUST["chip"])

    def find(self, row):
        family, generation, chip = row["family"], row["generation"], row["chip"]
        other = "cuda" if family.startswith("cuda") else "vulkan"
        for key, basis in (((family, generation, chip), "this_card"), ((family, generation, ""), "its_generation"),
                           ((family, "", ""), "rule"), ((other, "", ""), "rule")):
            if key in self.of:
                return self.of[key], basis
        raise KeyError(family)

    def seconds(self, row):
        coefficients, basis = self.find(row)
        return sum(a * b for a, b in zip(row["parts"], coefficients)), basis


def error_of(coefficients, row):
    """The logarithm of the measured figure over the one that the coefficients give, and their basis."""
    seconds, basis = coefficients.seconds(row)
    return math.log(row["measured"] * seconds), basis


def left_out(rows, kind, key):
    """The error of each row without the rows that share its model or its chip."""
    errors = []
    for value, members in grouped(rows, key).items():
        families = {row["family"] for row in members}
        rest = [row for row in rows if row[key] != value and row["family"] in families]
        rest += [row for row in rows if row["family"] not in families]
        coefficients = Coefficients(rest, kind)
        errors += [(row, *error_of(coefficients, row)) for row in members]
    return errors


def shortest(errors, level):
    """The shortest range with the share `level` of the errors, as conformal prediction counts it."""
    errors = sorted(errors)
    needed = min(len(errors), math.ceil(level * (len(errors) + 1)))
    low = min(range(len(errors) - needed + 1), key=lambda i: errors[i + needed - 1] - errors[i])
    return errors[low], errors[low + needed - 1]


def spread(errors, level):
    low, high = shortest(errors, level)
    return [round(math.exp(low), 3), round(math.exp(high), 3)]


ENOUGH = 20  # errors, for a range of their own


def by_basis(by_model, by_chip):
    """Known chips are judged without the model, all others without the chip."""
    of = collections.defaultdict(list)
    for row, error, basis in by_model:
        if basis == "this_card":
            of[basis].append((row, error))
    for row, error, basis in by_chip:
        of[basis].append((row, error))
    return of


def spreads_of(by_model, by_chip, level):
    """For every family; one with too few errors has those of the family with the most."""
    spreads = collections.defaultdict(dict)
    for basis, members in by_basis(by_model, by_chip).items():
        errors = collections.defaultdict(list)
        for row, error in members:
            errors[row["family"]].append(error)
        most = max(errors, key=lambda family: len(errors[family]))
        for family in sorted({row["family"] for row, *_ in by_model} | {""}):
            enough = family if len(errors[family]) >= ENOUGH else most
            spreads[family][basis] = spread(errors[enough], level)
    for each in spreads.values():  # the further away what was measured, the wider
        for closer, further in (("this_card", "its_generation"), ("its_generation", "rule")):
            each[further] = [min(each[closer][0], each[further][0]), max(each[closer][1], each[further][1])]
    return dict(spreads)


def coverage(title, errors, spreads, widest):
    """Each figure against the range that the errors of the others give."""
    inside = 0
    widths = []
    for row, error, basis in errors:
        low, high = spreads.get(row["family"], spreads[""])[basis]
        widths.append(high / low)
        inside += math.log(low) - 5e-4 <= error <= math.log(high) + 5e-4
    print(f"  {title:<24} {len(errors):4} figures  {100 * inside / len(errors):5.1f} % inside  "
          f"width {sum(widths) / len(widths):.2f} (at most {max(widths):.2f}; wanted {widest:.1f})")
    return inside


def report(kind, rows, by_model, by_chip, spreads):
    print(f"{kind}: {len(rows)} figures of {len({row['chip'] for row in rows})} chips, "
          f"{len({row['model'] for row in rows})} models")
    known = [each for each in by_model if each[2] == "this_card"]
    others = [each for each in by_model if each[2] != "this_card"]
    coverage("one model left out", known, spreads, 2.0)
    if others:
        coverage("and with it the chip", others, spreads, 3.0)
    coverage("one chip left out", by_chip, spreads, 3.0)
    for name, errors in (("model", by_model), ("chip", by_chip)):
        far = sorted(errors, key=lambda each: -abs(each[1]))[:6]
        print(f"  farthest off with the {name} left out: " +
              "; ".join(f"{row['model']} {row['quantization']} on {row['gpus']}x {row['hardware']} at "
                        f"{row['depth']}: {math.exp(error):.2f}" for row, error, _ in far))


def with_host(rows, coefficients):
    """How much longer the host takes, and the spread where it takes part."""
    ratios = []
    for row in rows:
        on_gpus, _ = coefficients.seconds(row)
        ratios.append(max(0.05, (1 / row["measured"] - on_gpus) / row["host"]))
    middle = sorted(ratios)[len(ratios) // 2]
    errors = [math.log(row["measured"] * (coefficients.seconds(row)[0] + middle * row["host"])) for row in rows]
    return {"figures": len(rows), "coefficient": round(middle, 3), "spread": spread(errors, LEVELS["decode"])}


def rounded(values):
    return [float(f"{value:.4g}") for value in values]


def table(kind, rows, coefficients, spreads):
    names = DECODE_PARTS if kind == "decode" else PREFILL_PARTS
    named = lambda key: dict(zip(names, rounded(coefficients.of[key])))
    families = []
    for family, members in grouped(rows, "family").items():
        generations = []
        for generation, relatives in grouped(members, "generation").items():
            chips = [{"chip": chip, "figures": len(figures), "coefficients": named((family, generation, chip))}
                     for chip, figures in grouped(relatives, "chip").items()]
            generations.append({"generation": generation, "coefficients": named((family, generation, "")),
                                "chips": chips})
        families.append({"family": family, "coefficients": named((family, "", "")), "spreads": spreads[family],
                         "generations": generations})
    return {"families": families, "spreads": spreads[""]}


def exceeded(rows):
    over = [row for row in rows if row["ceiling"] and row["measured"] > row["ceiling"]]
    held = [row["measured"] / row["ceiling"] for row in rows if row["ceiling"]]
    print(f"ceiling: {len(over)} of {len(held)} figures exceed it; the closest reaches {100 * max(held):.0f} %")


def document(tables, host):
    return {
        "$schema": "schema/speeds.schema.json",
        "method": "tests/calibration/calibrate.py: ridge regression by family, generation and chip; conformal ranges of "
                  f"{100 * LEVELS['decode']:.0f} % (decode) and {100 * LEVELS['prefill']:.0f} % (prefill) from the "
                  "errors of figures that were left out",
        "sources": ["tests/measured/speeds.tsv, which names the source of each figure"],
        "decode": tables["decode"],
        "prefill": tables["prefill"],
        "host": host,
        "engines": ENGINES | {"decode": dict(zip(DECODE_PARTS, ENGINES["decode"])),
                              "prefill": dict(zip(PREFILL_PARTS, ENGINES["prefill"]))},
    }


def is_close(a, b):
    """Equal but for the last digits, which differ between compilers."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(is_close(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(is_close, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=0.01, abs_tol=1e-9)
    return a == b


def main():
    parser = argparse.ArgumentParser(description="Fits data/speeds.json; reads what speed_parts prints.")
    parser.add_argument("--compare", metavar="FILE", help="fail if that is not what this computes")
    parser.add_argument("--write", metavar="FILE", help="write data/speeds.json")
    asked = parser.parse_args()
    rows = [json.loads(line) for line in sys.stdin]
    on_gpus = [row for row in rows if not row["host"]]
    tables = {}
    for kind in ("decode", "prefill"):
        figures = [row for row in on_gpus if row["decode"] == (kind == "decode")]
        by_model, by_chip = left_out(figures, kind, "model"), left_out(figures, kind, "chip")
        spreads = spreads_of(by_model, by_chip, LEVELS[kind])
        report(kind, figures, by_model, by_chip, spreads)
        coefficients = Coefficients(figures, kind)
        tables[kind] = table(kind, figures, coefficients, spreads)
        if kind == "decode":
            host = with_host([row for row in rows if row["host"] and row["decode"]], coefficients)
            print(f"  with host memory: {host}")
    exceeded([row for row in rows if row["decode"]])
    if asked.compare:
        with open(asked.compare, encoding="utf-8") as known:
            if not is_close(json.load(known), document(tables, host)):
                sys.exit(f"{asked.compare} is not what this computes; --write {asked.compare} makes it so")
    if asked.write:
        with open(asked.write, "w", encoding="utf-8") as out:
            json.dump(document(tables, host), out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
