"""Optional packages: what is said when one is missing, and that pyproject.toml brings each."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from headgate.errors import UsageError
from headgate.extras import EXTRAS, needed

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGES = {"vl_convert": "vl-convert-python"}


@pytest.mark.parametrize("module", EXTRAS)
def test_every_module_is_brought_by_its_extra_and_by_dev(module):
    extras = PROJECT["optional-dependencies"]
    names = [re.split(r"[<>=\[]", each)[0] for each in extras[EXTRAS[module][0]]]
    assert PACKAGES.get(module, module) in names
    assert f"headgate[{','.join(dict.fromkeys(extra for extra, _ in EXTRAS.values()))}]" in extras["dev"]
    assert needed(module).__name__ == module


@pytest.mark.parametrize(("module", "extra"), [("altair", "pictures"), ("scipy", "fit")])
def test_a_missing_package_says_what_to_install(monkeypatch, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"needs {module}.*pip install 'headgate\[{extra}\]'"):
        needed(module)


def test_a_package_that_lacks_one_of_its_own_is_another_fault(monkeypatch):
    def broken(name, *rest):
        raise ModuleNotFoundError("No module named 'jinja2'", name="jinja2")

    monkeypatch.setattr("headgate.extras.import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="jinja2"):
        needed("altair")


WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
from headgate.cli.main import main
codes = [main(["--version"]), main(["machine", "compare", "--help"]), main(["machine", "compare", "h20"])]
assert codes == [0, 0, 2], codes
"""


def test_without_numpy_the_command_says_what_to_install_and_the_rest_works():
    done = subprocess.run([sys.executable, "-c", WITHOUT_NUMPY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == (
        "headgate: The model of machines needs numpy, which is not installed. "
        "Install it with: pip install 'headgate[machine]'"
    )
