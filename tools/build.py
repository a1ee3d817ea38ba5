"""Configure and build presets of CMakePresets.json, quietly; used by ./run and ./test."""
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = TOP / "build"


def build(preset, targets=()):
    """Build a preset, and targets beyond all of it; return its folder.  Output of the tools goes to stderr, and the program
    ends if they fail."""
    folder = BUILD / preset
    if not (folder / "build.ninja").is_file():
        print(f"Configuring build/{preset}", file=sys.stderr)
        configured = subprocess.run(["cmake", "--preset", preset], cwd=TOP, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True, check=False)
        if configured.returncode != 0:
            # CMake leaves the cache behind; the next try must begin afresh
            (folder / "CMakeCache.txt").unlink(missing_ok=True)
            sys.exit(f"{configured.stdout}\nbuild/{preset} could not be configured; the reason is above.")
    print(f"Building build/{preset}", file=sys.stderr)
    built = subprocess.run(["cmake", "--build", "--preset", preset, "--target", "all", *targets, "--", "--quiet"], cwd=TOP,
                           stdout=sys.stderr, check=False)
    if built.returncode != 0:
        sys.exit(f"build/{preset} could not be built; the reason is above.")
    return folder
