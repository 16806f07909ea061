"""The n-body problem: five bodies under gravity, symplectic steps. Float arithmetic and lists."""

from harness import run

PI = 3.141592653589793
SOLAR_MASS = 4 * PI * PI
DAYS_PER_YEAR = 365.24
NAMES = ["sun", "jupiter", "saturn", "uranus", "neptune"]


def solar_system():
    """name -> ([x, y, z], [vx, vy, vz], mass), in astronomical units, years and solar masses."""
    year = DAYS_PER_YEAR
    mass = SOLAR_MASS
    return {
        "sun": ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], mass),
        "jupiter": (
            [4.84143144246472090e00, -1.16032004402742839e00, -1.03622044471123109e-01],
            [1.66007664274403694e-03 * year, 7.69901118419740425e-03 * year, -6.90460016972063023e-05 * year],
            9.54791938424326609e-04 * mass,
        ),
        "saturn": (
            [8.34336671824457987e00, 4.12479856412430479e00, -4.03523417114321381e-01],
            [-2.76742510726411402e-03 * year, 4.99852801234917238e-03 * year, 2.30417297573763929e-05 * year],
            2.85885980666130812e-04 * mass,
        ),
        "uranus": (
            [1.28943695621391310e01, -1.51111514016986312e01, -2.23307578892655734e-01],
            [2.96460137564761618e-03 * year, 2.37847173959480950e-03 * year, -2.96589568540237556e-05 * year],
            4.36624404335156298e-05 * mass,
        ),
        "neptune": (
            [1.53796971148509165e01, -2.59193146099879641e01, 1.79258772950371181e-01],
            [2.68067772490389322e-03 * year, 1.62824170038242295e-03 * year, -9.51592254519715870e-05 * year],
            5.15138902046611451e-05 * mass,
        ),
    }


def all_pairs(items):
    pairs = []
    for i in range(len(items) - 1):
        for other in items[i + 1 :]:
            pairs.append((items[i], other))
    return pairs


def offset_momentum(bodies):
    """Give the sun the momentum that makes the whole system's zero."""
    px = py = pz = 0.0
    for _, (vx, vy, vz), mass in bodies:
        px -= vx * mass
        py -= vy * mass
        pz -= vz * mass
    velocity = bodies[0][1]
    mass = bodies[0][2]
    velocity[0] = px / mass
    velocity[1] = py / mass
    velocity[2] = pz / mass


def energy(bodies, pairs):
    total = 0.0
    for ((x1, y1, z1), _, m1), ((x2, y2, z2), _, m2) in pairs:
        dx = x1 - x2
        dy = y1 - y2
        dz = z1 - z2
        total -= (m1 * m2) / ((dx * dx + dy * dy + dz * dz) ** 0.5)
    for _, (vx, vy, vz), mass in bodies:
        total += mass * (vx * vx + vy * vy + vz * vz) / 2.0
    return total


def advance(dt, steps, bodies, pairs):
    for _ in range(steps):
        for ([x1, y1, z1], v1, m1), ([x2, y2, z2], v2, m2) in pairs:
            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            magnitude = dt * ((dx * dx + dy * dy + dz * dz) ** -1.5)
            b1 = m1 * magnitude
            b2 = m2 * magnitude
            v1[0] -= dx * b2
            v1[1] -= dy * b2
            v1[2] -= dz * b2
            v2[0] += dx * b1
            v2[1] += dy * b1
            v2[2] += dz * b1
        for position, (vx, vy, vz), _ in bodies:
            position[0] += dt * vx
            position[1] += dt * vy
            position[2] += dt * vz


def workload(n):
    system = solar_system()
    bodies = [system[name] for name in NAMES]
    pairs = all_pairs(bodies)
    offset_momentum(bodies)
    before = energy(bodies, pairs)
    advance(0.01, n, bodies, pairs)
    return "%.9f %.9f" % (before, energy(bodies, pairs))


if __name__ == "__main__":
    run(workload, 220000)
