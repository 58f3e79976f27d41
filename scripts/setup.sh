#!/bin/sh
# Set up .venv/ from requirements.lock, unless it already is: same lock, same pyproject.toml, same folder.
# The folder counts because a virtual environment holds its own path: a moved or copied one is made anew.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)
stamp=.venv/headgate-setup

die() {
    printf '\nsetup: %s\n' "$1" >&2
    exit 1
}

wanted() {
    printf '%s\n' "$here"
    cksum <requirements.lock
    cksum <pyproject.toml
}

works() { [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; }

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ] && works; then
    exit 0
fi

new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=
for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    if command -v python3 >/dev/null 2>&1; then
        die "Python 3.11 or newer is needed, and python3 here is $(python3 -V 2>&1). Install a newer one, or name it: PYTHON=/path/to/python3.12 make ..."
    fi
    die "Python 3.11 or newer is needed, and there is no python3 on the PATH. Install it, or name it: PYTHON=/path/to/python3.12 make ..."
fi
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    die "$("$python" -V) has no venv and ensurepip modules. On Debian and Ubuntu: apt install python3-venv. Then run this again."

# An environment made here before is brought up to date; one made in another folder, or a broken one, is thrown away.
if ! { [ -f .venv/headgate-folder ] && [ "$(cat .venv/headgate-folder)" = "$here" ] && works && .venv/bin/python -m pip -V >/dev/null 2>&1; }; then
    printf 'setup: making .venv with %s\n' "$("$python" -V)"
    rm -rf .venv
    "$python" -m venv .venv || die "could not make .venv; the message above says why."
    printf '%s\n' "$here" >.venv/headgate-folder
fi
rm -f "$stamp"

printf 'setup: installing the packages of requirements.lock\n'
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
pip install --quiet --require-hashes --only-binary :all: -r requirements.lock ||
    die "the packages of requirements.lock could not be installed; pip says why above. Most often there is no network, or no package index pip may use (see: .venv/bin/python -m pip config list). Set that right and run this again."
pip install --quiet --no-deps --no-build-isolation --editable . ||
    die "headgate itself could not be installed into .venv; pip says why above."
(cd / && "$here/.venv/bin/python" -c 'import headgate') ||
    die "headgate was installed but cannot be imported; please report this with the message above."

wanted >"$stamp"
printf 'setup: done\n'
