"""The SDK: installed, moved, and used from outside the tree; what it built runs.

  example   a CMake project with an interface of its own (tests/sdk/example)
  makefile  shoal-cc as a Makefile and a ./configure script call it
  lua       Lua 5.4 of the target "lua": -e, a script, the interactive prompt
  lua-suite our tests of it (tests/sdk/script/lua): its authors' are in no package
  zlib      zlib's own test, built by its ./configure and Makefile
  sqlite3   SQLite's shell on a database in memory
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path.insert(0, str(TOP / "tests" / "boot"))
import board                                                                # noqa: E402  (from tests/boot)

# With names that libos and libos/posix have for themselves: they are the program's.
CHECK = """#include <stdio.h>
#include <stdlib.h>
#include <math.h>
int print, fail(void), help(void);
void mutex_lock(void) { abort(); }
int stream_write(void) { abort(); }
int thread_create(void) { abort(); }
int fail(void) { return help(); }
int main(void) { print = fail(); printf("built by %s, %.3f\\n", NAME, sqrt(print + 1)); return 0; }
"""
MAKEFILE = """check: check.o help.a
\t$(CC) $(LDFLAGS) -o $@ check.o help.a -lm
check.o: check.c
\t$(CC) $(CFLAGS) -DNAME='"make"' -MD -c check.c -o check.o
help.a: help.c
\t$(CC) -c help.c && llvm-ar qc $@ help.o
"""


# What autoconf's scripts do, in small: functions by linking with a wrong prototype, sizes without running anything.
CONFIGURE = r"""set -eu
links() { $CC -o conftest conftest.c >conftest.log 2>&1; }
has() {
    printf 'char %s(void);\nint main(void) { return %s(); }\n' "$1" "$1" >conftest.c
    if links; then echo yes; else echo no; fi
}
size() {
    for n in 1 2 4 8 16; do
        printf 'static int test[1 - 2 * (sizeof(%s) != %s)];\nint main(void) { return test[0]; }\n' "$1" "$n" >conftest.c
        if $CC -c -o conftest.o conftest.c >conftest.log 2>&1; then echo "$n"; return; fi
    done
}
case $($CC -dumpmachine) in aarch64*) ;; *) exit 1 ;; esac
echo 'int main(void) { return 0; }' >conftest.c
links
printf '#define POPEN "%s"\n#define PIPE2 "%s"\n#define NONESUCH "%s"\n#define LONG %s\n' \
    "$(has popen)" "$(has pipe2)" "$(has nonesuch)" "$(size long)" >config.h
