// One invocation an element: which element this invocation owns, over a grid folded into y.
const ELEMENT_THREADS = 64u;

fn element_index(id: vec3u, groups: vec3u) -> u32 {
  return id.y * (groups.x * ELEMENT_THREADS) + id.x;
}
