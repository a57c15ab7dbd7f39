import type { Reporter, TestModule } from "vitest/node";

const COUNT = 10;

/** Lists the slowest tests at the end of a run. */
export class SlowestTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules
      .flatMap((module) => [...module.children.allTests()])
      .map((test) => ({ test, ms: test.diagnostic()?.duration ?? 0 }))
      .filter(({ ms }) => ms > 0)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, COUNT);
    if (tests.length < COUNT) return;
    const lines = tests.map(
      ({ test, ms }) => `${String(Math.round(ms)).padStart(7)} ms  ${test.module.relativeModuleId} > ${test.fullName}`,
    );
    console.log(`\nThe ${COUNT} slowest tests:\n${lines.join("\n")}`);
  }
}
