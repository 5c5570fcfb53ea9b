import type { DeadLetter } from '../../src/job/badRecords/deadLetter.ts'
import { deadLetter } from '../../src/job/badRecords/deadLetter.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { operate } from '../../src/operators/engine/operate.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import type { StreamRecord } from '../../src/record.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { RangeErrorLike } from './poisonErrors.ts'

export type Kind = 'memory' | 'embedded' | 'exactly-once' | 'at-least-once'

export interface Poison {
  readonly name: string
  /** Fields of the record that comes to the sink. */
  readonly record?: (now: number) => Partial<StreamRecord<unknown>>
  /** Thrown in `map`. */
  readonly throws?: unknown
  /** The sinks that refuse it; the others take it. */
  readonly badFor: readonly Kind[]
}

const kafka: readonly Kind[] = ['exactly-once', 'at-least-once']
const logs: readonly Kind[] = ['embedded', ...kafka]
const all: readonly Kind[] = ['memory', ...logs]

const circular: { self?: unknown } = {}
circular.self = circular
const getter = Object.defineProperty({}, 'value', {
  enumerable: true,
  get: () => {
    throw new RangeError('no')
  },
})
const bytes = Buffer.from
const value = (value: unknown) => () => ({ value })
const key = (key: unknown) => () => ({ key })
const timestamp = (of: (now: number) => number) => (now: number) => ({ timestamp: of(now) })
const headers = (headers: unknown) => () => ({ headers: headers as never })
const hour = 3_600_000

/** The topic takes timestamps of an hour around now, 100,000 bytes, and only records with keys. */
export const poisons: readonly Poison[] = [
  { name: 'a throw in map', throws: new RangeError('no'), badFor: all },
  { name: 'a throw of undefined', throws: undefined, badFor: all },
  { name: 'a throw of an object that cannot be shown', throws: Object.create(null), badFor: all },
  { name: 'a throw of an error whose message throws', throws: new RangeErrorLike(), badFor: all },
  { name: 'a throw of a symbol', throws: Symbol('no'), badFor: all },
  { name: 'a value that is undefined', record: value(undefined), badFor: logs },
  { name: 'a function', record: value(() => 1), badFor: logs },
  { name: 'a symbol', record: value(Symbol('s')), badFor: logs },
  { name: 'a bigint', record: value(12n), badFor: logs },
  { name: 'a circular value', record: value(circular), badFor: logs },
  { name: 'a getter that throws', record: value(getter), badFor: logs },
  { name: 'NaN', record: value(Number.NaN), badFor: logs },
  { name: 'half a surrogate pair', record: value('\ud800'), badFor: [] },
  { name: 'a record that is too large', record: value('x'.repeat(200_000)), badFor: kafka },
  { name: 'no key for a compacted topic', record: key(null), badFor: kafka },
  { name: 'an empty key', record: key(''), badFor: [] },
  { name: 'a huge key', record: key('k'.repeat(200_000)), badFor: kafka },
  { name: 'a key with half a surrogate pair', record: key('\udc00'), badFor: logs },
  { name: 'a key that is an object', record: key({ a: 1 }), badFor: logs },
  { name: 'a key that is a symbol', record: key(Symbol('k')), badFor: logs },
  { name: 'a key that is undefined', record: key(undefined), badFor: logs },
  { name: 'a timestamp that is no number', record: timestamp(() => Number.NaN), badFor: logs },
  { name: 'a timestamp without end', record: timestamp(() => Infinity), badFor: logs },
  { name: 'a timestamp too far ahead', record: timestamp((now) => now + 48 * hour), badFor: kafka },
  { name: 'a timestamp in microseconds', record: timestamp((now) => now * 1_000), badFor: kafka },
  { name: 'a timestamp too old', record: timestamp((now) => now - 48 * hour), badFor: kafka },
  { name: 'a negative timestamp', record: timestamp(() => -5), badFor: kafka },
  { name: 'a timestamp with a fraction', record: timestamp((now) => now + 0.5), badFor: [] },
  { name: 'a header with an empty name', record: headers([{ name: '', value: null }]), badFor: [] },
  {
    name: 'a header with a strange name',
    record: headers([{ name: '\u0000 \ud83d\ude00\n', value: bytes('v') }]),
    badFor: [],
  },
  { name: 'a header without a name', record: headers([{ value: null }]), badFor: logs },
  { name: 'a header with a text as its value', record: headers([{ name: 'h', value: 'text' }]), badFor: logs },
  { name: 'headers that are none', record: headers('none'), badFor: logs },
]

/** Good, poison, good, poison ... good. */
export const lastGood = 2 * poisons.length

export const goodOf = (at: number): string => `good ${at}`

export function poisonJob(
  name: string,
  sink: TransactionalSink<unknown>,
  policy: 'skip' | 'fail' | TransactionalSink<DeadLetter>,
  only: readonly Poison[] = poisons,
): Job {
  const now = Date.now()
  const numbers = Array.from({ length: 2 * only.length + 1 }, (_, at) => at)
  const poisonAt = (at: number): Poison | undefined => (at % 2 === 1 ? only[(at - 1) / 2] : undefined)
  return defineJob(
    name,
    ({ from }) =>
      from(memorySource({ partitions: [numbers], timestamp: () => now, key: () => 'key' })).pipe(
        map((at) => {
          const poison = poisonAt(at)
          if (poison !== undefined && 'throws' in poison) throw poison.throws
          return at
        }),
        operate<number, unknown>('poison', (out) => ({
          record: (record) =>
            out.next({ ...record, value: goodOf(record.value), ...poisonAt(record.value)?.record?.(now) }),
        })),
        to(sink),
      ),
    { onError: typeof policy === 'string' ? policy : deadLetter(policy) },
  )
}
