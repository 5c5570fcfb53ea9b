/** One process of a simulation: runs its share of the seeds and tells how they ended. Not meant to be started by hand. */
import '../core/quickNames.ts'
import { loadRxweft } from '../core/rxweft.ts'
import { type Kind, playOf } from './kinds.ts'

export interface Failure {
  readonly seed: number
  readonly problems: readonly string[]
}

export interface Told {
  readonly schedules: number
  readonly decisions: number
  readonly failures: readonly Failure[]
}

/** How many schedules make one message. */
const chunk = 20

const [folder = '', kind, ...numbers] = process.argv.slice(2)
const [from = 0, to = 0, every = 1, limit = 1] = numbers.map(Number)
const rxweft = await loadRxweft(folder)
const play = playOf(kind as Kind)

let told = { schedules: 0, decisions: 0, failures: [] as Failure[] }
let failed = 0

async function tell(): Promise<void> {
  await new Promise((resolve) => process.send?.(told, resolve))
  told = { schedules: 0, decisions: 0, failures: [] }
}

for (let seed = from; seed < to && failed < limit; seed += every) {
  const { problems, decisions } = await play(rxweft, seed)
  told.schedules += 1
  told.decisions += decisions
  if (problems.length > 0) {
    failed += 1
    told.failures.push({ seed, problems })
  }
  if (told.schedules >= chunk || problems.length > 0) await tell()
}
await tell()
process.disconnect?.()
