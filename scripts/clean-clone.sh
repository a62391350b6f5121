#!/usr/bin/env bash
# clean-clone.sh [run] [test]: are the two commands enough, in a clone of HEAD with nothing else in it?
#
# `run` starts `make run` on a port and a data folder of its own, waits until it is ready, looks at what it
# promises, ends it, and sees that it leaves nothing running. `test` is `make test`, as the README has it. After
# `make test-race` that is a second pass over the same tests, but the only one that shows a file which somebody
# forgot to commit. CI leaves it out (.ci/run): its checkout is a clean clone, and `make test` has just run there.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -e .git ]; then
	echo "Not a git checkout: there is nothing to clone."
	exit 0
fi
command -v git >/dev/null || sh scripts/install.sh git

tmp=$(mktemp -d /tmp/onward-clone.XXXXXX)
chmod 711 "$tmp" # the database runs as another user if we are root
data=$tmp/data log=$tmp/run.log pid=

# processes lists the numbers of all processes that work in the data folder, or name it.
processes() {
	local dir
	for dir in /proc/[0-9]*; do
		[ "${dir#/proc/}" = $$ ] && continue
		case "$(readlink "$dir/cwd" 2>/dev/null || true) $({ tr '\0' ' ' <"$dir/cmdline"; } 2>/dev/null || true)" in
		*"$data"*) echo "${dir#/proc/}" ;;
		esac
	done
}

finish() {
	local status=$?
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	[ -z "$pid" ] || wait "$pid" 2>/dev/null || true
	processes | xargs -r kill 2>/dev/null || true
	if [ $status != 0 ] && [ -s "$log" ]; then
		echo "--- the end of what make run said:" >&2
		tail -n 30 "$log" >&2
	fi
	rm -rf "$tmp"
	exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
	echo "clean-clone: $*" >&2
	exit 1
}

# get PATH: the status of an answer. The shell does it: a fresh machine has no curl.
get() {
	local line
	{ exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
	printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$1" >&3
	read -r -t 10 line <&3 || line=
	exec 3>&-
	line=${line#* }
	echo "${line%% *}"
}

try_run() {
	port=$((20000 + RANDOM % 20000))
	while { : 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; do port=$((port + 1)); done

	local began=$SECONDS
	ONWARD_ADDR=127.0.0.1:$port ONWARD_DATA=$data make -C "$tmp/onward" run >"$log" 2>&1 </dev/null &
	pid=$!
	until [ "$(get /readyz)" = 200 ]; do
		kill -0 "$pid" 2>/dev/null || fail "make run ended before it was ready"
		[ $((SECONDS - began)) -lt 300 ] || fail "make run was not ready after 300 s"
		sleep 0.2
	done
	echo "make run: ready after $((SECONDS - began)) s"

	[ "$(get /healthz)" = 200 ] || fail "/healthz does not say 200"
	[ "$(stat -c %a "$data/demo-tokens.json")" = 600 ] || fail "demo-tokens.json is not 0600"

	kill "$pid"
	wait "$pid" 2>/dev/null || true
	pid=
	for _ in $(seq 50); do
		[ -n "$(processes)" ] || break
		sleep 0.2
	done
	[ -z "$(processes)" ] || fail "these processes are left over: $(processes | tr '\n' ' ')"
	echo "make run: ended, and nothing of it is left"
}

# A configuration of its own: git won't read a checkout of somebody else's otherwise.
printf '[safe]\n\tdirectory = *\n' >"$tmp/gitconfig"
export GIT_CONFIG_GLOBAL=$tmp/gitconfig
git clone --quiet . "$tmp/onward"
[ -z "$(git status --porcelain)" ] || echo "There are uncommitted changes here; the clone is of HEAD, without them."

# No DATABASE_URL, nor flags for make, from outside: a fresh machine has none.
unset DATABASE_URL DATABASE_WORKER_URL DATABASE_MIGRATE_URL ONWARD_ADDR ONWARD_DATA MAKEFLAGS MFLAGS MAKELEVEL
for command in "${@:-run}"; do
	case $command in
	run) try_run ;;
	test) make -C "$tmp/onward" test </dev/null ;;
	*) fail "what is $command?" ;;
	esac
done
