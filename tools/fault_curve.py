#!/usr/bin/env python3
"""Count what a page fault costs with 10 to 100,000 regions in the release build, and draw the curve.

    tools/fault_curve.py [PICTURE.svg]      default: docs/pictures/faults.svg

Runs `bench fault-curve` and `bench fault-curve mapped` through ./run --release --icount.  Prints the table of docs/benchmarks.md,
"Page faults and regions"; writes the picture.  Status 1 if the cost is not flat.
"""
import pathlib
import re
import subprocess
import sys

import curve

TOP = pathlib.Path(__file__).resolve().parent.parent
SIZES = [10, 32, 100, 316, 1000, 3162, 10000, 31623, 100000]
MODES = {                       # suffix of the bench's lines: (what it is called, colour)
    "": ("the regions are empty", "#2a6496"),
    "-mapped": ("a page of each is mapped", "#a03030"),
}
FLAT = 1.25                     # times the cheapest


def figures(text):
    """Return {mode: a value per size} of what the bench has printed."""
    got = {(suffix, int(size)): int(value) for size, suffix, value in
           re.findall(r"bench fault-of-(\d+)((?:-mapped)?) (\d+) instructions", text)}
    return {mode: [got[mode, size] for size in SIZES] for mode in MODES}


def steep(results):
    """Return a sentence for each curve that is not flat, of one that has points."""
    return [f"{MODES[mode][0]}: from {min(values)} to {max(values)} instructions" for mode, values in results.items()
            if min(values) == 0 or max(values) > FLAT * min(values)]


def main():
    """Measure, print, draw."""
    picture = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "docs/pictures/faults.svg"
    run = subprocess.run([TOP / "run", "--release", "--icount", "--exec", "bench fault-curve; bench fault-curve mapped"],
                         stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"./run failed:\n{run.stdout}")
    results = figures(run.stdout)
    print("| regions | " + " | ".join(f"{size:,}" for size in SIZES) + " |")
    print("|---" * (len(SIZES) + 1) + "|")
    for mode, values in results.items():
        print(f"| {MODES[mode][0]} | " + " | ".join(str(value) for value in values) + " |")
    picture.write_text(curve.draw("Instructions per page fault over the number of regions", "regions", SIZES, results, MODES),
                       encoding="utf-8")
    if steep(results):
        sys.exit("not flat: " + "; ".join(steep(results)))


if __name__ == "__main__":
    main()
