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
LEFT, TOP_EDGE, WIDTH, HEIGHT = 80, 60, 560, 330         # of the plot, in the picture's units


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


def draw(results):
    """Return the picture: instructions over the logarithm of the number of ranges; O(log n) is a straight line."""
    most = max(max(values) for values in results.values())
    step = 1000
    top = (most // step + 1) * step
    last = len(SIZES) - 1

    def x(i):
        return LEFT + WIDTH * i / last

    def y(value):
        return TOP_EDGE + HEIGHT * (1 - value / top)

    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 460" '
           'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">',
           "  <title>Instructions per operation of libos/ranges and libos/mm over the number of ranges</title>",
           '  <rect fill="#f7f9fb" stroke="#8a97a5" x="1" y="1" width="878" height="458" rx="8"/>',
           '  <text x="24" y="30" font-size="14" font-weight="bold" fill="#18222c">Instructions per operation</text>']
    for value in range(0, top + 1, step):
        out.append(f'  <path stroke="#d5dbe1" d="M{LEFT} {y(value):.1f} h{WIDTH}"/>')
        out.append(f'  <text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#5a6672">{value}</text>')
    for i, size in enumerate(SIZES):
        if i % 2 == 0:
            out.append(f'  <text x="{x(i):.1f}" y="{TOP_EDGE + HEIGHT + 20}" text-anchor="middle" fill="#5a6672">'
                       f"{size:,}</text>")
    out.append(f'  <text x="{LEFT + WIDTH / 2}" y="{TOP_EDGE + HEIGHT + 42}" text-anchor="middle" fill="#18222c">'
               "ranges (logarithmic: a straight line grows with log n)</text>")
    labels = []                 # from the top down, none closer than 18 to the one above
    for mode in sorted(results, key=lambda m: -results[m][last]):
        labels.append(max(y(results[mode][last]) + 4, labels[-1] + 18 if labels else 0))
        name, colour = MODES[mode]
        points = " ".join(f"{x(i):.1f},{y(v):.1f}" for i, v in enumerate(results[mode]))
        out.append(f'  <polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        for i, value in enumerate(results[mode]):
            out.append(f'  <circle fill="{colour}" cx="{x(i):.1f}" cy="{y(value):.1f}" r="3"/>')
        out.append(f'  <text x="{LEFT + WIDTH + 10}" y="{labels[-1]:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*out, "</svg>", ""])


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
    picture.write_text(draw(results), encoding="utf-8")
    crooked = [mode for mode, values in results.items() if not straight(values)]
    if crooked:
        sys.exit(f"grows faster than log n: {', '.join(crooked)}")


if __name__ == "__main__":
    main()
