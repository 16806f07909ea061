"""Tracebacks of programs that hang or die.

What happens at a fatal signal is native (`_faulthandler`); the rest walks frames. Frames of other threads cannot be
seen from here, which is said in their place.
"""

import os
import signal
import sys
import threading

import _faulthandler

_MAX_FRAMES = 100
_registered = {}
_timer = None


def _descriptor(file):
    """The file descriptor to write to."""
    if file is None:
        file = sys.stderr
        if file is None:
            raise RuntimeError("sys.stderr is None")
    if isinstance(file, int):
        if isinstance(file, bool):
            import warnings

            warnings.warn("bool is used as a file descriptor", RuntimeWarning, 3)
        if file < 0:
            raise ValueError("file is not a valid file descriptor")
        return file
    fd = file.fileno()
    if not isinstance(fd, int) or fd < 0:
        raise RuntimeError("file.fileno() is not a valid file descriptor")
    try:
        file.flush()
    except Exception:
        pass
    return fd


def _frames(frame):
    lines = []
    while frame is not None and len(lines) < _MAX_FRAMES:
        code = frame.f_code
        lines.append(f'  File "{code.co_filename}", line {frame.f_lineno} in {code.co_name}')
        frame = frame.f_back
    if frame is not None:
        lines.append("  ...")
    return lines


def _report(fd, frame, all_threads):
    own = threading.get_ident()
    lines = []
    if all_threads:
        for thread in threading.enumerate():
            if thread.ident != own:
                lines += [f"Thread {thread.ident:#018x} [{thread.name}] (most recent call first):", "  <not known>", ""]
        lines.append(f"Current thread {own:#018x} [{threading.current_thread().name}] (most recent call first):")
    else:
        lines.append("Stack (most recent call first):")
    os.write(fd, "\n".join([*lines, *_frames(frame), ""]).encode("ascii", "backslashreplace"))


def dump_traceback(file=None, all_threads=True):
    """Write the frames of the current thread, most recent call first."""
    _report(_descriptor(file), sys._getframe(1), all_threads)


def enable(file=None, all_threads=True, c_stack=True):
    """Have fatal signals say which one they are before they end the program."""
    _faulthandler.enable(_descriptor(file))


def disable():
    """Undo enable(); whether it was in force."""
    return _faulthandler.disable()


def is_enabled():
    """Whether enable() is in force."""
    return _faulthandler.is_enabled()


def dump_traceback_later(timeout, repeat=False, file=None, exit=False):
    """After that many seconds, unless it is cancelled, write tracebacks and perhaps leave the program."""
    global _timer
    if timeout <= 0:
        raise ValueError("timeout must be greater than 0")
    cancel_dump_traceback_later()
    fd, cancelled = _descriptor(file), threading.Event()
    minutes, seconds = divmod(timeout, 60)
    hours, minutes = divmod(int(minutes), 60)
    fraction = f".{round(seconds % 1 * 1e6):06}" if seconds % 1 else ""
    header = f"Timeout ({hours}:{minutes:02}:{int(seconds):02}{fraction})!\n".encode()

    def watch():
        while not cancelled.wait(timeout):
            os.write(fd, header)
            _report(fd, None, True)
            if exit:
                os._exit(1)
            if not repeat:
                return

    _timer = cancelled
    threading.Thread(target=watch, name="faulthandler", daemon=True).start()


def cancel_dump_traceback_later():
    """Undo dump_traceback_later()."""
    global _timer
    if _timer is not None:
        _timer.set()
        _timer = None


def register(signum, file=None, all_threads=True, chain=False):
    """Write tracebacks when that signal comes."""
    if signum in (signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT, signal.SIGBUS, signal.SIGILL):
        raise RuntimeError(f"signal {int(signum)} cannot be registered, use enable() instead")
    fd = _descriptor(file)

    def handler(number, frame):
        _report(fd, frame, all_threads)
        if chain and callable(old):
            old(number, frame)

    old = signal.signal(signum, handler)
    if signum in _registered:
        old = _registered[signum]
    _registered[signum] = old


def unregister(signum):
    """Undo register(); whether there was something to undo."""
    if signum not in _registered:
        return False
    old = _registered.pop(signum)
    signal.signal(signum, signal.SIG_DFL if old is None else old)
    return True
