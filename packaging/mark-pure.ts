import { parseAst, type Plugin } from 'vite';

interface Node {
  type: string;
  start: number;
  end: number;
}

/** Expressions whose evaluation may have side effects, as far as bundlers can tell: calls, getters, iterators, conversions. */
const IMPURE = new Set([
  'AwaitExpression',
  'BinaryExpression',
  'CallExpression',
  'MemberExpression',
  'NewExpression',
  'SpreadElement',
]);

/**
 * Marks what the module computes at its top level, such as the definitions of kernels, as free of side effects, so that
 * bundlers drop what a page does not use. `sideEffects: false` in package.json promises the same, but of whole files, and the
 * library is a single one.
 */
export function markPure(): Plugin {
  return {
    name: 'mark-pure',
    // The edits stay within their lines, so that the source map needs no change.
    renderChunk: (code) => ({ code: markedPure(code), map: null }),
  };
}

/**
 * Wraps impure initializers of top-level constants into functions that are called at once, with an annotation that all
 * bundlers know. The annotation alone would not do, since it leaves out the arguments of the call.
 *
 * @throws Error if one awaits something, which these functions cannot
 */
export function markedPure(code: string): string {
  const initializers = parseAst(code)
    .body.flatMap((statement) => (statement.type === 'VariableDeclaration' ? statement.declarations : []))
    .flatMap(({ init }) => (init && isImpure(init) ? [init] : []));
  const awaiting = initializers.find((init) => evaluates(init, ({ type }) => type === 'AwaitExpression'));
  if (awaiting) throw new Error(`mark-pure: a top-level constant awaits: ${code.slice(awaiting.start, awaiting.end)}`);
  return initializers.reduceRight((text, { start, end }) => {
    return `${text.slice(0, start)}/* @__PURE__ */ (() => (${text.slice(start, end)}))()${text.slice(end)}`;
  }, code);
}

/** Whether evaluating the expression may have side effects. */
function isImpure(expression: Node): boolean {
  return evaluates(expression, ({ type }) => IMPURE.has(type));
}

/** Whether evaluating a node evaluates one of this kind; the body of a function is not evaluated yet. */
function evaluates(node: Node, isKind: (node: Node) => boolean): boolean {
  if (isKind(node)) return true;
  if (/Function/.test(node.type)) return false;
  return Object.values(node)
    .flat()
    .some((child: unknown) => isNode(child) && evaluates(child, isKind));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
