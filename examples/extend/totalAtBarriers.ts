import { operate, type StreamOperator, type StreamRecord, withState, withValue } from 'rxweft/extend'

/** Emits at each barrier the sum of all numbers so far, if there were any since the barrier before. */
export function totalAtBarriers(id: string): StreamOperator<number, number> {
  return operate(id, (out) => {
    let total = 0
    let last: StreamRecord<number> | undefined
    return {
      restore(restore) {
        total = (restore.states.get(id) as number | undefined) ?? 0
        out.next(restore)
      },
      record(record) {
        if (!Number.isFinite(record.value)) throw new RangeError('not a finite number')
        total += record.value
        last = record
      },
      barrier(barrier) {
        if (last !== undefined) out.next(withValue(last, total))
        last = undefined
        out.next(withState(barrier, id, total))
      },
    }
  })
}
