#!/usr/bin/env python3
"""Write a boot archive: cpio "newc" whose file bodies start at multiples of 4 KiB, so that text can be mapped in place.

A body is aligned by padding the entry's name with zero bytes (the name's length counts them; a reader stops at the first).
The output depends on names and contents only: no times, no owners, inode numbers by position.
"""
import argparse
import pathlib

PAGE = 4096
HEADER = 110            # bytes of a newc header, all of it ASCII


def entry(name, body, inode, mode, at):
    """Return the bytes of one entry that starts at offset at, a multiple of 4."""
    name = name.encode("ascii") + b"\0"
    if mode:                                                        # not for the trailer, which has no body
        name += bytes(-(at + HEADER + len(name)) % PAGE)
    fields = (inode, mode, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    head += bytes(-(at + len(head)) % 4)
    return head + body + bytes(-len(body) % 4)


def archive(files):
    """Return an archive of (name, contents) pairs, in their order."""
    seen = set()
    out = bytearray()
    for inode, (name, body) in enumerate(files, 1):
        if not name or "/" in name or name in seen or not name.isascii() or not name.isprintable():
            raise ValueError(f"archive: bad or repeated name {name!r}")
        seen.add(name)
        out += entry(name, body, inode, 0o100755 if body[:4] == b"\x7fELF" else 0o100644, len(out))
    out += entry("TRAILER!!!", b"", 0, 0, len(out))
    return bytes(out)


def files(data):
    """Return the (name, contents) pairs of an archive that archive() made."""
    found, at = [], 0
    while True:
        size, length = int(data[at + 54:at + 62], 16), int(data[at + 94:at + 102], 16)
        name = data[at + HEADER:at + HEADER + length].split(b"\0")[0].decode("ascii")
        if name == "TRAILER!!!":
            return found
        body = -(-(at + HEADER + length) // 4) * 4
        found.append((name, data[body:body + size]))
        at = -(-(body + size) // 4) * 4


def extended(data, programs=(), commands=None, menu=None):
    """Return a copy of an archive with more in it.

    programs: (name, contents, [argument ...]) each; they also get a line of the menu, before the shell's, unless None stands
    for the arguments.
    commands: what runs in place of the interactive shell, one command per line of the file exec.txt.
    menu: text that takes the place of the menu.
    """
    parts = dict(files(data))
    if menu is not None:
        parts["menu.lst"] = menu.encode()
    lines = parts["menu.lst"].decode().splitlines()
    shells = [line for line in lines if not line.startswith("#") and line.split()[-1:] == ["shell"]]
    rest = [line for line in lines if line not in shells]
    for name, body, words in programs:
        if name in parts:
            raise ValueError(f"the boot archive already has a file {name}")
        parts[name] = body
        if words is not None:
            rest.append(" ".join([name, *words]))
    if commands is not None:
        parts["exec.txt"] = "".join(command + "\n" for command in commands).encode()
        shells = ["last manager shell exec.txt"]
    parts["menu.lst"] = "".join(line + "\n" for line in rest + shells).encode()
    return archive(list(parts.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("files", nargs="+", metavar="NAME=FILE")
    args = parser.parse_args()
    pairs = (text.split("=", 1) for text in args.files)
    args.out.write_bytes(archive([(name, pathlib.Path(path).read_bytes()) for name, path in pairs]))


if __name__ == "__main__":
    main()
