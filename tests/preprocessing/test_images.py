"""ImageFlattener: rows, the way back, names, the first place in a Pipeline."""

import pickle

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import get_tags

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.preprocessing import ImageFlattener

SHAPES = [(6, 4, 3), (6, 4, 3, 2)]
shapes = pytest.mark.parametrize("shape", SHAPES)


@pytest.fixture
def draw(rng):
    """Images of a shape and a type, over the whole range of bytes."""
    return lambda shape, dtype=np.uint8: rng.randint(0, 256, shape).astype(dtype)


# -- rows ------------------------------------------------------------------------------


@shapes
def test_rows_are_the_images_reshaped_and_divided(draw, shape):
    X = draw(shape)
    assert_array_equal(ImageFlattener().fit_transform(X), X.reshape(6, -1) / 255)


def test_scale_is_what_values_are_divided_by(draw):
    X = draw((6, 4, 3))
    assert_array_equal(ImageFlattener(scale=16).fit_transform(X), X.reshape(6, -1) / 16)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.float16, np.float64),
        (np.uint8, np.float64),
        (np.int64, np.float64),
        (bool, np.float64),
    ],
)
@pytest.mark.filterwarnings("ignore:ImageFlattener. X has values up to")
def test_float32_stays_and_all_else_becomes_float64(draw, dtype, expected):
    flatten = ImageFlattener().fit(draw((6, 4, 3), dtype))
    assert flatten.transform(draw((6, 4, 3), dtype)).dtype == expected


def test_nested_lists_are_images(draw):
    X = draw((6, 4, 3))
    assert_array_equal(
        ImageFlattener().fit_transform(X.tolist()), ImageFlattener().fit_transform(X)
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_images_are_never_written_into(draw, dtype):
    X = draw((6, 4, 3), dtype)
    before = X.copy()
    X.flags.writeable = False
    flatten = ImageFlattener(scale=1).fit(X)
    rows = flatten.transform(X)
    rows += 1  # fails or shows below if it were a view
    rows.flags.writeable = False
    flatten.inverse_transform(rows)[...] = 0
    assert_array_equal(X, before)


def test_images_in_any_order_in_memory_give_the_same_rows(draw):
    X = draw((6, 4, 3, 2))
    expected = ImageFlattener().fit_transform(X)
    fortran = np.asfortranarray(X)
    assert_array_equal(ImageFlattener().fit_transform(fortran), expected)
    assert_array_equal(ImageFlattener().fit_transform(X[::-1])[::-1], expected)


# -- the way back ----------------------------------------------------------------------


@shapes
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, bool])
@pytest.mark.filterwarnings("ignore:ImageFlattener. X has values up to")
def test_whole_numbers_come_back_as_they_were(draw, shape, dtype):
    X = draw(shape, dtype)
    flatten = ImageFlattener().fit(X)
    back = flatten.inverse_transform(flatten.transform(X))
    assert_array_equal(back, X)
    assert back.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.filterwarnings("ignore:ImageFlattener. X has values up to")
def test_floats_come_back_to_a_rounding_of_each_step(rng, dtype):
    X = rng.uniform(-1, 1, (6, 4, 3)).astype(dtype)
    flatten = ImageFlattener().fit(X)
    back = flatten.inverse_transform(flatten.transform(X))
    assert_allclose(back, X, rtol=2 * np.finfo(dtype).eps)
    assert back.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.filterwarnings("ignore:ImageFlattener. X has values up to")
def test_floats_come_back_exactly_with_a_power_of_two(rng, dtype):
    X = rng.uniform(-1, 1, (6, 4, 3)).astype(dtype)
    flatten = ImageFlattener(scale=256).fit(X)
    assert_array_equal(flatten.inverse_transform(flatten.transform(X)), X)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.int64, np.uint64])
@pytest.mark.parametrize("rows_dtype", [np.float32, np.float64])
def test_values_beyond_the_type_are_clipped(dtype, rows_dtype):
    flatten = ImageFlattener().fit(np.zeros((1, 1, 3), dtype))
    rows = np.array([[-1e30, 0.5 / 255 + 1e-6, 1e30]], rows_dtype)
    limits, back = np.iinfo(dtype), flatten.inverse_transform(rows).ravel()
    assert back[:2].tolist() == [limits.min, 1]
    assert_allclose(float(back[2]), float(limits.max))  # 2**63 - 1 is no float


# -- names and frames ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 2, 2), ["pixel_0_0", "pixel_0_1", "pixel_1_0", "pixel_1_1"]),
        ((1, 1, 2, 2), ["pixel_0_0_0", "pixel_0_0_1", "pixel_0_1_0", "pixel_0_1_1"]),
    ],
)
def test_names_tell_the_place_of_each_column(shape, expected):
    flatten = ImageFlattener().fit(np.zeros(shape))
    assert flatten.get_feature_names_out().tolist() == expected


@shapes
def test_each_name_finds_its_pixel(draw, shape):
    X = draw(shape)
    flatten = ImageFlattener(scale=1).fit(X)
    rows = flatten.transform(X)
    for j, name in enumerate(flatten.get_feature_names_out()):
        place = tuple(map(int, name.split("_")[1:]))
        assert_array_equal(rows[:, j], X[:, *place])


