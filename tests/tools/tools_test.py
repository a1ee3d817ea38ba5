"""Tests of the build's own tools: boot archive, option reading, virtio placement, layer rules."""
import contextlib
import io
import pathlib
import subprocess
import sys
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tools"), str(TOP / "cmake"), str(TOP / "tests" / "image")]
import layers                                                               # noqa: E402
import mkarchive                                                            # noqa: E402
import qemu                                                                 # noqa: E402
import run                                                                  # noqa: E402
import stack_test                                                           # noqa: E402


class Archive(unittest.TestCase):
    FILES = [("init", b"\x7fELF" + b"i" * 5000), ("menu.lst", b"# none\nserial\nrespawn shell\n"), ("empty", b"")]

    def test_bodies_are_page_aligned(self):
        data = mkarchive.archive(self.FILES)
        self.assertEqual(data.index(b"\x7fELF") % 4096, 0)
        self.assertEqual(data.index(b"# none") % 4096, 0)

    def test_reads_back(self):
        self.assertEqual(mkarchive.files(mkarchive.archive(self.FILES)), self.FILES)

    def test_every_header_is_well_formed(self):
        data, at, names = mkarchive.archive(self.FILES), 0, []
        while "TRAILER!!!" not in names:
            self.assertEqual(data[at:at + 6], b"070701")
            size, length = int(data[at + 54:at + 62], 16), int(data[at + 94:at + 102], 16)
            self.assertEqual(data[at + 110 + length - 1], 0)
            names.append(data[at + 110:at + 110 + length].rstrip(b"\0").decode())
            at = -(-(at + 110 + length) // 4) * 4 + -(-size // 4) * 4
        self.assertEqual(names, ["init", "menu.lst", "empty", "TRAILER!!!"])
        self.assertEqual(at, len(data))

    def test_is_deterministic(self):
        self.assertEqual(mkarchive.archive(self.FILES), mkarchive.archive(list(self.FILES)))

    def test_refuses_names(self):
        for name in ("", "a/b", "ä", "a\nb"):
            with self.assertRaises(ValueError, msg=repr(name)):
                mkarchive.archive([(name, b"")])
        with self.assertRaises(ValueError, msg="twice"):
            mkarchive.archive([("a", b""), ("a", b"")])

    def test_extension(self):
        data = mkarchive.extended(mkarchive.archive(self.FILES), [("hello", b"body", ["x", "y"])], ["bench", "a b"])
        got = mkarchive.files(data)
        self.assertEqual([name for name, _ in got], ["init", "menu.lst", "empty", "hello", "exec.txt"])
        self.assertEqual(dict(got)["menu.lst"], b"# none\nserial\nhello x y\nlast manager shell exec.txt\n")
        modules = mkarchive.extended(mkarchive.archive(self.FILES), [("hello", b"body", [])])
        self.assertEqual(dict(mkarchive.files(modules))["menu.lst"], b"# none\nserial\nhello\nrespawn shell\n")
        alone = mkarchive.extended(mkarchive.archive(self.FILES), [("hello", b"body", None)])
        self.assertEqual(dict(mkarchive.files(alone))["menu.lst"], b"# none\nserial\nrespawn shell\n")
        self.assertEqual(dict(mkarchive.files(alone))["hello"], b"body")
        other = mkarchive.extended(mkarchive.archive(self.FILES), menu="last hello\n")
        self.assertEqual(dict(mkarchive.files(other))["menu.lst"], b"last hello\n")
        self.assertEqual(dict(got)["exec.txt"], b"bench\na b\n")
        with self.assertRaises(ValueError):
            mkarchive.extended(data, [("init", b"", [])])


class Options(unittest.TestCase):
    def refused(self, *arguments):
        with contextlib.redirect_stderr(io.StringIO()) as text, self.assertRaises(SystemExit) as end:
            run.Options(arguments)
        self.assertEqual(end.exception.code, 2)
        return text.getvalue()

    def test_defaults(self):
        options = run.Options([])
        self.assertEqual((options.machine.cores, options.machine.memory, options.preset), (4, "1G", "qemu"))
        self.assertIsNone(options.timeout)

    def test_module_takes_arguments_up_to_the_next_option(self):
        options = run.Options(["--module", "hello", "a", "-b", "--smp", "2", "--", "-d", "int"])
        self.assertEqual(options.modules, [(pathlib.Path("hello"), ["a", "-b"])])
        self.assertEqual(options.machine.cores, 2)
        self.assertEqual(options.machine.extra, ["-d", "int"])

    def test_exec_goes_whole_and_limits_time(self):
        options = run.Options(["--exec", "a \"1;2\"; b;"])
        self.assertEqual(options.commands, ["a \"1;2\"; b;"])       # init splits it: it knows about quotes
        self.assertEqual(options.timeout, run.EXEC_TIMEOUT)

    def test_icount_is_one_core(self):
        self.assertEqual(run.Options(["--icount"]).machine.cores, 1)
        self.assertIn("one core", self.refused("--icount", "--smp", "2"))

    def test_memory_without_unit_is_mib(self):
        self.assertEqual(run.Options(["--mem", "512"]).machine.memory, "512M")

    def test_refusals(self):
        self.assertIn("needs a value", self.refused("--smp"))
        self.assertIn("above 0", self.refused("--smp", "0"))
        self.assertIn("above 0", self.refused("--timeout", "x"))
        self.assertIn("unknown option --fast", self.refused("--fast"))
        self.assertIn("no command", self.refused("--exec", " ; "))

    def test_help_names_every_option(self):
        text = subprocess.run([TOP / "run", "--help"], capture_output=True, text=True, check=True).stdout
        code = (TOP / "tools" / "run.py").read_text(encoding="utf-8")
        options = [word for word in ("--smp --mem --machine --cpu --timeout --release --icount --gdb --exec --module --clean "
                                     "--help").split()]
        for option in options:
            self.assertIn(option, text)
            if option not in ("--clean", "--help"):
                self.assertIn(f'"{option}"', code)


class Virtio(unittest.TestCase):
    def test_each_device_has_its_page(self):
        got = qemu.place_virtio(["-device", "virtio-rng-device", "-device", "virtio-blk-device,drive=d"])
        self.assertEqual(got[1], "virtio-rng-device,bus=virtio-mmio-bus.31")
        self.assertEqual(got[3], "virtio-blk-device,drive=d,bus=virtio-mmio-bus.23")

    def test_a_given_bus_stays(self):
        got = qemu.place_virtio(["-device", "virtio-rng-device,bus=virtio-mmio-bus.31", "-device", "virtio-rng-device"])
        self.assertEqual(got[1], "virtio-rng-device,bus=virtio-mmio-bus.31")
        self.assertEqual(got[3], "virtio-rng-device,bus=virtio-mmio-bus.23")

    def test_too_many(self):
        with self.assertRaises(ValueError):
            qemu.place_virtio(["-device", "virtio-rng-device"] * 5)


class Stack(unittest.TestCase):
    @staticmethod
    def program(**calls):
        functions = {}
        for name, callees in calls.items():
            functions[name] = stack_test.Function(name, 0)
            functions[name].frame, functions[name].calls = 16, set(callees.split())
        return functions

    def test_depth(self):
        depth, cycles = stack_test.deepest(self.program(a="b c", b="c", c=""))
        self.assertEqual(depth["a"], (48, ["a", "b", "c"]))
        self.assertEqual(cycles, [])

    def test_recursion_is_found(self):
        self.assertEqual(stack_test.deepest(self.program(a="a"))[1], ["a > a"])
        self.assertEqual(stack_test.deepest(self.program(a="b", b="c", c="b"))[1], ["b > c > b"])

    def test_bounded_recursion_is_unrolled(self):
        functions = self.program(a="b", b="c d", c="b", d="")
        self.assertIsNone(stack_test.unroll(functions, "b", 3))
        depth, cycles = stack_test.deepest(functions)
        self.assertEqual(cycles, [])
        self.assertEqual(depth["a"][0], 16 + 3 * 32)                 # c (3) is entered, and calls no fourth b

    def test_a_bound_without_recursion_is_refused(self):
        self.assertIn("not recursive", stack_test.unroll(self.program(a="b", b=""), "a", 2))

    def test_frames(self):
        function = stack_test.Function("f", 0)
        for mnemonic, operands in [("stp", "x29, x30, [sp, #-32]!"), ("sub", "sp, sp, #1, lsl #12"), ("sub", "x0, x0, #8"),
                                   ("bl", "0x10 <g>"), ("b", "0x10 <f+0x8>"), ("cbz", "x0, 0x20 <h+0x4>"), ("blr", "x8")]:
            function.instruction(mnemonic, operands)
        self.assertEqual((function.frame, function.calls, function.indirect), (32 + 4096, {"g", "h"}, True))
        function.instruction("sub", "sp, x9, x10")
        self.assertTrue(function.problems)


class Layers(unittest.TestCase):
    def wrong(self, path, line):
        return list(layers.check_line(pathlib.Path(path), line))

    def test_refusals(self):
        for path, line in [
                ("apps/shell/main.c", "#include <cap/mdb.h>"),
                ("servers/init/main.c", '#include "../../cpudriver/core/kcb.h"'),
                ("servers/init/main.c", '#include "../mem/state.h"'),
                ("libos/caps/caps.c", "#include <core/lib.h>"),
                ("libos/slab/slab.c", "#include <os/heap.h>"),
                ("libos/slab/slab.c", "    p = malloc(4);"),
                ("cpudriver/abi/shoal/cap.h", "#include <cap/cte.h>"),
                ("cpudriver/cap/mdb.c", "#include <os/caps.h>"),
                ("cpudriver/cap/mdb.c", "#include <plat/private.h>"),
                ("cpudriver/cap/mdb.c", "#include <stdio.h>"),
                ("cpudriver/core/boot.c", "#ifdef BOARD_QEMU"),
                ("idl/compiler/main.c", "#include <shoal/err.h>"),
                ("idl/compiler/main.c", '#include "os/rpc.h"'),
                ("idl/compiler/test/fuzz_idl.c", '#include "../../../libos/include/os/rpc.h"'),
                ("tests/unit/mdb_test.c", '#include "../../idl/compiler/lex.h"'),
                ("tests/fuzz/fuzz_elf.c", "#include <compiler/lex.h>"),
                ("libos/slab/slab.c", "#include <stubs/mem.h>"),
                ("README.md", "see /wo" + "rk/main"),
                ("run", "fetch from deb.debian" + ".org")]:
            self.assertTrue(self.wrong(path, line), f"{path}: {line}")

    def test_allowed(self):
        for path, line in [
                ("apps/shell/main.c", "#include <os/heap.h>"),
                ("servers/init/main.c", "#include <shoal/cap.h>"),
                ("servers/init/tests/a.c", '#include "../test.h"'),
                ("tests/unit/mdb_test.c", '#include "../lib/test.h"'),
                ("tests/unit/ktables_test.c", '#include "../../cpudriver/arch/aarch64/ktables.h"'),
                ("libos/heap/heap.c", "#include <os/slab.h>"),
                ("libos/services/ram.c", "#include <stubs/mem.h>"),
                ("libos/services/ram.c", "#include <os/rpc.h>"),
                ("servers/mem/main.c", "#include <stubs/mem.h>"),
                ("idl/compiler/main.c", "#include <stdio.h>"),
                ("idl/compiler/test/fuzz_idl.c", '#include "../parse.h"'),
                ("cpudriver/cap/mdb.c", "#include <dispatch/dcb.h>"),
                ("cpudriver/core/kcb.h", "#include <plat/plat.h>"),
                ("cpudriver/plat/gicv3.c", "#include <stdint.h>"),
                ("tests/unit/mdb_test.c", "#include <stdio.h>")]:
            self.assertFalse(self.wrong(path, line), f"{path}: {line}")


if __name__ == "__main__":
    unittest.main()
