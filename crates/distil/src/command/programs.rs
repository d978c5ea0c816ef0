//! Words of shell command lines by what they tell. Lists in text, a comma between entries.

/// Whether `list` has `entry`.
pub(super) fn has(list: &str, entry: &str) -> bool {
    list.split(',').any(|one| one.trim() == entry)
}

/// Programs whose first plain argument belongs to their name.
pub(super) const WITH_VERB: &str = "\
    cargo, git, go, npm, pnpm, yarn, bun, docker, docker-compose, kubectl, helm, pip, pip3, uv, \
    poetry, gh, terraform, make, just, mvn, gradle, gradlew, dotnet, swift, mix, zig, rake, \
    bundle, brew, apt, apt-get, systemctl, deno, rustup, composer, php, flutter, dart, nix, \
    bazel, cmake, claude, ng, rails, conda";

/// Programs that run what follows them.
pub(super) const WRAPPERS: &str = "\
    sudo, env, time, nice, nohup, command, exec, npx, bunx, pnpx, xvfb-run, stdbuf, caffeinate";

/// Programs that run a script named by their first plain argument.
pub(super) const INTERPRETERS: &str = "\
    python, python3, node, bash, sh, zsh, ruby, perl, tsx, ts-node";

/// Programs, and verbs of git and others, that only look, or only frame what matters.
pub(super) const LOOKING: &str = "\
    cat, cd, cut, date, df, diff, du, echo, env, exit, export, false, fd, file, find, git blame, \
    git branch, git diff, git log, git ls-files, git remote, git rev-parse, git show, \
    git status, grep, head, hexdump, id, jq, less, ls, nl, printf, ps, pwd, readlink, rg, sed, \
    set, sleep, sort, source, stat, tail, test, true, tree, type, uname, uniq, wait, wc, which, \
    whoami, xxd, awk, tr, [, then, do, done, fi, if, for, while, else";

/// Words of a form that test or build wherever they stand as the program.
pub(super) const CHECKING: &str = "\
    pytest, tox, nox, jest, vitest, mocha, ava, tsc, eslint, ruff, mypy, pyright, rspec, \
    phpunit, ctest, ninja, playwright, cypress, gcc, g++, clang, rustc, javac, luacheck, \
    shellcheck, go test, go build, go vet, cargo test, cargo nextest, cargo build, cargo check, \
    cargo clippy, cargo bench, npm test, npm t, pnpm test, yarn test, bun test, deno test, \
    deno check, yarn build, pnpm build, bun build, ng test, ng build, mvn test, mvn package, \
    mvn verify, mvn install, mvn compile, gradle test, gradle build, gradle check, gradlew test, \
    gradlew build, gradlew check, dotnet test, dotnet build, swift test, swift build, mix test, \
    mix compile, zig build, zig test, rake test, rails test, flutter test, flutter build, \
    dart test, bazel test, bazel build, cmake --build, make, just test, just build, just check, \
    docker build, python -m pytest, python -m unittest, python -m py_compile, python -m mypy, \
    python -m compileall, python -m build, terraform validate, terraform plan";

/// Programs with a verb that run what follows.
pub(super) const RUNNERS: &str = "\
    uv run, poetry run, pipenv run, hatch run, rye run, pdm run, bundle exec, npm exec, \
    pnpm exec, yarn exec";

/// Scripts of a package or a repository that test or build, up to a `:`.
pub(super) const CHECKING_VERBS: &str = "\
    test, tests, build, lint, check, typecheck, type-check, tsc, ci, verify";

/// Files that test or build when they run.
pub(super) const CHECKING_SCRIPTS: &str = "\
    test.sh, tests.sh, build.sh, check.sh, run_tests.sh, run_tests.py, runtests.py, runtests.sh";
