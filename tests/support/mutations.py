"""Ways to spoil an HDF5 file: a registry of functions of (path, rng).

Some change bytes, as a bad disk does; the others change what the file says, by HDF5's
own means, as somebody does who wants to harm.
"""

import json
import zlib

import h5py
import numpy as np

MB = 2**20
HOSTILE = [  # values for what stands in JSON
    *(None, True, False, -1, 0, 0.5, 2, 1e308, 10**20, 10**400, float("nan")),
    *(float("inf"), "", "x" * 5000, "\0", "relu", "O", "V8", "M8[ns]", "<U999999999"),
    *("i4,i4", [], {}, [[]], [0, 0], {"a": 1, "b": 2}, {"tuple": 3}, {"float": "nan"}),
    *({"float": "x"}, {"array": [[1], [2, 3]]}, {"array": ["x"]}, {"dict": 5}),
    *({"float": 10**400}, {"float": "1e999"}, {"array": ["x" * 10**5] + ["a"] * 10**4}),
    *({"dict": [[1, 2], [1, 3]]}, 2**63, -(10**20), "\x1b[31m", [[[[[0]]]]]),
    *({"tuple": [10**9, 10**9]}, {"dict": [[{"dict": []}, 1]]}, ["relu"] * 9),
]
TEXTS = [b"\xff", b"", b"\x1b[31mred", b"a\nb", b"=1+1", b"\xe2\x80\xae", b"x" * 60_000]
NUMBERS = [np.nan, np.inf, -np.inf, 1e8, 1e-8, 0, -1, 2**31, 2**63]
TYPES = [
    *("f2", ">f8", "f4", "f8", "i1", "u1", "i8", "?", "c16", "S3", "S1", "g"),
    *(h5py.string_dtype(), h5py.ref_dtype, np.dtype("i4,f8"), np.dtype("V7")),
    *(h5py.enum_dtype({"a": 1, "b": 7}, "i4"), h5py.vlen_dtype("f8")),
    np.dtype(("f8", (2,))),
]


# -- bytes -----------------------------------------------------------------------------


def _on_bytes(change):
    def mutation(path, rng):
        data = bytearray(path.read_bytes())
        path.write_bytes(change(data, rng))

    return mutation


def _place(data, rng):
    """Where in the file; the front, where it says what it holds, more often."""
    return rng.randrange(len(data) if rng.random() < 0.5 else min(len(data), 4096))


def flip_bits(data, rng):
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        data[_place(data, rng)] ^= 1 << rng.randrange(8)
    return data


def truncate(data, rng):
    return data[: rng.randrange(len(data))]


def append(data, rng):
    return data + rng.randbytes(rng.randrange(1, 5000))


def overwrite(data, rng):
    start = _place(data, rng)
    length = min(rng.choice([1, 4, 8, 64, 1000]), len(data) - start)
    data[start : start + length] = rng.choice([bytes, lambda n: b"\xff" * n])(length)
    return data


def move_bytes(data, rng):
    a, b, length = _place(data, rng), _place(data, rng), rng.choice([8, 64, 512])
    piece = data[a : a + length]
    data[b : b + len(piece)] = piece
    return data


# -- what the file says ----------------------------------------------------------------


def _on_file(change):
    def mutation(path, rng):
        with h5py.File(path, "r+") as file:
            change(file, rng)

    return mutation


def members(file, kind):
    """The names of all groups or of all datasets."""
    found = [file.name] if kind is h5py.Group else []
    file.visititems(lambda n, item: found.append(n) if isinstance(item, kind) else None)
    return found


def dataset(file, rng):
    return rng.choice(members(file, h5py.Dataset))


def group(file, rng):
    return file[rng.choice(members(file, h5py.Group))]


def anything(file, rng):
    return rng.choice(members(file, h5py.Dataset) + members(file, h5py.Group)[1:])


def put(file, name, values, **options):
    del file[name]
    file.create_dataset(name, data=values, **options)


def swap(file, rng):
    a, b = dataset(file, rng), dataset(file, rng)
    if a != b:
        file.move(a, "swapped")
        file.move(b, a)
        file.move("swapped", b)


def delete(file, rng):
    del file[anything(file, rng)]


def rename(file, rng):
    name = anything(file, rng)
    file.move(name, f"{name}{rng.choice('x/09')}0")


