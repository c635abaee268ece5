"""Chunks of datasets, checked before HDF5 unpacks them.

HDF5 unpacks a chunk as far as its bytes go, whatever the dataset declares: half a
megabyte of gzip can take half a gigabyte. Of lzf it tries one buffer after the other,
each a little longer, which takes minutes.
"""

import itertools
import math
import zlib
from numbers import Integral

import h5py
from h5py import h5z

from .damage import Refusal, naming_errors
from .texts import abbreviate

LZF = h5z.FILTER_LZF
FLETCHER32 = h5z.FILTER_FLETCHER32
COMPRESSED = {h5z.FILTER_DEFLATE, LZF}
KNOWN_FILTERS = COMPRESSED | {h5z.FILTER_SHUFFLE, FLETCHER32}
NAMES = {1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit"}
NAMES |= {6: "scaleoffset", LZF: "lzf"}
CHECKSUM = 4  # bytes that fletcher32 adds to a chunk
PIECE = 2**16  # bytes that are unpacked at a time
# Deflate makes 1000 bytes of one where all are equal, and only there. Measured: images
# of digits 5 to 30, rows with one value in a hundred other than zero 226 at most.
MOST_RATIO = 256
ALWAYS = 2**25  # bytes that a dataset may have, however well it is compressed


def filters_of(found):
    """Return the filters of a dataset in their order: (code, values)."""
    plist = found.id.get_create_plist()
    filters = map(plist.get_filter, range(plist.get_nfilters()))
    return [(code, values) for code, _, values, _ in filters]


def chunk_bytes(found):
    """Return the bytes that a chunk of the dataset takes in memory."""
    return math.prod(found.chunks) * found.id.get_type().get_size()


def check_filters(found, filters, place, allowed):
    """Raise a ValueError for other filters, and for data that are compressed twice."""
    codes = [code for code, _ in filters]
    packed = [code for code in codes if code in COMPRESSED]
    if len({*codes}) < len(codes) or len(packed) > 1 or not {*codes} <= allowed:
        rule = "be uncompressed or compressed with gzip or lzf, once"
        if not allowed & COMPRESSED:
            rule = "be uncompressed"
        names = [NAMES.get(code, code) for code in codes]
        raise ValueError(
            f"{place} must {rule}, got the filters {abbreviate(names)}; write it again "
            "like that."
        )
    # else HDF5 tries buffers of other sizes
    sizes = {values[2:3] for code, values in filters if code == LZF}
    if not sizes <= {(chunk_bytes(found),)}:
        raise ValueError(
            f"{place} must unpack to {chunk_bytes(found)} bytes a chunk, got "
            f"{abbreviate(*sizes)} in its filter."
        )


def most_bytes(filters, stored):
    """Return how many bytes a dataset may take of which so many are stored."""
    if any(code in COMPRESSED for code, _ in filters):
        return max(ALWAYS, MOST_RATIO * stored)
    return stored


def check_plain_chunks(found, filters, place):
    """Raise a ValueError for a chunk that is longer or shorter than what it holds."""
    wanted, sizes = chunk_bytes(found), set()

    def look(chunk):
        there = [not chunk.filter_mask >> i & 1 for i in range(len(filters))]
        sizes.add(chunk.size - CHECKSUM * sum(there))  # fletcher32 is the only one

    found.id.chunk_iter(look)
    if sizes - {wanted}:
        raise _wrong_size(place, wanted)


class PackedDataset(h5py.Dataset):
    """A compressed dataset; each chunk is checked when it is first read.

    The check costs as much time as HDF5 takes to unpack the chunk, and little memory.

    Parameters
    ----------
    found : h5py.Dataset
    filters : list of (code, values)
    place : str
        The file and the dataset, for messages.
    """

    def __init__(self, found, filters, place):
        super().__init__(found.id)
        self._codes, self._place = [code for code, _ in filters], place
        self._chunk_bytes = chunk_bytes(found)
        self._checked = set()  # numbers of rows of chunks

    def __getitem__(self, args, new_dtype=None):
        self._check(args)
        return super().__getitem__(args, new_dtype=new_dtype)

    def read_direct(self, dest, source_sel=None, dest_sel=None):
        self._check(source_sel)
        super().read_direct(dest, source_sel, dest_sel)

    def _check(self, index):
        """Check the chunks of some rows; of all, if the index is no slice of rows."""
        first = index[0] if isinstance(index, tuple) and index else index
        rows = range(self.shape[0])
        if isinstance(first, Integral):
            first = slice(first, first + 1 or None)
        if isinstance(first, slice):
            rows = rows[first]
        if not rows:
            return
        side, *sides = self.chunks
        ends = sorted((rows[0] // side, rows[-1] // side))
        others = [range(0, n, s) for n, s in zip(self.shape[1:], sides, strict=True)]
        for number in range(ends[0], ends[1] + 1):
            if number not in self._checked:
                with naming_errors(self._place):
                    for offset in itertools.product([number * side], *others):
                        self._check_chunk(offset)
                self._checked.add(number)

    def _check_chunk(self, offset):
        mask, raw = self.id.read_direct_chunk(offset)
        wanted, end, unpacked_length = self._chunk_bytes, len(raw), None
        for i, code in enumerate(self._codes):
            if mask >> i & 1:  # this chunk was stored without it
                continue
            if code in COMPRESSED:
                unpacked_length = UNPACKED_LENGTH[code]
            elif code == FLETCHER32 and unpacked_length is None:
                wanted += CHECKSUM
            elif code == FLETCHER32:
                end -= CHECKSUM
        length = end
        if unpacked_length is not None:
            length = unpacked_length(raw[:end], wanted)
        if length != wanted:
            raise _wrong_size(self._place, self._chunk_bytes)


def _wrong_size(place, wanted):
    return Refusal(
        f"{place} must unpack to {wanted} bytes a chunk, got one of another size; take "
        "another copy of the file."
    )


def _deflated_length(data, most):
    """Return the length of what deflate has packed, or some number beyond most.

    It is -1 where the end is missing.
    """
    stream, length = zlib.decompressobj(), 0
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        while piece and not stream.eof:
            length += len(stream.decompress(piece, PIECE))
            if length > most:
                return length
            piece = stream.unconsumed_tail
    length += len(stream.decompress(b"", PIECE)) if not stream.eof else 0
    return length if stream.eof else -1


def _lzf_length(data, most):
    """Return the length of what LZF has packed, or some number beyond most.

    It is -1 where the end is missing. A byte below 32 begins a run of bytes; others
    begin a repetition of 3 to 8 bytes, or of 9 and more, whose length follows.
    """
    place, length, end = 0, 0, len(data)
    while place < end and length <= most:
        code = data[place]
        if code < 32:
            place, length = place + code + 2, length + code + 1
        elif code < 224:
            place, length = place + 2, length + (code >> 5) + 2
        else:
            more = data[place + 1] if place + 1 < end else 0
            place, length = place + 3, length + more + 9
    return length if place <= end else -1


UNPACKED_LENGTH = {h5z.FILTER_DEFLATE: _deflated_length, LZF: _lzf_length}
