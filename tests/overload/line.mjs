// line.mjs - a straight line through points, by least squares.

export class Line {
    static through(points) {
        const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
        const [x, y] = [mean(0), mean(1)];
        const spread = points.reduce((sum, [px]) => sum + (px - x) ** 2, 0);
        const together = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);
        return Object.assign(new Line(), { slope: spread > 0 ? together / spread : 0, mean: y });
    }
}
