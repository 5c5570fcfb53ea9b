import { beforeEach, describe, expect, it } from 'vitest'
import { createCredits } from '../../../src/credits.ts'
import { type Deferred, deferred } from '../../../src/deferred.ts'
import {
  type BatchLimits,
  type Lane,
  type Outbox,
  type OutgoingBatch,
  outbox,
  type RefusedBatch,
} from '../../../src/kafka/sending/outbox.ts'
import { type SinkShare, sinkShare } from '../../../src/kafka/sending/shares.ts'
import { FatalError } from '../../../src/openErrors.ts'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'
import { place, read } from '../batch/plainRecords.ts'

const limits: BatchLimits = { linger: 0, batchBytes: 100_000, compression: 'none' }
/** Where all records were read. */
const source = { topic: 'source', partition: 3 }
const nobody = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }

/** One send as the outbox asked for it: "checkpoint: partition=values partition=values"; answered when the test says so. */
interface Send {
  readonly what: string
  readonly buffers: readonly Buffer[]
  readonly batches: readonly OutgoingBatch[]
  readonly acked: Deferred<readonly RefusedBatch[] | undefined>
}

let sends: Send[]
let failures: unknown[]
let ready: Map<number, Deferred<void>>
let clock: ReturnType<typeof virtualClock>
let credits: ReturnType<typeof createCredits>
let ended: AbortController
let box: Outbox
let checkpoint: number
let offset: number

beforeEach(() => {
  sends = []
  failures = []
  ready = new Map()
  clock = virtualClock()
  credits = createCredits()
  ended = new AbortController()
  checkpoint = 1
  offset = 0
  box = outbox({
    credits,
    clock,
    signal: ended.signal,
    fail: (error) => failures.push(error),
    ready: async (n) => ready.get(n)?.promise,
    send(n, batches) {
      const each = batches.map(({ partition, builder }) => `${partition}=${valuesOf(builder.finish(nobody))}`)
      const buffers = batches.map(({ builder }) => builder.buffer)
      const send = {
        what: `${n}: ${each.join(' ')}`,
        acked: deferred<readonly RefusedBatch[] | undefined>(),
        buffers,
        batches,
      }
      sends.push(send)
      return send.acked.promise.then((refused) => refused ?? [])
    },
  })
})

function valuesOf(batch: Buffer): string {
  return read(batch)
    .map(({ value }) => String(value))
    .join('')
}

function lane(partition: number, own: Partial<BatchLimits> = {}): Lane {
  return box.lane(place.topic, partition, { ...limits, ...own }, () => checkpoint)
}

function append(to: Lane, values: Iterable<string>, held = 1): void {
  for (const value of values) {
    credits.take(held)
    to.append(0, null, Buffer.from(value), [], held, { split: source, offset: offset++ })
  }
}

const sent = (): readonly string[] => sends.map(({ what }) => what)

async function ack(at: number): Promise<void> {
  sends[at]?.acked.resolve(undefined)
  await settle()
}

