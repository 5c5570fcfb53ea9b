/**
 * Watermark of several inputs: the lowest of the active ones. It only rises; an input that is idle
 * or has completed holds nothing back.
 *
 *     a  --5-----9--------
 *     b  -----7------~----     ~ idle
 *        -----5--7---9----
 *
 * When all are idle it rises to the highest of them, as in Flink (FLINK-7728), whichever was last.
 *
 * Sources call it once per record, so most calls touch one number: unless the input that holds the
 * watermark passes the runner-up, no other input is looked at.
 */
import { type Idle, idle, type Watermark, watermark } from '../element.ts'

export interface LowestWatermark {
  /**
   * Of the active inputs; -Infinity where one of them has none yet, Infinity where none is active.
   */
  readonly lowest: number
  /** What was emitted last; -Infinity: nothing. */
  readonly emitted: number
  /** One more input, active, with this watermark. Returns its number. */
  add(timestamp: number): number
  isActive(input: number): boolean
  /** A record came: the input is not idle. */
  active(input: number): void
  rise(input: number, timestamp: number): void
  /**
   * All of these at the same moment, so that it does not rise to that of one of them on the way.
   */
  idle(...inputs: readonly number[]): void
  /** The input completed: it holds nothing back any more. */
  end(input: number): void
}

type Condition = 'active' | 'idle' | 'ended'

/**
 * Emits the watermark whenever it rises. Emits Idle once all inputs that have not ended are idle,
 * after the highest of their watermarks.
 *
 * @param emitted watermark that an earlier attempt has emitted
 */
export function lowestWatermark(
  inputs: number,
  emit: (control: Watermark | Idle) => void,
  emitted = -Infinity,
): LowestWatermark {
  const timestamps = new Array<number>(inputs).fill(-Infinity)
  const conditions = new Array<Condition>(inputs).fill('active')
  /** The active input with the lowest watermark; -1: none is active. */
  let holder = -1
  let lowest = Infinity
  /**
   * No other active input is below this: what the lowest of them had when last looked at, and they
   * only rise.
   */
  let runnerUp = Infinity
  let silent = false

  function compare(input: number): void {
    const timestamp = timestamps[input] as number
    if (holder < 0 || timestamp < lowest) {
      runnerUp = lowest
      lowest = timestamp
      holder = input
    } else if (timestamp < runnerUp) runnerUp = timestamp
  }

  function look(): void {
    holder = -1
    lowest = runnerUp = Infinity
    for (let input = 0; input < timestamps.length; input++) if (conditions[input] === 'active') compare(input)
  }

  function tell(): void {
    if (holder >= 0) {
      if (lowest <= emitted) return
      emitted = lowest
      emit(watermark(lowest))
    } else if (conditions.includes('idle') && !silent) {
      silent = true
      // In whatever order they have become idle: nobody is left who could hold back what the
      // furthest of them has reached.
      const highest = highestIdle()
      if (highest > emitted) {
        emitted = highest
        emit(watermark(highest))
      }
      emit(idle)
    }
  }

  function highestIdle(): number {
    let highest = -Infinity
    for (let input = 0; input < timestamps.length; input++)
      if (conditions[input] === 'idle') highest = Math.max(highest, timestamps[input] as number)
    return highest
  }

  function wake(input: number): void {
    conditions[input] = 'active'
    silent = false
    compare(input)
  }

  look()
  return {
    get lowest() {
      return lowest
    },
    get emitted() {
      return emitted
    },
    add(timestamp) {
      timestamps.push(timestamp)
      conditions.push('active')
      silent = false
      compare(timestamps.length - 1)
      return timestamps.length - 1
    },
    isActive: (input) => conditions[input] === 'active',
    active(input) {
      if (conditions[input] !== 'active') wake(input)
    },
    rise(input, timestamp) {
      if (timestamp > (timestamps[input] as number)) timestamps[input] = timestamp
      if (conditions[input] !== 'active') wake(input)
      else if (input === holder) {
        if (timestamp > runnerUp) look()
        else lowest = timestamps[input] as number
      }
      // What an input that was added or has woken has made of it is told with the next one that
      // rises, whichever that is.
      if (lowest > emitted) tell()
    },
    idle(...these) {
      for (const input of these) conditions[input] = 'idle'
      look()
      tell()
    },
    end(input) {
      conditions[input] = 'ended'
      look()
      tell()
    },
  }
}
