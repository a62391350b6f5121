#!/bin/sh
# tree.sh: what can be said of the files without reading Go.
set -eu
cd "$(dirname "$0")/.."
status=0

files() { # all but what git ignores, with or without git
	find . \( -path ./.git -o -path ./bin -o -path ./var -o -name testdata \) -prune -o -type f "$@" -print | sort
}

# refuse SENTENCE: prints it above the lines that come in, if any do.
refuse() {
	lines=$(cat)
	[ -z "$lines" ] || { echo "$1"; echo "$lines" | sed 's/^/  /'; } >&2
	[ -z "$lines" ]
}

files | grep -E '/(utils?|helpers?|common|base|managers?|services?)(_test)?(\.[a-z]+$|/)' |
	refuse "A name that says nothing. What is in it?" || status=1

files -name '*.go' -exec awk 'END { exit NR <= 400 }' {} \; |
	refuse "More than 400 lines. Which two things are in it?" || status=1

files | tr '\n' '\0' | xargs -0 grep -nIE '/(wor[k]|home/[a-z]+|Users/[A-Za-z]+)/' |
	refuse "A path of somebody's machine." || status=1

for folder in $(files -name '*.go' | cut -d / -f 2 | grep -v '\.go$' | sort -u); do
	case $folder in cmd | bench | tools) continue ;; esac # cmd and bench may import all, tools is a module of its own
	grep -qF "\"**/$folder/" .golangci.yml || echo "$folder"
done | refuse "No rule in .golangci.yml says what this folder may import." || status=1

exit $status
