import { RetriableError } from '../../src/openErrors.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'

/** A sink whose first checkpoints fail, so many times. */
export function failingSink(times: number): TransactionalSink<string> {
  let left = times
  return {
    ...memorySink<string>(),
    open: async () => ({
      write: () => undefined,
      prepare: async () => {
        if (left-- > 0) throw new RetriableError('PREPARE_FAILED', 'no')
        return null
      },
      close: async () => undefined,
    }),
  }
}
