/** Plays scenarios through Flink: fetches it through Maven, compiles java/ against it, runs it. Needs mvn and Java 17 on the PATH. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Output } from './golden.ts'
import { fromJson, toJson } from './json.ts'
import type { Scenario } from './scenario.ts'

/** What keeps the state: Flink's hash maps, or RocksDB. They differ in every order that Flink leaves open. */
export type Backend = 'heap' | 'rocksdb'

export interface Answers {
  /** The version of Flink. */
  readonly flink: string
  /** One for each scenario. `outputs`: one list for each event. */
  readonly answers: readonly { readonly outputs: readonly (readonly Output[])[]; readonly droppedLate?: number }[]
}

const run = promisify(execFile)
const pom = join(import.meta.dirname, 'java/pom.xml')

/** ms; 120 MB the first time, then they are in Maven's own cache. */
const patience = 300_000

/** Classes and jars into a folder. Tries twice, since a mirror may refuse at first what it has to fetch itself. */
export async function buildPlayer(folder: string): Promise<void> {
  const goals = ['compile', 'dependency:copy-dependencies', `-Dout=${folder}`]
  const build = () => run('mvn', ['-q', '-B', '-f', pom, ...goals], { timeout: patience })
  try {
    await build().catch(build)
  } catch (thrown) {
    const { stdout, message } = thrown as { stdout?: string; message: string }
    throw new Error(`Maven could not build ${pom}: ${stdout?.trim() || message}`)
  }
}

/** @param folder where buildPlayer has built */
export async function play(folder: string, scenarios: readonly Scenario[], backend: Backend): Promise<Answers> {
  const questions = join(folder, 'scenarios.json')
  const answers = join(folder, `answers-${backend}.json`)
  await writeFile(questions, toJson(scenarios))
  const classpath = `${join(folder, 'classes')}:${join(folder, 'jars', '*')}`
  const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m']
  await run('java', [...flags, '-cp', classpath, 'rxweft.flink.Main', questions, answers, backend], {
    timeout: patience,
  })
  return fromJson<Answers>(await readFile(answers, 'utf8'))
}
