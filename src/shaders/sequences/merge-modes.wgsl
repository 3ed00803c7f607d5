// Numbers of the merge modes of a bidirectional layer: positions in `MERGE_MODES`
// (models/network/layers/bidirectional.ts).
const CONCAT = 0u;
const SUM = 1u;
const MUL = 2u;
const AVE = 3u;
