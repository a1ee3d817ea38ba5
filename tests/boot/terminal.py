"""A terminal of 80 columns for boot tests of the shell: what the console sent, as a person sees it."""
import re
import time

from board import DEATH, Failure

TOKEN = re.compile("\x1b\\[(\\d*)([A-Za-z])|([^\x1b])", re.S)


class Terminal:
    """The board's console from now on.  Rows never go: row 0 is the first since the screen was cleared."""

    def __init__(self, board):
        self.board = board
        self.rows = [""]
        self.row = self.column = self.beeps = 0
        self.left = ""                      # the beginning of a sequence

    def put(self, character):
        """Show one character."""
        if self.column == 80:
            self.control("\r")
            self.control("\n")
        line = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = line[:self.column] + character + line[self.column + 1:]
        self.column += 1

    def control(self, character):
        """Do what a control character says; others are shown."""
        if character == "\n":
            self.row += 1
            if self.row == len(self.rows):
                self.rows.append("")
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column -= 1
        elif character == "\a":
            self.beeps += 1
        else:
            self.put(character)

    def sequence(self, number, final):
        """Do what a control sequence of the line editor's says."""
        if final == "C":
            self.column += int(number)
        elif final == "D":
            self.column -= int(number)
        elif final == "K":
            self.rows[self.row] = self.rows[self.row][:self.column]
        elif final == "H":
            self.row = self.column = 0
        elif final == "J" and number == "2":
            self.rows = [""] * len(self.rows)
        else:
            raise Failure(f"an unknown sequence: {number}{final}")

    def take(self):
        """Take what the console has sent.  Return whether that was anything."""
        found = self.board.vm.expect([r"(?s).+", *DEATH], timeout=0.05)
        if found in (1, 2, 3):
            raise Failure("a panic, a failed assertion, or the end")
        if found:
            return False
        text = self.left + self.board.vm.after
        cut = re.search("\x1b(\\[\\d*)?$", text)
        self.left = text[cut.start():] if cut else ""
        for number, final, character in TOKEN.findall(text[:cut.start()] if cut else text):
            if final:
                self.sequence(number, final)
            else:
                self.control(character)
        return True

    def wait(self, wanted, what):
        """Take what comes until wanted() is true."""
        while not wanted():
            if not self.take() and time.monotonic() > self.board.deadline:
                shown = "\n".join(self.rows[-12:])
                raise Failure(f"wanted {what}; row {self.row}, column {self.column} of\n{shown}")

    def type(self, keys):
        """Press keys.  QEMU takes Ctrl-A as its own unless it comes twice."""
        self.board.vm.send(keys.replace("\x01", "\x01\x01"))

    def line(self, text, cursor=None):
        """Wait until the cursor's row shows text, and the cursor stands there; at its end by default."""
        column = len(text) if cursor is None else cursor
        self.wait(lambda: self.rows[self.row].rstrip() == text.rstrip() and self.column == column,
                  f"{text!r} with the cursor at {column}")

    def answer(self, *rows):
        """Wait for these rows and a new prompt below them.  A row may be a compiled pattern."""
        def fits(row, wanted):
            return wanted.fullmatch(row) if isinstance(wanted, re.Pattern) else row == wanted.rstrip()

        def there():
            above = [row.rstrip() for row in self.rows[self.row - len(rows):self.row]]
            return self.rows[self.row].rstrip() == "shoal>" and self.column == 7 and len(above) == len(rows) and \
                all(fits(row, wanted) for row, wanted in zip(above, rows))
        self.wait(there, f"{rows} and a prompt")
