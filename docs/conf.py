"""How Sphinx makes the documentation: ``sphinx-build -W docs docs/_build``."""

from __future__ import annotations

import sys
from pathlib import Path

from newsledger import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "newsledger"
author = "The newsledger authors"
copyright = "The newsledger authors"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "vocabulary",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
add_module_names = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"newsledger {__version__}"
html_static_path = ["_static"]
html_theme_options = {"navigation_with_keys": True}