@shapes
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_have_the_names_and_the_rows(draw, shape, library):
    pytest.importorskip(library)
    X = draw(shape)
    flatten = ImageFlattener().set_output(transform=library).fit(X)
    frame = flatten.transform(X)
    assert type(frame).__module__.startswith(library)
    assert list(frame.columns) == flatten.get_feature_names_out().tolist()
    assert_array_equal(frame.to_numpy(), X.reshape(6, -1) / 255)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_go_back_to_images(draw, library):
    pytest.importorskip(library)
    X = draw((6, 4, 3))
    flatten = ImageFlattener().set_output(transform=library).fit(X)
    assert_array_equal(flatten.inverse_transform(flatten.transform(X)), X)


def test_names_reach_the_model_behind(draw):
    pytest.importorskip("pandas")
    X, y = draw((6, 2, 2)), [0, 1] * 3
    model = make_pipeline(ImageFlattener(), LogisticRegressionScratch())
    model.set_output(transform="pandas").fit(X, y)
    names = model[0].get_feature_names_out()
    assert_array_equal(model[-1].feature_names_in_, names)


# -- bad input -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("X", "rule"),
    [
        (3, r"images of shape .* got shape \(\)"),
        (np.zeros(5), r"images of shape .* got shape \(5,\)"),
        (np.zeros((5, 4)), r"images of shape .* got shape \(5, 4\)"),
        (csr_array((5, 4)), r"images of shape .* got shape \(5, 4\)"),
        (np.zeros((2, 2, 2, 2, 2)), "images of shape .* got shape"),
        (np.zeros((5, 0, 4)), r"images of shape .* got shape \(5, 0, 4\)"),
        ([[[1, 2], [3]]], "X must hold images of one shape"),
        (np.zeros((0, 4, 4)), "0 sample"),
        (np.full((2, 2, 2), np.nan), "X contains NaN"),
        (np.full((2, 2, 2), np.inf), "X contains inf"),
        (np.full((2, 2, 2), "1"), "X must hold real numbers, got <U1"),
        (np.full((2, 2, 2), None), "X must hold real numbers, got object"),
        (np.full((2, 2, 2), 1j), "X must hold real numbers, got complex128"),
    ],
)
def test_bad_images_are_an_error_of_one_line(X, rule):
    flatten = ImageFlattener().fit(np.zeros((1, 2, 2)))
    for method in (ImageFlattener().fit, flatten.transform):
        with pytest.raises(ValueError, match=rule) as caught:
            method(X)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(6, 3, 4), (6, 4, 3, 1), (6, 12, 1)])
def test_images_of_another_shape_than_in_fit_are_refused(draw, shape):
    flatten = ImageFlattener().fit(draw((6, 4, 3)))
    with pytest.raises(
        ValueError, match=r"images of shape \(4, 3\) as in fit"
    ) as error:
        flatten.transform(draw(shape))
    assert str(shape[1:]) in str(error.value)


def test_rows_of_another_width_are_refused_on_the_way_back(draw):
    flatten = ImageFlattener().fit(draw((6, 4, 3)))
    with pytest.raises(ValueError, match="X must have 12 columns, .* got 11"):
        flatten.inverse_transform(np.zeros((6, 11)))


def test_rows_that_are_not_finite_are_refused_on_the_way_back(draw):
    flatten = ImageFlattener().fit(draw((6, 4, 3)))
    with pytest.raises(ValueError, match="X contains NaN"):
        flatten.inverse_transform(np.full((6, 12), np.nan))


@pytest.mark.parametrize("scale", [0, -1, np.nan, np.inf, "255", None])
def test_scale_must_be_a_number_above_zero(draw, scale):
    with pytest.raises(ValueError, match="'scale'"):
        ImageFlattener(scale=scale).fit(draw((6, 4, 3)))


@pytest.mark.parametrize(
    "method", ["transform", "inverse_transform", "get_feature_names_out"]
)
def test_nothing_works_before_fit(method):
    with pytest.raises(NotFittedError):
        getattr(ImageFlattener(), method)(np.zeros((2, 2, 2)))


# -- scikit-learn ----------------------------------------------------------------------


@shapes
def test_fitted_attributes_describe_the_images(draw, shape):
    flatten = ImageFlattener().fit(draw(shape, np.float32))
    assert flatten.image_shape_ == shape[1:]
    assert flatten.image_dtype_ == np.float32
    assert flatten.n_features_in_ == np.prod(shape[1:])


def test_tags_admit_images_and_no_rows():
    tags = get_tags(ImageFlattener())
    assert tags.input_tags.three_d_array
    assert not tags.input_tags.two_d_array
    assert not tags.input_tags.sparse


def test_a_clone_has_the_parameter_and_is_not_fitted(draw):
    copy = clone(ImageFlattener(scale=16).fit(draw((6, 4, 3))))
    assert copy.get_params() == {"scale": 16, "dtype": None}
    assert not hasattr(copy, "image_shape_")


