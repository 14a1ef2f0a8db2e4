# Shared by scripts/test, scripts/check and scripts/demo: the project's own virtual environment.
# Source it with the project's root as working directory. Safe to run twice.

# Compiled modules are kept, whatever the environment asks for: each process would compile all that it imports anew.
unset PYTHONDONTWRITEBYTECODE

stop() {
    echo "pointsman: $*" >&2
    exit 1
}

# The first Python from 3.11 on. POINTSMAN_PYTHON names another.
find_python() {
    local candidate
    for candidate in "${POINTSMAN_PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14 python; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    stop "Python 3.11 or newer is missing: install it, or name it with POINTSMAN_PYTHON=/path/to/python3"
}

# What an environment is made of; when it changes, the environment is brought up to date.
fingerprint() {
    "$1" - "${@:2}" <<'PYTHON'
import hashlib, pathlib, sys
digest = hashlib.sha256(sys.version.encode())
for argument in sys.argv[1:]:
    path = pathlib.Path(argument)
    digest.update(path.read_bytes() if path.is_file() else argument.encode())
print(digest.hexdigest())
PYTHON
}

# make_venv DIRECTORY PYTHON PIP-ARGUMENTS...
make_venv() {
    local directory=$1 python=$2 stamp wanted
    shift 2
    stamp="$directory/.pointsman-stamp"
    wanted=$(fingerprint "$python" pyproject.toml requirements/constraints.txt requirements/previous-sdks.txt "$@") || exit 1
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    echo "pointsman: setting up $directory (once)" >&2
    "$python" -m venv "$directory" 2>/dev/null || {
        rm -rf "$directory"
        stop "$python cannot make virtual environments: install its venv module (on Debian: apt install python3-venv)"
    }
    # pip installs dependency groups from 25.1 on; older Pythons come with an older one. What it installs is compiled
    # when it is first imported, since most of it never is.
    "$directory/bin/python" -m pip install -qq --disable-pip-version-check --no-compile --upgrade 'pip>=25.1' &&
        "$directory/bin/python" -m pip install -qq --disable-pip-version-check --no-compile "$@" ||
        stop "the packages could not be installed into $directory; is there a package index? See pip's message above"
    echo "$wanted" >"$stamp"
}

# set_up [previous]: everything that tests and demo need. With "previous", the previous major versions of the official
# SDKs too, which the conformance tests run in a process of their own; it is made at the same time as the other
# environment. One set-up at a time, because two would trip over each other.
set_up() {
    local python beside= lock=.venv-setup.lock
    python=$(find_python) || exit 1
    exec 9>"$lock"
    if command -v flock >/dev/null; then flock 9; fi
    if [ "${1:-}" = previous ]; then
        export POINTSMAN_PREVIOUS_SDK_PYTHON="$PWD/.venv-previous/bin/python"
        make_venv .venv-previous "$python" --requirement requirements/previous-sdks.txt &
        beside=$!
    fi
    make_venv .venv "$python" --constraint requirements/constraints.txt --editable '.[demo]' --group dev
    if [ -n "$beside" ]; then wait "$beside" || exit 1; fi
    exec 9>&-
}
