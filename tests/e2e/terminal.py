"""terminal.py SCRIPT PROGRAM ... - a program on a terminal of its own, and what a person would see.

The script is a list of steps: ["size", rows, columns], ["see", text] waits until the screen shows
that, and nothing else than fits it, ["key", bytes], ["signal", name].  Prints an object: the screen at each "see"; whether the
alternate screen was left, the cursor is shown and the terminal's settings are as before; and the
program's exit code.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE_S = 60
ESCAPE = re.compile(rb'\x1b\[(\??)([0-9;]*)([A-Za-z])')


class Screen:
    """As much of a terminal as the program uses; it fails on anything else."""

    def __init__(self):
        self.rows, self.columns = 24, 80
        self.lines, self.row, self.column = [], 0, 0
        self.alternate, self.cursor = False, True
        self.rest = b''

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines = []

    def shows(self, text):
        """Whether it does, with nothing of a screen of another size."""
        fits = len(self.lines) <= self.rows and all(len(line) <= self.columns for line in self.lines)
        return fits and any(text in line for line in self.lines)

    def take(self, data):
        data = self.rest + data
        self.rest = b''
        at = 0
        while at < len(data):
            if data[at:at + 1] == b'\x1b':
                found = ESCAPE.match(data, at)
                if not found:
                    self.rest = data[at:]
                    return
                self.obey(*(part.decode() for part in found.groups()))
                at = found.end()
                continue
            self.put(data[at:at + 1])
            at += 1

    def obey(self, private, numbers, letter):
        if private:
            on = letter == 'h'
            if numbers == '1049':
                self.alternate = on
            elif numbers == '25':
                self.cursor = on
        elif letter == 'H':
            self.row = self.column = 0
        elif letter == 'K':
            self.line(self.row)
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif letter == 'J':
            del self.lines[self.row + 1 if numbers == '' else 0:]
        else:
            raise SystemExit(f'an escape that no terminal was asked for: {numbers}{letter}')

    def line(self, row):
        while len(self.lines) <= row:
            self.lines.append('')

    def put(self, byte):
        if byte == b'\r':
            self.column = 0
        elif byte == b'\n':
            self.row += 1
        else:
            self.line(self.row)
            text = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = text[:self.column] + byte.decode('latin1') + text[self.column + 1:]
            self.column += 1


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    screen, screens = Screen(), []
    terminal, inside = pty.openpty()  # our hold of the inside keeps its settings when all others are gone
    before = termios.tcgetattr(inside)
    child = os.fork()
    if child == 0:
        os.close(terminal)
        os.login_tty(inside)
        os.execv(command[0], command)
    deadline = time.monotonic() + PATIENCE_S

    def read(wait_s):
        """What the program writes; False if that is nothing."""
        if not select.select([terminal], [], [], wait_s)[0]:
            return False
        screen.take(os.read(terminal, 65536))
        return True

    def hurry():
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            raise SystemExit(f'too late; the screen is {screen.lines}')

    for what, *how in steps:
        if what == 'size':
            screen.resize(*how)
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', *how, 0, 0))
        elif what == 'key':
            os.write(terminal, how[0].encode())
        elif what == 'signal':
            os.kill(child, getattr(signal, f'SIG{how[0]}'))
        else:
            while not screen.shows(how[0]):
                read(0.1)
                hurry()
            screens.append(list(screen.lines))
    done = 0
    while not done:
        read(0.1)
        hurry()
        done, code = os.waitpid(child, os.WNOHANG)
    while read(0):
        pass
    print(json.dumps({
        'screens': screens, 'left': not screen.alternate, 'cursor': screen.cursor,
        'restored': termios.tcgetattr(inside) == before, 'status': os.waitstatus_to_exitcode(code),
    }))


main()
