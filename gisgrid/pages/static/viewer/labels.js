/* Where a cell's name stands: the point farthest from its edges, found by looking ever closer. */

const STEPS = 10;
const ROUNDS = 4;

/* Return { place: [longitude, latitude], room: that distance } of a GeoJSON polygon or multipolygon. */
export function labelPlace(geometry) {
  const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  const rings = [...polygons].sort((a, b) => extent(b[0]) - extent(a[0]))[0];
  let [west, south, east, north] = bounds(rings[0]);
  let best = { place: [(west + east) / 2, (south + north) / 2], room: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const [width, height] = [(east - west) / STEPS, (north - south) / STEPS];
    for (let i = 0; i <= STEPS; i++) {
      for (let j = 0; j <= STEPS; j++) {
        const place = [west + i * width, south + j * height];
        const room = distanceInside(place, rings);
        if (room > best.room) best = { place, room };
      }
    }
    [west, south, east, north] = [best.place[0] - width, best.place[1] - height, best.place[0] + width, best.place[1] + height];
  }
  return best;
}

function bounds(ring) {
  const [x, y] = [ring.map((point) => point[0]), ring.map((point) => point[1])];
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

function extent(ring) {
  const [west, south, east, north] = bounds(ring);
  return (east - west) * (north - south);
}

/* Distance to the nearest edge; 0 outside. */
function distanceInside([x, y], rings) {
  let nearest = Infinity;
  let inside = false;
  for (const ring of rings) {
    for (let at = 1; at < ring.length; at++) {
      const [[x1, y1], [x2, y2]] = [ring[at - 1], ring[at]];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
      const [dx, dy] = [x2 - x1, y2 - y1];
      const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
      nearest = Math.min(nearest, (x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2);
    }
  }
  return inside ? Math.sqrt(nearest) : 0;
}
