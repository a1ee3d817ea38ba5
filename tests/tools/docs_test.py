"""Tests of tests/docs_check.py: each rule finds a breach, and lets pass what is right."""
import pathlib
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import docs_check                                                           # noqa: E402  (from tests/)

TREE = docs_check.Tree(TOP)


class Words(unittest.TestCase):
    def words(self, text):
        return list(docs_check.check_words(TREE, text))

    def test_refusals(self):
        for text in ["`cpudriver/cap/nothing.c`", "`nothing.c`", "`E_NO_SUCH`", "`no_such_" + "function`",
                     "`./run --nothing`", "`cpudriver/cap/x*.c`"]:
            self.assertTrue(self.words(text), text)

    def test_allowed(self):
        for text in ["`cpudriver/cap/mdb.c`", "`cap/mdb.h`", "`shoal/invoke.h`", "`mdb.h`", "`E_AGAIN`", "`CAP_RAM`",
                     "`mdb_check`", "`./run --icount`", "`build/qemu/anything`", "`cpudriver/cap/invoke_*.c`",
                     "`/chosen`"]:
            self.assertFalse(self.words(text), text)

    def test_values(self):
        self.assertTrue(list(docs_check.check_values(TREE, "`RETYPE_MAX_COUNT` (65)")))
        self.assertFalse(list(docs_check.check_values(TREE, "`RETYPE_MAX_COUNT` (64)")))


class Links(unittest.TestCase):
    def test_links(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "a.md"
            page.write_text("# The `heading` of it\n", encoding="utf-8")
            for text, wrong in [("[x](a.md)", 0), ("[x](b.md)", 1), ("[x](#the-heading-of-it)", 0), ("[x](#other)", 1),
                                ("[x](https://example.test)", 1)]:
                self.assertEqual(len(list(docs_check.check_links(page, text))), wrong, text)


class Reference(unittest.TestCase):
    def test_names_are_found(self):
        names = [what for _, what in docs_check.abi_names(TOP)]
        for what in ["operation CNODE_COPY, number 0", "error E_PEEK", "system call SVC_XFER, number 0",
                     "flag MAP_UNCACHED",
                     "constant XFER_ANY", "capability type RAM, number 1", "debug operation DEBUG_CHECK"]:
            self.assertIn(what, names)


if __name__ == "__main__":
    unittest.main()
