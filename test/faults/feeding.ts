/** The source topic of a site: numbered lines, each fed once, and the account of how many there are. */
import { setTimeout as pause } from 'node:timers/promises'
import { type NumberedLine, numberedLine } from '../../examples/demo/ground.ts'
import { feeder } from './feeder.ts'

export interface Feeding {
  readonly fed: number
  /** Lines that have been fed and that no job can read any more. */
  readonly gone: Set<number>
  /** The next lines, counted as fed: whoever asks for them feeds them, each into its partition. */
  next(count: number): readonly NumberedLine[]
  /** Appends so many more lines; resolves when the broker has them all. */
  feed(count: number): Promise<void>
  /** Feeds on, a little at a time, until `until` resolves. */
  feedUntil(until: Promise<unknown>): Promise<void>
  /** Nothing is fed any more: `feed` and `feedUntil` reject. Resolves when what is under way is with the broker. */
  halt(): Promise<void>
  close(): Promise<void>
}

export async function feeding(broker: string, topic: string): Promise<Feeding> {
  const { send, close } = await feeder(broker, topic)
  let fed = 0
  let halted = false
  let sending = Promise.resolve()

  function next(count: number): readonly NumberedLine[] {
    const first = fed + 1
    fed += count
    return Array.from({ length: count }, (_, at) => numberedLine(first + at))
  }

  async function feed(count: number): Promise<void> {
    if (halted) throw new Error('nothing is fed any more')
    sending = send(next(count))
    await sending
  }

  return {
    get fed() {
      return fed
    },
    gone: new Set(),
    next,
    feed,
    async feedUntil(until) {
      let over = false
      const end = (): void => {
        over = true
      }
      until.then(end, end)
      for (; !over; await pause(20)) await feed(10)
      await until
    },
    async halt() {
      halted = true
      await sending.catch(() => undefined)
    },
    close,
  }
}
