// The features of a step, one by one.
alias Part = f32;
