#!/bin/sh
# Makes .venv with what requirements-dev.txt lists, or does nothing when it holds exactly that already.
# Honours PYTHON (the interpreter to use) and PIP_* (package index, proxy, cache ...). Uses uv where it is installed.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "$*" >&2
    exit 1
}

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
        if command -v "$candidate" >/dev/null && is_recent "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "LakeShop needs Python 3.11 or later, and ${PYTHON:-this machine} is not or has none." \
        "Install it (python.org, brew install python@3.11, apt-get install python3) or name it: PYTHON=/path/to/python3.11 make env"
}

make_venv() {
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python has no venv module." \
        "On Debian and Ubuntu install it with: apt-get install python3-venv"
    echo "Making .venv with $("$python" --version)"
    # --clear: what an interrupted run or another checkout left behind goes.
    "$python" -m venv --clear .venv || fail "$python could not make .venv here; the reason stands above."
}

install() {
    # uv reads none of pip's settings: with any of them, pip it is.
    if command -v uv >/dev/null && ! env | grep -q '^PIP_'; then
        uv pip install --quiet --python .venv/bin/python -r requirements-dev.txt
    else
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
    fi
}

# The checkout's path belongs to it, since a .venv that was moved no longer works.
wanted=$( (pwd; cat requirements.txt requirements-dev.txt) | cksum)
stamp=.venv/.requirements
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x .venv/bin/python ]; then
    exit 0
fi

{ [ -x .venv/bin/python ] && is_recent .venv/bin/python; } || make_venv
echo "Installing the packages of requirements-dev.txt (once, about a minute)"
log=.venv/install.log
if ! install >"$log" 2>&1; then
    reason=$(grep -m 1 -iE '^ *(error|×|  ╰)' "$log" || tail -n 1 "$log")
    fail "The packages of requirements-dev.txt could not be installed: $reason." \
        "Check the network and your package index (PIP_INDEX_URL, pip.conf), then run make env again; all of pip's words are in $log."
fi
echo "$wanted" >"$stamp"
