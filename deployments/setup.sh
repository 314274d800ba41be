#!/bin/sh
# Make .venv with every package of requirements.lock, checked by hash. Debian 12, Ubuntu 22.04 and later: as root it
# installs what is missing of Python; otherwise it says what is.
set -eu
cd "$(dirname "$0")/.."

find_python() {
    for python in python3.13 python3.12 python3.11 python3; do
        if command -v "$python" >/dev/null && "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

if ! python=$(find_python); then
    if [ "$(id -u)" != 0 ]; then
        echo "Python 3.11 or later with venv is missing: apt-get install python3-venv (Ubuntu 22.04: python3.11-venv)" >&2
        exit 1
    fi
    apt-get -qq update
    apt-get -qq -y install python3-venv || true
    find_python >/dev/null || apt-get -qq -y install python3.11 python3.11-venv
    python=$(find_python)
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
[ -x .venv/bin/uv ] || .venv/bin/pip install --quiet --disable-pip-version-check uv==0.13.8
VIRTUAL_ENV=$PWD/.venv
export VIRTUAL_ENV
# Compiled now: every run is a process of its own, which may not be allowed to write here, and would compile each time.
.venv/bin/uv pip install --quiet --require-hashes --compile-bytecode --requirement requirements.lock
.venv/bin/uv pip install --quiet --no-deps --editable .
.venv/bin/python -m compileall -q cutover flows tasks
