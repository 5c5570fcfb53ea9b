/**
 * The rules of a sink that is exactly once: each writes, decides and kills in another order, and
 * looks at what is visible.
 */

import { type ContractAttempts, withAttempts } from './contractAttempt.ts'
import { type Rule, same } from './rules.ts'
import { type Decided, type SinkRun, sinkRun, type TestedSink } from './sinkRun.ts'

interface Stage<T> {
  start(decided?: Decided): Promise<SinkRun<T>>
  /** Throws where something else is visible. */
  sees(when: string, ...expected: readonly T[]): Promise<void>
}

export function sinkRules<T>(
  make: () => Promise<TestedSink<T>> | TestedSink<T>,
  values: readonly T[],
): readonly Rule[] {
  const [a, b, c, d, e, f] = values as readonly [T, T, T, T, T, T]
  const rule = (name: string, check: (stage: Stage<T>) => Promise<void>): Rule => ({
    rule: name,
    check: () => withAttempts((attempts) => onStage(make, attempts, check)),
  })
  return [
    rule(
      'shows nothing before its checkpoint is decided, and all of it afterwards, in order',
      async ({ start, sees }) => {
        const run = await start()
        run.write(a, b)
        await sees('Visible when it was written')
        const handle = await run.prepare(1)
        await sees('Visible when it was prepared')
        await run.decide(1, handle)
        await run.commit(1, handle)
        await sees('Visible when it was committed', a, b)
      },
    ),
    rule('counts what is written after prepare to the next checkpoint', async ({ start, sees }) => {
      const run = await start()
      run.write(a, b)
      const first = run.prepare(1)
      run.write(c)
      const handle = await first
      await run.decide(1, handle)
      await run.commit(1, handle)
      await sees('Visible after checkpoint 1', a, b)
      await run.checkpoint(2)
      await sees('Visible after checkpoint 2', a, b, c)
    }),
    rule('takes checkpoints in which nothing is written', async ({ start, sees }) => {
      const run = await start()
      await run.checkpoint(1)
      run.write(a)
      await run.checkpoint(2)
      await run.checkpoint(3)
      await sees('Visible', a)
    }),
    rule('shows a checkpoint once, however often it is committed', async ({ start, sees }) => {
      const run = await start()
      run.write(a, b)
      const handle = await run.checkpoint(1)
      await run.commit(1, handle)
      await start({ checkpoint: 1, handle })
      const next = await start({ checkpoint: 1, handle })
      next.write(c)
      await next.checkpoint(2)
      await sees('Visible', a, b, c)
    }),
    rule('shows what is decided although it was killed before it could commit', async ({ start, sees }) => {
      const run = await start()
      run.write(a, b)
      const handle = await run.prepare(1)
      await run.decide(1, handle)
      run.write(c)
      await start({ checkpoint: 1, handle })
      await sees('Visible after the restart', a, b)
    }),
    rule('drops what was prepared and not decided when it was killed', async ({ start, sees }) => {
      const run = await start()
      run.write(a)
      const handle = await run.checkpoint(1)
      run.write(b, c)
      await run.prepare(2)
      const next = await start({ checkpoint: 1, handle })
      next.write(b, d)
      await next.checkpoint(2)
      await sees('Visible after the restart', a, b, d)
    }),
    rule('drops what was written and not prepared when it was killed', async ({ start, sees }) => {
      const run = await start()
      run.write(a, b)
      const next = await start()
      next.write(c)
      await next.checkpoint(1)
      await sees('Visible after the restart', c)
    }),
    rule('keeps its checkpoints apart over many restarts', async ({ start, sees }) => {
      let decided: Decided = { checkpoint: 0, handle: null }
      for (const [at, value] of [a, b, c, d, e, f].entries()) {
        const run = await start(decided)
        run.write(value)
        const handle = await run.prepare(at + 1)
        await run.decide(at + 1, handle)
        decided = { checkpoint: at + 1, handle }
      }
      await start(decided)
      await sees('Visible in the end', a, b, c, d, e, f)
    }),
    rule('gives back the credits of all that it has prepared', async ({ start }) => {
      const run = await start()
      run.write(a, b, c)
      await run.checkpoint(1)
      same('Records in flight', run.inFlight, 0)
    }),
  ]
}

async function onStage<T>(
  make: () => Promise<TestedSink<T>> | TestedSink<T>,
  attempts: ContractAttempts,
  check: (stage: Stage<T>) => Promise<void>,
): Promise<void> {
  const { sink, visible } = await make()
  await check({
    start: (decided) => sinkRun(attempts, sink, decided),
    sees: async (when, ...expected) => same(when, [...(await visible())], expected),
  })
}
