"""The prompt, and what is around it: it comes back whatever ends, and the console is always somebody's."""
import re

import board
from debugger import PC, Debugger
from terminal import Terminal

PROMPT = "shoal> "
MENU = "console respawn serial\nrespawn manager shell\n"


def ps(t):
    """Number of the process of each name on the boot core, from ps; and a new prompt."""
    top = t.row
    t.type("ps\r")
    t.wait(lambda: t.row > top + 5 and t.rows[t.row] == PROMPT, "ps and a prompt")
    rows = [row.split() for row in t.rows[top + 2:t.row]]
    return {row[-1]: int(row[0]) for row in rows if row[0].isdigit()}


def new_prompt(t, row):
    """Wait for an empty prompt below row."""
    t.wait(lambda: t.row > row and t.rows[t.row] == PROMPT and t.column == len(PROMPT), f"a prompt below row {row}")


# --- cases ---

def readers(t):
    """Two programs that read at once get whole lines, each line one of them; and each gets some."""
    lines = [f"{n:02} " + chr(ord("a") + n % 26) * 67 for n in range(40)]       # longer than one call carries
    t.type("readers 1: 2:\r")
    t.wait(lambda: t.row > 0 and t.rows[t.row - 1].rstrip() == PROMPT + "readers 1: 2:", "the line")
    for line in lines[:4]:                              # until both wait
        t.type(line + "\r")
        t.wait(lambda: t.rows[t.row - 1][2:].rstrip() == line, line)
    t.type("".join(line + "\r" for line in lines[4:]))
    t.wait(lambda: sum(row[1:2] == ":" for row in t.rows[:t.row]) >= len(lines), "as many lines as were typed")
    t.type("\x04\x04")
    new_prompt(t, 0)
    rows = [row.rstrip() for row in t.rows if row[1:2] == ":"]
    if sorted(row[2:] for row in rows) != lines:
        raise board.Failure("a line was torn, or read twice")
    if len({row[0] for row in rows}) != 2:
        raise board.Failure("one of the two got nothing")


def paste(t):
    """4 KiB typed at a program, while another one writes all the time: no character is lost."""
    lines = [f"{n:02} " + "pasted while y comes out. " * 2 + "z" * (n % 8) for n in range(80)]
    vm = t.board
    t.type("yes &\rcat =\r")
    vm.see(r"yes &\r+\n(\d+)\r+\n")
    yes = vm.vm.match[1]
    t.type("".join(line + "\r" for line in lines))
    vm.see(f"={lines[-1]}\r")
    # A bare "=" is the end of "cat =": lines of yes come between any two characters of what the shell still echoes.
    rows = re.findall(r"(?m)^=([^\r\n]+)\r*$", vm.console.getvalue())
    if rows != lines:
        raise board.Failure("what was pasted was not read as it was typed")
    t.type("\x03")                                      # ends cat
    vm.see("cat: killed, status 128")
    t.type(f"kill {yes}; echo e\"\"nd\r")
    vm.see(r"end\r*\n(?s:.*)" + PROMPT)


