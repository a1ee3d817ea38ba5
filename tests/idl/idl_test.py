"""Tests of the interface compiler as a program.

  idl_test.py --idlc PATH [--cc CLANG] CLASS...     run these classes of tests
  idl_test.py --idlc PATH --update                  write the expected files anew; look at the difference before committing

idl/goldens/good  interfaces with the header and source that come of them: beside them those without heap and waitset,
                  in bind/ those of bindings; import/ holds what they import
idl/goldens/bad   interfaces with errors, at least one for each message of diag.def, with what is printed
The first line of an interface may be a comment "// idlc: OPTIONS".
"""
import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
GOOD = TOP / "idl" / "goldens" / "good"
BIND = GOOD / "bind"
BAD = TOP / "idl" / "goldens" / "bad"
COMPILER = TOP / "idl" / "compiler"
MANY = "message-count.if"                   # 16384 messages: made here
ARGS = argparse.Namespace()


def idlc(*arguments, cwd=TOP):
    """Run the compiler; a sanitizer's report is a failure of the test whatever it was looking for."""
    done = subprocess.run([ARGS.idlc, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=60,
                          errors="replace", check=False)
    if done.returncode not in (0, 1, 2) or "runtime error" in done.stderr or "Sanitizer" in done.stderr:
        raise AssertionError(f"{arguments}: status {done.returncode}\n{done.stderr}")
    return done


def options(path):
    first = path.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0]
    return shlex.split(first.removeprefix("// idlc: ")) if first.startswith("// idlc: ") else []


def good_stubs(path, folder, bind=False):
    """Compile a good interface into folder; return the two texts, or None if it is for another back end."""
    if "--check" in options(path) and not bind:
        return None
    header, source = folder / f"{path.stem}.h", folder / f"{path.stem}.c"
    wanted = ("--h", header, "--c", source) if bind else ("--rpc-h", header, "--rpc-c", source)
    done = idlc(*(o for o in options(path) if o != "--check"), path.name, *wanted, cwd=path.parent)
    if done.returncode or done.stderr:
        raise AssertionError(f"{path.name}: status {done.returncode}\n{done.stderr}")
    return header.read_bytes(), source.read_bytes()


def bad_output(path, folder):
    """Compile a bad interface; return what is printed.  Nothing may be written."""
    header, source = folder / "bad.h", folder / "bad.c"
    wanted = ("--h", header, "--c", source) if path.stem.startswith("bind-") else ("--rpc-h", header, "--rpc-c", source)
    done = idlc(*options(path), path.name, *wanted, cwd=path.parent)
    if done.returncode != 1 or done.stdout:
        raise AssertionError(f"{path.name}: status {done.returncode}, output {done.stdout!r}\n{done.stderr}")
    return done.stderr


def compile_for_target(path, folder):
    """Check a C file whose stubs are in folder/stubs."""
    command = [ARGS.cc, "--target=aarch64-none-elf", "-ffreestanding", "-std=c11", "-Wall", "-Wextra", "-Wconversion",
               "-Werror", "-fsyntax-only", f"-I{folder}", f"-I{TOP}/libos/include", f"-I{TOP}/cpudriver/abi", path]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def many_messages(folder):
    path = folder / MANY
    path.write_text("interface bad {\n" + "".join(f"rpc m{i}();\n" for i in range(0x4001)) + "}\n", encoding="utf-8")
    return path


class Folder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


