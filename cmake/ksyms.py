"""The CPU driver's table of function names (cpudriver/core/ksyms.h).

  ksyms.py table --out FILE                       an empty table, for the first link
  ksyms.py table --nm NM --elf FIRST --out FILE   the table of FIRST's functions, for the second link
  ksyms.py check --nm NM --elf FIRST --final ELF  fails if a function or section mark moved between the links
"""
import argparse
import subprocess
import sys

MARKS = ("__text_start", "__text_end", "__rodata_start", "__noload_start", "__noload_end")


def symbols(nm, elf):
    """Return (address, type, name) of the defined symbols, by address."""
    text = subprocess.run([nm, "--defined-only", elf], capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=2) for line in text.splitlines())
    return sorted((int(address, 16), kind, name) for address, kind, name in rows)


def functions(nm, elf):
    """Return (offset from the image's start, name), one name per address, mapping symbols left out."""
    found = symbols(nm, elf)
    base = next(address for address, _, name in found if name == "__image_start")
    end = next(address for address, _, name in found if name == "__text_end")
    table = {}
    for address, kind, name in found:
        if kind in "tT" and base <= address < end and not name.startswith(("$", "__image", "__text")):
            table.setdefault(address - base, name)
    return sorted(table.items())


def write_table(rows, out):
    """Write the table as assembly; the layout is the one that ksyms.h declares."""
    lines = ["/* Written by cmake/ksyms.py. */", '.section .ksyms, "a"', ".balign 8"]
    lines += [".globl ksyms_count", "ksyms_count:", f"    .8byte {len(rows)}"]
    lines += [".globl ksyms_table", "ksyms_table:"]
    at = 0
    for offset, name in rows:
        lines.append(f"    .4byte {offset:#x}, {at}")
        at += len(name) + 1
    lines += [".globl ksyms_names", "ksyms_names:"]
    lines += [f'    .asciz "{name}"' for _, name in rows]
    lines += ["    .byte 0", ""]
    with open(out, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


def check(nm, first, final):
    """Fail unless both links put every function and mark at the same address."""
    def places(elf):
        return {(a, n) for a, k, n in symbols(nm, elf) if n in MARKS or (k in "tT" and not n.startswith("$"))}
    moved = sorted(places(first) ^ places(final))
    if moved:
        sys.exit("ksyms: the second link moved symbols: " + ", ".join(f"{n} {a:#x}" for a, n in moved[:8]))
    if not functions(nm, final):
        sys.exit("ksyms: no functions in the image")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["table", "check"])
    parser.add_argument("--nm")
    parser.add_argument("--elf")
    parser.add_argument("--final")
    parser.add_argument("--out")
    args = parser.parse_args()
    if args.action == "check":
        check(args.nm, args.elf, args.final)
    else:
        write_table(functions(args.nm, args.elf) if args.elf else [], args.out)


if __name__ == "__main__":
    main()
