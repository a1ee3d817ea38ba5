"""Fetch the upstream tarball of a Debian source package, check its hash, extract parts of it.

The address comes from the machine's own apt configuration: its source lists are copied under build/, turned into deb-src
entries, and read by an apt-get that has private lists.  Needs no root and changes nothing outside the build folder.
What was fetched stays in build/downloads; what was extracted in build/third_party, with a stamp that holds the hash.
"""
import argparse
import fcntl
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile


def fail(sentence):
    sys.exit(f"fetch_source: {sentence}")


def source_entries(folder):
    """Write the machine's apt sources to folder, as deb-src entries."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    etc = pathlib.Path("/etc/apt")
    found = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for number, path in enumerate(p for p in found if p.suffix in (".list", ".sources") and p.is_file()):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".sources":
            text = re.sub(r"^Types:.*$", "Types: deb-src", text, flags=re.M | re.I)
        else:
            text = re.sub(r"^(\s*)deb(\s)", r"\1deb-src\2", text, flags=re.M)
        (folder / f"{number}{path.suffix}").write_text(text, encoding="utf-8")
    if not any(folder.iterdir()):
        fail("this machine has no apt sources under /etc/apt, so there is nowhere to fetch from")


def apt_get(work, *arguments):
    """Run apt-get with the private lists; return its exit status and what it printed."""
    options = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": work / "sources",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",
    }
    command = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in options.items()), *arguments]
    done = subprocess.run(command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def download(package, tarball, downloads):
    """Put tarball, a file of the source package, into the folder downloads."""
    if not shutil.which("apt-get"):
        fail(f"apt-get is missing: put {tarball} into {downloads} by hand, or use the container (Containerfile)")
    work = downloads / "apt"
    (work / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (work / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    source_entries(work / "sources")
    updated, update_text = apt_get(work, "update")
    status, text = apt_get(work, "source", "--download-only", package)
    got = work / tarball
    if status != 0 or not got.is_file():
        print(update_text if updated != 0 else "", text, file=sys.stderr)
        fail(f"apt-get could not fetch {tarball} of source package {package} (is the network up? has the archive moved "
             f"to another version?); it may also be put into {downloads} by hand")
    got.replace(downloads / tarball)
    shutil.rmtree(work)


def extract(archive, members, into):
    """Extract the regular files below the given members."""
    with tarfile.open(archive) as tar:
        wanted = [m for m in tar.getmembers() if m.isfile() and m.name.startswith(tuple(members))]
        if not wanted:
            fail(f"{archive.name} holds none of {' '.join(members)}")
        for member in wanted:
            target = into / member.name
            if not target.resolve().is_relative_to(into.resolve()):
                fail(f"{archive.name} holds a file outside its folder: {member.name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tar.extractfile(member).read())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", required=True)
    parser.add_argument("--tarball", required=True)
    parser.add_argument("--sha256", required=True)
    parser.add_argument("--members", required=True, nargs="+", help="folders inside the tarball")
    parser.add_argument("--build", required=True, type=pathlib.Path)
    args = parser.parse_args()

    downloads, third_party = args.build / "downloads", args.build / "third_party"
    downloads.mkdir(parents=True, exist_ok=True)
    third_party.mkdir(parents=True, exist_ok=True)
    stamp, stamp_text = third_party / f"{args.package}.stamp", " ".join([args.sha256, *args.members])
    with open(downloads / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)         # presets may be configured at the same time
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == stamp_text:
            return
        archive = downloads / args.tarball
        if not archive.is_file():
            print(f"-- Fetching {args.tarball} (Debian source package {args.package})", flush=True)
            download(args.package, args.tarball, downloads)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if digest != args.sha256:
            archive.unlink()
            fail(f"{args.tarball} has SHA-256 {digest}, wanted {args.sha256}; the file was removed")
        extract(archive, args.members, third_party)
        stamp.write_text(stamp_text, encoding="utf-8")


if __name__ == "__main__":
    main()
