import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one line for people and machines: how many tests passed and failed, over all projects. */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      // What fails outside of a test, such as an import or a hook, is no test's failure, but one it is.
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
    }
    // A test still pending here was never finished: the browser died, say.
    const { passed, skipped } = count;
    const failed = count.failed + count.pending;
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}
