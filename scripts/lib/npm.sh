# Shared by scripts/conformance: programs from npm, in a cache folder outside of the tree.
# Source it after scripts/lib/setup.sh, with the project's root as working directory. Safe to run twice.

need_node() {
    command -v node >/dev/null || stop "Node.js is missing: install version 20 or newer"
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' ||
        stop "Node.js $(node --version) is too old: install version 20 or newer"
    command -v npm >/dev/null || stop "npm is missing: install it beside Node.js"
}

# Installs what tests/conformance_cli/package.json names, and prints the folder that holds it.
set_up_npm_packages() {
    local wanted=tests/conformance_cli/package.json
    local folder=${POINTSMAN_CONFORMANCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pointsman-conformance}
    mkdir -p "$folder" || stop "the folder $folder cannot be made; name another with POINTSMAN_CONFORMANCE_CACHE"
    exec 8>"$folder/.lock"
    if command -v flock >/dev/null; then flock 8; fi
    if ! cmp -s "$wanted" "$folder/.installed"; then
        echo "pointsman: installing the judges into $folder (once, about 450 MB)" >&2
        rm -rf "$folder/node_modules" "$folder/.installed"
        cp "$wanted" "$folder/package.json"
        # No program of a package runs at its installation, and no newer version takes a pinned one's place.
        npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error >&2 ||
            stop "the npm packages could not be installed; is there a package registry? See npm's message above"
        cp "$wanted" "$folder/.installed"
    fi
    exec 8>&-
    echo "$folder"
}
