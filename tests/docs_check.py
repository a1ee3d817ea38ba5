#!/usr/bin/env python3
"""Check the documentation against the tree.  Usage: docs_check.py TOP

1. Every relative link of a Markdown file leads to a file, and its #fragment to a heading of that file.
2. Every word in backticks that looks like a path of this repository is one.  A path that only a build makes begins with
   build/ and is not checked.
3. The ABI reference, docs/abi.md and docs/abi-monitor.md, names every operation of shoal/invoke.h with its number, every error of the kernel,
   every system call and every flag or constant of xfer.
4. In any page, a constant of the ABI's families (E_, CAP_, MAP_, SVC_ ...), a name_like_this and an option of ./run or
   ./test in backticks exists.
5. A number in brackets behind a name in backticks is the value that a #define gives it.
6. An SVG picture is well-formed, and some page shows it.
7. The map of the folders, docs/pictures/layers.svg, names every folder at the top and every part of the layers.
Prints each breach as FILE:LINE: what is wrong; status 1 if there are any.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree

ABI = "cpudriver/abi/shoal"
MAP = "docs/pictures/layers.svg"
MAPPED = ("cpudriver", "libos", "servers", "tests")
LINES_MAX = 260
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
ENUM = re.compile(r"^\s*([A-Z][A-Z0-9_]+) = (\d+),", re.M)
# A word is a path if it has a slash and consists of the characters our paths have, or ends like a file of ours.
PATH = re.compile(r"^\.{0,2}[\w.\-]+(/[\w.\-*]+)+/?$")
FILE = re.compile(r"^[\w\-]+\.(c|h|S|py|md|svg|ld|cmake|def|sh|lst|pml)$")
VALUE = re.compile(r"`([A-Z][A-Z0-9_]+)` \((-?\d+)\)")
FUNCTION = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)+(\(\))?$")
NAME = re.compile(r"^(E|CAP|MAP|SVC|RIGHT|CNODE|MEMORY|VNODE|MAPPING|DISPATCHER|ENDPOINT|NOTIFY|IRQ|KERNEL|CORE|XFER"
                  r"|TAG)_[A-Z0-9_]+$")
# What the headers' names are looked up in, beside the ABI: names of the kernel's own that pages may mention.
NAME_SOURCES = ("cpudriver", "libos", "servers")
# Folders that a path may be given relative to, as #include lines do.
ROOTS = ("", "cpudriver/abi", "cpudriver", "cpudriver/arch/aarch64/include", "libos/include", "cpudriver/arch/aarch64")


def slug(heading):
    """Return the fragment by which a heading is linked."""
    text = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return text.strip().replace(" ", "-")


def headings(path):
    """Return the fragments of a page."""
    return {slug(m[1]) for m in re.finditer(r"^#+ (.+)$", without_blocks(path.read_text(encoding="utf-8")), re.M)}


def without_blocks(text):
    """Return the text with fenced and indented blocks blanked, line numbers kept."""
    lines, fenced = [], False
    for line in text.split("\n"):
        fence = line.startswith("```")
        lines.append("" if fenced or fence or line.startswith("    ") else line)
        fenced ^= fence
    return "\n".join(lines)


def numbered(text, pattern):
    """Yield (line number, match) of a pattern in the text."""
    for number, line in enumerate(text.split("\n"), 1):
        for match in pattern.finditer(line):
            yield number, match


class Tree:
    """The repository, as far as pages may name it."""

    def __init__(self, top):
        self.top = top
        names, functions, self.values = set(), set(), {}
        for folder in NAME_SOURCES:
            for path in (top / folder).rglob("*"):
                if path.suffix in (".h", ".c", ".S", ".def"):
                    text = path.read_text(encoding="utf-8")
                    names |= set(re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", text))
                    functions |= set(re.findall(r"\b[a-z][a-z0-9]*_[a-z0-9_]+\b", text))
                    for name, value in re.findall(r"^#define (\w+) +\(?(-?\d+)[uUlL]*\)?(?: |$)", text, re.M):
                        self.values.setdefault(name, set()).add(value)
        # CAP_RAM and its like are put together by a macro
        types = (top / ABI / "captypes.def").read_text(encoding="utf-8")
        self.names = names | {f"CAP_{name}" for name in re.findall(r"^CAPTYPE\((\w+)", types, re.M)}
        for folder in ("cmake", "tests", "tools"):
            for path in (top / folder).rglob("*"):
                if path.suffix in (".py", ".cmake", ".txt", ".c", ".h"):
                    functions |= set(re.findall(r"\b[a-z][a-z0-9]*_[a-z0-9_]+\b", path.read_text(encoding="utf-8")))
        self.functions = functions
        self.options = set()
        for tool in ("run", "test"):
            text = (top / tool).read_text(encoding="utf-8")
            self.options |= set(re.findall(r"(?<![\w-])(--[a-z]+)", text))
        self.files = {p.name for p in self.tracked()}

    def tracked(self):
        """Yield the files of the tree, build output left out."""
        for path in self.top.rglob("*"):
            if path.is_file() and not {".git", "build", "__pycache__"} & set(path.relative_to(self.top).parts):
                yield path

    def has(self, word):
        """Is there a file or folder of this name, from the top or from an include folder?"""
        word = word.removeprefix("./").rstrip("/")
        if "*" in word:
            return any(any((self.top / root).glob(word)) for root in ROOTS)
        return any((self.top / root / word).exists() for root in ROOTS)


def check_links(page, text):
    """Yield breaches of rule 1."""
    for number, match in numbered(text, LINK):
        target = match[1]
        if re.match(r"[a-z]+:", target):
            yield number, f"{target} leads out of the tree"
            continue
        name, _, fragment = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists():
            yield number, f"link to {target}, which does not exist"
        elif fragment and path.suffix == ".md" and fragment not in headings(path):
            yield number, f"link to {target}: no such heading"


def check_words(tree, text):
    """Yield breaches of rules 2 and 4 in what stands in backticks."""
    for number, match in numbered(text, CODE):
        for word in match[1].split():
            word = word.rstrip(",;:")
            if PATH.match(word) and not word.startswith("build/"):
                if not tree.has(word):
                    yield number, f"`{word}` is no path of this tree"
            elif FILE.match(word) and word not in tree.files:
                yield number, f"`{word}`: no file has this name"
            elif NAME.match(word) and word not in tree.names:
                yield number, f"`{word}` is defined nowhere"
            elif FUNCTION.match(word) and word.removesuffix("()") not in tree.functions:
                yield number, f"`{word}`: no source has this name"
        if re.match(r"(\./(run|test)|--)", match[1]):
            for option in re.findall(r"(?<![\w-])(--[a-z]+)", match[1]):
                if option not in tree.options:
                    yield number, f"`{option}` is no option of ./run or ./test"


def check_values(tree, text):
    """Yield breaches of rule 5."""
    for number, match in numbered(text, VALUE):
        if match[1] in tree.values and match[2] not in tree.values[match[1]]:
            yield number, f"`{match[1]}` is {' or '.join(sorted(tree.values[match[1]]))}, not {match[2]}"


def kernel_errors(top):
    """Names of the errors that the kernel itself returns: the codes below 256."""
    text = (top / ABI / "errors.def").read_text(encoding="utf-8")
    return [name for name, number in re.findall(r"^ERROR\((\w+), +(\d+)", text, re.M) if int(number) < 256]


def abi_names(top):
    """Yield every pattern that the ABI reference must hold, with what it stands for."""
    text = (top / ABI / "invoke.h").read_text(encoding="utf-8")
    for enum, body in re.findall(r"enum (\w+) \{(.*?)\n\};", text, re.S):
        if enum.endswith("_op"):
            for name, value in ENUM.findall(body):
                yield rf"`{name}` {value}\b", f"operation {name}, number {value}"
        elif enum == "map_flags":
            for name in re.findall(r"\b(MAP_\w+) =", body):
                if name != "MAP_FLAGS_MASK":
                    yield rf"`{name}`", f"flag {name}"
    for name in kernel_errors(top):
        yield rf"`{name}`", f"error {name}"
    text = (top / ABI / "syscall.h").read_text(encoding="utf-8")
    for name, value in re.findall(r"^#define (SVC_\w+) +(\d+)", text, re.M):
        yield rf"`{name}` {value}\b", f"system call {name}, number {value}"
    for name in re.findall(r"^#define (XFER_\w+) +[(\d]", text, re.M) + ["TAG_CAP", "TAG_GIVE"]:
        if name != "XFER_WORDS":
            yield rf"`{name}`", f"constant {name}"
    for name in re.findall(r"\b(DEBUG_\w+) = \d", text):
        yield rf"`{name}`", f"debug operation {name}"
    for name, number in re.findall(r"^CAPTYPE\((\w+), +(\d+)", (top / ABI / "captypes.def").read_text(encoding="utf-8"),
                                   re.M):
        yield rf"\b{name}\b", f"capability type {name}, number {number}"


def check_abi(top):
    """Yield breaches of rule 3."""
    page = "".join(path.read_text(encoding="utf-8") for path in sorted((top / "docs").glob("abi*.md")))
    count = 0
    for pattern, what in abi_names(top):
        count += 1
        if not re.search(pattern, page):
            yield 1, f"the ABI reference lacks {what}"
    if count < 100:
        yield 1, f"only {count} names were found in the ABI headers: this check has lost its way"


def check_map(tree):
    """Yield breaches of rule 7."""
    text = (tree.top / MAP).read_text(encoding="utf-8")
    folders = set()
    for path in tree.tracked():
        parts = path.relative_to(tree.top).parts[:-1]
        if parts:
            folders.add(parts[0])
        if len(parts) > 1 and parts[0] in MAPPED:
            folders.add(parts[1])
    for folder in sorted(folders):
        if not re.search(rf"(^|[\s>/·]){re.escape(folder)}/", text, re.M):
            yield 1, f"the map lacks the folder {folder}/"


def breaches(top):
    """Yield (path, line number, what is wrong)."""
    tree = Tree(top)
    pages = sorted(p for p in tree.tracked() if p.suffix == ".md")
    for page in pages:
        raw = page.read_text(encoding="utf-8")
        if raw.count("\n") > LINES_MAX and page.name != "CHANGELOG.md":
            yield page, LINES_MAX, f"{raw.count(chr(10))} lines; {LINES_MAX} are the most"
        text = without_blocks(raw)
        for number, wrong in [*check_links(page, text), *check_words(tree, text), *check_values(tree, text)]:
            yield page, number, wrong
    for number, wrong in check_abi(top):
        yield top / "docs/abi.md", number, wrong
    for number, wrong in check_map(tree):
        yield top / MAP, number, wrong
    for picture in sorted((top / "docs").rglob("*.svg")):
        try:
            xml.etree.ElementTree.parse(picture)
        except xml.etree.ElementTree.ParseError as error:
            yield picture, error.position[0], "not well-formed"
        if not any(f"{picture.name})" in page.read_text(encoding="utf-8") for page in pages):
            yield picture, 1, "no page shows this picture"


def main():
    top = pathlib.Path(sys.argv[1]).resolve()
    found = 0
    for path, number, wrong in breaches(top):
        found += 1
        print(f"{path.relative_to(top)}:{number}: {wrong}")
    print(f"{found} breaches")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
