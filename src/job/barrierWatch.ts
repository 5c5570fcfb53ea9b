/** Operators that hold a barrier, so that a slow checkpoint can report what it waits for. */
import type { BarrierWatch, HeldBarrier } from '../backPressure.ts'

/** @param now monotonic clock, ms. Default: durations are not measured */
export function barrierWatch(now: () => number = () => 0): BarrierWatch {
  const held = new Map<number, Set<() => HeldBarrier>>()
  /** Of each operator: how long it holds its barrier, or has held the last one. */
  const durations = new Map<string, () => number>()
  let written = false
  let wrote = (): void => undefined
  return {
    get written() {
      return written
    },
    set written(yes) {
      const first = yes && !written
      written = yes
      if (first) wrote()
    },
    onWritten(listener) {
      wrote = listener
    },
    hold(operator, checkpoint, what) {
      const its = held.get(checkpoint) ?? new Set()
      const one = (): HeldBarrier => ({ operator, what: what() })
      held.set(checkpoint, its.add(one))
      const since = now()
      const duration = (): number => now() - since
      durations.set(operator, duration)
      return () => {
        const took = duration()
        if (durations.get(operator) === duration) durations.set(operator, () => took)
        its.delete(one)
        if (its.size === 0) held.delete(checkpoint)
      }
    },
    durations: () => new Map([...durations].map(([operator, duration]) => [operator, duration()])),
    held: (checkpoint) => [...(held.get(checkpoint) ?? [])].map((one) => one()),
  }
}
