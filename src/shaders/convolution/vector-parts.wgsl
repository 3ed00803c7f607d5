// The features of a step, four by four.
alias Part = vec4f;
