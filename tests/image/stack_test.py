"""Prove from the linked CPU driver that its stack suffices: no recursion, no unbounded frame, no unlisted indirect call.

Recursion that is bounded for a reason is listed by --bounded FUNCTION=DEPTH: at most so many calls of it at the same time.

Reads the disassembly, so assembly counts as C does.  A function's frame is the sum of all that it ever takes off SP: an upper
bound.  Its depth is its frame and the deepest of what it calls or jumps to.  A call through a pointer may reach every
function whose address stands in rodata (the kernel calls through constant tables only).  A fault in the kernel may come on
top of the deepest path, so the depth of the panic's entry is added once.
Prints the deepest path; status 1 if a rule is broken or the depth is above --most.
"""
import argparse
import re
import subprocess
import sys

FUNCTION = re.compile(r"^([0-9a-f]{16}) <([^>]+)>:$")
INSTRUCTION = re.compile(r"^([0-9a-f]{16}):\s+(\S+)\s*(.*)$")
TARGET = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>$")
IMMEDIATE = re.compile(r"#(-?(?:0x)?[0-9a-f]+)(?:, lsl #(\d+))?")
PANIC = ("panic", "panic_exception")


class Function:
    """What the disassembly says of one function."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        self.frame = 0
        self.calls = set()
        self.indirect = False
        self.problems = []

    def instruction(self, mnemonic, operands):
        """Take one instruction into account."""
        number = IMMEDIATE.search(operands)
        size = int(number[1], 0) << int(number[2] or 0) if number else 0
        if mnemonic == "sub" and operands.startswith("sp, "):
            if not operands.startswith("sp, sp, #"):
                self.problems.append(f"{self.name}: frame of unknown size: sub {operands}")
            self.frame += size
        elif mnemonic in ("stp", "str") and re.search(r"\[sp, #-(0x)?[0-9a-f]+\]!", operands):
            self.frame += abs(int(re.search(r"#(-(?:0x)?[0-9a-f]+)\]!", operands)[1], 0))
        elif mnemonic == "blr":
            self.indirect = True
        elif mnemonic in ("b", "bl", "cbz", "cbnz", "tbz", "tbnz") or mnemonic.startswith("b."):
            target = TARGET.search(operands)
            if target and (target[1] != self.name or mnemonic == "bl"):
                self.calls.add(target[1])


def disassemble(objdump, elf):
    """Return {name: Function} of everything in .text."""
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", "--section=.text", elf], capture_output=True, text=True,
                          check=True).stdout
    functions, current = {}, None
    for line in text.splitlines():
        if match := FUNCTION.match(line):
            current = functions.setdefault(match[2], Function(match[2], int(match[1], 16)))
        elif current and (match := INSTRUCTION.match(line)):
            current.instruction(match[2], match[3].strip())
    return functions


def pointed_to(objdump, elf, functions):
    """Return the functions whose address is a word of rodata."""
    text = subprocess.run([objdump, "-s", "--section=.rodata", elf], capture_output=True, text=True, check=True).stdout
    data = "".join("".join(line.split()[1:5]) for line in text.splitlines()
                   if re.match(r"^ [0-9a-f]{16} (?:[0-9a-f]{8} ?){4}", line))
    words = {data[i:i + 16] for i in range(0, len(data) - 15, 16)}
    return {f.name for f in functions.values() if f.address.to_bytes(8, "little").hex() in words}


def reachable(functions, start):
    """Return all that start can call, directly or not."""
    found, left = set(), [start]
    while left:
        new = {callee for callee in functions[left.pop()].calls if callee in functions} - found
        found |= new
        left += new
    return found


def unroll(functions, name, depth):
    """Replace the recursion through name by depth copies of the functions that take part in it."""
    loop = {f for f in reachable(functions, name) if name in reachable(functions, f)}
    if name not in loop:
        return f"--bounded {name}={depth}: {name} is not recursive"
    originals = {member: functions[member].calls for member in loop}
    for level in range(depth):
        for member in loop:
            copy = Function(f"{member} ({level + 1})" if level else member, functions[member].address)
            copy.frame = functions[member].frame
            copy.calls = {c if c not in loop else f"{c} ({level + 1 + (c == name)})" if level or c == name else c
                          for c in originals[member] if c != name or level + 1 < depth}
            functions[copy.name] = copy
    return None


def deepest(functions):
    """Return {name: (bytes, path)}, and what is recursive."""
    depth, cycles = {}, []

    def visit(name, path):
        if name in path:
            # a panic may find another mistake on its way: it prints no further then (core/panic.c)
            if not set(path[path.index(name):]) & set(PANIC):
                cycles.append(" > ".join(path[path.index(name):] + [name]))
            return 0, []
        if name not in depth:
            below = [visit(callee, path + [name]) for callee in sorted(functions[name].calls) if callee in functions]
            most, below_path = max(below, default=(0, []), key=lambda pair: pair[0])
            depth[name] = functions[name].frame + most, [name] + below_path
        return depth[name]

    sys.setrecursionlimit(10000)
    for name in [*(p for p in PANIC if p in functions), *functions]:     # panics first: their cycles are cut the same way
        visit(name, [])
    return depth, cycles


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--elf", required=True)
    parser.add_argument("--most", required=True, type=int, help="bytes of the stack")
    parser.add_argument("--bounded", action="append", default=[], metavar="FUNCTION=DEPTH")
    args = parser.parse_args()

    functions = disassemble(args.objdump, args.elf)
    tables = pointed_to(args.objdump, args.elf, functions)
    for function in functions.values():
        if function.indirect:
            function.calls |= tables
    problems = [problem for function in functions.values() for problem in function.problems]
    for name, bound in (text.split("=") for text in args.bounded):
        wrong = unroll(functions, name, int(bound)) if name in functions else None
        problems += [wrong] if wrong else []
    depth, cycles = deepest(functions)
    problems += [f"recursion: {cycle}" for cycle in cycles]
    most, path = max(depth.values(), key=lambda pair: pair[0])
    fault = depth.get("panic_exception", (0, []))[0]
    print("through pointers:", " ".join(sorted(tables)) or "nothing")
    for name in path:
        print(f"{functions[name].frame:6} {name}")
    print(f"{most:6} bytes at most, {fault} more for a fault there, of {args.most}")
    if most + fault > args.most:
        problems.append(f"the stack has {args.most} bytes")
    print("\n".join(problems))
    sys.exit(1 if problems or len(functions) < 2 else 0)


if __name__ == "__main__":
    main()
