"""The shell on the real console: editing, history, completion, paste, Ctrl-C and Ctrl-D, programs."""
import re

import board
from terminal import Terminal

PROMPT = "shoal> "
LEFT, RIGHT, UP, DOWN, HOME, END, DELETE = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[3~"
WORLD = "all the time in the world and then some more of it "


def editing(t):
    """Every key that changes the line or moves in it; the screen shows the line and the cursor after each."""
    row = [
        ("echo abc", "echo abc", 8), (LEFT + LEFT, "echo abc", 6), ("x", "echo axbc", 7), (DELETE, "echo axc", 7),
        ("\x7f", "echo ac", 6), (HOME, "echo ac", 0), ("\x1bOC", "echo ac", 1), (END, "echo ac", 7),
        ("\x01", "echo ac", 0), ("\x05", "echo ac", 7), (" de fg", "echo ac de fg", 13), ("\x17", "echo ac de ", 11),
        (LEFT * 4 + "\x0b", "echo ac", 7), ("\x1b[24~\x1b[200~\x1bx", "echo ac", 7), ("\x02\x04", "echo a", 6),
        ("\x15", "", 0), ("echo é€", "echo é€", 7), (LEFT + "\b", "echo €", 5), ("\x0c", "echo €", 5),
    ]
    for keys, line, cursor in row:
        t.type(keys)
        t.line(PROMPT + line, len(PROMPT) + cursor)
    if t.row:
        raise board.Failure("Ctrl-L left the line below the first row")
    t.type("\r")
    t.answer("€")


def history(t):
    """Older and newer lines, and the one that was being typed."""
    t.type("echo one\recho two\r")
    t.answer("two")
    for keys, line in (("new", "new"), (UP, "echo two"), (UP, "echo one"), (UP, "echo one"), (DOWN, "echo two"),
                       ("!", "echo two!"), (DOWN, "new"), (DOWN, "new"), ("\x15" + UP + UP, "echo one")):
        t.type(keys)
        t.line(PROMPT + line)
    t.type("\r")
    t.answer("one")
    t.type("history\r")
    t.answer("    1  echo one", "    2  echo two", "    3  echo one", "    4  history")


def completion(t):
    """A command, a program, several of them, none."""
    t.type("memt\t")
    t.line(PROMPT + "memtest ", 15)
    t.type("\x15crash-nu\t")
    t.line(PROMPT + "crash-null ", 18)
    t.type("\x15hel\t")
    t.line(PROMPT + "hel")
    t.type("\t")
    t.wait(lambda: t.row > 0 and t.rows[t.row - 1].rstrip() == "hello  help", "the candidates")
    t.line(PROMPT + "hel")
    t.type("lo zzz\t")
    t.line(PROMPT + "hello zzz")
    t.wait(lambda: t.beeps == 2, "a beep for several, and one for none")
    t.type("\x15echo menu\t\r")
    t.answer("menu.lst")


def long_lines(t):
    """Lines wider than the terminal scroll; the longest has 4096 bytes."""
    text = "echo " + WORLD * 4
    t.type(text)
    t.wait(lambda: t.rows[t.row].startswith(PROMPT + "<") and t.rows[t.row].endswith(text[-20:]), "the line's end")
    t.type(HOME)
    t.line(PROMPT + text[:71] + ">", len(PROMPT))
    t.type(END + "\x15echo end\r")
    t.answer("end")
    t.type("echo " + "x" * 990 + " " + "#" + "y" * 3200)       # 101 do not fit
    t.wait(lambda: t.beeps == 101, "a beep for each character that does not fit")
    t.type("\r")
    t.wait(lambda: t.rows[t.row].rstrip() == PROMPT.rstrip(), "a prompt")


def paste(t):
    """4 KiB at once: every line is read, and run."""
    lines = [f"echo line {n} {'z' * (n % 50)}" for n in range(100)]
    t.type("".join(line + "\r" for line in lines))
    for line in lines:
        t.wait(lambda: line[5:].rstrip() in (row.rstrip() for row in t.rows), line[5:])
    t.answer(lines[-1][5:])


def interrupts(t):
    """Ctrl-C and Ctrl-D wherever they can be pressed."""
    t.type("abc")
    t.line(PROMPT + "abc")
    t.type("\x03")
    t.answer(PROMPT + "abc^C")
    t.type("\x03")
    t.answer(PROMPT + "^C")
    t.type("abc" + HOME + "\x04")
    t.line(PROMPT + "bc", len(PROMPT))
    t.type("\x03spin; echo not\r")
    t.wait(lambda: t.rows[t.row - 1].rstrip() == PROMPT + "spin; echo not", "the line")
    t.type("\x03")
    t.answer("^C", "spin: killed, status 128")
    t.type("echo $?\r")
    t.answer(PROMPT + "echo $?", "128")
    t.type("sleep 1000; echo not\r")
    t.wait(lambda: t.rows[t.row - 1].rstrip() == PROMPT + "sleep 1000; echo not", "the line")
    t.type("\x03")
    t.answer(PROMPT + "sleep 1000; echo not", "^C")
    t.type("yes\r")
    t.wait(lambda: t.rows[t.row - 2:t.row] == ["y", "y"], "output without end")
    t.type("\x03")
    t.answer("yes: killed, status 128")
    t.type("shell -c \"echo up; spin; echo not\"\r")
    t.wait(lambda: t.rows[t.row - 1].rstrip() == "up", "the inner shell")
    t.type("\x03")
    t.answer("up", "^C", "spin: killed, status 128", "shell: status 127")
    t.type("cat\r")
    t.wait(lambda: t.rows[t.row - 1].rstrip() == PROMPT + "cat", "the line")
    t.type("to cat\r")
    t.wait(lambda: t.rows[t.row - 2:t.row] == ["to cat", "to cat"], "the echo and the line")
    t.type("\x04")
    t.answer("to cat", "to cat")
    t.type("\x04")                          # ends the shell; another one starts
    t.answer(PROMPT)
    t.type("exit\r")
    t.answer(PROMPT + "exit")


def programs(t):
    """Programs in fore- and background, statuses, refusals."""
    row = [
        ("hello one \"two three\"", re.compile(r"hello, process \d+: \"one\" \"two three\""), 0),
        ("A=b hello", re.compile(r"hello, process \d+: .*A=b.*"), 0),
        ("run exit 7", "exit: status 7", 7),
        ("nosuch", "nosuch: no such command or program", 127),
        ("menu.lst", "menu.lst: cannot be started: the file is not ELF", 1),
        ("sleep x", "usage: sleep SECONDS", 2),
        ("kill 12345", "kill: 12345: there is no such process", 1),
        ("echo \"a", "shell: cannot read \"echo \"a\": a quote has no end", 2),
        ("hello && hello", "shell: cannot read \"hello && hello\": there is no &&, only ; and &", 2),
        ("shell -c \"false; run exit 3; true\"", "shell: status 1", 1),
        ("shell nosuch", "shell: status 127", 127),
        ("memtest 4", "memtest: 4 MiB ok", 0),
        ("time sleep 0.01", re.compile(r"time: \d+\.\d{3} ms"), 0),
    ]
    for line, answer, status in row:
        t.type(line + "\r")
        t.answer(answer)
        t.type("echo $?\r")
        t.answer(PROMPT + "echo $?", str(status))
    t.type("spin & jobs; ps\r")
    t.wait(lambda: t.rows[t.row] == PROMPT and any(row.endswith("  spin") for row in t.rows), "spin in the list")
    pid = next(row.split()[0] for row in t.rows if row.endswith("  spin"))
    t.type(f"kill {pid}; wait\r")
    t.answer(f"{pid} spin: killed, status 128")
    t.type("hello & wait\r")
    t.answer(re.compile(r"\d+ hello: ended"))


CASES = {case.__name__: case for case in (editing, history, completion, long_lines, paste, interrupts, programs)}


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("case", choices=CASES)
    args = parser.parse_args()

    def test(vm):
        vm.vm.delaybeforesend = None
        vm.see(PROMPT)
        t = Terminal(vm)
        t.rows, t.column = [PROMPT], len(PROMPT)
        CASES[args.case](t)
        t.type("\x15poweroff\r")
        vm.ends_with_status(0)

    vm = board.machine(args)
    vm.monitor = True                       # else Ctrl-C would be QEMU's
    board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
