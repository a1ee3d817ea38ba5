"""Fetch a Debian package of any architecture, check its hash, extract some of its files.

As fetch_source.py: the address comes from the machine's own apt configuration, the lists are private, no root is
needed, and neither the machine's package lists nor its architectures change.  The package itself is not kept, only what
was extracted, in build/third_party, with a stamp.
"""
import argparse
import fcntl
import hashlib
import io
import pathlib
import shutil
import subprocess
import tarfile

from fetch_source import apt_get, fail, source_entries


def download(args, work):
    """Return the path of the package, downloaded into the folder work."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        fail("apt-get or dpkg-deb is missing: use the container (Containerfile)")
    shutil.rmtree(work, ignore_errors=True)
    (work / "lists" / "partial").mkdir(parents=True)
    (work / "cache" / "archives" / "partial").mkdir(parents=True)
    source_entries(work / "sources")
    for entries in (work / "sources").iterdir():
        entries.write_text(entries.read_text(encoding="utf-8").replace("deb-src", "deb"), encoding="utf-8")
    foreign = [f"-oAPT::Architecture={args.architecture}", f"-oAPT::Architectures::={args.architecture}",
               "-oDir::State::status=/dev/null"]
    updated, update_text = apt_get(work, *foreign, "update")
    status, text = apt_get(work, *foreign, "download", f"{args.package}={args.version}")
    found = list(work.glob("*.deb"))
    if status != 0 or len(found) != 1:
        print(update_text if updated != 0 else "", text)
        fail(f"apt-get could not fetch {args.package} {args.version} for {args.architecture} (is the network up? has "
             "the archive moved to another version?)")
    return found[0]


def extract(package, members, into):
    """Write files of the package into a folder: those named, without the folders they are in; and for a member that ends
    in a slash what is below it, as it is there, in a folder of its last name."""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = {entry.name.removeprefix("./"): entry for entry in tar.getmembers() if entry.isfile()}
        for member in members:
            outside = pathlib.PurePath(member).parent
            found = [name for name in files if name.startswith(member)] if member.endswith("/") else [member]
            if not found or found[0] not in files:
                fail(f"{package.name} holds no {member}")
            for name in found:
                target = into / pathlib.PurePath(name).relative_to(outside)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tar.extractfile(files[name]).read())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--architecture", required=True)
    parser.add_argument("--sha256", required=True)
    parser.add_argument("--members", required=True, nargs="+", help="files inside the package; folders end in a slash")
    parser.add_argument("--build", required=True, type=pathlib.Path)
    args = parser.parse_args()

    downloads, into = args.build / "downloads", args.build / "third_party" / args.package
    downloads.mkdir(parents=True, exist_ok=True)
    into.mkdir(parents=True, exist_ok=True)
    stamp, stamp_text = into / "stamp", " ".join([args.sha256, *args.members])
    with open(downloads / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)         # presets may be configured at the same time
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == stamp_text:
            return
        print(f"-- Fetching {args.package} {args.version} (Debian package for {args.architecture})", flush=True)
        work = downloads / "apt-deb"
        package = download(args, work)
        digest = hashlib.sha256(package.read_bytes()).hexdigest()
        if digest != args.sha256:
            fail(f"{package.name} has SHA-256 {digest}, wanted {args.sha256}")
        extract(package, args.members, into)
        shutil.rmtree(work)
        stamp.write_text(stamp_text, encoding="utf-8")


if __name__ == "__main__":
    main()
