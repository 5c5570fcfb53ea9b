/**
 * The watermark of several inputs together: the lowest of those that are not idle, and it only rises.
 *
 *   a  --5-------9----
 *   b  -----7------~--     ~ idle
 *      -----5----7-9--
 */
import { type Idle, idle, type Watermark, watermark } from '../element.ts'

export interface LowestWatermark {
  /** A record came: the input is not idle. */
  active(input: number): void
  rise(input: number, timestamp: number): void
  idle(input: number): void
  /** The input completed: it holds nothing back any more. */
  end(input: number): void
}

type Condition = 'active' | 'idle' | 'ended'

/** Emits the watermark whenever it rises, and Idle once when every input that has not ended is idle. */
export function lowestWatermark(inputs: number, emit: (control: Watermark | Idle) => void): LowestWatermark {
  const timestamps = new Array<number>(inputs).fill(-Infinity)
  const conditions = new Array<Condition>(inputs).fill('active')
  let emitted = -Infinity
  let silent = false

  const update = (): void => {
    const lowest = timestamps.reduce(
      (low, at, input) => (conditions[input] === 'active' ? Math.min(low, at) : low),
      Infinity,
    )
    if (conditions.includes('active')) {
      silent = false
      if (lowest <= emitted) return
      emitted = lowest
      emit(watermark(lowest))
    } else if (conditions.includes('idle') && !silent) {
      silent = true
      emit(idle)
    }
  }

  return {
    active(input) {
      if (conditions[input] === 'active') return
      conditions[input] = 'active'
      silent = false
    },
    rise(input, timestamp) {
      conditions[input] = 'active'
      timestamps[input] = Math.max(timestamps[input] ?? -Infinity, timestamp)
      update()
    },
    idle(input) {
      conditions[input] = 'idle'
      update()
    },
    end(input) {
      conditions[input] = 'ended'
      update()
    },
  }
}