class Good(Folder):
    def test_expected_files(self):
        for bind, expected in ((False, GOOD), (True, BIND)):
            count = 0
            for path in sorted(GOOD.glob("*.if")):
                made = good_stubs(path, self.folder, bind)
                if made:
                    count += 1
                    for name, text in zip((f"{path.stem}.h", f"{path.stem}.c"), made):
                        self.assertEqual(text.decode(), (expected / name).read_text(encoding="utf-8"), name)
            self.assertGreater(count, 5)

    def test_interfaces_for_other_back_ends_are_checked(self):
        paths = [path for path in sorted(GOOD.glob("*.if")) if "--check" in options(path)]
        self.assertTrue(paths)
        for path in paths:
            done = idlc(path.name, cwd=path.parent)
            self.assertEqual((done.returncode, done.stderr), (0, ""), path.name)

    def test_no_expected_file_is_left_over(self):
        for path in [*GOOD.glob("*.[ch]"), *BIND.glob("*")]:
            self.assertTrue((GOOD / f"{path.stem}.if").is_file(), path.name)

    def test_same_bytes_from_anywhere(self):
        for path in sorted(GOOD.glob("*.if")):
            if options(path):
                continue
            here = good_stubs(path, self.folder)
            copy = self.write(f"other/{path.name}", path.read_text(encoding="utf-8"))
            header, source = self.folder / f"again/{path.stem}.h", self.folder / "again/another-name.c"
            header.parent.mkdir(exist_ok=True)
            done = idlc(copy, "--rpc-c", source, "--rpc-h", header, cwd="/")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual((header.read_bytes(), source.read_bytes()), here, path.name)
            here = good_stubs(path, self.folder, True)
            done = idlc(copy, "--c", source, "--h", header, cwd="/")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual((header.read_bytes(), source.read_bytes()), here, path.name)

    def test_lines_are_short_and_clean(self):
        for path in [*GOOD.glob("*.[ch]"), *BIND.glob("*.[ch]")]:
            for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                self.assertLessEqual(len(line), 120, f"{path.name}:{number}")
                self.assertEqual(line, line.rstrip(), f"{path.name}:{number}")
                self.assertNotIn("\t", line, f"{path.name}:{number}")

    def test_compiles_for_the_target_without_a_warning(self):
        for path in sorted([*GOOD.glob("*.c"), *BIND.glob("*.c")]):
            include = self.folder / "stubs"
            include.mkdir(exist_ok=True)
            (include / f"{path.stem}.h").write_bytes(path.with_suffix(".h").read_bytes())
            done = compile_for_target(path, self.folder)
            self.assertEqual((done.returncode, done.stderr), (0, ""), path.name)


class Bad(Folder):
    MESSAGE = re.compile(r'^DIAG\((\w+),\s*(ERROR|NOTE),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', re.M)

    def messages(self):
        text = (COMPILER / "diag.def").read_text(encoding="utf-8")
        found = self.MESSAGE.findall(text)
        self.assertEqual(len(found), text.count("\nDIAG("))
        for name, severity, literals in found:
            pieces = re.findall(r'"((?:[^"\\]|\\.)*)"', literals)
            wording = "".join(pieces).replace('\\"', '"')
            yield name, severity.lower(), re.escape(wording).replace("%s", ".*")

    def paths(self):
        return [*sorted(BAD.glob("*.if")), many_messages(self.folder)]

    def test_expected_messages(self):
        for path in self.paths():
            expected = (BAD / path.name).with_suffix(".txt").read_text(encoding="utf-8")
            self.assertEqual(bad_output(path, self.folder), expected, path.name)

    def test_every_message_is_shown_and_every_error_has_a_file(self):
        texts = {path.stem: path.read_text(encoding="utf-8") for path in BAD.glob("*.txt")}
        self.assertEqual(set(texts), {path.stem for path in self.paths()})
        for name, severity, wording in self.messages():
            line = re.compile(rf"^[\w./-]+:\d+:\d+: {severity}: {wording}$", re.M)
            shown = [stem for stem, text in texts.items() if line.search(text)]
            self.assertTrue(shown, name)
            if severity == "error":
                self.assertIn(name.lower().replace("_", "-"), shown)

    def test_nothing_is_written(self):
        (self.folder / "bad.h").write_text("old header\n", encoding="ascii")
        for path in self.paths():
            bad_output(path, self.folder)
            self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["bad.h", MANY], path.name)
            self.assertEqual((self.folder / "bad.h").read_text(encoding="ascii"), "old header\n")


