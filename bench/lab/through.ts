/** Waits until a program has written all expected records. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Program } from './program.ts'
import type { Topic } from './topics.ts'

/** How long a program may write nothing before it is given up, ms; a JVM has to start, and commits every 5 s. */
const patience = 60_000

/**
 * Resolves when so many offsets are decided and for two intervals no more have come: markers have offsets too, so the last records may still be
 * missing when the number is reached. Rejects where the program ends, or does nothing for a minute; whether all is there the verifier says.
 */
export async function through(program: Program, sink: Topic, records: number, interval: number): Promise<void> {
  let last = -1
  let since = Date.now()
  for (;;) {
    await pause(100)
    if (program.ended !== null) throw new Error(program.ended)
    const now = await sink.committed()
    if (now !== last) since = Date.now()
    last = now
    const quiet = Date.now() - since
    if (last >= records && quiet > 2 * interval + 500) return
    if (quiet > patience)
      throw new Error(`${last} of ${records} offsets are committed, and no more for ${patience / 1_000} s`)
  }
}
