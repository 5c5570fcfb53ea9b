/** Readers stop where there is no room, in the middle of a batch too: the position is behind the last record that was emitted. */
import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import type { Room, SourceReader } from '../../../src/contracts/source.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { recordEmitter } from '../../../src/kafka/source/recordEmitter.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { text } from '../../../src/serde/text.ts'
import { virtualClock } from '../../../src/testing/index.ts'
import { temporaryLog } from '../../embedded/temporaryLog.ts'
import { built, place } from '../batch/plainRecords.ts'
import { failing } from './refusing.ts'

const values = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

/** What each turn emits, and the position behind it; a turn has room for these portions. */
async function turns(
  reader: Pick<SourceReader<string>, 'poll' | 'drain' | 'position'>,
  portions: readonly (readonly number[])[],
): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const its of portions) {
    const emitted: string[] = []
    const left = [...its]
    if ((await reader.poll()) === 'ready')
      reader.drain(
        (value) => emitted.push(value),
        failing,
        () => left.shift() ?? 0,
      )
    seen.push([emitted.join(''), reader.position()[0]?.offset])
  }
  return seen
}

const portions = [[1], [0], [2, 1], [1, 0, 5], [9]]
const expected = [
  ['a', 1],
  ['', 1],
  ['bcd', 4],
  ['e', 5],
  ['fg', 7],
]

describe('a turn that has room for a part of a batch ends there, and the next goes on there', () => {
  it('of a source in memory', async () => {
    const reader = await memorySource(values).open({} as AttemptContext)
    expect(await turns(reader, portions)).toEqual(expected)
    expect(await reader.poll()).toBe('end')
  })

  it('of an embedded log', async () => {
    const log = await temporaryLog({ t: 1 })
    await log.append(
      't',
      values.map((value) => ({ value, partition: 0 })),
    )
    const attempt = { clock: virtualClock(), shard: 0, slots: [0] } as unknown as AttemptContext
    const reader = await embeddedSource(log, { topic: 't', value: text, until: 'latest' }).open(attempt)
    await reader.seek(await reader.resolve())
    expect(await turns(reader, portions)).toEqual(expected)
    expect(await reader.poll()).toBe('end')
  })

  it('of what Kafka has sent', async () => {
    const plain = values.map((value) => ({ timestamp: 7, key: null, value: Buffer.from(value), headers: [] }))
    const decided = { errorCode: 0, highWatermark: 9, lastStableOffset: 9, logStartOffset: 0, abortedTransactions: [] }
    const records = Buffer.concat([built(plain.slice(0, 3)), built(plain.slice(3), { baseOffset: 3 })])
    const chunk = {
      split: { split: place, position: 0, bound: Infinity },
      fetched: { ...place, ...decided, records },
    }
    const emit = recordEmitter({ value: text, source: 's' })
    let through = false
    const reader = {
      poll: async () => 'ready' as const,
      drain(...[emitOne, refuse, room]: [Parameters<typeof emit>[1], typeof failing, Room?]) {
        through = emit(chunk as Parameters<typeof emit>[0], emitOne as never, refuse, room)
      },
      position: () => [{ ...place, offset: chunk.split.position }],
    }
    expect(await turns(reader as never, portions.slice(0, 4))).toEqual(expected.slice(0, 4))
    expect(through).toBe(false)
    expect(await turns(reader as never, [[9]])).toEqual(expected.slice(4))
    expect(through).toBe(true)
  })
})
