"""A debugger of a board, as far as tests need one: GDB's remote protocol over a socket of QEMU's.
Source: the manual of GDB, appendix "GDB Remote Serial Protocol"."""
import socket
import time

from board import Failure

PC = 32                 # number of the register, org.gnu.gdb.aarch64.core


class Debugger:
    """Stops the machine when it is made.  The machine was started with options(path)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)                      # detects a hang
        self.socket.connect(str(path))
        self.buffer = b""
        self.ask("?")
        self.ask("qXfer:features:read:target.xml:0,ffb")        # else QEMU knows no register but the general ones

    @staticmethod
    def options(path):
        """What QEMU is to be started with."""
        return ["-gdb", f"unix:{path},server=on,wait=off"]

    def send(self, text):
        self.socket.sendall(f"${text}#{sum(text.encode()) % 256:02x}".encode())

    def ask(self, text):
        """Send a packet; return what is answered to it."""
        self.send(text)
        while True:
            start, end = self.buffer.find(b"$"), self.buffer.find(b"#")
            if 0 <= start < end and len(self.buffer) >= end + 3:
                answer, self.buffer = self.buffer[start + 1:end].decode(), self.buffer[end + 3:]
                self.socket.sendall(b"+")
                if answer.startswith("T") and text != "?":      # that it has stopped, said again
                    continue
                return answer
            got = self.socket.recv(4096)
            if not got:
                raise Failure("QEMU's debugger has gone")
            self.buffer += got

    def set_register(self, cpu, number, value):
        """cpu counts from 0."""
        for text in (f"Hg{cpu + 1:x}", f"P{number:x}={value.to_bytes(8, 'little').hex()}"):
            if self.ask(text) != "OK":
                raise Failure(f"QEMU's debugger refuses {text}")

    def go_on(self):
        self.send("c")
        time.sleep(0.1)
