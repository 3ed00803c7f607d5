import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './complaint.ts';
import { hintAtName } from './option-values.ts';

/** The options that a command knows, in the form of `parseArgs` of Node. */
type Options = NonNullable<ParseArgsConfig['options']>;
type Token = ReturnType<
  typeof parseArgs<{ options: Options; strict: false; allowPositionals: true; tokens: true }>
>['tokens'][number];

/**
 * Parses arguments as `parseArgs` of Node does, and refuses wrong ones in words that say what to do. A value may begin with a
 * dash, as negative numbers do.
 *
 * @param positionals whether the command takes arguments that are no options
 * @throws UsageError
 */
export function parseOptions<const T extends Options>(
  args: string[],
  options: T,
  positionals: 'none' | 'some' = 'none',
) {
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) check(token, options, positionals);
  const checked = tokens.map((token) => (token.kind === 'option' ? written(token) : args[token.index]));
  return parseArgs({ args: checked, options, allowPositionals: true });
}

function check(token: Token, options: Options, positionals: 'none' | 'some'): void {
  if (token.kind === 'positional' && positionals === 'none') {
    throw new UsageError(
      `"${token.value}" is no option. Options begin with "--", and npm passes on only those that stand behind a lone "--".`,
    );
  }
  if (token.kind !== 'option') return;
  const { name, rawName, value, inlineValue } = token;
  if (!Object.hasOwn(options, name)) {
    const known = Object.keys(options).map((option) => `--${option}`);
    throw new UsageError(`There is no option ${rawName}.${hintAtName(rawName, known)}`);
  }
  if (options[name].type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, but was given "${value}".`);
  } else if (value === undefined || (!inlineValue && value.startsWith('--'))) {
    throw new UsageError(`${rawName} expects a value behind it.`);
  }
}

/** An option whose value cannot be taken for another option. */
function written({ name, value }: Extract<Token, { kind: 'option' }>): string {
  return value === undefined ? `--${name}` : `--${name}=${value}`;
}
