"""Names in C for columns and levels: valid, different, and close to the originals."""

import re
import unicodedata

RESERVED = set(
    re.findall(
        r"\w+",
        """
alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl
const const_cast constexpr continue decltype default delete do double dynamic_cast else
enum explicit export extern false float for friend goto if inline int long mutable
namespace new noexcept not not_eq nullptr operator or or_eq private protected public
register reinterpret_cast restrict return short signed sizeof static static_assert
static_cast struct switch template this thread_local throw true try typedef typeid
typename union unsigned using virtual void volatile wchar_t while xor xor_eq concept
requires co_await co_return co_yield char8_t char16_t char32_t linux unix NAN NULL
INFINITY HUGE_VAL
""",
    )
)
# what names of the header begin or end with besides those of columns
TAKEN = {
    "row",
    "layer",
    "outputs",
    "features",
    "predict",
    "predict_proba",
    "class_name",
}
TAKEN |= {"days", "sort", "waves", "number_of_level", "empty_row", "n_outputs", "h"}


class Names:
    """Gives each text a name of its own; `form` is what surrounds it, if anything."""

    def __init__(self, taken=()):
        self._taken = set(taken)

    def of(self, text, form="{}"):
        """Return a new name made of the text."""
        word = plain_word(text)
        if form == "{}":
            word = word if word[:1].isalpha() else f"x_{word}"
            word += "_" * (word in RESERVED)
        name, k = form.format(word), 2
        while name in self._taken:
            name, k = form.format(f"{word}_{k}"), k + 1
        self._taken.add(name)
        return name


def plain_word(text):
    """Return the letters and digits of a text, others as _; accents are left out."""
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub("[^A-Za-z0-9]+", "_", text).strip("_") or "x"
