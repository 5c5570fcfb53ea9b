/** Operators that hold a barrier, so that a slow checkpoint can report what it waits for. */
import type { BarrierWatch, HeldBarrier } from '../backPressure.ts'

export function barrierWatch(): BarrierWatch {
  const held = new Map<number, Set<() => HeldBarrier>>()
  let written = false
  let wrote = (): void => undefined
  return {
    get written() {
      return written
    },
    set written(now) {
      const first = now && !written
      written = now
      if (first) wrote()
    },
    onWritten(listener) {
      wrote = listener
    },
    hold(operator, checkpoint, what) {
      const its = held.get(checkpoint) ?? new Set()
      const one = (): HeldBarrier => ({ operator, what: what() })
      held.set(checkpoint, its.add(one))
      return () => {
        its.delete(one)
        if (its.size === 0) held.delete(checkpoint)
      }
    },
    held: (checkpoint) => [...(held.get(checkpoint) ?? [])].map((one) => one()),
  }
}
