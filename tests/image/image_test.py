"""Checks of what was built: the CPU driver's sections and size of text, programs' heaps, paths of the build machine.

  image_test.py sections --elf ELF --objects O  only text, rodata and the NOLOAD area; no object has writable data
  image_test.py text-size --elf ELF --most N   bytes of instructions that run after boot
  image_test.py malloc --build DIR             programs with a C library have one heap, libos's
  image_test.py paths --elf ELF --build DIR    nothing that was built holds a path of the build machine
"""
import argparse
import pathlib
import re
import subprocess
import sys

LOADED = {".boot", ".text", ".rodata", ".noload"}
WRITABLE = (".data", ".bss", ".tdata", ".tbss", ".sdata", ".sbss", ".init_array", ".ctors", "COMMON")


def all_sections(objdump, paths):
    """Yield (path, name, bytes, kind) of each section of some ELF files."""
    text = subprocess.run([objdump, "--section-headers", *paths], capture_output=True, text=True, check=True).stdout
    path = None
    for line in text.splitlines():
        row = line.split()
        if ":\tfile format" in line:
            path = line.split(":\t")[0]
        elif len(row) >= 4 and row[0].isdecimal() and row[1].startswith("."):
            yield path, row[1], int(row[2], 16), " ".join(row[4:])


def sections(objdump, path):
    """Return {name: (bytes, kind)} of an ELF file's sections."""
    return {name: (size, kind) for _, name, size, kind in all_sections(objdump, [path])}


def check_sections(args):
    kinds = {name for name, (size, kind) in sections(args.objdump, args.elf).items()
             if size and ({"TEXT", "DATA", "BSS"} & set(kind.replace(",", " ").split()))}
    if kinds != LOADED:
        yield f"{args.elf} loads {' '.join(sorted(kinds))}; wanted {' '.join(sorted(LOADED))}"
    seen = set()
    for path, name, size, _ in all_sections(args.objdump, args.objects):
        seen.add(path)
        if size and name.startswith(WRITABLE):
            yield f"{path}: {size} bytes of {name}; the CPU driver has no writable globals"
    if len(seen) != len(args.objects) or not seen:
        yield f"{len(seen)} of {len(args.objects)} objects could be checked"


def check_text_size(args):
    found = sections(args.objdump, args.elf)
    size = found[".text"][0]
    print(f"text: {size} bytes of {args.most}; boot code, which runs once: {found['.boot'][0]} bytes")
    if size > args.most:
        yield f"text has {size} bytes, {args.most} are the most"


def check_paths(args):
    built = [args.elf, args.build / "shoal.img", *sorted((args.build / "programs").glob("*"))]
    for path in built:
        if str(args.top).encode() + b"/" in path.read_bytes():
            yield f"{path} holds the path {args.top}"


def check_malloc(args):
    """One heap: no allocator but libos's in the C library, in programs that use one, or to be linked into one."""
    def names(path):
        text = subprocess.run([args.objdump, "--syms", path], capture_output=True, text=True, check=True).stdout
        return {line.split()[-1] for line in text.splitlines() if " F " in line or " O " in line}

    def foreign(path):
        pattern = re.compile(r"_*(malloc_(?!usable_size).*|.*sbrk.*|brk|cfree)")
        return sorted(name for name in names(path) if pattern.fullmatch(name))

    library = args.build / "picolibc" / "libc.a"
    had = names(library)
    if not had >= {"strtok", "qsort"} or had & {"malloc", "free", "calloc", "realloc", "memalign"}:
        yield f"{library} has a malloc, or nothing at all"
    programs = args.build / "programs"
    for path in (library, args.build / "libshoal.a", programs / "chello", programs / "libctest"):
        if foreign(path):
            yield f"{path} has {' '.join(foreign(path))} of another allocator"
    if not names(programs / "libctest") >= {"malloc", "os_malloc", "calloc", "os_zalloc", "realloc", "os_realloc"}:
        yield "libctest does not have libos's malloc"


CHECKS = {"malloc": check_malloc,"sections": check_sections, "text-size": check_text_size, "paths": check_paths}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("--elf", required=True, type=pathlib.Path)
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--most", type=int)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--top", type=pathlib.Path)
    parser.add_argument("--objects", nargs="*", default=[])
    args = parser.parse_args()
    problems = list(CHECKS[args.check](args))
    print("\n".join(problems) or "ok")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