describe('the outbox', () => {
  it('sends at once what was appended in one go, a batch a partition', async () => {
    const [a, b] = [lane(0), lane(1)]
    append(a, 'xy')
    append(b, 'z')
    await settle()
    expect(sent()).toEqual(['1: 0=xy 1=z'])
  })

  it('collects what comes while a round is in flight, and sends it in the next one', async () => {
    const a = lane(0)
    append(a, 'x')
    await settle()
    append(a, 'y')
    append(a, 'z')
    await settle()
    expect(sent()).toEqual(['1: 0=x'])
    await ack(0)
    expect(sent()).toEqual(['1: 0=x', '1: 0=yz'])
  })

  it('never has two batches of one partition in flight, whichever sinks they come from', async () => {
    const [a, same] = [lane(0), lane(0)]
    append(a, 'x')
    append(same, 'y')
    await settle()
    expect(sent()).toEqual(['1: 0=x'])
    await ack(0)
    expect(sent()).toEqual(['1: 0=x', '1: 0=y'])
  })

  it('closes a batch when the next record would exceed its size', async () => {
    const a = lane(0, { batchBytes: 120 })
    append(a, 'uvwxyz')
    await settle()
    await ack(0)
    await ack(1)
    expect(sent().length).toBeGreaterThan(1)
    expect(
      sent()
        .map((what) => what.slice(5))
        .join(''),
    ).toBe('uvwxyz')
  })

  it('sends what is compressed in another thread in its order', async () => {
    const a = lane(0, { compression: 'gzip', batchBytes: 20_000 })
    const values = ['u', 'v', 'w'].map((letter) => letter.repeat(15_000))
    for (const value of values) append(a, [value])
    for (const [at, value] of values.entries()) {
      await expect.poll(sent).toHaveLength(at + 1)
      expect(sent()[at]).toBe(`1: 0=${value}`)
      await ack(at)
    }
    expect(failures).toEqual([])
  })

  it('uses the buffer of a batch again, but not before the batch is acked', async () => {
    const a = lane(0)
    append(a, 'x')
    await settle()
    append(a, 'y')
    await settle()
    expect(sends[0]?.buffers[0]).not.toBeUndefined()
    await ack(0)
    append(a, 'z')
    await ack(1)
    const [first, second, third] = sends.map(({ buffers }) => buffers[0])
    expect(second).not.toBe(first)
    expect(third).toBe(first)
  })

  it('sends no record of the next checkpoint before all of this one is acked', async () => {
    const [a, b] = [lane(0), lane(1)]
    append(a, 'x')
    append(b, 'y')
    await settle()
    const flushed = box.flush(1)
    checkpoint = 2
    append(b, 'z')
    await settle()
    expect(sent()).toEqual(['1: 0=x 1=y'])
    await ack(0)
    await flushed
    expect(sent()).toEqual(['1: 0=x 1=y', '2: 1=z'])
  })

  it('flushes a checkpoint without records at once', async () => {
    await box.flush(1)
    await box.flush(2)
    expect(sent()).toEqual([])
  })

  it('waits until the transaction of a checkpoint may be written to', async () => {
    ready.set(1, deferred())
    append(lane(0), 'x')
    await settle()
    expect(sent()).toEqual([])
    ready.get(1)?.resolve()
    await settle()
    expect(sent()).toEqual(['1: 0=x'])
  })

  it('begins with the checkpoint that it is told', async () => {
    box.begin(7)
    checkpoint = 7
    append(lane(0), 'x')
    await settle()
    expect(sent()).toEqual(['7: 0=x'])
  })

  it('sends nothing more after a send that failed, and says so', async () => {
    const a = lane(0)
    append(a, 'x')
    await settle()
    append(a, 'y')
    sends[0]?.acked.reject(new Error('lost'))
    await settle()
    expect(failures).toEqual([new Error('lost')])
    append(a, 'z')
    await settle()
    expect(sent()).toEqual(['1: 0=x'])
  })

  it('sends nothing after the end of its attempt, and leaves no timer', async () => {
    const a = lane(0, { linger: 10 })
    append(a, 'x')
    await settle()
    ended.abort()
    append(a, 'y')
    await settle()
    expect(sent()).toEqual([])
    expect(clock.timers).toBe(0)
  })

  describe('with linger', () => {
    it('waits so long for more records', async () => {
      const a = lane(0, { linger: 10 })
      append(a, 'x')
      await clock.advanceAsync(9)
      append(a, 'y')
      expect(sent()).toEqual([])
      await clock.advanceAsync(1)
      expect(sent()).toEqual(['1: 0=xy'])
    })

    it('does not wait once a checkpoint wants all of it', async () => {
      append(lane(0, { linger: 10 }), 'x')
      box.flush(1)
      await settle()
      expect(sent()).toEqual(['1: 0=x'])
    })

    it('does not wait while a source waits for credits', async () => {
      append(lane(0, { linger: 10 }), 'x')
      await settle()
      credits.below(1)
      await settle()
      expect(sent()).toEqual(['1: 0=x'])
    })
  })

  it('gives back what the records hold when they are acked, and not before', async () => {
    append(lane(0), 'xy', 3)
    await settle()
    expect(credits.inFlight).toBe(6)
    await ack(0)
    expect(credits.inFlight).toBe(0)
  })

  describe('a batch that the broker refuses for what is in it', () => {
    const error = new FatalError('MESSAGE_TOO_LARGE', 'too large')
    let share: SinkShare
    let refused: string[]

    beforeEach(() => {
      refused = []
      share = sinkShare(({ value, split, offset, reason }, n) => {
        refused.push(`${value} of ${n} from ${split.topic}/${split.partition}@${offset}: ${reason}`)
      })
    })

    const shared = (partition = 0, limited: BatchLimits = limits): Lane =>
      box.lane(place.topic, partition, limited, () => checkpoint, share)

    /** The broker has refused the batch of this send, in the order of its partitions. */
    async function refuse(at: number, records: readonly (readonly [number, string])[] = [], nth = 0): Promise<void> {
      const batch = sends[at]?.batches[nth] as OutgoingBatch
      sends[at]?.acked.resolve([{ batch, error, records: new Map(records) }])
      await settle()
    }

    it('is sent again without the records that it names, before anything else of its partition', async () => {
      const a = shared()
      append(a, 'uvwxy')
      await settle()
      append(a, 'z')
      await refuse(0, [
        [1, 'no'],
        [4, 'neither'],
      ])
      expect(sent()).toEqual(['1: 0=uvwxy', '1: 0=uwx'])
      expect(refused).toEqual(['v of 1 from source/3@1: no', 'y of 1 from source/3@4: neither'])
      await ack(1)
      expect(sent().at(-1)).toBe('1: 0=z')
    })

    it('is halved if it names none, until the record stands alone, and later batches are smaller', async () => {
      const a = shared()
      append(a, 'uvwxy')
      await settle()
      await refuse(0)
      await ack(1)
      await refuse(2)
      await refuse(3)
      await ack(4)
      expect(sent()).toEqual(['1: 0=uvwxy', '1: 0=uvw', '1: 0=xy', '1: 0=x', '1: 0=y'])
      expect(refused).toEqual(['x of 1 from source/3@3: null'])
      append(a, ['l'.repeat(600), 'm'.repeat(600)])
      await settle()
      expect(sent().at(-1)).toBe(`1: 0=${'l'.repeat(600)}`)
    })

    it('is gone if nothing of it is left', async () => {
      append(shared(), 'x')
      const flushed = box.flush(1)
      await settle()
      await refuse(0, [[0, 'no']])
      await flushed
      expect([sent(), credits.inFlight]).toEqual([['1: 0=x'], 0])
    })

    it('gives back what its records hold once they are acked or refused', async () => {
      append(shared(), 'uvwxy', 3)
      await settle()
      await refuse(0)
      expect(credits.inFlight).toBe(15)
      await refuse(1, [[0, 'no']])
      await ack(2)
      await ack(3)
      expect([sent().slice(1), credits.inFlight]).toEqual([['1: 0=uvw', '1: 0=vw', '1: 0=xy'], 0])
    })

    it('keeps the next checkpoint waiting', async () => {
      const a = shared()
      append(a, 'xy')
      box.flush(1)
      checkpoint = 2
      append(a, 'z')
      await settle()
      await refuse(0, [[0, 'no']])
      expect(sent()).toEqual(['1: 0=xy', '1: 0=y'])
      await ack(1)
      expect(sent().at(-1)).toBe('2: 0=z')
    })

    it('ends the attempt if nobody takes care of it', async () => {
      append(lane(0), 'x')
      await settle()
      await refuse(0)
      expect(failures).toEqual([error])
    })

    it('is not sent again once the attempt has ended', async () => {
      share = sinkShare(() => ended.abort())
      append(shared(), 'xy')
      await settle()
      await refuse(0, [[0, 'no']])
      expect(sent()).toEqual(['1: 0=xy'])
    })

    it('is compressed again', async () => {
      append(shared(0, { ...limits, compression: 'gzip' }), 'xyz')
      await settle()
      await refuse(0, [[1, 'no']])
      expect(sent()).toEqual(['1: 0=xyz', '1: 0=xz'])
    })

    describe('is settled', () => {
      it('when the last batch of the sink is, and not before: refusals first', async () => {
        const [a, other] = [shared(0), shared(1)]
        append(a, 'xy')
        append(other, 'z')
        box.settle(share, 1, () => refused.push('settled'))
        await settle()
        await refuse(0, [[0, 'no']])
        expect(refused).toEqual(['x of 1 from source/3@0: no'])
        await ack(1)
        expect(refused.at(-1)).toBe('settled')
      })

      it('at once if nothing is on its way, and of no other sink', () => {
        append(lane(0), 'x')
        box.settle(share, 1, () => refused.push('settled'))
        expect(refused).toEqual(['settled'])
      })

      it('without lingering, and although another sink has not sealed its checkpoint', async () => {
        append(shared(0, { ...limits, linger: 1_000 }), 'x')
        box.settle(share, 1, () => {
          // A dead letter of the same checkpoint.
          append(lane(1), 'y')
          refused.push('settled')
        })
        await settle()
        await ack(0)
        expect([sent(), refused]).toEqual([['1: 0=x', '1: 1=y'], ['settled']])
      })
    })
  })
})
