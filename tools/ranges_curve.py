#!/usr/bin/env python3
"""Count what libos/ranges and libos/mm cost, and draw the curve over the number of ranges.

    tools/ranges_curve.py [PICTURE.svg]      default: docs/pictures/ranges.svg

Builds tests/bench/ranges_bench.c with clang -O2, runs it under valgrind --tool=callgrind for each operation and size.
Prints the table of docs/benchmarks.md, "Ranges and RAM"; writes the picture.  Status 1 if a cost grows faster than with
the logarithm: if what one more decade adds at the end is more than twice what it adds in the middle.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import curve

TOP = pathlib.Path(__file__).resolve().parent.parent
SIZES = [10, 32, 100, 316, 1000, 3162, 10000, 31623, 100000, 316228, 1000000]
MODES = {                       # mode of the bench: (what it is called, colour)
    "find": ("find the range of an address", "#5a6672"),
    "fit": ("find the first fit", "#4a8a3c"),
    "add-remove": ("add and remove a range", "#2a6496"),
    "mm": ("mm: allocate and free", "#a03030"),
    "merge-split": ("merge three, split again", "#b06a1c"),
}
SOURCES = """tests/bench/ranges_bench.c tests/unit/os_bug.c libos/ranges/tree.c libos/ranges/search.c libos/ranges/set.c
    libos/mm/mm.c libos/slots/slots.c libos/slab/slab.c libos/pool/pool.c libos/reserve/reserve.c libos/cspace/cspace.c
    libos/caps/caps.c libos/lock/lowlock.c""".split()


def build(folder):
    """Return the path of the bench, built as the release build compiles libos."""
    program = folder / "ranges_bench"
    subprocess.run(["clang", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-Itests/unit/fake", "-Ilibos/include",
                    "-Icpudriver/abi", "-o", program, *SOURCES], cwd=TOP, check=True)
    return program


def cost(program, folder, mode, size):
    """Return instructions per operation."""
    out = folder / "callgrind.out"
    run = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no",
                          "--toggle-collect=measure_*", program, mode, str(size)],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"ranges_bench {mode} {size} failed:\n{run.stderr}")
    total = re.search(r"^(?:summary|totals): (\d+)", out.read_text(encoding="utf-8"), re.M)
    return round(int(total[1]) / int(run.stdout))


def straight(values):
    """Whether the last decades add about as much as those in the middle; each two sizes are one decade."""
    middle, end = values[6] - values[2], values[10] - values[6]
    return end <= 2 * middle


def main():
    """Measure, print, draw."""
    picture = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "docs/pictures/ranges.svg"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        program = build(folder)
        results = {mode: [cost(program, folder, mode, size) for size in SIZES] for mode in MODES}
    shown = range(0, len(SIZES), 2)
    print("| operation | " + " | ".join(f"{SIZES[i]:,}" for i in shown) + " |")
    print("|---" * (len(shown) + 1) + "|")
    for mode, values in results.items():
        print(f"| {MODES[mode][0]} | " + " | ".join(str(values[i]) for i in shown) + " |")
    title = "Instructions per operation of libos/ranges and libos/mm over the number of ranges"
    picture.write_text(curve.draw(title, "ranges", SIZES, results, MODES), encoding="utf-8")
    crooked = [mode for mode, values in results.items() if not straight(values)]
    if crooked:
        sys.exit(f"grows faster than log n: {', '.join(crooked)}")


if __name__ == "__main__":
    main()
