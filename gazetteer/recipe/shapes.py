"""TopoJSON: arcs shared between neighbours, rings made of arcs, and where to put a label."""

import heapq
import math


class Topology:
    """One TopoJSON document; positions stay on its integer grid."""

    def __init__(self, document: dict):
        self.scale = document["transform"]["scale"]
        self.translate = document["transform"]["translate"]
        self.steps = document["arcs"]
        self.objects = document["objects"]

    def polygons(self, name: str) -> dict[str, list[list[list[int]]]]:
        """id -> polygons -> rings -> arc numbers (`~n` is arc n walked backwards)."""
        found = {}
        for geometry in self.objects[name]["geometries"]:
            arcs = geometry.get("arcs", [])
            single = geometry["type"] == "Polygon"
            key = geometry.get("id")
            found.setdefault(key, []).extend([arcs] if single else arcs)
        return found

    def ring(self, arcs: list[int]) -> list[tuple[float, float]]:
        """The (longitude, latitude) corners of a ring, first not repeated at the end."""
        corners = []
        for number in arcs:
            walked = self._arc(number if number >= 0 else ~number)
            walked = walked if number >= 0 else walked[::-1]
            corners += walked[1:] if corners else walked
        return corners[:-1]

    def _arc(self, number: int) -> list[tuple[float, float]]:
        x = y = 0
        out = []
        for dx, dy in self.steps[number]:
            x, y = x + dx, y + dy
            out.append(
                (
                    x * self.scale[0] + self.translate[0],
                    y * self.scale[1] + self.translate[1],
                )
            )
        return out


def label_point(polygons: list[list[list[tuple[float, float]]]]) -> tuple[float, float]:
    """(latitude, longitude) of the pole of inaccessibility of the largest polygon.

    The inner point farthest from any edge, to 1 % of the polygon's size, by the quadtree search of
    Mapbox's polylabel (2016). Longitudes are shrunk by the cosine of the middle latitude.
    """
    largest = max(polygons, key=lambda rings: abs(_area(rings[0])))
    latitudes = [lat for _, lat in largest[0]]
    shrink = math.cos(math.radians((min(latitudes) + max(latitudes)) / 2))
    rings = [[(lon * shrink, lat) for lon, lat in ring] for ring in largest]
    x, y = _pole(rings)
    return y, x / shrink


def _area(ring) -> float:
    total = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1]):
        total += x1 * y2 - x2 * y1
    return total / 2


def _pole(rings) -> tuple[float, float]:
    xs = [x for x, _ in rings[0]]
    ys = [y for _, y in rings[0]]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    half = min(width, height) / 2
    precision = max(width, height) / 100
    queue = []
    best = (-math.inf, 0.0, 0.0)

    def consider(x, y, half):
        nonlocal best
        inside = _signed_distance(x, y, rings)
        best = max(best, (inside, x, y))
        reach = inside + half * math.sqrt(2)
        heapq.heappush(queue, (-reach, x, y, half))

    steps_x = max(1, math.ceil(width / (2 * half)))
    steps_y = max(1, math.ceil(height / (2 * half)))
    for i in range(steps_x):
        for j in range(steps_y):
            consider(min(xs) + (2 * i + 1) * half, min(ys) + (2 * j + 1) * half, half)
    while queue:
        reach, x, y, half = heapq.heappop(queue)
        if -reach - best[0] <= precision:
            break
        half /= 2
        for dx in (-half, half):
            for dy in (-half, half):
                consider(x + dx, y + dy, half)
    return best[1], best[2]


def _signed_distance(x, y, rings) -> float:
    inside = False
    nearest = math.inf
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1]):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
            nearest = min(nearest, _to_segment(x, y, x1, y1, x2, y2))
    return math.sqrt(nearest) if inside else -math.sqrt(nearest)


def _to_segment(x, y, x1, y1, x2, y2) -> float:
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else ((x - x1) * dx + (y - y1) * dy) / length
    along = min(1.0, max(0.0, along))
    return (x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2
