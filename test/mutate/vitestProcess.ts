/** The process of testRunner.ts: vitest stays, with all that it has transformed, and runs what it is asked to. Not meant to be started by hand. */
import { join, relative } from 'node:path'
import { createVitest, type TestModule, type TestSpecification } from 'vitest/node'
import type { Asked, Told } from './testRunner.ts'

const tell = (told: Told): void => void process.send?.(told)
const coverage = process.env.RXWEFT_COVERAGE

/** The first test file that has failed in the present run. */
let failed: string | null = null

/** Runs test files in the order in which they are given. */
class AsGiven {
  sort = (files: TestSpecification[]): TestSpecification[] => files
  shard = (files: TestSpecification[]): TestSpecification[] => files
}

const vitest = await createVitest('test', {
  watch: false,
  run: true,
  project: ['unit'],
  bail: coverage === undefined ? 1 : 0,
  maxWorkers: 1,
  fileParallelism: false,
  // With one process per file most of the time would go into starting it and loading the same modules.
  isolate: coverage !== undefined,
  sequence: { sequencer: AsGiven },
  reporters: [{ onTestModuleEnd: ended }],
})
// Of the options above these do not reach a project by themselves.
for (const { config } of vitest.projects) {
  if (coverage !== undefined) config.setupFiles.push(join(import.meta.dirname, 'recordCoverage.ts'))
}
await vitest.standalone()
const all = await vitest.globTestSpecifications()
const byPath = new Map(all.map((one) => [one.moduleId, one]))

async function run({ changed, tests }: Asked): Promise<void> {
  for (const file of changed) vitest.invalidateFile(join(process.cwd(), file))
  const files = tests.map((test) => byPath.get(join(process.cwd(), test)) as TestSpecification)
  vitest.state.clearErrors()
  failed = null
  const { unhandledErrors } = await vitest.runTestSpecifications(files)
  if (unhandledErrors.length > 0) failed ??= 'an unhandled error'
  tell({ type: 'end', outcome: failed === null ? 'passed' : { failed } })
}

/** The results of vitest keep older runs, too; these are of the present one. */
function ended(module: TestModule): void {
  tell({ type: 'file' })
  if (module.ok() || failed !== null) return
  failed = relative(process.cwd(), module.moduleId)
  void vitest.cancelCurrentRun('test-failure')
}

process.on('message', (asked: Asked) => void run(asked))
process.on('disconnect', () => process.exit())
tell({ type: 'ready' })
