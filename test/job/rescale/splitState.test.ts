/** Keyed state is divided by the slots of its keys, and refused where a key is not where its slot is. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { readStates } from '../../../src/checkpoint/snapshotChain.ts'
import { type BlockStream, blockStream } from '../../../src/job/rescale/blockStream.ts'
import type { OpenedTables } from '../../../src/job/rescale/openedTables.ts'
import { type Giver, splitState } from '../../../src/job/rescale/splitState.ts'
import { wholeSnapshot } from '../../../src/job/rescale/wholeSnapshot.ts'
import type { Json } from '../../../src/record.ts'
import { readEntries } from '../../../src/state/entries.ts'
import { decodeKey, encodeKey } from '../../../src/state/keys.ts'

const storage = memoryStorage()
const of = { operator: 'count', table: 'values', version: 1 }
const states = new Map<string, Json>([['count', {}]])

/** Key n has slot n % 4. */
const slots = { partitions: 4, slotOf: (key: unknown) => Number(key) % 4 }

/** A shard whose last snapshot has these keys. */
async function giver(shard: number, keys: readonly number[]): Promise<Giver> {
  const stream = blockStream()
  for (const key of keys) stream.write(of, encodeKey(key), Buffer.alloc(0), Buffer.from(`${key}`))
  stream.end()
  const header = { job: 'moved', shard, lineage: 'l', checkpoint: 3, attempt: randomUUID() }
  const { snapshot } = await wholeSnapshot(storage, header, ['count'], states, stream)
  if (snapshot === null) throw new Error('it has no snapshot')
  const restored = await readStates(storage, snapshot, header)
  return { shard, snapshot, restored, storage, name: (operator) => operator }
}

async function keysIn({ blocks }: BlockStream): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const { block } of blocks) readEntries(Buffer.from(block.bytes), (key) => found.push(decodeKey(key)))
  return found.sort()
}

/** Moves slot 2 from shard 0, and slot 3 from shard 1, to shard 2; resolves with the keys of each shard. */
async function divided(givers: readonly Giver[], keySlots: typeof slots | null): Promise<unknown[][]> {
  const streams = [0, 1, 2].map((shard) => ({ shard, main: Math.min(shard, 1), stream: blockStream() }))
  const tables = { spec: () => ({}), keySlots: () => keySlots } as unknown as OpenedTables
  await splitState({ givers, receivers: streams, tables, before: [0, 1, 0, 1], after: [0, 1, 2, 2] })
  return Promise.all(streams.map(({ stream }) => keysIn(stream)))
}

describe('keyed state of shards whose slots move', () => {
  it('goes to the shards of its slots', async () => {
    const givers = [await giver(0, [0, 2, 4, 6]), await giver(1, [1, 3, 5])]
    expect(await divided(givers, slots)).toEqual([
      [0, 4],
      [1, 5],
      [2, 3, 6],
    ])
  })

  it('is refused if a shard has a key whose slot is in another one', async () => {
    const givers = [await giver(0, [0, 5]), await giver(1, [1])]
    await expect(divided(givers, slots)).rejects.toMatchObject({
      code: 'STATE_HAS_NO_SLOT',
      message: expect.stringContaining('shard 0 has a key of slot 1'),
    })
  })

  it('is refused if its keys have no slots', async () => {
    await expect(divided([await giver(0, [0])], null)).rejects.toMatchObject({ code: 'STATE_HAS_NO_SLOT' })
  })
})
