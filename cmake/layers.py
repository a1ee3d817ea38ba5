"""Check the tree: who includes whom, and a few facts about files.  Usage: layers.py TOP

The rules are those of the layers (docs, "architecture"): lower ones never see higher ones, user space sees the kernel's
ABI headers and nothing else of it.  Prints each breach as FILE:LINE: what is wrong; status 1 if there are any.
"""
import os
import pathlib
import re
import sys

FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "stdalign.h", "stdnoreturn.h", "stdatomic.h", "limits.h", "float.h"}
LINES_MAX = 600
CODE = {".c", ".h", ".S", ".py", ".ld", ".cmake", ".sh", ".def"}
# libos modules, bottom up: one may use those before it.
MODULES = """caps reserve pool slab slots ranges mm lmp rpc ram vspace fault threads heap waitset ump posix""".split()

# (folder of the including file, patterns of what it may include as <...>).  The first folder that matches counts.
# As "..." a file includes headers of its own folder: of its server or program, of its part of the kernel, of the tests.
KERNEL_CORE = [r"shoal/", r"arch/", r"(cap|dispatch|core|formats)/", r"plat/(plat|builtin_console)\.h"]
LIBC = r"(sys/|machine/)?[a-z_\-]+\.h$"     # picolibc's headers, and those of libos/posix/include
RULES = [
    ("cpudriver/abi", [r"shoal/"]),
    ("cpudriver/formats", [r"shoal/", r"libfdt\.h", r"core/(lib|devtree)\.h"]),
    ("cpudriver/cap", KERNEL_CORE),
    ("cpudriver/dispatch", KERNEL_CORE),
    ("cpudriver/core", KERNEL_CORE + [r"libfdt\.h"]),
    ("cpudriver/plat", KERNEL_CORE + [r"plat/"]),
    ("cpudriver/arch", KERNEL_CORE + [r"plat/"]),
    ("libos/services", [r"shoal/", r"os/", r"stubs/"]),    # stubs that need no heap
    ("libos/process", [r"shoal/", r"os/", r"stubs/"]),
    ("libos/stream", [r"shoal/", r"os/", r"stubs/"]),
    ("libos/pipe", [r"shoal/", r"os/", r"stubs/"]),
    ("libos/fault", [r"shoal/", r"os/", r"stubs/"]),
    ("libos/posix", [r"shoal/", r"os/", r"stubs/", LIBC]),
    ("libos", [r"shoal/", r"os/"]),
    ("servers/init", [r"shoal/", r"os/", r"stubs/", r"libfdt\.h"]),
    ("servers", [r"shoal/", r"os/", r"stubs/"]),
    ("apps/bigbss", [LIBC]),
    ("apps/chello", [LIBC]),
    ("apps/libctest", [LIBC]),
    ("apps/threads", [LIBC]),
    ("apps", [r"shoal/", r"os/", r"stubs/"]),
]
HOST_FOLDERS = ("tests", "idl", "cmake", "cpudriver/arch/fake")     # may include what the build machine has
# The interface compiler includes its own headers and those of C, which have no folder; and nobody includes it.
COMPILER = "idl/compiler"


