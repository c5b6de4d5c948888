#!/usr/bin/env bash
# A Windows Python under Wine with this project in it, for tests/windows. Usage: setup.sh [DIR]   (default: .windows)
#
# ../shared/windows-python/setup.sh makes the Python; here it gets the packages of requirements-windows.lock, hash by
# hash, the two system DLLs that fastexcel asks for and Wine 8 lacks, this folder as an installed package, and a Chinese
# locale (so that a machine whose ANSI code page is 936 can be tried too). Done already for this lock: nothing happens.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
base=$root/../shared/windows-python
dir=$(mkdir -p "${1:-$root/.windows}" && cd "${1:-$root/.windows}" && pwd)
version=$(python3 -c 'import sys, tomllib; print(tomllib.load(open(sys.argv[1], "rb"))["project"]["version"])' "$root/pyproject.toml")
stamp=$({ cat "$root/requirements-windows.lock" "$here/setup.sh"; echo "$version"; } | sha256sum | cut -c1-64)
[ "$(cat "$dir/.made" 2>/dev/null || true)" = "$stamp" ] && exit 0
[ -x "$base/setup.sh" ] || { echo "needs $base, which makes the Windows Python" >&2; exit 1; }
echo '*' > "$dir/.gitignore"
rm -f "$dir/.made"
rm -rf "$dir/python/Lib/site-packages"/* "$dir/python/"xlwings*.dll "$dir/wheels" # never two versions of a package

"$base/setup.sh" "$dir" --no-deps --require-hashes -r "$root/requirements-windows.lock"
py=$dir/python

# python3.dll: every name of python311.dll, forwarded (Windows' own Python brings one; modules of the stable ABI load it)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
echo '#include <windows.h>
BOOL WINAPI DllMain(HINSTANCE a, DWORD b, LPVOID c) { return TRUE; }' > "$work/main.c"
{
    printf 'LIBRARY "python3.dll"\nEXPORTS\n'
    x86_64-w64-mingw32-objdump -p "$py/python311.dll" |
        sed -n '/Ordinal\/Name Pointer/,$ s/^[[:space:]]*\[ *[0-9]*\].* \([A-Za-z_][A-Za-z0-9_]*\)$/  \1=python311.\1/p'
} > "$work/python3.def"
x86_64-w64-mingw32-gcc -shared -nostdlib -e DllMain -o "$py/python3.dll" "$work/main.c" "$work/python3.def"

# bcryptprimitives.dll: chance from the function that Wine does have
echo '#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);
BOOL WINAPI ProcessPrng(BYTE *to, SIZE_T size) { return SystemFunction036(to, (ULONG)size); }
BOOL WINAPI DllMain(HINSTANCE a, DWORD b, LPVOID c) { return TRUE; }' > "$work/prng.c"
printf 'LIBRARY "bcryptprimitives.dll"\nEXPORTS\n  ProcessPrng\n' > "$work/prng.def"
x86_64-w64-mingw32-gcc -shared -nostdlib -e DllMain -o "$py/bcryptprimitives.dll" "$work/prng.c" "$work/prng.def" -ladvapi32

# a pythonw.exe that starts and never answers, for the self-check to give up on
mkdir -p "$dir/hanging"
printf '#include <windows.h>\nint WINAPI WinMain(HINSTANCE a, HINSTANCE b, LPSTR c, int d) { Sleep(INFINITE); return 0; }\n' > "$work/hang.c"
x86_64-w64-mingw32-gcc -mwindows -o "$dir/hanging/pythonw.exe" "$work/hang.c"

# this folder as an installed package (what pip install -e leaves), everything compiled: Wine reads slowly
site=$py/Lib/site-packages
mkdir -p "$site/orderdesk-$version.dist-info"
printf 'Metadata-Version: 2.1\nName: orderdesk\nVersion: %s\n' "$version" > "$site/orderdesk-$version.dist-info/METADATA"
printf 'Z:%s\n' "${root//\//\\}" > "$site/orderdesk.pth"
python3 -m compileall -q -j 0 "$py/Lib" || true # a library's own broken test file is none of ours

if [ ! -e /usr/share/i18n/locales/zh_CN ]; then
    apt-get install -y -q --no-install-recommends locales >/dev/null
fi
mkdir -p "$dir/locale" && rm -rf "$dir/locale/zh_CN.UTF-8"
localedef -i zh_CN -f UTF-8 "$dir/locale/zh_CN.UTF-8"

# the word that comes after the imports is what counts: a program that crashes under Wine may end with 0
check() {
    said=$("$dir/winpy" -I -c 'import fastexcel, pandas, pyarrow, pyopenvba, rich, win32com.client, xlwings.udfs
import workbooks.labels; print("all imported")') || true
    case $said in *"all imported"*) ;; *) echo "$said" >&2; return 1 ;; esac
}
check || { echo "once more" >&2; check; } || { echo "the packages do not load under Wine" >&2; exit 1; }
WINEPREFIX=$dir/prefix /usr/lib/wine/wineserver64 -k || true
echo "$stamp" > "$dir/.made"