def ctrl_c(t):
    """Wherever it can be pressed, beside what shell.py presses."""
    def pressed(line, wait_for, *rows):
        t.type(line + "\r")
        t.wait(wait_for or (lambda: t.rows[t.row - 1].rstrip() == PROMPT + line), line)
        t.type("\x03")
        t.answer(*rows)

    pressed("cat", None, "^C", "cat: killed, status 128")
    t.type("cat\rhalf")
    t.wait(lambda: t.rows[t.row] == "half", "half a line")
    t.type("\x03")
    t.answer("half^C", "cat: killed, status 128")
    t.type("echo whole\r")                              # and the half is gone
    t.answer(PROMPT + "echo whole", "whole")
    pressed("memtest 256; echo not", None, "^C")
    pressed("spin & wait", lambda: re.fullmatch(r"\d+ *", t.rows[t.row - 1]), re.compile(r"\d+"), "^C")
    spin = t.rows[t.row - 2].split()[0]
    t.type(f"jobs; kill {spin}; wait\r")
    t.answer(f"{spin} spin: running", f"{spin} spin: killed, status 128")
    pressed('shell -c "echo up; sleep 1000; echo not"', lambda: t.rows[t.row - 1].rstrip() == "up",
            "up", "^C", "shell: status 127")
    pressed("readers a b", None, re.compile(r".*readers: killed, status 128.*"))
    t.type("\x03\x03\x03")                              # one event, if they come faster than it is taken
    t.answer(re.compile(r"shoal> (\^C)+"))
    t.type("shell\r")                                   # the prompt of a shell within the shell
    t.wait(lambda: t.rows[t.row] == PROMPT and t.rows[t.row - 1].rstrip() == PROMPT + "shell", "a second shell")
    t.type("inner")
    t.line(PROMPT + "inner")
    t.type("\x03")
    t.answer(PROMPT + "inner^C")
    t.type("exit 5\r")
    t.answer(PROMPT + "exit 5", "shell: status 5")


def ctrl_d(t):
    """Wherever it can be pressed, beside what shell.py presses."""
    first = ps(t)["shell"]
    t.type("\x03abc\x04\x04")                           # behind the last character: nothing to remove
    t.line(PROMPT + "abc")
    t.type("\x03cat\rhalf\x04")
    t.wait(lambda: t.rows[t.row] == "halfhalf", "half a line, read")
    t.type("\x04")                                      # and the end
    t.wait(lambda: t.rows[t.row].endswith(PROMPT), "a prompt")
    t.type("shell -c \"cat; echo behind\"\r")           # programs of a script have no standard input
    t.answer("behind")
    t.type("shell\r\x04")
    t.wait(lambda: [row.rstrip() for row in t.rows[t.row - 1:t.row + 1]] == [PROMPT.rstrip()] * 2, "the first shell")
    if ps(t)["shell"] != first:
        raise board.Failure("the shell has ended")
    t.type("sleep 0.2\r\x04")                           # typed while a command runs: read behind it
    t.wait(lambda: [row.rstrip() for row in t.rows[t.row - 1:t.row + 1]] == [PROMPT.rstrip()] * 2, "another shell")
    if ps(t)["shell"] == first:
        raise board.Failure("Ctrl-D typed ahead was not read")


def ends(t):
    """The shell is started again however it ends, and however often."""
    for keys in ("exit\r", "exit 3\r", "\x04"):
        before, row = ps(t), t.row
        t.type(keys)
        new_prompt(t, row)
        if ps(t)["shell"] == before["shell"]:
            raise board.Failure(f"{keys!r} did not end the shell")
    shell = ps(t)["shell"]
    t.type(f"kill {shell}\r")
    t.answer(f"{PROMPT}kill {shell}")
    for _ in range(7):                                  # faster than it may start
        row = t.row
        t.type("\x04")
        new_prompt(t, row)
    t.type("echo here\r")
    t.answer("here")


def serial_killed(t):
    """At the prompt; then the shell, too, is another."""
    before = ps(t)
    row = t.row
    t.type(f"kill {before['serial']}\r")
    new_prompt(t, row)
    after = ps(t)
    if after["serial"] == before["serial"] or after["shell"] == before["shell"]:
        raise board.Failure(f"{before} before, {after} after")
    t.type("cat\r")
    t.wait(lambda: t.rows[t.row - 1].rstrip() == PROMPT + "cat", "the line")
    t.type("\x03")
    t.answer("^C", "cat: killed, status 128")


def serial_gone(t):
    """The terminal's driver ends while each of these runs in the foreground: it ends, too, and a new prompt comes."""
    t.type(f"{t.line_to_run}\r")
    t.wait(lambda: t.board.console.getvalue().count(PROMPT) == 2, "a new prompt")
    t.rows, t.row, t.column = [PROMPT], 0, len(PROMPT)
    names = ps(t)
    if set(names) != {"init", "mem", "proc", "serial", "shell"}:
        raise board.Failure(f"{names} run")


