"""Country and time zone of any place on Earth, as few points as answer like all of them do.

The nearest of GeoNames' 234,908 places tells country and zone. Most are not needed for that: only
those near a border are. `condense` keeps a subset whose nearest point gives every place its own
label (condensed nearest neighbour, Hart 1968, a batch at a time).
"""

import numpy
from scipy.spatial import cKDTree


EARTH_RADIUS_KM = 6371.0
REACH_KM = 200.0


def condense(latitudes, longitudes, labels, weights) -> list[int]:
    """Row numbers, ascending, of the points to keep. `weights` decide each label's first point."""
    labels = numpy.asarray(labels)
    sphere = _on_sphere(numpy.asarray(latitudes), numpy.asarray(longitudes))
    kept = numpy.zeros(len(labels), bool)
    seen = set()
    for row in numpy.argsort(-numpy.asarray(weights), kind="stable"):
        if labels[row] not in seen:
            seen.add(labels[row])
            kept[row] = True
    while True:
        chosen = numpy.flatnonzero(kept)
        distance, nearest = cKDTree(sphere[chosen]).query(sphere)
        other = (labels[chosen[nearest]] != labels) | (distance > REACH_KM / EARTH_RADIUS_KM)
        wrong = numpy.flatnonzero(other & ~kept)
        if len(wrong) == 0:
            return chosen.tolist()
        farthest = {}
        for row in wrong:
            key = (nearest[row], labels[row])
            if key not in farthest or distance[row] > distance[farthest[key]]:
                farthest[key] = row
        kept[list(farthest.values())] = True


def _on_sphere(latitudes, longitudes):
    lat, lon = numpy.radians(latitudes), numpy.radians(longitudes)
    return numpy.c_[numpy.cos(lat) * numpy.cos(lon), numpy.cos(lat) * numpy.sin(lon), numpy.sin(lat)]
