/**
 * Feeds a topic at a steady rate: delays are made up for, so the rate holds over any length of
 * time.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { numberedLine } from '../../examples/demo/ground.ts'
import { feeder } from '../faults/feeder.ts'

export interface SteadyFeed {
  readonly fed: number
  /** Resolves when what was begun is with the broker. Rejects where feeding has failed. */
  stop(): Promise<void>
}

/** @param rate records a second */
export async function steadyFeed(broker: string, topic: string, rate: number): Promise<SteadyFeed> {
  const { send, close } = await feeder(broker, topic)
  const start = performance.now()
  let fed = 0
  let over = false

  async function run(): Promise<void> {
    for (; !over; await pause(20)) {
      const due = Math.floor(((performance.now() - start) * rate) / 1_000) - fed
      if (due <= 0) continue
      await send(Array.from({ length: due }, (_, at) => numberedLine(fed + at + 1)))
      fed += due
    }
  }

  const running = run()
  running.catch(() => undefined)
  return {
    get fed() {
      return fed
    },
    async stop() {
      over = true
      await running.finally(close)
    },
  }
}
