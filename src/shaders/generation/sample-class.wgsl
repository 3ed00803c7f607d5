// Draws a class from probabilities. Kernels that include this define probability(first, k), the probability of class k.
//
//   kept    the top_k largest probabilities, of equal ones the first
//   w_k     = (p_k / largest p) ^ (1 / temperature), or p_k where the temperature is 1; 0 where it is not kept
//   class   = the first whose sum w_0 + ... + w_k exceeds u * (sum of all w)
//
// All is computed by one invocation in the order of the classes, so that sampleClass of lstm-webgpu/data draws the same. That
// costs little beside the softmax, which is computed so too.

// Where the kept probabilities end.
struct Cut {
  bits: u32,   // the smallest that is kept: bits of positive numbers have the order of the numbers
  ties: u32,   // how many of those that equal it are kept
}

fn count_from(bits: u32, first: u32, classes: u32) -> u32 {
  var count = 0u;
  for (var k = 0u; k < classes; k++) {
    count += select(0u, 1u, bitcast<u32>(probability(first, k)) >= bits);
  }
  return count;
}

// Finds the top_k-th largest probability by bisection of its bits.
fn cut_of(top_k: u32, largest: f32, first: u32, classes: u32) -> Cut {
  var low = 0u;
  var high = bitcast<u32>(largest) + 1;
  if (top_k < classes) {
    while (high - low > 1) {
      let middle = low + (high - low) / 2;
      let count = count_from(middle, first, classes);
      if (count >= top_k) {
        low = middle;
      } else {
        high = middle;
      }
      if (count == top_k) {
        break;
      }
    }
  }
  return Cut(low, select(classes, top_k - count_from(low + 1, first, classes), top_k < classes));
}

fn weight_of(p: f32, largest: f32, temperature: f32) -> f32 {
  if (temperature == 1.0) {
    return p;
  }
  return select(pow(p / largest, 1.0 / temperature), 1.0, p == largest);
}

// The class, or `classes` if these are no probabilities, such as NaN.
fn sampled_class(draw: Draw, first: u32, classes: u32) -> u32 {
  var best = 0u;
  var largest = 0.0;
  var all = 0.0;
  for (var k = 0u; k < classes; k++) {
    let p = probability(first, k);
    all += p;
    if (p > largest) {
      largest = p;
      best = k;
    }
  }
  if (is_nan(all) || largest == 0.0) {
    return classes;
  }
  if (draw.temperature == 0.0) {
    return best;
  }
  let cut = cut_of(draw.top_k, largest, first, classes);
  let uniform_number = random_uniform(draw.seed, 0, draw.step);
  var drawn = best;
  var total = 0.0;
  // The first round adds up the weights, the second finds the class.
  for (var round = 0; round < 2; round++) {
    let goal = uniform_number * total;
    var sum = 0.0;
    var ties = cut.ties;
    for (var k = 0u; k < classes; k++) {
      let p = probability(first, k);
      let bits = bitcast<u32>(p);
      let is_tie = bits == cut.bits;
      if (p == 0.0 || bits < cut.bits || (is_tie && ties == 0)) {
        continue;
      }
      ties -= select(0u, 1u, is_tie);
      sum += weight_of(p, largest, draw.temperature);
      // Where rounding leaves a rest, the last class takes it.
      drawn = k;
      if (round == 1 && sum > goal) {
        break;
      }
    }
    total = sum;
  }
  return drawn;
}
