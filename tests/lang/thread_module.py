import _thread
import time

lock = _thread.allocate_lock()
total = 0
ended = []


def work(k, step=1):
    global total
    for i in range(2000):
        with lock:
            total += step
        [str(i), {i: k}]
    ended.append(k)


for k in range(3):
    _thread.start_new_thread(work, (k,), {"step": k + 1})
while len(ended) < 3:
    time.sleep(0.001)
print(total, sorted(ended))

# A lock is handed over; timeouts; misuse.
print(lock.acquire(), lock.acquire(False), lock.acquire(timeout=0.01), lock.locked())
_thread.start_new_thread(lambda: (time.sleep(0.01), lock.release()), ())
print(lock.acquire(timeout=5))
lock.release()
try:
    lock.release()
except RuntimeError as e:
    print(e)
for wrong in [(False, 1), (True, -2), (True, 1e300)]:
    try:
        lock.acquire(*wrong)
    except (ValueError, OverflowError) as e:
        print(type(e).__name__, e)

rlock = _thread.RLock()
with rlock:
    with rlock:
        print(rlock._is_owned())
print(rlock._is_owned())
try:
    rlock.release()
except RuntimeError as e:
    print(e)

# Attributes that each thread has for itself.
data = _thread._local()
data.x = "main"
seen = []


def look():
    seen.append(hasattr(data, "x"))
    data.x = "other"
    seen.append(data.__dict__)


_thread.start_new_thread(look, ())
while len(seen) < 2:
    time.sleep(0.001)
print(seen, data.x)


class Counted(_thread._local):
    def __init__(self, start):
        self.n = start


counted = Counted(5)
counted.n = 6
_thread.start_new_thread(lambda: seen.append(counted.n), ())
while len(seen) < 3:
    time.sleep(0.001)
print(seen[2], counted.n)
try:
    _thread._local(1)
except TypeError as e:
    print(e)

# A thread that spins does not keep others from running.
stop = False


def spin():
    while not stop:
        pass
    seen.append("stopped")


_thread.start_new_thread(spin, ())
time.sleep(0.02)
stop = True
while len(seen) < 4:
    time.sleep(0.001)
print(seen[3])
