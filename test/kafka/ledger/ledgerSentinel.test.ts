import { describe, expect, it } from 'vitest'
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import { at } from '../../../src/kafka/batch/layout.ts'
import { proveRead } from '../../../src/kafka/ledger/ledgerSentinel.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import type { FetchArgs } from '../../../src/kafka/protocol/fetch.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { marker } from '../batch/markers.ts'

const key = Buffer.from('mine')
const split = { topic: 'ledger', partition: 0 }

function entry(offset: number, of: Buffer | null = key): Buffer {
  const builder = createBatchBuilder({ compression: 'none' })
  builder.append(0, of, Buffer.from('entry'), [])
  const batch = Buffer.from(
    builder.finish({ producerId: 1, producerEpoch: 0, baseSequence: offset, transactional: true }),
  )
  batch.writeBigInt64BE(BigInt(offset), at.baseOffset)
  return batch
}

/** What a leader has, a batch an answer. @param answers errors instead, for the first requests; null: an empty answer */
function log(batches: readonly Buffer[], answers: (number | null)[] = []) {
  const asked: { node: number; offset: number; isolation: string | undefined }[] = []
  const call = async (node: number, _: unknown, { partitions, isolation }: FetchArgs) => {
    const offset = partitions[0]?.offset ?? -1
    asked.push({ node, offset, isolation })
    const planned = answers.shift()
    const found = batches.find((batch) => Number(batch.readBigInt64BE(at.baseOffset)) >= offset)
    const records = planned === undefined && found !== undefined ? found : Buffer.alloc(0)
    return [{ ...split, errorCode: planned ?? 0, records, abortedTransactions: [] }]
  }
  return { asked, connections: { call } as unknown as Pick<Connections, 'call'> }
}

const clock = virtualClock()

async function prove({ connections }: ReturnType<typeof log>, seen: number, baseOffset: number) {
  const attempt = { clock, signal: new AbortController().signal }
  let settled = false
  const proving = proveRead({ attempt, connections, split, key, topicId: 'id' }, seen, {
    ...split,
    leader: 7,
    baseOffset,
  })
  proving.then(
    () => (settled = true),
    () => (settled = true),
  )
  for (let turns = 0; turns < 1_000 && !settled; turns++) await clock.advanceAsync(100)
  return proving
}

describe('an acked record proves that the ledger was read up to its end', () => {
  it('without a request where nothing lies between', async () => {
    const leader = log([])
    await prove(leader, 5, 5)
    expect(leader.asked).toEqual([])
  })

  it('where only markers and entries of others lie between', async () => {
    const leader = log([marker(5, 1, 'commit'), entry(6, Buffer.from('other')), marker(7, 1, 'abort'), entry(8)])
    await prove(leader, 5, 8)
    expect(leader.asked[0]).toEqual({ node: 7, offset: 5, isolation: 'read_uncommitted' })
  })

  it('where compaction has removed all that lay between', async () => {
    await prove(log([entry(20)]), 5, 20)
  })

  it('not where an entry lies between, at either end or in the middle', async () => {
    for (const offset of [5, 7, 9]) {
      const leader = log([entry(offset), entry(10)])
      await expect(prove(leader, 5, 10)).rejects.toMatchObject({ code: 'LEDGER_READ_STALE', consequence: 'retriable' })
    }
  })

  it('only once it is read up to the record: an empty answer proves nothing', async () => {
    const leader = log([entry(6), entry(8)], [null, null])
    await expect(prove(leader, 5, 8)).rejects.toMatchObject({ code: 'LEDGER_READ_STALE' })
    await expect(prove(log([]), 5, 8)).rejects.toMatchObject({ code: 'LEDGER_BEHIND' })
  })

  it('not where the leader has moved before it could be asked', async () => {
    await expect(prove(log([entry(8)], [6]), 5, 8)).rejects.toMatchObject({ code: 'LEDGER_READ_STALE' })
  })

  it('not where the leader refuses for good: that is told as it is', async () => {
    await expect(prove(log([entry(8)], [29]), 5, 8)).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' })
  })

  it('not where the leader does not say where the record is', async () => {
    await expect(prove(log([]), 5, -1)).rejects.toMatchObject({ code: 'LEDGER_READ_STALE' })
  })

  it('and a record before that end shows that the ledger has become shorter', async () => {
    await expect(prove(log([]), 5, 3)).rejects.toMatchObject({ code: 'LEDGER_TRUNCATED', consequence: 'fatal' })
  })
})
