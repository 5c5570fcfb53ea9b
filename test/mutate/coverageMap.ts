/** Which test files run which places of the sources. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Mutation } from './places.ts'
import { openTestRunner } from './testRunner.ts'

/** A line, and the first and the last column of it that ran; from 0. */
export type Span = readonly [line: number, first: number, last: number]

export interface Covered {
  readonly test: string
  /** How long the test file takes, ms. */
  readonly ms: number
  readonly spans: Readonly<Record<string, readonly Span[]>>
}

/**
 * Runs every test file once, and notes what it runs; minutes. What fails or hangs counts as not running anything.
 *
 * @param folder where it is kept, a file each; what is there already is believed
 */
export async function measureCoverage(
  root: string,
  folder: string,
  tests: readonly string[],
): Promise<readonly Covered[]> {
  mkdirSync(folder, { recursive: true })
  const runner = openTestRunner(root, folder)
  for (const [at, test] of tests.entries()) {
    const path = join(folder, coverageFile(test))
    if (existsSync(path)) continue
    const outcome = await runner.run([test], () => patience)
    if (outcome !== 'passed' || !existsSync(path))
      writeFileSync(path, JSON.stringify({ test, ms: patience, spans: {} } satisfies Covered))
    console.log(`${at + 1} of ${tests.length}: ${outcome === 'passed' ? '' : 'NOT PASSED: '}${test}`)
  }
  runner.close()
  return tests.map((test) => JSON.parse(readFileSync(join(folder, coverageFile(test)), 'utf8')))
}

/** For one test file while its coverage is measured, which makes it slow, ms. */
const patience = 300_000

export function coverageFile(test: string): string {
  return `${test.replaceAll('/', '+')}.json`
}

/** The tests that run the place: first those in the folder that mirrors the source's, then the quick ones. */
export function testsFor({ file, line, was, changed }: Mutation, all: readonly Covered[]): readonly Covered[] {
  const column = changed === '' ? was.search(/\S/) : [...was].findIndex((char, at) => char !== changed[at])
  const near = dirname(file).replace(/^src/, 'test')
  const far = ({ test }: Covered): number => (dirname(test) === near ? 0 : 1)
  return all
    .filter(({ spans }) =>
      spans[file]?.some(([at, first, last]) => at === line && first <= column && column <= last + longestToken),
    )
    .sort((a, b) => far(a) - far(b) || a.ms - b.ms)
}

/** A mutation may lie behind the start of the last token that ran. */
const longestToken = 12
