/** Reads what a running consumer in Java tells about what it sees. */
import { deferred } from '../../src/deferred.ts'
import type { Java, JavaOptions } from './java.ts'
import type { Point, Watch } from './jvm.ts'

/** Resolves once the consumer stands at the end of the topic: whatever becomes visible from now on is seen. */
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
