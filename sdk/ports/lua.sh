# Lua as its own Makefile builds it for a system of which it knows nothing but ISO C: no io.popen, no loading of C modules.
set -eu
make -s -C src CC="$CC" AR="$AR qc" RANLIB="$RANLIB" generic
cp src/lua "$OUT"
