// The metric of one output.
override METRIC: u32;    // 0 binary accuracy, 1 absolute error, 2 squared error

fn metric(p: f32, y: f32) -> f32 {
  switch (METRIC) {
    case 0: { return select(0.0, 1.0, select(0.0, 1.0, p > 0.5) == y); }
    case 1: { return abs(p - y); }
    default: { return (p - y) * (p - y); }
  }
}
