import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { at } from '../../../src/kafka/batch/layout.ts'
import { eachLeaderEpoch } from '../../../src/kafka/batch/leaderEpochs.ts'
import { built } from './plainRecords.ts'

function batch(baseOffset: number, epoch: number): Buffer {
  const bytes = built([{ timestamp: 1, key: null, value: Buffer.from('v'), headers: [] }], { baseOffset })
  bytes.writeInt32BE(epoch, at.leaderEpoch)
  return bytes
}

function epochsIn(fetched: Buffer): readonly (readonly [number, number])[] {
  const found: [number, number][] = []
  eachLeaderEpoch(fetched, (offset, epoch) => found.push([offset, epoch]))
  return found
}

it('a leader epoch is told with the first batch that has it', () => {
  expect(epochsIn(Buffer.concat([batch(10, 3), batch(11, 3), batch(12, 5)]))).toEqual([
    [10, 3],
    [12, 5],
  ])
})

it('a batch that is cut off says nothing of its epoch', () => {
  const two = Buffer.concat([batch(10, 3), batch(11, 5)])
  expect(epochsIn(two.subarray(0, two.length - 1))).toEqual([[10, 3]])
})