def archive_hosts():
    """Return a pattern for package archives: the well-known ones, and those of this machine."""
    hosts = [r"\bdebian" + r"\.(org|net)\b", r"\bubuntu" + r"\.com\b"]     # in pieces: this file passes its own check
    for path in [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt").glob("sources.list.d/*")]:
        if path.is_file():
            found = re.findall(r"https?://([\w.-]+)", path.read_text(encoding="utf-8", errors="replace"))
            hosts += [re.escape(host) for host in found if host not in ("localhost", "127.0.0.1")]
    return re.compile("|".join(sorted(set(hosts))))


HOSTS = archive_hosts()
PATHS = re.compile(r"(?<![\w.$}\-])/(" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me"]) + r")/[\w.]")
BOARD_IFDEF = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b.*(QEMU|IMX8|COLIBRI|RASPI|BOARD)", re.I)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def files(top):
    """Yield the tree's files, relative to top; build output and the repository's own data left out."""
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if f not in (".git", "build", "__pycache__"))
        for name in sorted(set(names) - {".git"}):
            yield (pathlib.Path(folder) / name).relative_to(top)


def module_of(path):
    """The libos module that a file belongs to, or None for what every module may use."""
    parts = path.parts
    name = parts[1] if parts[1] != "include" else path.stem
    return name if name in MODULES else None


def check_include(path, bracket, header):
    """Return what is wrong with an #include, or None."""
    where = path.as_posix()
    if ".." in header.split("/") and path.parts[:2] != ("tests", "unit"):      # those may see what they test
        own = path.parts[:2]
        if pathlib.PurePath(os.path.normpath(path.parent / header)).parts[:len(own)] != own:
            return f'"{header}" climbs out of {"/".join(own)}'
    if where.startswith(COMPILER + "/"):
        own_or_c = "/" not in header or (bracket == '"' and header.startswith("../"))
        return None if own_or_c else f"{COMPILER} may not include {header}"
    if re.search(r"(^|/)(idl|compiler)/", header):
        return f"nothing may include {COMPILER}"
    if where.startswith(HOST_FOLDERS):
        return None
    if bracket == '"':
        return None if not header.startswith("/") else f'"{header}" is absolute'
    if header in FREESTANDING:
        return None
    for folder, allowed in RULES:
        if where.startswith(folder + "/"):
            if any(re.match(pattern, header) for pattern in allowed):
                return check_order(path, header)
            return f"{folder} may not include <{header}>"
    return None


def check_order(path, header):
    """Modules of libos use only those below them."""
    if not (path.parts[0] == "libos" and header.startswith("os/")):
        return None
    user, used = module_of(path), pathlib.PurePath(header).stem
    if user in MODULES and used in MODULES and MODULES.index(used) > MODULES.index(user):
        return f"libos module {user} may not use {used}, which is above it"
    return None


def check_line(path, line):
    """Yield what is wrong with one line."""
    if HOSTS.search(line):
        yield "names a package archive's host"
    if PATHS.search(line):
        yield "holds an absolute path of one machine"
    if path.suffix not in (".c", ".h", ".S"):
        return
    found = INCLUDE.match(line)
    if found:
        wrong = check_include(path, *found.groups())
        if wrong:
            yield wrong
    if path.parts[0] in ("cpudriver", "libos") and path.parts[1] != "plat" and BOARD_IFDEF.match(line):
        yield "#if for a board outside plat/ and board/"
    if path.parts[0] == "libos" and re.search(r"\b(malloc|calloc|realloc)\s*\(", line):
        module = module_of(path)
        if module and MODULES.index(module) < MODULES.index("heap"):
            yield f"{module} is below heap and may not allocate"


def check_file(top, path):
    """Yield (line number, what is wrong) of one file."""
    data = (top / path).read_bytes()
    if b"\0" in data or path.parts[:3] == ("tests", "fuzz", "corpus"):
        return
    lines = data.decode("utf-8", errors="replace").splitlines()
    made = path.parts[:2] == ("idl", "goldens") and "".join(lines[:1]).startswith("/* Made by idlc ")   # not by people
    if path.suffix in CODE and len(lines) > LINES_MAX and not made:
        yield LINES_MAX, f"{len(lines)} lines; {LINES_MAX} are the most"
    for number, line in enumerate(lines, 1):
        for wrong in check_line(path, line):
            yield number, wrong


def main():
    top = pathlib.Path(sys.argv[1])
    count = breaches = 0
    for path in files(top):
        count += 1
        for number, wrong in check_file(top, path):
            breaches += 1
            print(f"{path}:{number}: {wrong}")
    print(f"{count} files, {breaches} breaches")
    sys.exit(1 if breaches or not count else 0)


if __name__ == "__main__":
    main()
