#!/usr/bin/env bash
# library-source.sh RELEASE FOLDER
#
# Puts the source of Rust's library, of a release like 1.97, into FOLDER: Debian's package rust-src of whichever suite has
# that release. A FOLDER that has it is left as it is.
set -euo pipefail

[ $# -eq 2 ] || { echo "usage: library-source.sh RELEASE FOLDER" >&2; exit 1; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
release=$1
folder=$2
if [ -f "$folder/core/Cargo.toml" ]; then exit 0; fi

work=$folder.part
rm -rf "$work"
mkdir -p "$work/unpacked"
trap 'rm -rf "$work"' EXIT
bash "$here/debian-packages.sh" "$work" "testing unstable experimental" "rust-src=$release.*"
dpkg-deb --fsys-tarfile "$work"/rust-src_*.deb |
    tar -x -C "$work/unpacked" --wildcards --no-wildcards-match-slash --strip-components=5 "./usr/src/rustc-*/library"
rm -rf "$folder"
mv "$work/unpacked" "$folder"
