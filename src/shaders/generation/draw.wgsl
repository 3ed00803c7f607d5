// How the next input of a row is made. The kernels of generation count steps and results here themselves, so that nothing is
// written between the dispatches of a submit.
struct Draw {
  step: u32,           // number of the step, which counts from the beginning of the generation
  result: u32,         // position of the step's result
  seed: u32,           // seed of the random numbers
  top_k: u32,          // how many of the likeliest classes may be drawn
  temperature: f32,    // 0: the likeliest class is taken
}
