import { describe, expect, it } from 'vitest'
import { keyBy } from '../../src/operators/keyBy.ts'
import { latestByKey } from '../../src/operators/latestByKey.ts'
import { streamRecord } from '../../src/record.ts'
import type { StateOptions } from '../../src/state/stateOptions.ts'
import type { Stream } from '../../src/stream.ts'
import { run } from '../../src/testing/index.ts'
import type { LetterOptions } from './keyedContract.ts'
import { told } from './told.ts'
import { liveEntries } from './windows/liveEntries.ts'

const at = (value: string | null, timestamp: number) =>
  streamRecord(value, timestamp, null, [], { topic: 't', partition: 0 }, 0) as never
const values = { a: at('a', 5), b: at('b', 7), c: at('c', 6), d: at('d', 7), A: at('A', 1), n: at(null, 9) }

/** Capital letters are keyed apart from small ones. */
const table =
  (options: StateOptions<string> = {}) =>
  (source: Stream<string>) =>
    source.pipe(
      keyBy((letter) => (letter ?? 'n') < 'a'),
      latestByKey({ id: 'latest', ...options }),
    )
const play = (picture: string, options: LetterOptions = {}, state: StateOptions<string> = {}) =>
  run(table(state), picture, { values, ...options })

describe('latestByKey', () => {
  it('emits what replaces the latest record of its key, and drops what is older', () => {
    expect(told(play('R-a-b-c-1-d-A-|').elements)).toBe('a@5 b@7 1 d@7 A@1')
  })

  it('takes null for a value', () => {
    expect(told(play('R-b-n-d-|').elements)).toBe('b@7 null@9')
  })

  it('keeps one value for each key, and goes on with it after a restart', () => {
    const before = play('R-a-b-A-1-')
    expect(liveEntries(before.snapshot(1), 'latest')).toEqual({ 'timed value:latest': 2 })
    expect(told(play('R-c-d-|', { restoreFrom: before.snapshot(1) }).elements)).toBe('d@7')
    expect(told(play('R-c-d-|').elements)).toBe('c@6 d@7')
  })

  it('may get or lose its time to live at a restart', () => {
    const before = play('R-b-1-')
    const brief = play('R-c-1-', { restoreFrom: before.snapshot(1) }, { ttl: 1_000 })
    expect(told(brief.elements)).toBe('1')
    expect(told(play('R-c-d-', { restoreFrom: brief.snapshot(1) }).elements)).toBe('d@7')
  })

  it('refuses a record without a key', () => {
    const keyless = (source: Stream<string>) => latestByKey<string, string>({ id: 'latest' })(source as never)
    expect(run(keyless, 'R-x-|').error).toMatchObject({ code: 'NO_KEY', where: { operator: 'latest' } })
  })
})
