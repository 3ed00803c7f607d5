import { ValueError } from './errors.ts';
import { didYouMean } from './options.ts';

/**
 * The last prototype of guarded objects. JavaScript asks it alone about properties that were found nowhere before it, so that
 * properties that exist cost nothing.
 */
const GUARD: object = /* @__PURE__ */ new Proxy(
  {},
  {
    set(_target, name, _value, receiver: object) {
      const known = settableNames(receiver);
      throw new ValueError(
        `model.${String(name)}: a model has no such property.${didYouMean(name, known)} Those that can be set are ` +
          `${known.join(' and ')}.`,
      );
    },
  },
);

/** Setters of methods, which refuse to replace them. */
const REFUSING = /* @__PURE__ */ new WeakSet<object>();

/**
 * Lets setting a property that a model does not have, or a method, throw a ValueError, also in scripts that are not strict: a
 * misspelled `learningRate` would otherwise change nothing and say nothing. Properties can still be defined, as spies of test
 * libraries do.
 *
 * @param model an instance of a class, all of whose instances are guarded then, or a plain object
 */
export function refuseUnknownProperties(model: object): void {
  let last = model;
  for (let next = parentOf(last); next !== Object.prototype; next = parentOf(last)) {
    if (next === GUARD) return;
    last = next;
  }
  keepMethods(last);
  Object.setPrototypeOf(last, GUARD);
}

/** Makes the methods of an object such that they cannot be set. */
function keepMethods(object: object): void {
  for (const [name, { value, enumerable }] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if (typeof value !== 'function' || name === 'constructor') continue;
    const set = function (this: object): never {
      throw new ValueError(
        `model.${name}: this is a method, which cannot be set. Those that can be set are ` +
          `${settableNames(this).join(' and ')}.`,
      );
    };
    REFUSING.add(set);
    Object.defineProperty(object, name, { get: () => value as unknown, set, enumerable, configurable: true });
  }
}

function parentOf(object: object): object {
  return Object.getPrototypeOf(object) as object;
}

/** The names of the properties that have a setter. */
function settableNames(object: object): string[] {
  const names: string[] = [];
  for (let at = object; at !== GUARD; at = parentOf(at)) {
    const descriptors: Record<string, { set?: object }> = Object.getOwnPropertyDescriptors(at);
    for (const [name, { set }] of Object.entries(descriptors)) {
      if (set && !REFUSING.has(set)) names.push(name);
    }
  }
  return names;
}
