# SPDX-License-Identifier: Apache-2.0
#
# cli_pty.py [--size COLUMNSxROWS] STEPS PROGRAM ARGUMENT... - runs a program on a terminal of its own and does the steps, parted by
# spaces: "wait:TEXT" until the terminal was shown TEXT, "key:TEXT" types (\x1b and the like are read), "sleep:S", "term", "int", "hup"
# sends a signal, "size:CxR". What was shown goes to standard output. Ends as the program did (128 + signal), or with 99 when a wait was in
# vain, with 98 when the terminal was not left as it was found.
import fcntl, os, pty, re, select, signal, struct, sys, termios, time

arguments = sys.argv[1:]
size = (80, 24)
if arguments[0] == "--size":
    size = tuple(int(n) for n in arguments[1].split("x"))
    arguments = arguments[2:]
steps, command = arguments[0].split(), arguments[1:]

main, side = pty.openpty()


def resize(columns, rows):
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


resize(*size)
before = termios.tcgetattr(side)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(side, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(side, fd)
    os.environ["TERM"] = "xterm"
    os.execvp(command[0], command)

shown = b""
status = None


def look(seconds):
    global shown, status
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([main], [], [], 0.02)[0]:
            shown += os.read(main, 65536)
            return
        if status is None:
            pid, how = os.waitpid(child, os.WNOHANG)
            if pid:
                status = how
                return


def fail(code, why):
    sys.stdout.buffer.write(shown)
    print(why, file=sys.stderr)
    if status is None:
        os.kill(child, signal.SIGKILL)
    sys.exit(code)


signals = {"term": signal.SIGTERM, "int": signal.SIGINT, "hup": signal.SIGHUP}
seen = 0
for step in steps:
    what, _, value = step.partition(":")
    value = re.sub(r"\\x([0-9a-f]{2})|\\r", lambda m: chr(int(m[1], 16)) if m[1] else "\r", value.replace("_", " "))
    if what == "wait":
        end = time.monotonic() + 120
        while value.encode() not in shown[seen:]:
            if time.monotonic() > end or status is not None:
                fail(99, f"never shown: {value}")
            look(0.2)
        seen = shown.index(value.encode(), seen)
    elif what == "key":
        seen = len(shown)
        os.write(main, value.encode())
    elif what == "sleep":
        end = time.monotonic() + float(value)
        while time.monotonic() < end:
            look(0.05)
    elif what == "size":
        seen = len(shown)
        resize(*(int(n) for n in value.split("x")))
    else:
        os.kill(child, signals[what])
end = time.monotonic() + 120
while status is None:
    if time.monotonic() > end:
        fail(97, "does not end")
    look(0.2)
while select.select([main], [], [], 0.1)[0]:
    shown += os.read(main, 65536)
sys.stdout.buffer.write(shown)
if termios.tcgetattr(side) != before:
    print("the terminal is not as it was", file=sys.stderr)
    sys.exit(98)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
