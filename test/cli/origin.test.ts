import { describe, expect, it } from 'vitest'
import { originOf, type WrittenEntry } from '../../src/cli/trace/origin.ts'

/** Checkpoint n of a shard, whose source has been read up to 10 n. */
const entryOf = (shard: number, checkpoint: number, producerEpoch: number, writtenAt: number): WrittenEntry => ({
  ...{ shard, producerId: 7 + shard, producerEpoch, writtenAt },
  entry: {
    ...{ lineage: 'l', checkpoint, owner: 'o', snapshot: null, handles: {} },
    positions: [{ source: 's', splits: [{ topic: 't', partition: 0, offset: 10 * checkpoint }] }],
  },
})

const written = (producerEpoch: number, committedAt: number) => ({ producerId: 7, producerEpoch, committedAt })

describe('rxweft trace', () => {
  const entries = [entryOf(0, 1, 1, 100), entryOf(0, 2, 2, 200), entryOf(0, 3, 3, 300), entryOf(1, 3, 2, 200)]

  it('finds the checkpoint by producer and epoch, and the input since the one before', () => {
    expect(originOf(written(2, 210), entries)).toEqual({
      ...{ shard: 0, checkpoint: 2, owner: 'o', committedAt: 210, exact: true },
      input: [{ source: 's', topic: 't', partition: 0, from: 10, to: 20 }],
    })
  })

  it('finds it where clocks differ, since the epoch is that of one transaction', () => {
    expect(originOf(written(2, 150), entries)?.checkpoint).toBe(2)
  })

  it('tells transactions of one epoch apart by time, as protocol v1 has them', () => {
    const v1 = [entryOf(0, 1, 5, 100), entryOf(0, 2, 5, 200), entryOf(0, 3, 5, 300)]
    expect(originOf(written(5, 210), v1)?.checkpoint).toBe(2)
    expect(originOf(written(5, 310), v1)?.checkpoint).toBe(3)
  })

  it('says that the input begins further back if the checkpoint before is gone', () => {
    const compacted = entries.filter(({ entry }) => entry.checkpoint !== 2)
    expect(originOf(written(3, 310), compacted)).toMatchObject({ exact: false, input: [{ from: 10, to: 30 }] })
  })

  it('finds nothing for another producer, or another epoch', () => {
    expect(originOf({ ...written(2, 210), producerId: 99 }, entries)).toBeNull()
    expect(originOf(written(9, 210), entries)).toBeNull()
  })
})
