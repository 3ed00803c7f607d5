// A metric of one output.
override METRIC: u32;
override THRESHOLD: f32; // binary accuracy takes predictions above it as 1

// Numbers of the metrics: positions in `ELEMENT_METRICS` (models/network/objective/metrics.ts).
const BINARY_ACCURACY = 0u;
const MEAN_ABSOLUTE_ERROR = 1u;
const MEAN_SQUARED_ERROR = 2u;

fn metric(p: f32, y: f32) -> f32 {
  switch (METRIC) {
    case BINARY_ACCURACY: { return keep_nan(p, select(0.0, 1.0, select(0.0, 1.0, p > THRESHOLD) == y)); }
    case MEAN_ABSOLUTE_ERROR: { return abs(p - y); }
    default: { return (p - y) * (p - y); }
  }
}
