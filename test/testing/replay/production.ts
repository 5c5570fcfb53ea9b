/** A job that has run over an embedded log, with a savepoint before and after each part of its input. */
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import type { CheckpointStorage } from '../../../src/contracts/storage.ts'
import type { EmbeddedLog } from '../../../src/embedded/embeddedLog.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { defineJob, type Job, type JobOptions } from '../../../src/job/defineJob.ts'
import { execute } from '../../../src/job/execute.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { scan } from '../../../src/operators/scan.ts'
import { to } from '../../../src/operators/to.ts'
import { window } from '../../../src/operators/window.ts'
import { json } from '../../../src/serde/json.ts'
import { boundedOutOfOrderness } from '../../../src/time/watermarks.ts'
import { tumbling } from '../../../src/time/windows.ts'
import { temporaryLog } from '../../embedded/temporaryLog.ts'

export interface Order {
  readonly customer: string
  readonly cents: number
  readonly at: number
}

export interface Version {
  /** What is added for each order. */
  readonly worth?: (order: Order) => number
  /** Id of the running sums. */
  readonly sums?: string
  readonly options?: JobOptions
}

/** Sums of each customer: running ones, and those of each second. */
export function orders(log: EmbeddedLog, { worth = ({ cents }) => cents, sums = 'sums', options }: Version = {}): Job {
  return defineJob(
    'orders',
    ({ from }) => {
      const read = from(
        embeddedSource(log, { topic: 'orders', value: json<Order>() }),
        boundedOutOfOrderness(0).withTimestamps(({ at }: Order) => at),
      ).pipe(keyBy(({ customer }) => customer))
      return [
        read.pipe(
          scan((sum, order) => sum + worth(order), 0, { id: sums }),
          to(embeddedSink(log, { topic: 'totals', value: json<number>() })),
        ),
        read.pipe(
          window<Order>(tumbling(1_000)).reduce((a, b) => ({ ...b, cents: worth(a) + worth(b) }), { id: 'seconds' }),
          to(embeddedSink(log, { topic: 'seconds', value: json<Order>() })),
        ),
      ]
    },
    options,
  )
}

export async function production(version: Version = {}) {
  const log = await temporaryLog({ orders: 2, totals: 2, seconds: 2 })
  const storage: CheckpointStorage = memoryStorage()
  const job = orders(log, version)
  let results = 0

  /** Orders of each part, then a savepoint of this name. */
  async function processes(name: string, given: readonly Order[]): Promise<void> {
    await log.append(
      'orders',
      given.map((order) => ({ key: order.customer, value: JSON.stringify(order), timestamp: order.at })),
    )
    results += given.length
    const running = execute(job, { storage, checkpointing: { interval: 20 } })
    const written = () => [0, 1].reduce((sum, partition) => sum + [...log.read('totals', partition)].length, 0)
    const enough = async (): Promise<void> => {
      while (written() < results) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await Promise.race([enough(), running.done])
    await running.stop({ savepoint: name })
  }
  return { log, storage, job, processes }
}

export const first: readonly Order[] = [
  { customer: 'ann', cents: 500, at: 100 },
  { customer: 'bob', cents: 250, at: 200 },
  { customer: 'cid', cents: 10, at: 300 },
]

export const second: readonly Order[] = [
  { customer: 'ann', cents: 100, at: 900 },
  { customer: 'bob', cents: 50, at: 1_100 },
  { customer: 'ann', cents: 7, at: 1_200 },
  { customer: 'cid', cents: 1, at: 2_100 },
]
