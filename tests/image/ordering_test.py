"""Check that the functions of an object have the ordered accesses that their protocol needs (libos/ump/ring.c).

  ordering_test.py --objdump OBJDUMP --object O FUNCTION[+FUNCTION...]=STORES,LOADS ...

A weaker one than the model assumes is not seen by any test on a build machine that orders by itself.  STORES and LOADS are
how many STLR and LDAR the functions have together, at least; no LDAPR may be there, which is weaker.  The first is there;
the others may be in line.
"""
import argparse
import re
import subprocess
import sys


def ordered_accesses(objdump, path):
    """Return {function: [mnemonic, ...]} of the ordered loads and stores of an object, in the order of its code."""
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        if head := re.match(r"[0-9a-f]+ <(\w+)>:", line):
            accesses = found.setdefault(head[1], [])
        elif access := re.match(r"\s*[0-9a-f]+:\s+(stlr|ldar|ldapr)[bh]?\s", line):
            accesses.append(access[1])
    return found


def problems(found, wanted):
    for functions, (stores, loads) in wanted.items():
        names = functions.split("+")
        if names[0] not in found:
            yield f"{names[0]} is not there"
            continue
        accesses = [access for name in names for access in found.get(name, [])]
        count = {name: accesses.count(name) for name in ("stlr", "ldar", "ldapr")}
        if count["stlr"] < stores or count["ldar"] < loads or count["ldapr"]:
            yield f"{functions}: {count}, wanted {stores} stlr, {loads} ldar and no ldapr"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--object", required=True)
    parser.add_argument("wanted", nargs="+")
    args = parser.parse_args()
    wanted = {name: tuple(int(n) for n in counts.split(",")) for name, counts in (w.split("=") for w in args.wanted)}
    wrong = list(problems(ordered_accesses(args.objdump, args.object), wanted))
    for line in wrong:
        print(f"FAILED: {line}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
