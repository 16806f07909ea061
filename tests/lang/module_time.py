# time, as far as its results can be foreseen.
import time

a = time.time()
b = time.time()
print(b >= a, a > 1.7e9, isinstance(a, float), isinstance(time.time_ns(), int), abs(time.time_ns() / 1e9 - time.time()) < 5)
start = time.perf_counter()
time.sleep(0.01)
passed = time.perf_counter() - start
print(passed >= 0.0099, passed < 5, time.perf_counter_ns() > 0)
m = time.monotonic()
print(time.monotonic() >= m, isinstance(time.monotonic_ns(), int), time.process_time() >= 0, isinstance(time.process_time_ns(), int))
t = time.gmtime(0)
print(t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, t.tm_wday, t.tm_yday, t.tm_isdst, tuple(t), t[0], len(t))
print(t)
print(time.strftime("%Y-%m-%d %H:%M:%S", t), time.strftime("%j %a %A %b %B %y %d %%", time.gmtime(1e9)), time.asctime(t))
print(time.gmtime(86400 * 365.25 * 30)[:6], time.gmtime(-1)[:6])
time.sleep(0)
for bad in [lambda: time.sleep(-1), lambda: time.sleep("a"), lambda: time.gmtime("a")]:
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
