import { svg } from './svg.ts';

/** An SVG element as data: the page draws it, and a command can write it to a file. */
export interface Shape {
  name: keyof SVGElementTagNameMap;
  attributes: Readonly<Record<string, string | number>>;
  children: readonly (Shape | string)[];
}

export function shape(
  name: Shape['name'],
  attributes: Shape['attributes'] = {},
  ...children: Shape['children']
): Shape {
  return { name, attributes, children };
}

/** A text whose middle, or whose beginning, stands at a point. */
export function label(text: string, x: number, y: number, attributes: Shape['attributes'] = {}): Shape {
  return shape('text', { x, y, ...attributes }, text);
}

export function elementOf({ name, attributes, children }: Shape): SVGElement {
  return svg(name, attributes, ...children.map((child) => (typeof child === 'string' ? child : elementOf(child))));
}

/** The element as it is written in a file. */
export function markupOf({ name, attributes, children }: Shape): string {
  const written = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${escape(String(value))}"`);
  const inner = children.map((child) => (typeof child === 'string' ? escape(child) : markupOf(child)));
  return `<${name}${written.join('')}>${inner.join('')}</${name}>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