def change_type(file, rng):
    name, kind = dataset(file, rng), rng.choice(TYPES)
    values = file[name][()]
    if kind == h5py.string_dtype():
        values = np.full(values.shape, "text", object)
    elif kind == h5py.ref_dtype:
        values = np.full(values.shape, file.ref, object)
    elif h5py.check_vlen_dtype(kind) is not None:
        values = None
    elif np.dtype(kind).kind == "V" or values.dtype.kind == "S":
        values = np.zeros(values.shape, kind)
    else:
        with np.errstate(all="ignore"):
            values = values.astype(kind)
    if values is None:
        del file[name]
        file.create_dataset(name, (3,), kind)[0] = [1, 2]
    else:
        put(file, name, values)


def change_shape(file, rng):
    name = dataset(file, rng)
    values = file[name][()]
    shapes = [
        lambda a: a.T,
        lambda a: a.ravel(),
        lambda a: a[:-1],
        lambda a: a[..., :-1],
        lambda a: a[:0],
        lambda a: a[None],
        lambda a: np.concatenate([a, a]),
        lambda a: a.ravel()[0],
        lambda a: h5py.Empty(a.dtype),
        lambda a: np.zeros((1,) * 32, a.dtype),
    ]
    put(file, name, rng.choice(shapes)(values))


def change_numbers(file, rng):
    name = dataset(file, rng)
    values = file[name][()]
    if values.dtype.kind in "iufb" and values.size:
        with np.errstate(all="ignore"):
            number = np.array(rng.choice(NUMBERS)).astype(values.dtype)
        flat = values.reshape(-1)
        flat[:: rng.choice([1, 7, flat.size])] = number
    put(file, name, values)


