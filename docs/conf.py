"""How the site is built: sphinx-build -W --keep-going -b html docs docs/_build/html."""

import importlib
import inspect
import os
import re
import sys
from pathlib import Path

import sknn_scratch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))
os.environ["SKNN_SCRATCH_COURSE_DATA"] = ""  # examples use what everybody has
os.environ["MPLBACKEND"] = "Agg"

project = "sknn_scratch"
author = "the sknn_scratch developers"
version = release = sknn_scratch.__version__
html_show_copyright = False

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "matplotlib.sphinxext.plot_directive",
    "matplotlib.sphinxext.figmpl_directive",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "mathml",
    "exercise",
    "notebook",
    "command_help",
    "playground",
    "step_page",
    "live_code",
    "self_contained",
]
exclude_patterns = ["_build", "auto_examples/GALLERY_HEADER.rst", "course/exercises"]
templates_path = ["_templates"]
default_role = "code"
smartquotes = False
toc_object_entries_show_parents = "hide"
highlight_language = "python"

# -- the API reference ---------------------------------------------------------------

autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False


def own_methods(cls):
    """Methods that this package wrote, also those of the private bases of a class."""
    own = [base for base in cls.__mro__ if base.__module__.startswith("sknn_scratch")]
    names = {name for base in own for name in vars(base) if not name.startswith("_")}
    # set_fit_request and its like are scikit-learn's, made for each class
    names -= {name for name in names if re.fullmatch(r"set_\w+_request", name)}
    return sorted(name for name in names if callable(getattr(cls, name, None)))


def public_classes():
    """Every public class by its full name."""
    for place in ("", *sknn_scratch._SUBMODULES):
        module = importlib.import_module(f"sknn_scratch.{place}".rstrip("."))
        for name in module.__all__:
            if inspect.isclass(getattr(module, name)):
                yield f"{module.__name__}.{name}", getattr(module, name)


methods = {fullname: own_methods(cls) for fullname, cls in public_classes()}
autosummary_context = {"methods_of": methods}


def as_restructured_text(app, what, name, obj, options, lines):
    """Bars in ||W||^2 are bars, and n_iter_ is a name and no link."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith(">>>"):
            line = line.replace("|", r"\|")
            lines[i] = re.sub(r"(?<![\w`.*])(\w+)_(?![\w`*\\])", r"\1\\_", line)


# -- examples and figures ------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": "gallery_order.in_the_course_s_order",
    "backreferences_dir": "api/backreferences",
    "doc_module": ("sknn_scratch",),
    "image_srcset": ["2x"],
    "min_reported_time": 3600,
    "show_memory": False,
    "write_computation_times": False,
    "show_signature": False,
    "capture_repr": (),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "matplotlib_animations": False,
}
plot_include_source = False
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("png", 90)]
plot_srcset = ["2x"]
plot_rcparams = {"figure.figsize": (6.4, 3.6), "savefig.bbox": "tight"}
plot_apply_rcparams = True
plot_pre_code = ""

# -- blocks that run in the page -------------------------------------------------------

live_code_pages = ["course/*"]
live_code_sources = ["*/course/exercises/*.py", "*/_exercises/textbook.py"]
# where Pyodide is; an address that is relative is seen from _static
live_code_address = "https://cdn.jsdelivr.net/pyodide/v314.0.3/full/"
# what micropip installs from PyPI; "": this tree, as a wheel that the build makes
live_code_requirement = ""

# -- how it looks --------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "sknn_scratch"
html_math_renderer = "mathml"
copybutton_prompt_text = r">>> |\.\.\. "  # what is copied has no prompts
copybutton_prompt_is_regexp = True
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "show_prev_next": True,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "header_links_before_dropdown": 6,
}
html_sidebars = {
    "getting_started": [],
    "live_code": [],
    "command_line": [],
    "engine": [],
    "file_format": [],
    "tables": [],
    "inside": [],
    "compared": [],
}


def setup(app):
    """Register what this file defines with Sphinx."""
    app.connect("autodoc-process-docstring", as_restructured_text, priority=900)
