/**
 * A ledger in a bucket, and three who write to it at once: each reads the newest entry and puts the next one, while requests and answers
 * are lost, come late or come twice, and writers sleep meanwhile. Of each number exactly one entry may be told to its writer as decided.
 */
import type { AttemptContext } from '../../src/attempt.ts'
import { decodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import { ledgerKey } from '../../src/checkpoint/names.ts'
import type { LedgerEntry } from '../../src/contracts/ledger.ts'
import type { RxweftError } from '../../src/errors.ts'
import { bucket, bucketOf, bucketSeeds } from './bucket/bucket.ts'
import { job } from './config.ts'
import { agenda } from './core/agenda.ts'
import { withAmbient } from './core/ambient.ts'
import { type Process, simulatedProcess } from './core/process.ts'
import { seededRandom } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { trace } from './core/trace.ts'

interface Decided {
  readonly checkpoint: number
  readonly owner: string
}

/** ms */
const horizon = 10_000
const calm = 10_000

export async function contendedBucket(
  rxweft: Rxweft,
  seed: number,
): Promise<{ readonly problems: readonly string[]; readonly decided: number; readonly trace: readonly string[] }> {
  const random = seededRandom(seed)
  const time = agenda(1_000_000)
  const notes = trace(() => time.now() - 1_000_000, true)
  const config = bucketOf(bucketSeeds + seed, horizon)
  return withAmbient(random, time, async () => {
    const kept = bucket(rxweft, time, random, notes, { ...config, exclusive: true }, 0)
    const decided: Decided[] = []
    const problems: string[] = []
    const processes = ['A', 'B', 'C'].map((name) => simulatedProcess(name, time))
    let over = false

    async function write(process: Process): Promise<void> {
      // The trial of two puts is another test's: here it is the puts that count.
      const storage = { ...kept.storageFor(process), exclusive: true }
      const attempt = { job, shard: 0, attempt: process.name } as AttemptContext
      const session = await rxweft['checkpoint/storageLedger'].storageLedger(storage).open(attempt)
      while (!over) {
        try {
          const entry = nextOf(await session.fence(), process.name)
          await session.commit(entry, false)
          decided.push(entry)
          notes.note(() => `${process.name}: ${entry.checkpoint} is decided`)
        } catch (thrown) {
          const { consequence, message } = thrown as RxweftError
          if (consequence !== 'fenced' && consequence !== 'retriable')
            return void problems.push(`${process.name} has given up: ${message}`)
        }
        await new Promise<void>((resolve) => process.clock.setTimeout(resolve, random.between(0, 100)))
      }
    }

    for (const process of processes) {
      write(process).catch((thrown) => problems.push(`${process.name}: ${thrown}`))
      sleepNowAndThen(process)
    }
    function sleepNowAndThen(process: Process): void {
      time.after(random.between(100, 2_000), () => {
        process.pause()
        time.after(random.between(1, 1_500), () => process.wake())
        if (time.now() < 1_000_000 + horizon) sleepNowAndThen(process)
      })
    }

    await time.runUntil(() => false, time.now() + horizon)
    kept.rates.fail = 0
    kept.heal()
    await time.runUntil(() => false, time.now() + calm)
    over = true
    return {
      problems: [...problems, ...contradictions(decided, kept.archive)],
      decided: decided.length,
      trace: notes.lines,
    }
  })
}

function nextOf(last: LedgerEntry | null, owner: string): LedgerEntry {
  const checkpoint = (last?.checkpoint ?? 0) + 1
  return { lineage: 'line', owner, checkpoint, snapshot: null, positions: [], handles: {} }
}

/** Numbers that two were told, and entries that are not the ones that their writers were told. */
function contradictions(decided: readonly Decided[], archive: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const owners = new Map<number, string>()
  return decided.flatMap(({ checkpoint, owner }) => {
    const other = owners.get(checkpoint)
    owners.set(checkpoint, owner)
    if (other !== undefined) return [`${checkpoint} was decided by ${other} and by ${owner}`]
    const bytes = archive.get(ledgerKey(job, 0, checkpoint))
    const kept = bytes === undefined ? 'nobody' : decodeEntry(bytes, 'the bucket').owner
    return kept === owner ? [] : [`${checkpoint} was decided by ${owner}, and the bucket has that of ${kept}`]
  })
}
