import { describe, expect, it } from 'vitest'
import { type StreamRecord, streamRecord } from '../../src/record.ts'
import { crashDifferences } from '../../src/testing/crash/crashCompare.ts'

const read = (value: string, key: unknown, partition = 0): StreamRecord<string> =>
  streamRecord(value, 0, key, [], { topic: 'lines', partition }, 7)
/** Made by a window. */
const made = (value: string, key: unknown): StreamRecord<string> =>
  streamRecord(value, 0, key, [], { topic: 'counts', partition: 0 }, -1)

const differences = (
  expected: readonly StreamRecord<string>[],
  found: readonly StreamRecord<string>[],
  ordered = true,
) => crashDifferences(new Map([['out', expected]]), new Map([['out', found]]), ordered)

describe('what is compared of two runs', () => {
  it('is the order of what comes from one partition, whatever the keys', () => {
    const [a, b] = [read('a', 1), read('b', 2)]
    expect(differences([a, b], [b, a])).toEqual(["out: record 1 of lines/0 is 'b' (key 2), and was 'a' (key 1)"])
    expect(differences([a, b], [b, a], false)).toEqual([])
    const elsewhere = read('b', 2, 1)
    expect(differences([a, elsewhere], [elsewhere, a])).toEqual([])
  })

  it('is the order of what an operator has made for one key', () => {
    const [a, b, c] = [made('a', 1), made('b', 1), made('c', 2)]
    expect(differences([a, b, c], [c, a, b])).toEqual([])
    expect(differences([a, b, c], [b, a, c])).toEqual([
      "out: record 1 of counts/0 with the key 1 is 'b' (key 1), and was 'a' (key 1)",
    ])
  })
})
