import type { JsonValue } from '../../reading.ts';

/** An object of a configuration: its class, and the options it was made with. */
export interface KerasObject {
  readonly className: string;
  readonly config: JsonValue;
}

/** A name as Python writes it: `hardSigmoid` and `hard_sigmoid` are the same in TensorFlow.js. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** A name as JavaScript writes it. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * A field by its name in Python, or by that in JavaScript, which TensorFlow.js takes too.
 *
 * @throws ValueError if both are there
 */
export function fieldOf(object: JsonValue, name: string): JsonValue {
  const camel = camelCase(name);
  if (camel === name || !object.has(camel)) return object.get(name);
  return object.has(name) ? object.get(camel).fail(`nothing, since there is ${name} too`) : object.get(camel);
}

/** A field that may be left out or null. */
export function optionalField(object: JsonValue, name: string): JsonValue | undefined {
  const field = fieldOf(object, name);
  return field.isNull ? undefined : field;
}

/** The fields that Keras 3 writes beside the class and the options. */
const BESIDE = ['module', 'class_name', 'config', 'registered_name', 'shared_object_id', 'build_config'];

/**
 * Reads `{ class_name, config }`. A class of the same name that is not Keras' own is refused.
 *
 * @param more the names of further fields that whoever calls reads
 */
export function objectOf(object: JsonValue, more: readonly string[] = []): KerasObject {
  object.onlyKeys([...BESIDE, 'className', ...more]);
  const name = fieldOf(object, 'class_name');
  const className = name.text();
  const module = optionalField(object, 'module');
  if (module && !/^(keras|tf_keras|tensorflow\.(python\.)?keras|builtins)(\.|$)/.test(module.text())) {
    module.fail(`a module of Keras for ${className}`, 'Layers and functions of your own cannot be read.');
  }
  const registered = optionalField(object, 'registered_name');
  if (registered && registered.value !== className && className !== 'function') {
    registered.fail(`null or "${className}"`, 'Layers and functions of your own cannot be read.');
  }
  return { className, config: fieldOf(object, 'config') };
}

/** A text that is one of several names, in Python's or JavaScript's spelling. @throws ValueError otherwise */
export function nameOf<T extends string>(field: JsonValue, known: Readonly<Record<string, T>>, hint = ''): T {
  const name = snakeCase(field.text());
  if (Object.hasOwn(known, name)) return known[name];
  return field.fail(`one of ${Object.keys(known).join(', ')}`, hint);
}
