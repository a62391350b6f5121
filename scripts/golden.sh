#!/bin/sh
# golden.sh [--fresh]: lets the tests write their golden files anew.
#
# Those are the tests of the packages that have an -update flag. With --fresh it fails if that changed a file:
# somebody forgot `make golden`. It compares before and after, so that uncommitted work doesn't matter.
set -eu
cd "$(dirname "$0")/.."

sums() {
	find . \( -path ./.git -o -path ./bin -o -path ./var -o -path ./tools \) -prune -o \
		-type f \( -path '*/testdata/*' -o -name '*.md' \) -exec sha256sum {} + | sort -k 2
}

packages=$(grep -rl --include='*_test.go' --exclude-dir=tools '"update"' . | xargs -r -n 1 dirname | sort -u)
if [ -z "$packages" ]; then
	echo "golden.sh: no test has an -update flag" >&2
	exit 1
fi

before=$(sums)
# shellcheck disable=SC2086 # a list of words
go test -count=1 $packages -update

if [ "${1:-}" = --fresh ] && [ "$before" != "$(sums)" ]; then
	echo "Golden files were stale. They are written anew; look at the diff and commit it:" >&2
	{ echo "$before"; sums; } | sort -k 2 | uniq -u | awk '{print "  " $2}' | uniq >&2
	exit 1
fi
