"""Merge the profiles of a coverage run and report the lines covered per file of cpudriver/."""
import argparse
import pathlib
import subprocess


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=pathlib.Path, required=True)
    parser.add_argument("--sources", type=pathlib.Path, required=True)
    parser.add_argument("--report", type=pathlib.Path, required=True)
    parser.add_argument("programs", nargs="+")
    args = parser.parse_args()

    merged = args.profiles / "all.profdata"
    raw = sorted(args.profiles.glob("*.profraw"))
    subprocess.run(["llvm-profdata", "merge", "-sparse", "-o", merged, *raw], check=True)
    objects = [part for program in args.programs[1:] for part in ("-object", program)]
    text = subprocess.run(
        ["llvm-cov", "report", args.programs[0], *objects, f"-instr-profile={merged}",
         "-ignore-filename-regex=(tests|third_party)/"],
        cwd=args.sources, check=True, stdout=subprocess.PIPE, text=True).stdout    # paths in the profile are relative
    args.report.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
