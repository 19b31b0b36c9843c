#!/usr/bin/env bash
# debian-packages.sh FOLDER "SUITE..." PACKAGE[=VERSION]...
#
# Downloads packages of other Debian suites than this machine's into FOLDER, as *.deb files, from the mirror that apt is
# configured with here. Installs nothing and needs no root. VERSION may be a pattern: 1.97.*
set -euo pipefail

die() { echo "debian-packages: $*" >&2; exit 1; }

[ $# -ge 3 ] || die "usage: debian-packages.sh FOLDER \"SUITE...\" PACKAGE..."
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
suites=$2
shift 2
command -v apt-get >/dev/null || die "needs apt-get, so a Debian"

# The mirror of this machine's own Debian, not one of its security updates or of another project's packages.
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 'Component: main' | head -n 1)
[ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $codename" 'Component: main' | head -n 1)
[ -n "$mirror" ] || die "apt is configured with no mirror of $codename"

# A world of its own for apt: its status is empty, or apt would prefer the newer versions that are installed here.
apt=$(mktemp -d "$folder/apt.XXXXXX")
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
: >"$apt/status"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
signed=""
if [ -f "$keyring" ]; then signed="[signed-by=$keyring] "; fi
for suite in $suites; do echo "deb $signed$mirror $suite main"; done >"$apt/sources.list"
options=(-qq
    -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache"
    -o Acquire::Languages=none -o Acquire::Retries=3
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
if [ "$(id -u)" = 0 ]; then options+=(-o APT::Sandbox::User=root); fi

apt-get "${options[@]}" -o APT::Update::Error-Mode=any update >&2 || die "the mirror does not serve: $suites"
(cd "$folder" && apt-get "${options[@]}" download "$@" >&2) || die "not to be had from $suites: $*"