def declare_much(file, rng):
    name = dataset(file, rng)
    kind, most = file[name].dtype, rng.choice([10**9, 10**12, 2**40])
    del file[name]
    ways = [
        lambda: file.create_dataset(name, (most,), kind),
        lambda: file.create_dataset(name, (10**6, most // 10**6), kind),
        lambda: file.create_dataset(name, (most, 10), kind, chunks=(1000, 10)),
        lambda: file.create_dataset(name, (1, 2**28), "f8", chunks=(1, 2**28)),
        lambda: file.create_dataset(
            name, (9, most // 100), "i1", chunks=(1, 1000), compression=1, fillvalue=3
        ),
    ]
    rng.choice(ways)()


def lzf_bytes(tokens):
    """What LZF makes of one byte that repeats: 264 of it for each token."""
    return b"\x00\x00" + b"\xe0\xff\x00" * tokens


def plant_bomb(file, rng):
    """Chunks that unpack to much more, or less, than they declare."""
    name, unpacked = dataset(file, rng), rng.choice([10, 8 * MB, 64 * MB])
    gzip, tokens = rng.random() < 0.5, unpacked // 264
    shape = rng.choice([(4, 1000), (40, 4, 4, 3), (1, 2**19), (40,)])
    chunk = (1, *shape[1:])
    del file[name]
    found = file.create_dataset(
        name, shape, "u1", chunks=chunk, compression=1 if gzip else "lzf", shuffle=True
    )
    data = zlib.compress(bytes(unpacked), 9) if gzip else lzf_bytes(tokens)
    for row in range(shape[0]):
        offset = (row, *(0 for _ in shape[1:]))
        found.id.write_direct_chunk(offset, data, rng.choice([0, 0, 0, 1, 2, 3]))


def compress(file, rng):
    """Some or all datasets, as a tool does that repacks."""
    names = members(file, h5py.Dataset)
    kind = rng.choice([{"compression": "lzf"}, {"compression": 9}, {"shuffle": True}])
    for name in rng.sample(names, rng.choice([1, len(names)])):
        values = file[name][()]
        if values.ndim and values.size:
            put(file, name, values, **kind, fletcher32=rng.random() < 0.5)


def share(file, rng):
    """Many names for one object."""
    name, place = anything(file, rng), group(file, rng)
    for i in range(rng.choice([2, 100, 1500])):
        place[f"shared{i}"] = file[name]


def spoil_texts(file, rng):
    """Names and labels that are no UTF-8, long, empty or move the cursor."""
    names = [n for n in members(file, h5py.Dataset) if file[n].dtype.kind == "S"]
    name = rng.choice(names or members(file, h5py.Dataset))
    count, text = max(1, file[name].size or 1), rng.choice(TEXTS)
    values = [text if rng.random() < 0.7 else b"b%d" % i for i in range(count)]
    put(file, name, np.array(values, dtype=f"S{max(1, *map(len, values))}"))


def link(file, rng):
    name = anything(file, rng)
    del file[name]
    other = rng.choice([f"/{anything(file, rng)}", f"/{name}", "/", "nowhere"])
    ways = [
        lambda: h5py.SoftLink(other),
        lambda: h5py.ExternalLink("other.h5", "/train_set_x"),
        lambda: h5py.ExternalLink("pipe", "/train_set_x"),  # who opens it, waits
        lambda: h5py.ExternalLink(file.filename, other),
        lambda: file["/"],
        lambda: file[anything(file, rng)],
    ]
    file[name] = rng.choice(ways)()


def nest(file, rng):
    place = group(file, rng)
    for i in range(rng.choice([1, 3, 20, 300])):
        place = place.create_group(f"step{i}")
    if rng.random() < 0.5:
        place["round"] = file["/"]


def store_elsewhere(file, rng):
    name = dataset(file, rng)
    found = file[name]
    shape, kind = found.shape or (1,), found.dtype
    del file[name]
    if rng.random() < 0.5:
        layout = h5py.VirtualLayout(shape, kind)
        layout[...] = h5py.VirtualSource(
            rng.choice([".", "other.h5", "pipe"]), name, shape
        )
        file.create_virtual_dataset(name, layout)
    else:
        place = rng.choice(["/etc/hostname", "/dev/zero", "pipe"])
        file.create_dataset(name, shape, kind, external=[(place, 0, 2**20)])


def use_filter(file, rng):
    name = dataset(file, rng)
    values = file[name][()]
    options = rng.choice(
        [
            {"compression": "lzf"},
            {"compression": 9, "shuffle": True, "fletcher32": True},
            {"scaleoffset": 0} if values.dtype.kind in "iu" else {"fletcher32": True},
            {"chunks": True, "maxshape": (None,) * values.ndim},
        ]
    )
    put(file, name, values, **options if values.ndim and values.size else {})


def change_attribute(file, rng):
    places = [file[name] for name in members(file, h5py.Group)]
    item = rng.choice([place for place in places if len(place.attrs)] or places)
    name = rng.choice([*item.attrs] or ["format"])
    values = [
        *("", "x", "x" * MB, "\ud83d", 0, -1, 2.5, np.nan, np.arange(5), np.zeros(0)),
        *(h5py.Empty("f8"), file.ref, np.array("s", "S1"), [["a"]], True, 2**64 - 1),
    ]
    act = rng.choice(["set", "set", "delete", "swap"])
    if act == "delete":
        del item.attrs[name]
    elif act == "set":
        value = rng.choice([*values, item.attrs[name]])
        item.attrs.create(name, value if not isinstance(value, list) else "[1]")
    else:
        other = rng.choice([*item.attrs])
        item.attrs[name], item.attrs[other] = item.attrs[other], item.attrs[name]


def json_texts(file):
    """Every text of JSON as (item, attribute or None for a dataset of bytes, value)."""
    texts = []

    def look(_, item):
        found = dict(item.attrs.items())
        if isinstance(item, h5py.Dataset) and item.dtype == np.uint8:
            found = {None: item[()].tobytes()}
        for key, value in found.items():
            value = value.decode("latin-1") if isinstance(value, bytes) else value
            if isinstance(value, str) and value[:1] in ("{", "["):
                texts.append((item, key, json.loads(value)))

    file.visititems(look)
    return texts


def put_json(file, item, key, text):
    if key is None:
        put(file, item.name, np.frombuffer(text.encode(), np.uint8))
    else:
        item.attrs[key] = np.array(text.encode(), f"S{max(1, len(text.encode()))}")


def change_json(file, rng):
    """Something else in the place of a value."""
    texts = json_texts(file)
    if not texts:
        change_attribute(file, rng)
        return
    item, key, value = rng.choice(texts)
    spoiled = json.dumps(_with_another(value, rng))
    if rng.random() < 0.1:
        spoiled = rng.choice(
            [
                "[" * 5000,
                "1e999",
                "NaN",
                "",
                '{"a": 1',
                spoiled.replace(":", ": 1e999,"),
            ]
        )
    put_json(file, item, key, spoiled)


def edit_json(file, rng):
    """Values of the same kind, which only contradict others."""
    texts = json_texts(file)
    if not texts:
        change_attribute(file, rng)
        return
    item, key, value = rng.choice(texts)
    put_json(file, item, key, json.dumps(_edited(value, rng, _texts_in(value))))


def change_class(file, rng):
    """A step that is said to be of another class."""
    steps = [file[name] for name in members(file, h5py.Group)]
    steps = [step for step in steps if "class" in step.attrs]
    if not steps:
        change_attribute(file, rng)
        return
    rng.choice(steps).attrs["class"] = rng.choice(steps).attrs["class"]


def copy_group(file, rng):
    """A group, or a dataset, in the place of another one."""
    kind = rng.choice([h5py.Group, h5py.Dataset])
    names = [name for name in members(file, kind) if name != "/"]
    if not names:
        change_attribute(file, rng)
        return
    a, b = rng.choice(names), rng.choice(names)
    file.copy(a, "copied")
    del file[b]
    file.move("copied", b)


def plant_path(file, rng):
    """Parameters that name a file which the next training is to write."""
    steps = steps_with(file, "parameters")
    if not steps:
        change_attribute(file, rng)
        return
    item = rng.choice(steps)
    found = json.loads(item.attrs["parameters"])
    found |= {"checkpoint": "planted.h5", "checkpoint_every": 1e-9}
    text = json.dumps(found).encode()
    item.attrs["parameters"] = np.array(text, f"S{len(text)}")


def repeat_a_key(file, rng):
    """An object of JSON that has one key twice."""
    steps = steps_with(file, "fitted")
    if not steps:
        change_attribute(file, rng)
        return
    item, key = rng.choice(steps), rng.choice(["fitted", "parameters"])
    text = item.attrs[key]
    text = text[:-1] + b", " + text[1:] if len(text) > 2 else b"{}"
    item.attrs[key] = np.array(text, f"S{len(text)}")


def steps_with(file, attribute):
    groups = [file[name] for name in members(file, h5py.Group)]
    return [group for group in groups if attribute in group.attrs]


def patch_header(path, rng):
    """One number of a header, in a format that has no checksums."""
    old = path.with_suffix(".old")
    with h5py.File(path) as file, h5py.File(old, "w") as plain:
        for name in file:
            file.copy(name, plain)
        for name, value in file.attrs.items():
            plain.attrs[name] = value
        sizes = {1, 2, 4, 8, 2**19}
        for name in members(file, h5py.Dataset):
            sizes |= {*(file[name].shape or ()), *(file[name].chunks or ())}
            sizes |= {file[name].id.get_storage_size(), file[name].dtype.itemsize}
    data = bytearray(old.read_bytes())
    old.unlink()
    wanted = rng.choice(sorted(sizes - {0}))
    width = rng.choice([2, 4, 8])
    pattern = (wanted % 2 ** (8 * width)).to_bytes(width, "little")
    places = [i for i in range(len(data)) if data.startswith(pattern, i)]
    number = rng.choice([0, 1, 2, wanted + 1, wanted * 2, 2**15, 2**31 - 1, 2**32 - 1])
    for place in rng.sample(places, min(len(places), rng.choice([1, 1, 3]))):
        new = (number % 2 ** (8 * width)).to_bytes(width, "little")
        data[place : place + width] = new
    path.write_bytes(data)


def _keys(value):
    """The keys of an object, the indices of a list, none of anything else."""
    if isinstance(value, list):
        return range(len(value))
    return [*value] if isinstance(value, dict) else ()


def _with_another(value, rng):
    """A tree of JSON with one of its nodes replaced, or left out."""
    inner = _keys(value)
    if not inner or rng.random() < 0.15:
        return rng.choice(HOSTILE)
    key = rng.choice(inner)
    if rng.random() < 0.1:
        del value[key]
    else:
        value[key] = _with_another(value[key], rng)
    return value


def _texts_in(value):
    """All texts in a tree of JSON."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for part in inner for text in _texts_in(part)]
    return [value] if isinstance(value, str) else []


def _edited(value, rng, texts):
    """A tree of JSON with one of its values changed to another of its kind."""
    inner = _keys(value)
    if inner and rng.random() < 0.85:
        key = rng.choice(inner)
        value[key] = _edited(value[key], rng, texts)
        return value
    if isinstance(value, list) and value:
        again = rng.choice(value)
        ways = [value[::-1], value[1:], value[:-1], [*value, again], [again, *value]]
        return rng.choice([*ways, [again] * len(value), sorted(value, key=str), []])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, -value, 0, 2 * value, 10**6, 2**40])
    if isinstance(value, float):
        return rng.choice([-value, 0.0, value * 1e9, value + 1, 1e300, 5e-324])
    if isinstance(value, str):
        return rng.choice([*texts, value[:-1], value.swapcase()])
    return rng.choice([None, [], {}, 0, False, ""])


BYTES = {
    change.__name__: _on_bytes(change)
    for change in (flip_bits, truncate, append, overwrite, move_bytes)
}
STRUCTURE = {
    change.__name__: _on_file(change)
    for change in (
        *(swap, delete, rename, change_type, change_shape, change_numbers),
        *(declare_much, plant_bomb, link, nest, store_elsewhere, use_filter),
        *(change_attribute, change_json, compress, share, spoil_texts, plant_path),
        *(repeat_a_key, edit_json, change_class, copy_group),
    )
} | {"patch_header": patch_header}
MUTATIONS = BYTES | STRUCTURE