def panic(t):
    """A kernel that panics when a driver has the console prints nevertheless.  A debugger sends it where nothing is."""
    ps(t)
    debugger = Debugger(t.socket)
    debugger.set_register(0, PC, 8)                     # it is idle, in the kernel, and so are the others
    debugger.go_on()
    t.board.vm.send("x")                                # an interrupt wakes it
    t.board.death.remove(board.DEATH[0])
    t.board.see(r"PANIC core 0: instruction abort\r*\n")
    t.board.see(r"elr 0000000000000008")
    t.board.ends_with_status(125)


def core_dies(t):
    """The kernel of another core panics: that core is switched off, the others go on, and it can be started again."""
    vm = t.board
    t.type("oncore -f 2 hello; oncore -f 3 hello; oncore 2 spin\r")
    vm.see(r"hello, process 3\.\d+:(?s:.*)2\.\d+\r*\n")
    debugger = Debugger(t.socket)
    debugger.set_register(3, PC, 8)                     # it is idle, in the kernel
    debugger.go_on()
    vm.death.remove(board.DEATH[0])
    t.type("oncore -f 3 hello\r")                       # wakes it
    vm.see(r"PANIC core 3: instruction abort\r*\n")
    vm.see(r"hello: ")                                  # the call has ended, with whatever error
    for _ in range(20):
        t.type("cores\r")
        if vm.see(r" 3  (off|stopping|up|lost) [^\r\n]*\r*\n")[1] == "off":
            break
    t.type("core start 3; oncore -f 3 hello again; oncore -f 2 hello\r")
    vm.see(r"hello, process 3\.\d+: \"again\"\r*\n(?s:.*)hello, process 2\.\d+:")


def console(t):
    """Before the driver has it, the kernel and init print."""
    text = t.board.console.getvalue()
    for wanted in (r"(?m)^Shoal \d+\.\d+\.\d+, .* entered at EL1\r*$", r"(?m)^init: \d+ capabilities checked, 0 wrong\r*$"):
        if not re.search(wanted, text):
            raise board.Failure(f"no {wanted} before the prompt")


def refused(t):
    """What the shell's builtins say to those who may not: a program of the shell's is no manager."""
    for line, answer in (("poweroff", "poweroff: only a manager may do this: see docs/processes.md"),
                         ("reboot", "reboot: only a manager may do this: see docs/processes.md"),
                         ("kill 4", "kill: 4: only a manager may do this")):
        t.type(f'shell -c "{line}"\r')
        t.answer(answer, "shell: status 1")


CASES = {case.__name__.replace("_", "-"): case
         for case in (readers, paste, ctrl_c, ctrl_d, ends, serial_killed, serial_gone, panic, core_dies, console, refused)}


def main():
    parser = board.arguments(__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--line", default="", help="for serial-gone: what runs meanwhile")
    args = parser.parse_args()

    with board.scratch() as folder:
        def test(vm):
            vm.vm.delaybeforesend = None
            vm.see(PROMPT)
            t = Terminal(vm)
            t.rows, t.column = [PROMPT], len(PROMPT)
            t.socket, t.line_to_run = folder / "gdb", args.line
            CASES[args.case](t)
            if args.case != "panic":
                t.type("\x15poweroff\r")
                vm.ends_with_status(0)

        vm = board.machine(args)
        vm.monitor = True                       # else Ctrl-C would be QEMU's
        if args.case in ("panic", "core-dies"):
            vm.extra = Debugger.options(folder / "gdb")
        if args.case == "serial-gone":
            menu = MENU + 'manager shell -c "sleep 1.5; kill 4"\n'
            vm.initrd = board.write_archive(folder / "boot.cpio", args, menu=menu)
        board.run(test, vm, args.timeout)


if __name__ == "__main__":
    main()
