#!/usr/bin/env bash
# install.sh FOLDER PYTHON [pypy]
#
# Installs the Autobahn WebSocket TestSuite as FOLDER/bin/wstest. PYTHON is a Python 3 that has pip.
#
# The suite runs on Python 2.7 only. That comes from Debian bullseye, taken from the mirror this machine is configured with
# and unpacked under FOLDER; the Python packages come from PyPI, through pip as configured. Nothing is installed
# system-wide and no root is needed. Debian on amd64 only. An installation that works is left as it is.
#
# With `pypy` the suite runs on PyPy 2.7, several times as fast and without TLS.
set -euo pipefail
export LC_ALL=C.UTF-8

die() { echo "autobahn: $*" >&2; exit 1; }
say() { echo "autobahn: $*" >&2; }

runtime=${3:-cpython}
[ $# -eq 2 ] || [ "$#,$runtime" = 3,pypy ] || die "usage: install.sh FOLDER PYTHON [pypy]"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || die "needs Debian on amd64: its Python 2.7 wheels are x86_64"
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
python=$2
exec 9>"$folder/.lock"
flock 9

# The stamp says which version of this folder's files has done its work to the end.
stamp=$(cat "${BASH_SOURCE[0]}" "$here/requirements.txt" "$here/wstest.py" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$folder/.stamp" 2>/dev/null || true)" = "$stamp" ] && "$folder/bin/wstest" -a >/dev/null 2>&1; then
    say "already installed"
    exit 0
fi
rm -rf "$folder/.stamp" "$folder/debian" "$folder/root" "$folder/site" "$folder/boot" "$folder/bin"
mkdir -p "$folder/debian" "$folder/root" "$folder/site" "$folder/boot" "$folder/bin"

# ---- Python 2.7 ----
say "Python 2.7 from Debian bullseye"
bash "$here/../../xtask/install/debian-packages.sh" "$folder/debian" bullseye \
    python2.7-minimal libpython2.7-minimal libpython2.7-stdlib libssl1.1 libffi7 libexpat1 \
    $([ "$runtime" = cpython ] || echo pypy pypy-lib libncursesw6 libtinfo6 libbz2-1.0)
for package in "$folder"/debian/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
rm -rf "$folder/debian" "$folder/root/usr/share"

cat >"$folder/bin/python2.7" <<P
#!/bin/sh
export PYTHONHOME='$folder/root/usr' PYTHONNOUSERSITE=1 PYTHONWARNINGS=ignore
export LD_LIBRARY_PATH='$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu'
exec '$folder/root/usr/bin/python2.7' -u "\$@"
P
chmod +x "$folder/bin/python2.7"
"$folder/bin/python2.7" -c 'import ssl, zlib, ctypes, hashlib' || die "Python 2.7 does not run here"

# ---- its packages ----
say "Python packages from PyPI"
# The last pip for 2.7, with its setuptools and wheel: three wheels, no build.
"$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: \
    --python-version 27 --implementation cp --abi none --platform any \
    -d "$folder/boot" pip==20.3.4 setuptools==44.1.1 wheel==0.37.1 >&2
for wheel in "$folder"/boot/*.whl; do "$python" -m zipfile -e "$wheel" "$folder/boot/lib"; done
PYTHONPATH="$folder/boot/lib" "$folder/bin/python2.7" -m pip install -q --no-deps --no-compile \
    --no-python-version-warning --disable-pip-version-check --no-cache-dir \
    --target "$folder/site" -r "$here/requirements.txt" >&2
# PYTHONPATH is no site directory: the .pth file that makes zope a namespace package is not read there.
touch "$folder/site/zope/__init__.py"
rm -rf "$folder/boot" "$folder/site/bin"
# One file of Jinja2 is Python 3 only, so this may complain.
"$folder/bin/python2.7" -m compileall -q "$folder/site" >/dev/null 2>&1 || true

# ---- the launcher ----
cp "$here/wstest.py" "$folder/wstest.py"
program=$folder/bin/python2.7
if [ "$runtime" = pypy ]; then program=$folder/root/usr/lib/pypy/bin/pypy-c; fi
cat >"$folder/bin/wstest" <<L
#!/bin/sh
export PYTHONPATH='$folder/site' PYTHONNOUSERSITE=1 PYTHONWARNINGS=ignore
export LD_LIBRARY_PATH='$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu'
exec '$program' -u '$folder/wstest.py' "\$@"
L
chmod +x "$folder/bin/wstest"
"$folder/bin/wstest" -a >/dev/null || die "wstest does not start"
echo "$stamp" >"$folder/.stamp"
say "installed"