printf 'configured: configured.c config.h\n\t%s $(CFLAGS) -DHAVE_CONFIG_H -I. -o $@ configured.c\n' "$CC" >configured.mk
"""
CONFIGURED = r"""#include "config.h"
#include <stdio.h>
int main(void) { printf("configured: popen %s, pipe2 %s, nonesuch %s, long %d\n", POPEN, PIPE2, NONESUCH, LONG); return 0; }
"""


def run(*command, folder=None):
    """Run a command of the host with nothing of this environment but PATH; return what it printed."""
    done = subprocess.run([str(word) for word in command], cwd=folder, env={"PATH": os.environ["PATH"]}, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(f"FAILED: {' '.join(map(str, command))}\n{done.stdout}")
        sys.exit(1)
    return done.stdout


def install(args, scratch):
    """Install the SDK, and move it away from where it was installed to."""
    run("cmake", "--install", args.build, "--prefix", scratch / "first")
    shutil.move(scratch / "first", scratch / "sdk")
    named = subprocess.run(["grep", "-rlE", f"{scratch}/first|{TOP}", scratch / "sdk"], stdout=subprocess.PIPE, text=True,
                           check=False).stdout
    if named:
        print(f"FAILED: the SDK names the folders it came from, in {named}")
        sys.exit(1)
    return scratch / "sdk"


def boot(args, scratch, files, commands, test):
    """Boot with more files in the archive, and let test look at the board."""
    vm = board.machine(args)
    vm.monitor = commands is None           # with a person there, Ctrl-C would be QEMU's
    programs = [(path.name, path.read_bytes(), None) for path in files]
    vm.initrd = board.write_archive(scratch / "boot.cpio", args, programs=programs, commands=commands)
    board.run(test, vm, args.timeout)


def example(args, scratch):
    sdk = install(args, scratch)
    shutil.copytree(HERE / "example", scratch / "example")
    run("cmake", "-S", scratch / "example", "-B", scratch / "made", "-G", "Ninja",
        f"-DCMAKE_TOOLCHAIN_FILE={sdk}/share/cmake/Shoal/toolchain.cmake")
    run("cmake", "--build", scratch / "made")

    def test(vm):
        vm.see(r"the sum is 19, its square root 4\.359")
        vm.see(r"adder: an argument is out of its legal range")
        vm.ends_with_status(1)

    boot(args, scratch, [scratch / "made" / "adder"], ["adder 1 2 0x10", "adder 18446744073709551615 1"], test)
    printed = run(TOP / "run", "--module", scratch / "made" / "adder", "--exec", "adder 40 2")
    if "the sum is 42, its square root 6.481" not in printed:
        print(f"FAILED: ./run --module\n{printed}")
        sys.exit(1)


def pkg_config(sdk, field):
    """What pkg-config prints for a field of shoal.pc, which is in no package that a test needs otherwise."""
    folder = sdk / "lib" / "pkgconfig"
    names, flags = {"pcfiledir": str(folder)}, None
    for line in (folder / "shoal.pc").read_text(encoding="utf-8").splitlines():
        for name, value in names.items():
            line = line.replace("${" + name + "}", value)
        if "=" in line.split(" ")[0]:
            names.update([line.split("=", 1)])
        elif line.startswith(field + ":"):
            flags = line.split()[1:]
    return flags


def configure(cc, scratch):
    """Build a program as a configure script does: by asking what compiles, links, and is how large."""
    (scratch / "configure").write_text(CONFIGURE, encoding="utf-8")
    (scratch / "configured.c").write_text(CONFIGURED, encoding="utf-8")
    run("env", f"CC={cc}", "sh", "./configure", "--host=aarch64-none-elf", folder=scratch)
    run("make", "-f", "configured.mk", folder=scratch)


def makefile(args, scratch):
    sdk = install(args, scratch)
    cc = sdk / "bin" / "shoal-cc"
    (scratch / "check.c").write_text(CHECK, encoding="utf-8")
    (scratch / "help.c").write_text("int help(void) { return 1; }\n", encoding="utf-8")
    (scratch / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    run("make", f"CC={cc}", "CFLAGS=-O2 -g", "LDFLAGS=-Wl,--gc-sections -s", folder=scratch)
    run(cc, "-O1", '-DNAME="one command"', "-o", "both", "check.c", "help.c", "-lm", "-lpthread", folder=scratch)
    if "aarch64" not in run(cc, "-dumpmachine") or "clang" not in run(cc, "--version"):
        print("FAILED: shoal-cc does not say what it is")
        sys.exit(1)
    run("clang", *pkg_config(sdk, "Cflags"), "-O2", '-DNAME="pkg-config"', "-c", "check.c", "help.c", folder=scratch)
    run("ld.lld", "-o", "third", "check.o", "help.o", *pkg_config(sdk, "Libs"), folder=scratch)
    configure(cc, scratch)

    def test(vm):
        vm.see(r"built by make, 1\.414")
        vm.see(r"built by one command, 1\.414")
        vm.see(r"built by pkg-config, 1\.414")
        vm.see(r"configured: popen no, pipe2 yes, nonesuch no, long 8")
        vm.ends_with_status(0)

    files = [scratch / name for name in ("check", "both", "third", "configured")]
    boot(args, scratch, files, ["check", "both", "third", "configured"], test)


def lua(args, scratch):
    run("cmake", "--build", args.build, "--target", "lua")
    files = [args.build / "ports" / "bin" / "lua", HERE / "script" / "fib.lua"]

    def script(vm):
        for line in (r"9\.007199254741e\+15", r"fib\t6765", r"words\tBROWN,FOX,QUICK,THE", r"squares\t1\t4\t9",
                     r'format\t 3\.14\|0\.1\|42\|"a\\"b"', r"number\t16\.0\t0\.001\t9\.007199254741e\+15\t3\tinf",
                     r"file\tnil", r"missing\t/nowhere: No such file or directory", r"refused\t/new: Read-only file system",
                     r"caught\tfalse\ttable", r"memory\ttrue\t1048576", "lua: status 3"):
            vm.see(line)
        vm.ends_with_status(3)

    boot(args, scratch, files, ['lua -e "print(2^53)"', "lua fib.lua"], script)

    def prompt(vm):
        vm.see("shoal> ")
        vm.vm.send("lua\r")
        vm.see(r"Lua 5\.4\.4.*\n")
        for line, answer in (("= 6 * 7", r"\n42\r*\n"), ("x = 'a'", ""), ("x .. 'b', 2^53", r"\nab\t9\.007199254741e\+15\r*\n"),
                             ("nil + 1", "attempt to perform arithmetic"), ("x = = 1", "unexpected symbol near '='"),
                             ("for i = 1, 2 do", "\n>"), ("print('turn', i)", "\n>"),
                             ("end", r"turn\t1\r*\nturn\t2\r*\n"), ("error({})", "error object is a table value"),
                             ("string.rep('ab', 300)", "(ab){300}")):
            vm.see("> ")
            vm.vm.send(line + "\r")
            vm.see(answer)
        vm.see("> ")
        vm.vm.send("while true do end\r")
        vm.drain(1)
        vm.vm.send("\x03")
        vm.see(r"interrupted!.*> ")
        vm.vm.send("print('go' .. 'es on')\r")
        vm.see(r"goes on\r*\n> ")
        vm.vm.send("\x04")                                  # Ctrl-D: the end of the input
        vm.see("shoal> ")
        vm.vm.send("lua -i -e 'y = 5'\r")
        vm.see(r"Lua 5\.4\.4.*\n> ")
        vm.vm.send("y + 1\r")
        vm.see(r"\n6\r*\n> ")
        vm.vm.send("os.exit(3)\r")
        vm.see("lua: status 3")
        vm.see("shoal> ")
        vm.vm.send("poweroff\r")
        vm.ends_with_status(0)

    boot(args, scratch, files, None, prompt)


def lua_suite(args, scratch):
    run("cmake", "--build", args.build, "--target", "lua")
    scripts = sorted((HERE / "script" / "lua").iterdir())
    names = [path.name for path in scripts if path.suffix == ".lua" and path.name not in ("answer.lua", "system.lua")]
    commands = [f"lua {name}; lua -e 'print(\"{name}\", \"is behind us\")'" for name in names]
    commands += ["GREETING=\"hello there\" lua system.lua 'a b' ''", "lua -e 'print(\"now\", os.time())'"]

    def test(vm):
        for name in names:
            vm.see(rf"{name}\tis behind us")
        vm.see("closed at the end")
        late = time.time() - int(vm.see(r"now\t(\d+)")[1])
        if abs(late) > 30:
            raise board.Failure(f"the clock is {late} s late")
        vm.ends_with_status(0)                              # of a script that failed it would be 1

    boot(args, scratch, [args.build / "ports" / "bin" / "lua", *scripts], commands, test)


def zlib(args, scratch):
    run("cmake", "--build", args.build, "--target", "zlib-example")

    def test(vm):
        for line in (r"uncompress\(\): hello, hello!", r"inflate\(\): hello, hello!", r"large_inflate\(\): OK",
                     r"after inflateSync\(\): hello, hello!", "inflate with dictionary: hello, hello!"):
            vm.see(line)
        vm.ends_with_status(0)

    boot(args, scratch, [args.build / "ports" / "bin" / "zlib-example"], ["zlib-example"], test)


def sqlite3(args, scratch):
    run("cmake", "--build", args.build, "--target", "sqlite3")

    def test(vm):
        for line in (r"20000\|200010000\|94\.284429", r"row 10000\|100\.0", r"SEARCH t USING INDEX x",
                     "row 1234,row 12340,row 12341", r"2\.5\|1\.0e\+100\|0\.3\|-9223372036854775808"):
            vm.see(line)
        vm.ends_with_status(0)

    boot(args, scratch, [args.build / "ports" / "bin" / "sqlite3", HERE / "script" / "test.sql"],
         ['sqlite3 ":memory:" ".read /test.sql"'], test)


CASES = {"example": example, "makefile": makefile, "lua": lua, "lua-suite": lua_suite, "zlib": zlib, "sqlite3": sqlite3}


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("case", choices=CASES)
    args = parser.parse_args()
    with board.scratch() as scratch:
        CASES[args.case](args, scratch)


if __name__ == "__main__":
    main()
