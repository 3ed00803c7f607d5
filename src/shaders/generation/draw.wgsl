// How the next inputs of a row are made, and where its stream stands. The kernels of generation count steps and results here
// themselves, so that nothing is written between the dispatches of a submit.
struct Draw {
  slot: u32,           // slot of the stream's states
  step: u32,           // number of the step, which counts from the beginning of the generation
  end_step: u32,       // the step before which the submit ends; a row without a stream has nothing to do
  dispatch_steps: u32, // how many steps a dispatch runs at most, where it runs more than one
  result: u32,         // position of the step's result
  seed: u32,           // seed of the random numbers
  top_k: u32,          // how many of the likeliest classes may be drawn
  temperature: f32,    // 0: the likeliest class is taken
}
