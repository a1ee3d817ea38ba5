"""What ./test does once its packages are there: build the presets, then run all their tests in one CTest run."""
import argparse
import os
import pathlib
import subprocess
import sys

import build

PRESETS = ("host", "qemu", "qemu-release")


def gather(presets):
    """Make a folder whose tests are those of the presets, so that one summary covers everything."""
    folder = build.BUILD / "test"
    folder.mkdir(exist_ok=True)
    lines = [f'subdirs("{build.BUILD / preset}")\n' for preset in presets]
    (folder / "CTestTestfile.cmake").write_text("".join(lines), encoding="utf-8")
    return folder


def main():
    parser = argparse.ArgumentParser(prog="./test", allow_abbrev=False, add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--junit", type=pathlib.Path)
    parser.add_argument("--only")
    args = parser.parse_args()

    for preset in PRESETS:
        build.build(preset)
    command = ["ctest", "--test-dir", str(gather(PRESETS)), "--output-on-failure", "--no-tests=error",
               "--parallel", str(os.cpu_count() or 1)]
    if args.quick:
        command += ["--label-regex", "^quick$"]
    if args.only:
        command += ["--tests-regex", args.only]
    if args.junit:
        command += ["--output-junit", str(args.junit.resolve())]
    return subprocess.run(command, cwd=build.TOP, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
