/** One direction of a connection through the proxy: frames go out in the order in which they came in, late or not at all for a while. */
import type { Buffer } from 'node:buffer'

export interface Lane {
  push(frame: Buffer): void
  /** To be called when `blocked` may have changed. */
  pump(): void
  readonly empty: boolean
}

export interface LaneRules {
  /** ms that a frame which comes now has to wait. */
  delay(): number
  /** Nothing goes out at present. */
  blocked(): boolean
  write(frame: Buffer): void
}

export function lane({ delay, blocked, write }: LaneRules): Lane {
  const waiting: { readonly due: number; readonly frame: Buffer }[] = []
  let timer: NodeJS.Timeout | undefined

  function pump(): void {
    clearTimeout(timer)
    for (let [first] = waiting; first !== undefined && !blocked(); [first] = waiting) {
      const left = first.due - performance.now()
      if (left > 0) {
        timer = setTimeout(pump, Math.ceil(left))
        return
      }
      waiting.shift()
      write(first.frame)
    }
  }

  return {
    push(frame) {
      waiting.push({ due: performance.now() + delay(), frame })
      pump()
    },
    pump,
    get empty() {
      return waiting.length === 0
    },
  }
}
