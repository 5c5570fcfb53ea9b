/** A job to look at, with faults at hand: orders on an embedded log, for tests and pictures of the page. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  asyncMap,
  boundedOutOfOrderness,
  type CheckpointStorage,
  deadLetter,
  defineJob,
  execute,
  exponentialDelay,
  fileStorage,
  type JobHandle,
  json,
  keyBy,
  map,
  RetriableError,
  scan,
  share,
  sideOutput,
  to,
  tumbling,
  window,
} from 'rxweft'
import { embeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'

interface Order {
  readonly customer: string
  readonly amount: number
  readonly at: number
}

export interface Stage {
  readonly job: JobHandle
  /** Time that each order waits for a price, ms. */
  slow(ms: number): void
  /** The storage fails as often as this. */
  failStorage(times: number): void
  /** Ends all. */
  close(): Promise<void>
}

const partitions = 4

/** @param rate orders in a second */
export async function stage(rate = 400): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-stage-'))
  const log = embeddedLog(join(folder, 'log'))
  for (const topic of ['orders', 'revenue', 'totals', 'late-orders', 'dead-orders'])
    log.createTopic(topic, { partitions })
  let delay = 0
  let failures = 0
  const files = fileStorage(join(folder, 'checkpoints'))
  const failing =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (failures === 0) return call(...args)
      failures -= 1
      throw new RetriableError('STORAGE_IO', 'ENOSPC: no space left on device', { hint: 'Make room on the disk' })
    }
  const storage: CheckpointStorage = {
    ...files,
    put: failing(files.put),
    ...(files.write && { write: failing(files.write) }),
  }
  const definition = defineJob(
    'orders',
    ({ from }) => {
      const late = sideOutput<Order>()
      const priced = from(
        embeddedSource(log, { topic: 'orders', value: json<Order>() }),
        boundedOutOfOrderness(2_000).withTimestamps(({ at }) => at),
      ).pipe(
        map((order) => ({ ...order, amount: valid(order.amount) })),
        asyncMap(async (order) => (delay > 0 ? pause(delay, order) : order), { concurrency: 16 }),
        keyBy(({ customer }) => customer),
        share(),
      )
      return [
        priced.pipe(
          scan((sum, { amount }) => sum + amount, 0, { id: 'total' }),
          map((sum, { key }) => ({ customer: key, sum })),
          to(embeddedSink(log, { topic: 'totals', value: json() })),
        ),
        priced.pipe(
          window(tumbling(5_000), { late }).process((orders, { key }) => ({ customer: key, orders: orders.length }), {
            id: 'per-window',
          }),
          to(embeddedSink(log, { topic: 'revenue', value: json() })),
        ),
        late.pipe(to(embeddedSink(log, { topic: 'late-orders', value: json() }))),
      ]
    },
    { onError: deadLetter(embeddedSink(log, { topic: 'dead-orders', value: json() })) },
  )
  const job = execute(definition, {
    storage,
    checkpointing: { interval: 700, timeout: 20_000 },
    restart: exponentialDelay({ initial: 2_500, max: 2_500 }),
  })
  job.done.catch(() => undefined)
  let number = 0
  const feeding = setInterval(() => {
    const orders = Array.from({ length: Math.ceil(rate / 10) }, () => orderOf(number++))
    log.append(
      'orders',
      orders.map((order, at) => ({ partition: at % partitions, value: JSON.stringify(order) })),
    )
  }, 100)
  return {
    job,
    slow: (ms) => {
      delay = ms
    },
    failStorage: (times) => {
      failures = times
    },
    async close() {
      clearInterval(feeding)
      await job.cancel().catch(() => undefined)
      await log.close()
      // The job may still write what it began.
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

function valid(amount: number): number {
  if (amount < 0) throw new Error('the amount is negative')
  return amount
}

/** Some are late, few are wrong. */
function orderOf(number: number): Order {
  const customer = `customer-${(number * 7919) % 5_000}`
  const at = Date.now() - (number % 997 === 0 ? 60_000 : (number * 31) % 1_500)
  return { customer, amount: number % 1_999 === 1 ? -1 : (number * 37) % 500, at }
}