class Program(Folder):
    INTERFACE = "interface one { rpc ping(in uint64 a, out errval err); }\n"

    def refused(self, *arguments):
        done = idlc(*arguments, cwd=self.folder)
        self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
        return done.stderr

    def test_usage(self):
        self.write("one.if", self.INTERFACE)
        for arguments in [(), ("one.if", "one.if"), ("-x", "y", "one.if"), ("one.if", "--rpc-h"), ("one.if", "-i"),
                          ("one.if", "--rpc-c", "one.c"), ("--rpc-h", "a", "--rpc-h", "b", "one.if"),
                          ("--rpc-c", "a", "--rpc-c", "b", "--rpc-h", "c", "one.if"), ("--unknown=x", "one.if"),
                          ("one.if", "--c", "one.c"), ("--h", "a", "--h", "b", "one.if")]:
            self.assertIn("usage: idlc", self.refused(*arguments))
        self.assertEqual([p.name for p in self.folder.iterdir()], ["one.if"])

    def test_both_spellings_of_options(self):
        self.write("types.if", "typedef pid uint32;\n")
        self.write("two.if", "interface two { rpc ping(in pid a); }\n")
        texts = []
        for arguments in [("-i", "types.if", "two.if", "--rpc-h", "two.h"),
                          ("--import=types.if", "--rpc-h=two.h", "two.if"),
                          ("--import", "types.if", "two.if", "--rpc-h=two.h")]:
            self.assertEqual(idlc(*arguments, cwd=self.folder).returncode, 0)
            texts.append((self.folder / "two.h").read_bytes())
            (self.folder / "two.h").unlink()
        self.assertEqual(len(set(texts)), 1)

    def test_files_that_cannot_be_read(self):
        self.write("one.if", self.INTERFACE)
        self.write("large.if", self.INTERFACE + " " * (1 << 20))
        self.assertIn("missing.if: No such file", self.refused("missing.if"))
        self.assertIn("missing.if: No such file", self.refused("-i", "missing.if", "one.if"))
        self.assertIn("directory", self.refused("."))
        self.assertIn("larger than 1 MiB", self.refused("large.if"))

    def test_files_that_cannot_be_written(self):
        self.write("one.if", self.INTERFACE)
        self.assertIn("cannot be written", self.refused("one.if", "--rpc-h", "no-folder/one.h"))
        self.assertIn("cannot be written", self.refused("one.if", "--rpc-h", "one.h", "--rpc-c", "no-folder/one.c"))
        self.assertEqual([p.name for p in self.folder.iterdir()], ["one.if"])
        (self.folder / "one.c").mkdir()
        (self.folder / "one.c" / "full").touch()
        self.assertIn("cannot be written", self.refused("one.if", "--rpc-h", "one.h", "--rpc-c", "one.c"))
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["one.c", "one.if"])

    def test_a_full_disk_leaves_nothing(self):
        self.write("one.if", self.INTERFACE)
        if not pathlib.Path("/dev/full").exists():
            self.skipTest("no /dev/full here")
        (self.folder / "one.h.new").symlink_to("/dev/full")
        self.assertIn("No space left", self.refused("one.if", "--rpc-h", "one.h"))
        self.assertEqual([p.name for p in self.folder.iterdir()], ["one.if"])


