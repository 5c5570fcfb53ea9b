/**
 * Random mutants of the sources, by hand: one small change of a line at a time, then the tests that run that line, nearest first.
 *
 *   node --import tsx test/mutate/mutate.ts --count 500 --seed 7 --log mutants.log
 *   node --import tsx test/mutate/mutate.ts --count 20 --under src/kafka/batch --tests test/kafka,test/sinks --seconds 120
 *   node --import tsx test/mutate/mutate.ts --count 500 --seed 7 --only 12,40     these again, and nothing else
 *   node --import tsx test/mutate/mutate.ts --count 500 --seed 7 --quick          a first look: tests for ten seconds, no schedules
 *
 * It changes files of the tree that it runs in, and puts them back: run it in a worktree of its own. With a log it goes on where it was
 * ended. It begins by measuring which test files run which lines, which takes minutes, and keeps that in the folder LOG.coverage: after a
 * change of a test remove the test's file there.
 *
 * Schedules of the simulation come last. A mutant that TypeScript refuses is counted by itself: no test has to find it. `seconds` is what a test file may take beyond eight
 * times its usual time, against tests that hang: these have found their mutant.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Covered, measureCoverage, testsFor } from './coverageMap.ts'
import { filesUnder, type Mutation, shuffledMutations } from './places.ts'
import { openTestRunner } from './testRunner.ts'
import { openTypeCheck } from './typeCheck.ts'

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    under: { type: 'string', default: 'src/kafka,src/checkpoint,src/job' },
    tests: { type: 'string', default: 'test' },
    schedules: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '30' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    log: { type: 'string' },
  },
})

/** Tests that look at the text of sources would find every mutant, and say nothing about it. Schedules are run by themselves. */
const leftOut = ['architecture', 'comments', 'simulation/mutants', 'simulation/simulation'].map(
  (name) => `test/${name}.test.ts`,
)

type Verdict = 'types' | 'tests' | 'simulation' | 'hangs' | 'SURVIVED'

const mutations = shuffledMutations(root, values.under.split(','), Number(values.seed))
const asked = values.only?.split(',').map(Number) ?? mutations.slice(0, Number(values.count)).map((_, at) => at + 1)
const before = values.log !== undefined && existsSync(values.log) ? readFileSync(values.log, 'utf8').split('\n') : []
const verdicts = new Map<number, Verdict>()
for (const line of before) {
  const [, number, verdict] = /^(\d+): (\w+) /.exec(line) ?? []
  if (number !== undefined) verdicts.set(Number(number), verdict as Verdict)
}

function say(line: string): void {
  console.log(line)
  if (values.log !== undefined) appendFileSync(values.log, `${line}\n`)
}

/** Measured anew without a log. */
async function coverage(): Promise<readonly Covered[]> {
  const folder = values.log === undefined ? mkdtempSync(join(tmpdir(), 'rxweft-coverage-')) : `${values.log}.coverage`
  const tests = values.tests
    .split(',')
    .flatMap((under) => filesUnder(root, under))
    .filter((test) => test.endsWith('.test.ts') && !/\.(broker|consumers)\.test\.ts$/.test(test))
    .filter((test) => !leftOut.includes(test))
  try {
    return await measureCoverage(root, folder, tests)
  } finally {
    if (values.log === undefined) rmSync(folder, { recursive: true })
  }
}

const covered = await coverage()
const usual = new Map(covered.map(({ test, ms }) => [test, ms]))
const limit = (test: string): number => Number(values.seconds) * 1_000 + 8 * (usual.get(test) ?? 0)
const types = openTypeCheck(root)
const runner = openTestRunner(root)

const every = (tests: readonly Covered[]): readonly Covered[] => tests

/** The nearest ones, for about ten seconds. */
function quickOnes(tests: readonly Covered[]): readonly Covered[] {
  let left = 10_000
  return tests.filter(({ ms }) => {
    left -= ms
    return left > 0
  })
}

function schedulesFail(): boolean {
  if (values.schedules === '0') return false
  const args = ['--import', 'tsx', 'test/simulation/simulate.ts', '--processes', '1', '--seeds', values.schedules]
  const timeout = 10 * Number(values.seconds) * 1_000
  return spawnSync('node', args, { cwd: root, timeout, killSignal: 'SIGKILL', stdio: 'ignore' }).status !== 0
}

/** With the test that has found it, if there is one. */
async function verdictOf(mutation: Mutation): Promise<readonly [Verdict, string]> {
  if (types.fails(mutation.file)) return ['types', '']
  runner.changed(mutation.file)
  const tests = (values.quick ? quickOnes : every)(testsFor(mutation, covered)).map(({ test }) => test)
  const outcome = tests.length === 0 ? 'passed' : await runner.run(tests, limit)
  if (outcome === 'hangs') return ['hangs', '']
  if (outcome !== 'passed') return ['tests', outcome.failed]
  if (values.quick) return ['SURVIVED', `${tests.length} test files`]
  if (types.failsAnywhere()) return ['types', '']
  if (schedulesFail()) return ['simulation', '']
  return ['SURVIVED', `${tests.length} test files`]
}

let putBack = (): void => undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    putBack()
    process.exit(1)
  })
}

async function mutated(mutation: Mutation): ReturnType<typeof verdictOf> {
  const path = join(root, mutation.file)
  const original = readFileSync(path, 'utf8')
  putBack = () => writeFileSync(path, original)
  const lines = original.split('\n')
  lines[mutation.line] = mutation.changed
  writeFileSync(path, lines.join('\n'))
  try {
    return await verdictOf(mutation)
  } finally {
    writeFileSync(path, original)
    types.fails(mutation.file)
    runner.changed(mutation.file)
  }
}

console.log(`${mutations.length} mutants; ${asked.length} of them, seed ${values.seed}`)
for (const number of asked) {
  const mutation = mutations[number - 1]
  if (mutation === undefined || (verdicts.has(number) && values.only === undefined)) continue
  const [verdict, by] = await mutated(mutation)
  verdicts.set(number, verdict)
  const { file, line, was, changed } = mutation
  say(`${number}: ${verdict} ${file}:${line + 1}  - ${was.trim()}  + ${changed.trim()}  (${by})`)
}
runner.close()
types.close()
const of = (verdict: Verdict): number => asked.filter((number) => verdicts.get(number) === verdict).length
const [refused, found, survived] = [of('types'), of('tests') + of('hangs') + of('simulation'), of('SURVIVED')]
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`
console.log(
  `${refused + found} of ${asked.length} killed (${share(refused + found, asked.length)}): ${refused} by types`,
)
console.log(`${found} of ${found + survived} that compile killed by tests (${share(found, found + survived)})`)
