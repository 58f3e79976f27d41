#!/bin/sh
# Write requirements.lock anew: names, versions and hashes of everything that runs, tests and builds Headgate, for every
# platform from Python 3.11 on. No index address and no path gets in. The resolver lives in a throw-away environment.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "lock: $python is older than Python 3.11; name a newer one: PYTHON=/path/to/python3.12 make lock" >&2
    exit 1
}
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$python" - >"$work/wanted.in" <<'PY'
import tomllib
from pathlib import Path

table = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
project = table["project"]
extras = project["optional-dependencies"].values()
wanted = [*project["dependencies"], *sum(extras, []), *table["build-system"]["requires"]]
# An extra may name another one of this project, and every one is written out here anyway.
print("\n".join(each for each in wanted if not each.startswith(project["name"] + "[")))
PY
"$work/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    "$work/wanted.in" --output-file "$work/requirements.lock"
if grep -n '://' "$work/requirements.lock" || grep -nE '^ *--(index|extra|find)' "$work/requirements.lock"; then
    echo "lock: an address got into the lock; it was not written" >&2
    exit 1
fi
cp "$work/requirements.lock" requirements.lock
echo "lock: $(grep -c '==' requirements.lock) packages in requirements.lock"
