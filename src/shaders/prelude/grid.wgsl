// Index of the element that an invocation owns, where there is one invocation per element and the grid is folded into y.
const ELEMENT_THREADS = 64u;

fn element_index(id: vec3u, groups: vec3u) -> u32 {
  return id.y * (groups.x * ELEMENT_THREADS) + id.x;
}
