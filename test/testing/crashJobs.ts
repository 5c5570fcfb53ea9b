/** Jobs for the tests of crashTest: one that is right, and the mistakes that users make. */
import { defineJob, type Job, type Source, type StreamOperator, type TransactionalSink, to } from 'rxweft'
import { withState } from '../../src/element.ts'
import { operate } from '../../src/operators/engine/operate.ts'
import { withValue } from '../../src/record.ts'
import type { CrashEnds } from '../../src/testing/index.ts'

type Line = { readonly lines: string }
type Ends = CrashEnds<Line, Record<string, unknown>>

/** A job of one source and one sink around an operator that is made once per attempt. */
export function around<R>(operator: () => StreamOperator<string, R>): (ends: Ends) => Job {
  return ({ source, sink }) => between(source('lines'), sink('out'), operator)
}

export function between<T, R>(from: Source<T>, into: TransactionalSink<R>, operator: () => StreamOperator<T, R>): Job {
  return defineJob('test', (builder) => builder.from(from).pipe(operator(), to(into)))
}

export interface NumberedMistakes {
  /** Does not take over the count of the checkpoint. */
  readonly forgets?: boolean
  /** What goes into the snapshot is not the count at the barrier. */
  readonly counts?: 'one too many' | 'one too few'
}

/** Numbers the lines; the count is state. */
export function numbered({ forgets = false, counts }: NumberedMistakes = {}): StreamOperator<string, string> {
  const wrong = counts === undefined ? 0 : counts === 'one too many' ? 1 : -1
  return operate('numbered', (out) => {
    let count = 0
    return {
      restore(restore) {
        if (!forgets) count = (restore.states.get('numbered') as number | undefined) ?? 0
        out.next(restore)
      },
      record(record) {
        count += 1
        out.next(withValue(record, `${count} ${record.value}`))
      },
      barrier: (barrier) => out.next(withState(barrier, 'numbered', count + wrong)),
    }
  })
}
