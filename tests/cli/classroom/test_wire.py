"""Values as messages: what is sent arrives, and nothing else is taken."""

import io

import numpy as np
import pytest

from sknn_scratch._cli.classroom import wire

VALUES = [
    None,
    ...,
    True,
    3,
    0.1,
    "a",
    np.arange(6.0).reshape(2, 3),
    np.float32([[1], [2]]),
    np.array([], dtype=int),
    np.float64(2.5),
    np.bool_(True),
    (1, [2, {"W1": np.eye(2), 3: None}]),
]


def sent(value):
    file = io.BytesIO()
    wire.send(file, wire.pack(value))
    file.seek(0)
    return wire.unpack(wire.receive(file))


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_arrives_as_it_is(value):
    got = sent(value)
    assert type(got) is type(value)
    assert repr(got) == repr(value)


def test_every_bit_of_an_array_arrives():
    value = np.array([[np.nan, -0.0, np.inf, 5e-324, 0.1 + 0.2]])
    assert sent(value).tobytes() == value.tobytes()


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_stays_a_matrix():
    assert type(sent(np.matrix([[1.0]]))) is np.matrix


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, 1j, np.array([None]), np.array(["a"]), sent]
)
def test_of_a_foreign_value_only_the_name_of_its_type_arrives(value):
    got = sent(value)
    assert isinstance(got, wire.Foreign) or type(got).__name__ == type(value).__name__


def test_a_value_in_itself_comes_to_an_end():
    endless = []
    endless.append(endless)
    assert sent(endless)


def test_an_array_that_is_too_large_does_not_arrive():
    got = sent(np.broadcast_to(np.zeros(1), (wire.LONGEST,)))
    assert isinstance(got, wire.Foreign)


@pytest.mark.parametrize(
    "packed",
    [
        None,
        5,
        [],
        ["nothing"],
        ["array", "<f8", [2], "AAAA"],
        ["array", "O", [1], "AAAAAAAAAAA="],
        ["array", "<f8", [-1], ""],
        ["array", "<f8", ["1"], "AAAAAAAAAAA="],
        ["dict", [[["list", []], ["plain", 1]]]],
        ["tuple", 3],
    ],
)
def test_what_pack_did_not_make_is_refused(packed):
    with pytest.raises(wire.Broken):
        wire.unpack(packed)


@pytest.mark.parametrize(
    "data", [(2**40).to_bytes(8, "big"), (3).to_bytes(8, "big") + b"{{{"]
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(wire.Broken):
        wire.receive(io.BytesIO(data))


@pytest.mark.parametrize("data", [b"", b"abc", (5).to_bytes(8, "big") + b"12"])
def test_the_end_of_the_channel_is_the_end(data):
    assert wire.receive(io.BytesIO(data)) is None
