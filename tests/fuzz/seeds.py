#!/usr/bin/env python3
"""Cuts the files of tests/measured/ to a few layers, one of each kind, as seeds of the fuzz targets.

usage: tests/fuzz/seeds.py OUTPUT_FOLDER NAME...      (names as in tests/measured/gguf, without .txt)
"""
import pathlib
import struct
import sys

MEASURED = pathlib.Path(__file__).resolve().parent.parent / "measured"
MOST_LAYERS = 5


def spelled_out(runs):
    """"0*2 8" -> ["0", "0", "8"]"""
    words = []
    for run in runs.split():
        word, _, times = run.partition("*")
        words += [word] * int(times or 1)
    return words


def layers_of(ranges):
    layers = []
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        layers += range(int(first), int(last or first) + 1)
    return layers


def read(name):
    keys = {}
    for line in (MEASURED / "gguf" / f"{name}.txt").read_text().splitlines():
        if not line.startswith("#"):
            key, _, value = line.partition(" = ")
            keys[key] = value
    ends, layers = [], {}
    for line in (MEASURED / "quantization" / f"{name}.txt").read_text().splitlines():
        words = line.split()
        if words[:1] != ["tensor"]:
            continue
        shape = [int(number) for number in words[2].split("x")]
        if len(words) == 3:
            ends.append((words[1], shape))
        for layer in layers_of(words[3]) if len(words) > 3 else []:
            layers.setdefault(layer, []).append((words[1], shape))
    return keys, ends, layers


def one_of_each_kind(layers):
    """The first two, one of every other kind, and what predicts."""
    kept, kinds = [], []
    for number in sorted(layers):
        kind = sorted((part, tuple(shape)) for part, shape in layers[number])
        if number < 2 or kind not in kinds:
            kinds.append(kind)
            kept.append(number)
    return kept[: MOST_LAYERS - 1] + kept[-1:] if len(kept) > MOST_LAYERS else kept


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def scalar(value):
    if value.startswith('"'):
        return 8, text(value[1:-1])
    if value in ("true", "false"):
        return 7, struct.pack("<B", value == "true")
    if "." in value:
        return 6, struct.pack("<f", float(value))
    return 4, struct.pack("<I", int(value))


def key_bytes(key, value, kept, all_layers):
    if value.startswith("["):
        words = spelled_out(value[1:-1])
        if len(words) == all_layers:
            words = [words[layer] for layer in kept]
        items = [scalar(word) for word in words]
        return text(key) + struct.pack("<IIQ", 9, items[0][0], len(items)) + b"".join(raw for _, raw in items)
    kind, raw = scalar(value)
    return text(key) + struct.pack("<I", kind) + raw


def cut(name):
    keys, ends, layers = read(name)
    architecture = keys["general.architecture"].strip('"')
    kept, all_layers = one_of_each_kind(layers), int(keys[f"{architecture}.block_count"])
    keys[f"{architecture}.block_count"] = str(len(kept))
    width = layers[0] and dict(layers[0]).get("inp_gate.weight")
    if width:  # an embedding for each layer in one tensor
        ends = [(part, [width[1] * len(kept) if size == width[1] * all_layers else size for size in shape])
                for part, shape in ends]
    shared = f"{architecture}.attention.shared_kv_layers"
    if shared in keys:
        keys[shared] = str(sum(layer >= all_layers - int(keys[shared]) for layer in kept))
    tensors = ends + [(f"blk.{i}.{part}", shape) for i, layer in enumerate(kept) for part, shape in layers[layer]]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys))
    head += b"".join(key_bytes(key, value, kept, all_layers) for key, value in keys.items())
    offset = 0
    for tensor, shape in tensors:
        head += text(tensor) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape)
        head += struct.pack("<IQ", 1, offset)
        size = 2
        for number in shape:
            size *= number
        offset += (size + 31) // 32 * 32
    return architecture, head + bytes(-len(head) % 32)


if __name__ == "__main__":
    for name in sys.argv[2:]:
        architecture, data = cut(name)
        (pathlib.Path(sys.argv[1]) / architecture).write_bytes(data)
