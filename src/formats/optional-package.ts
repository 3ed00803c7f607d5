import { UnsupportedError } from '../index.ts';

/**
 * Loads a package that only some formats need, so that nobody else has to install it.
 *
 * @throws UnsupportedError (as a rejection) that says what to install
 */
export async function optionalPackage<T>(where: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new UnsupportedError(
      `${where}: the package ${name}, which this format needs, cannot be loaded. Run npm install ${name}; a page ` +
        `without a bundler also needs an import map that names it, as in docs/saving.md.`,
      { cause: error },
    );
  }
}
