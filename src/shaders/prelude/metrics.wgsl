// A metric of one output.
override METRIC: u32;    // 0 binary accuracy, 1 absolute error, 2 squared error
override THRESHOLD: f32; // binary accuracy takes predictions above it as 1

fn metric(p: f32, y: f32) -> f32 {
  switch (METRIC) {
    case 0: { return keep_nan(p, select(0.0, 1.0, select(0.0, 1.0, p > THRESHOLD) == y)); }
    case 1: { return abs(p - y); }
    default: { return (p - y) * (p - y); }
  }
}
