/** Follows a consumer in Java that reports which records have become visible. */
import { deferred } from '../../src/deferred.ts'
import type { Java, JavaOptions } from './java.ts'

/** [ms since the epoch, number of records until then] */
export type Point = readonly [at: number, records: number]

/** A read_committed consumer that started at the end of the topic. */
export interface Watch {
  /** Times at which records became visible, with their number; it grows. */
  readonly seen: readonly Point[]
  stop(): Promise<void>
}

/** Resolves once the consumer is at the end of the topic: it sees all records from then on. */
export async function watch(java: Java, flags: readonly string[], options: JavaOptions): Promise<Watch> {
  const seen: Point[] = []
  const ready = deferred<void>()
  const program = await java.start('Watch', flags, options, (line) => {
    if (line === 'ready') return ready.resolve()
    const [at, records] = line.split(' ').map(Number) as [number, number]
    seen.push([at, records])
  })
  const ended = program.exit.then(({ said }) => Promise.reject(new Error(`the watching consumer has ended: ${said}`)))
  ended.catch(() => undefined)
  await Promise.race([ready.promise, ended])
  return {
    seen,
    async stop() {
      await program.stop()
    },
  }
}
