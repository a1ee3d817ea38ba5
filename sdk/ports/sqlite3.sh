# SQLite's shell.  Its Makefile puts the library into one file, with tools that run here; then that and the shell are compiled.
# Without threads, extensions to load, popen() and system(); its own demonstration of a small VFS in the place of the one for
# Unix, which wants file locks and mmap().
set -eu
CC="$HOST_CC" sh ./configure --disable-readline --disable-tcl --disable-shared >/dev/null
make -s sqlite3.c shell.c BCC="$HOST_CC" >/dev/null
options="-O2 -w -D_GNU_SOURCE -DSQLITE_OS_OTHER=1 -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_POPEN
    -DSQLITE_NOHAVE_SYSTEM -DSQLITE_OMIT_WAL -DSQLITE_TEMP_STORE=3 -DSQLITE_ENABLE_MATH_FUNCTIONS"
$CC $options -I. -o "$OUT" shell.c sqlite3.c src/test_demovfs.c "$PORTS/sqlite3_os.c" -lm