class Fingerprint(Folder):
    TYPES = "typedef enum { red, green } colour; typedef struct { uint32 a; colour b; } pair; typedef uint8 mac[6];"
    BASE = ("interface one { " + TYPES + " rpc ping(in uint64 a, in colour b, out errval err);"
            " rpc pong(in cap c, out uint8 d); message array(uint8 x[length, 100], string s[20], pair p, mac m); }")

    def of(self, text, *imports):
        self.write("one.if", text)
        done = idlc(*(f"--import={path}" for path in imports), "one.if", "--fingerprint", cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""), text)
        self.assertRegex(done.stdout, r"^0x[0-9a-f]{16}\n$")
        return done.stdout

    def test_what_does_not_count(self):
        base = self.of(self.BASE)
        spaced = re.sub(r"([(){};,\[\]])", r" /* here */ \1 // there\n", self.BASE)
        types = self.write("types.if", self.TYPES)
        for text in [spaced, self.BASE.replace("interface one", '@order(level = 3) interface one "described"'),
                     self.BASE.replace("rpc ping", "@cost(words = 2) rpc ping"),
                     self.BASE.replace("colour", "tint"), self.BASE.replace("message array", "call array"),
                     self.BASE.replace("100", "0x64"), self.BASE.replace("typedef", "typedef unused cap; typedef", 1),
                     self.BASE.replace("typedef", "alias number uint64; typedef", 1).replace("in uint64", "in number"),
                     self.BASE.replace(" rpc", " typedef shade colour; rpc", 1).replace("in colour", "in shade")]:
            self.assertNotEqual(text, self.BASE)
            self.assertEqual(self.of(text), base, text)
        self.assertEqual(self.of(self.BASE.replace(self.TYPES, ""), types.name), base)

    def test_what_counts(self):
        seen = {self.of(self.BASE): self.BASE}
        for old, new in [
                ("interface one", "interface two"), ("ping", "pang"), ("in uint64 a", "in uint64 z"),
                ("in uint64 a", "in int64 a"), ("in uint64 a", "out uint64 a"), ("in uint64 a, ", ""),
                ("in uint64 a, in colour b", "in colour b, in uint64 a"), ("in cap", "in give_away_cap"),
                ("rpc pong(in cap c, out uint8 d);", ""), ("red, green", "green, red"), ("red, green", "red, green, blue"),
                ("uint32 a; colour b;", "colour b; uint32 a;"), ("uint32 a;", "uint32 z;"), ("uint32 a;", "uint16 a;"),
                ("mac[6]", "mac[7]"), ("length, 100", "length, 101"), ("length, 100", "length"), ("[length,", "[bytes,"),
                ("s[20]", "s"), ("s[20]", "s[count, 20]"), ("message array", "message matrix"),
                ("uint8 d); message", "uint8 d); message more(); message"), ("uint8 mac", "int8 mac"),
                ("rpc ping(in uint64 a, in colour b, out errval err);", "message ping(uint64 a, colour b, errval err);"),
        ]:
            text = self.BASE.replace(old, new)
            self.assertNotEqual(text, self.BASE)
            self.assertNotIn(self.of(text), seen, text)
            seen[self.of(text)] = text

    def test_the_header_has_it(self):
        self.write("one.if", "interface one { rpc ping(); }")
        done = idlc("one.if", "--fingerprint", "--rpc-h", "one.h", cwd=self.folder)
        header = (self.folder / "one.h").read_text(encoding="utf-8")
        self.assertIn(f"#define ONE_FINGERPRINT {done.stdout.strip()}ull\n", header)


class Docs(Folder):
    """The examples of docs/idl.md are what they claim to be."""

    def test_examples(self):
        text = "".join((TOP / "docs" / name).read_text(encoding="utf-8") for name in ("idl.md", "bindings.md"))
        blocks = dict(re.findall(r"^```(idl|c (?:binding )?(?:server|client))\n(.*?)^```$", text, re.M | re.S))
        self.assertEqual(len(blocks), 5)
        (self.folder / "stubs").mkdir()
        self.write("counter.if", blocks["idl"])
        for prefix, options in (("c", ("--rpc-h", "--rpc-c")), ("c binding", ("--h", "--c"))):
            done = idlc("counter.if", options[0], "stubs/counter.h", options[1], "stubs.c", cwd=self.folder)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for name in ("server", "client"):
                source = self.write(f"{name}.c", blocks[f"{prefix} {name}"])
                self.assertLessEqual(len(blocks[f"{prefix} {name}"].splitlines()), 30)
                done = compile_for_target(source, self.folder)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_reserved_word_and_builtin_type_is_named(self):
        text = (TOP / "docs" / "idl.md").read_text(encoding="utf-8")
        words = re.findall(r"^WORD\(\w+, +\"(\w+)\"\)", (COMPILER / "tokens.def").read_text(encoding="utf-8"), re.M)
        types = re.findall(r"^BUILTIN\((\w+),", (COMPILER / "builtin.def").read_text(encoding="utf-8"), re.M)
        self.assertEqual((len(words), len(types)), (11, 19))
        self.assertIn(f"Reserved: `{' '.join(words)}`", text)
        for name in types:
            self.assertIn(f"`{name}`", text)


def update():
    for path in sorted(GOOD.glob("*.if")):
        if "--check" not in options(path):
            good_stubs(path, GOOD)
        good_stubs(path, BIND, True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for path in [*sorted(BAD.glob("*.if")), many_messages(folder)]:
            (BAD / path.name).with_suffix(".txt").write_text(bad_output(path, folder), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idlc", required=True, type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--cc", default="clang")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("classes", nargs="*")
    parser.parse_args(namespace=ARGS)
    if ARGS.update:
        update()
    else:
        unittest.main(argv=[sys.argv[0], *ARGS.classes])


if __name__ == "__main__":
    main()
