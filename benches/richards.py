"""Richards: a toy operating system kernel that schedules six tasks. Method calls and attributes.

After Martin Richards' benchmark: an idle task, a worker, two device handlers and
two devices pass packets to each other; the scheduler runs the most urgent task
that is ready. The two counters it ends with are the same in every language.
"""

from harness import run

IDLE = 0
WORKER = 1
HANDLER_A = 2
HANDLER_B = 3
DEVICE_A = 4
DEVICE_B = 5
TASKS = 6

KIND_DEVICE = 0
KIND_WORK = 1

DATA_SIZE = 4
ROUNDS = 10000
EXPECTED_QUEUED = 23246
EXPECTED_HELD = 9297


class Packet:
    def __init__(self, link, owner, kind):
        self.link = link
        self.owner = owner
        self.kind = kind
        self.datum = 0
        self.data = [0] * DATA_SIZE

    def append_to(self, queue):
        """Put this packet at the end of `queue`; the new head."""
        self.link = None
        if queue is None:
            return self
        tail = queue
        following = tail.link
        while following is not None:
            tail = following
            following = tail.link
        tail.link = self
        return queue


class Task:
    """A task control block; subclasses say what running the task means."""

    def __init__(self, scheduler, ident, priority, queue):
        self.scheduler = scheduler
        self.link = scheduler.chain
        self.ident = ident
        self.priority = priority
        self.queue = queue
        self.packet_pending = queue is not None
        self.waiting = True
        self.holding = False
        scheduler.chain = self
        scheduler.table[ident] = self

    def is_held_or_waiting(self):
        return self.holding or (not self.packet_pending and self.waiting)

    def is_waiting_with_packet(self):
        return self.packet_pending and self.waiting and not self.holding

    def set_running(self):
        self.packet_pending = False
        self.waiting = False
        self.holding = False
        return self

    def resume(self):
        """Run once, with the first packet if one woke the task; the task to run next."""
        message = None
        if self.is_waiting_with_packet():
            message = self.queue
            self.queue = message.link
            self.waiting = False
            self.packet_pending = self.queue is not None
        return self.work(message)

    def add_packet(self, packet, sender):
        """Queue `packet`; the task to run next, this one if it is more urgent."""
        if self.queue is None:
            self.queue = packet
            self.packet_pending = True
            if self.priority > sender.priority:
                return self
        else:
            packet.append_to(self.queue)
        return sender

    def work(self, packet):
        raise NotImplementedError


class IdleTask(Task):
    """Releases one of the devices, chosen by a pseudo-random bit, each time it runs."""

    def __init__(self, scheduler, rounds):
        Task.__init__(self, scheduler, IDLE, 0, None)
        self.waiting = False
        self.control = 1
        self.rounds = rounds

    def work(self, packet):
        self.rounds -= 1
        if self.rounds == 0:
            return self.scheduler.hold_self()
        if self.control & 1 == 0:
            self.control //= 2
            return self.scheduler.release(DEVICE_A)
        self.control = (self.control // 2) ^ 0xD008
        return self.scheduler.release(DEVICE_B)


class WorkerTask(Task):
    """Fills packets with letters and sends them to the handlers in turn."""

    def __init__(self, scheduler, priority, queue):
        Task.__init__(self, scheduler, WORKER, priority, queue)
        self.destination = HANDLER_A
        self.count = 0

    def work(self, packet):
        if packet is None:
            return self.scheduler.wait()
        if self.destination == HANDLER_A:
            self.destination = HANDLER_B
        else:
            self.destination = HANDLER_A
        packet.owner = self.destination
        packet.datum = 0
        data = packet.data
        for i in range(DATA_SIZE):
            self.count += 1
            if self.count > 26:
                self.count = 1
            data[i] = 64 + self.count
        return self.scheduler.send(packet)


class HandlerTask(Task):
    """Feeds what the worker wrote to a device, one datum at a time."""

    def __init__(self, scheduler, ident, priority, queue, device):
        Task.__init__(self, scheduler, ident, priority, queue)
        self.device = device
        self.work_in = None
        self.device_in = None

    def work(self, packet):
        if packet is not None:
            if packet.kind == KIND_WORK:
                self.work_in = packet.append_to(self.work_in)
            else:
                self.device_in = packet.append_to(self.device_in)
        work = self.work_in
        if work is not None:
            count = work.datum
            if count >= DATA_SIZE:
                self.work_in = work.link
                return self.scheduler.send(work)
            device = self.device_in
            if device is not None:
                self.device_in = device.link
                device.datum = work.data[count]
                device.owner = self.device
                work.datum = count + 1
                return self.scheduler.send(device)
        return self.scheduler.wait()


class DeviceTask(Task):
    """Keeps a packet for a while, as a real device would, then gives it back."""

    def __init__(self, scheduler, ident, priority, handler):
        Task.__init__(self, scheduler, ident, priority, None)
        self.handler = handler
        self.pending = None

    def work(self, packet):
        if packet is None:
            pending = self.pending
            if pending is None:
                return self.scheduler.wait()
            self.pending = None
            pending.owner = self.handler
            return self.scheduler.send(pending)
        self.pending = packet
        return self.scheduler.hold_self()


class Scheduler:
    def __init__(self):
        self.chain = None
        self.table = [None] * TASKS
        self.current = None
        self.queued = 0
        self.held = 0

    def run(self):
        task = self.chain
        while task is not None:
            if task.is_held_or_waiting():
                task = task.link
            else:
                self.current = task
                task = task.resume()

    def hold_self(self):
        self.held += 1
        self.current.holding = True
        return self.current.link

    def release(self, ident):
        task = self.table[ident]
        task.holding = False
        if task.priority > self.current.priority:
            return task
        return self.current

    def wait(self):
        self.current.waiting = True
        return self.current

    def send(self, packet):
        """Deliver to the packet's owner, which becomes the packet's sender's name."""
        receiver = self.table[packet.owner]
        self.queued += 1
        packet.link = None
        packet.owner = self.current.ident
        return receiver.add_packet(packet, self.current)


def packets(count, owner, kind):
    queue = None
    for _ in range(count):
        queue = Packet(queue, owner, kind)
    return queue


def simulate():
    scheduler = Scheduler()
    IdleTask(scheduler, ROUNDS)
    WorkerTask(scheduler, 1000, packets(2, None, KIND_WORK))
    HandlerTask(scheduler, HANDLER_A, 2000, packets(3, DEVICE_A, KIND_DEVICE), DEVICE_A)
    HandlerTask(scheduler, HANDLER_B, 3000, packets(3, DEVICE_B, KIND_DEVICE), DEVICE_B)
    DeviceTask(scheduler, DEVICE_A, 4000, HANDLER_A)
    DeviceTask(scheduler, DEVICE_B, 5000, HANDLER_B)
    scheduler.run()
    return scheduler.queued, scheduler.held


def workload(n):
    for _ in range(n):
        queued, held = simulate()
    if queued != EXPECTED_QUEUED or held != EXPECTED_HELD:
        return "wrong: %d %d" % (queued, held)
    return "%d %d" % (queued, held)


if __name__ == "__main__":
    run(workload, 24)