def test_a_pickled_one_transforms_the_same(draw):
    X = draw((6, 4, 3))
    flatten = ImageFlattener().fit(X)
    copy = pickle.loads(pickle.dumps(flatten))
    assert_array_equal(copy.transform(X), flatten.transform(X))


@pytest.mark.parametrize("channels", [(), (1,)])
def test_a_search_over_a_pipeline_sets_scale_on_images(channels):
    images, y = load_digit_images()
    images, y = images[:200].reshape(200, 8, 8, *channels), y[:200]
    pipeline = Pipeline(
        [("flatten", ImageFlattener()), ("model", LogisticRegressionScratch())]
    )
    search = GridSearchCV(clone(pipeline), {"flatten__scale": [16, 1e6]}, cv=2)
    search.fit(images, y)
    assert search.best_params_ == {"flatten__scale": 16}
    assert search.score(images, y) > 0.95


# -- images on disk --------------------------------------------------------------------


@pytest.fixture
def stored(draw, tmp_path):
    """Images in an HDF5 file, and in memory."""
    images = draw((300, 4, 3, 2))
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file.create_dataset("train_set_x", data=images, chunks=(7, 4, 3, 2))
        file["train_set_y"] = (images.mean(axis=(1, 2, 3)) > 128).astype(int)
        yield file, images


def test_rows_of_images_on_disk_are_read_by_the_slice(stored):
    file, images = stored
    rows = ImageFlattener().fit_transform(file["train_set_x"])
    expected = images.reshape(300, -1) / 255
    assert (rows.shape, rows.dtype, len(rows)) == ((300, 24), np.float64, 300)
    assert not isinstance(rows, np.ndarray)
    assert_array_equal(rows[5:9], expected[5:9])
    assert_array_equal(np.asarray(rows), expected)


def test_a_pipeline_streams_from_the_file(stored):
    file, images = stored
    X, y = file["train_set_x"], file["train_set_y"]
    network = DeepNetClassifier(
        (5,), max_iter=2, random_state=0, shuffle=False, warn=False, buffer_size=20
    )
    model = make_pipeline(ImageFlattener(), network).fit(X, y)
    memory = clone(model).fit(images, y[()])
    assert_array_equal(model[-1].coefs_[0], memory[-1].coefs_[0])
    assert_array_equal(model.predict(X), memory.predict(images))
    assert model.score(X, y) == memory.score(images, y[()])


def test_the_file_of_a_bad_image_is_told(tmp_path):
    images = np.ones((30, 2, 2))
    images[21] = np.nan
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file["x"] = images
        network = DeepNetClassifier((5,), buffer_size=4, warn=False)
        model = make_pipeline(ImageFlattener(), network)
        with pytest.raises(ValueError, match=r"images.h5:/x\) must be .* row 21"):
            model.fit(file["x"], np.arange(30) % 2)


def test_images_on_disk_of_another_kind_are_refused(tmp_path):
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file["flat"], file["none"] = np.ones((3, 2)), np.ones((0, 2, 2))
        file["complex"] = np.ones((3, 2, 2), complex)
        for key in file:
            with pytest.raises(ValueError, match="X must|minimum of 1"):
                ImageFlattener().fit(file[key])


@pytest.mark.parametrize(
    "images",
    [
        np.full((4, 2, 2), 0.5),
        np.full((4, 2, 2), 1, dtype=np.float32),
        np.array([[[-1.0, 1.0]]]),
        np.array([[[True, False]]]),
        np.array([[[0, 1]]], dtype=np.uint8),
    ],
)
def test_images_that_are_scaled_already_get_a_word(images):
    with pytest.warns(UserWarning, match="set scale=1 for images that are scaled"):
        ImageFlattener().fit_transform(images)
    ImageFlattener(scale=1).fit(images)


@pytest.mark.parametrize("image", [[[0, 0]], [[0, 2]], [[0.0, 16.0]]])
def test_dark_images_and_bytes_are_not_scaled_already(image):
    ImageFlattener().fit(np.array([image]))


@pytest.mark.parametrize("kind", ["uint8", "int64", "float32", "float64"])
@pytest.mark.parametrize("dtype", [np.float32, "float64"])
def test_rows_have_the_type_that_is_asked_for(kind, dtype, tmp_path):
    images = np.arange(2 * 3 * 3).reshape(2, 3, 3).astype(kind)
    np.save(tmp_path / "x.npy", images)
    flatten = ImageFlattener(scale=16, dtype=dtype).fit(images)
    expected = (images.reshape(2, 9) / np.float64(16)).astype(dtype)
    for where in images, np.load(tmp_path / "x.npy", mmap_mode="r"):
        rows = flatten.transform(where)
        assert rows.dtype == dtype
        assert_allclose(rows[:], expected, rtol=1e-7)


def test_another_type_of_rows_is_refused():
    with pytest.raises(ValueError, match="dtype must be numpy.float32 or numpy.float6"):
        ImageFlattener(dtype="int8").fit(np.zeros((2, 3, 3)))
