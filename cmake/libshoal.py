"""Make libshoal.a, libos for programs with a C library, of the objects of libos and libos/posix.

A C program may give its functions any name that the standard does not take.  So what libos calls among itself goes by names
that are reserved: print is __os_print, and print a weak second name for it, which the program's own print replaces without libos
noticing.  libos's string functions have no second name: the program has its C library's, and libos keeps those that touch no FP
registers.  What libos/posix has for itself alone (PRIVATE) has none, either; its other names are POSIX's.
"""
import argparse
import pathlib
import re
import shutil
import subprocess

STRINGS = set("memcpy memmove memset memcmp memchr strlen strnlen strcmp strncmp strchr strrchr".split())
PRIVATE = set("""archive_lookup archive_open archive_ops archive_root_ops archive_stat archive_stat_root decimal_digit
    deadline_of decimal_from_digits decimal_round decimal_set decimal_to_binary decimal_top errno_of fail fail_err file_get file_new file_publish
    file_put file_replace file_snapshot file_ref float_double float_long_double lock_libc lock_release lock_take lock_try out_field pthread_make
    pthread_run_destructors sleep_until stream_ops threads_need ticks_of tls_bytes unlock_libc inherit_write pipe_end pipe_file""".split())
# A line of objdump -t: value, flags (g: global, w: weak, F: function), section, size, name.
SYMBOL = re.compile(r"^([0-9a-f]+) (.{7}) (\S+)\t[0-9a-f]+ (?:\.hidden )?(\S+)$", re.M)


def copy(objects, folder):
    """Copy objects into a folder, under names of which none is there twice; return them."""
    folder.mkdir(parents=True)
    copies = [folder / f"{number}.{path.name}" for number, path in enumerate(objects)]
    for path, to in zip(objects, copies):
        shutil.copy(path, to)
    return copies


def defined(tools, path):
    """Return the global symbols that an object defines: {name: (section, value, is it a function)}."""
    text = subprocess.run([tools.objdump, "-t", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {name: (section, int(value, 16), "F" in flags) for value, flags, section, name in SYMBOL.findall(text)
            if flags[0] == "g" and section not in ("*UND*", "*COM*")}


def rewrite(tools, path, mapping, aliases):
    """Rename the symbols of an object, in place, and give some a second name."""
    names = path.parent / "names.txt"
    names.write_text("".join(f"{old} {new}\n" for old, new in sorted(mapping.items())), encoding="ascii")
    options = [f"--redefine-syms={names}"]
    for name, (section, value, function) in sorted(aliases.items()):
        options.append(f"--add-symbol={name}={section}:{value:#x},weak,{'function' if function else 'object'}")
    subprocess.run([tools.objcopy, *options, path], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for tool in ("ar", "objcopy", "objdump"):
        parser.add_argument(f"--{tool}", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--libos", required=True, nargs="+", type=pathlib.Path)
    parser.add_argument("--posix", required=True, nargs="+", type=pathlib.Path)
    args = parser.parse_args()

    shutil.rmtree(args.work, ignore_errors=True)
    libos = {path: defined(args, path) for path in copy(args.libos, args.work / "libos")}
    posix = {path: defined(args, path) for path in copy(args.posix, args.work / "posix")}
    unknown = PRIVATE - {name for symbols in posix.values() for name in symbols}
    if unknown:
        raise SystemExit(f"libshoal: libos/posix has no {' '.join(sorted(unknown))}")

    own = {name for symbols in libos.values() for name in symbols if not name.startswith(("_", "os_"))}
    mapping = {name: f"__os_{name}" for name in own}
    for path, symbols in libos.items():
        rewrite(args, path, mapping, {name: at for name, at in symbols.items() if name in own - STRINGS})
    mapping = {name: f"__os_{name}" for name in own - STRINGS} | {name: f"__posix_{name}" for name in PRIVATE}
    for path in posix:
        rewrite(args, path, mapping, {})
    args.out.unlink(missing_ok=True)
    subprocess.run([args.ar, "qc", args.out, *libos, *posix], check=True)


if __name__ == "__main__":
    main()
