"""Programs of others that are built with the SDK (cmake/ports.cmake): which there are, and which a command line wants."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parent.parent


def names():
    """Return the names of all ports."""
    text = (TOP / "cmake" / "ports.cmake").read_text(encoding="utf-8")
    return re.findall(r"^shoal_port\((\S+)", text, re.M)


def named(commands):
    """Return the set of those ports whose name begins a command.  Quotes are not understood: a semicolon within them can name
    one port too many, which does no harm in the archive."""
    words = {word for line in commands for word in re.findall(r"(?:^|[;\n])\s*([^\s;]+)", line)}
    return words.intersection(names())
