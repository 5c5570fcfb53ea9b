/**
 * An async function where nothing waits for it, which JavaScript allows: refused at the first
 * record.
 */
import { map as rxMap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  aggregate,
  asOfJoin,
  connect,
  countDistinct,
  dedupe,
  defineJob,
  filter,
  flatMap,
  intervalJoin,
  keyBy,
  keyedProcess,
  lift,
  map,
  mapState,
  mapWithState,
  memorySink,
  memorySource,
  memoryStorage,
  merge,
  type Stream,
  scan,
  split,
  tap,
  to,
  topN,
  tumbling,
  window,
  windowJoin,
} from '../../src/index.ts'
import { operate } from '../../src/operators/engine/operate.ts'
import { withValue } from '../../src/record.ts'
import type { StreamOperator } from '../../src/stream.ts'
import { run, testServices } from '../../src/testing/index.ts'
import { failure, start } from '../job/running.ts'

const id = 'op'
/** As JavaScript has it: without types. */
const slow = (async () => 1) as never
const create = () => 0
const byLetter = keyBy((letter: string) => letter)
const keyed = (operator: unknown) => (letters: Stream<string>) =>
  letters.pipe(byLetter, operator as StreamOperator<string, string>)
const two = (join: (right: Stream<string, string>) => unknown) => (left: Stream<string>, right: Stream<string>) =>
  left.pipe(byLetter, join(right.pipe(byLetter)) as StreamOperator<string, string>)
const outside = { from: -9, to: 9 }

type Pipeline = (...inputs: Stream<string>[]) => Stream<unknown>
const mistakes: readonly (readonly [name: string, operator: string, pipeline: unknown, pictures: string[]])[] = [
  ['map', 'map', map(slow), ['Ra|']],
  ['filter', 'filter', filter(slow), ['Ra|']],
  ['flatMap', 'flatMap', flatMap(slow), ['Ra|']],
  ['tap', 'tap', tap(slow), ['Ra|']],
  ['keyBy', 'keyBy', keyBy(slow), ['Ra|']],
  ["lift of RxJS's map", 'lift', lift(rxMap(slow)), ['Ra|']],
  ['split', 'split', (letters: Stream<string>) => merge(...Object.values(split(letters, { upper: slow }))), ['Ra|']],
  ['scan', id, keyed(scan(slow, 0, { id })), ['Ra|']],
  ['scan without a seed', id, keyed(scan(slow, { id })), ['Raa|']],
  ['aggregate, in add', id, keyed(aggregate({ create, add: slow, result: String }, { id })), ['Ra|']],
  ['aggregate, in result', id, keyed(aggregate({ create, add: (n) => n, result: slow }, { id })), ['Ra|']],
  ['mapWithState', id, keyed(mapWithState(slow, 0, { id })), ['Ra|']],
  ['dedupe', id, keyed(dedupe(slow, 60_000, { id })), ['Ra|']],
  ['keyedProcess', id, keyed(keyedProcess({ onElement: slow }, { id })), ['Ra|']],
  ['reduce of a window', id, keyed(window(tumbling(5)).reduce(slow, { id })), ['Raa|']],
  [
    'aggregate of a window',
    id,
    keyed(window(tumbling(5)).aggregate({ create, add: slow, result: String }, { id })),
    ['Ra|'],
  ],
  ['process of a window', id, keyed(window(tumbling(5)).process(slow, { id })), ['Ra<watermark 9>|']],
  ['topN', id, keyed(topN(1, slow, { id })), ['Raa|']],
  ['countDistinct', id, keyed(countDistinct(slow, { id })), ['Ra|']],
  ['intervalJoin', id, two((right) => intervalJoin(right, outside, slow, { id })), ['Ra-|', 'R-a|']],
  [
    'windowJoin',
    id,
    two((right) => windowJoin(right, tumbling(5), slow, { id })),
    ['Ra<watermark 9>|', 'R-a<watermark 9>|'],
  ],
  ['asOfJoin', id, two((right) => asOfJoin(right, slow, { id })), ['Ra<watermark 9>|', 'R-<watermark 9>|']],
  [
    'connect',
    id,
    two((right) => connect(right, { broadcast: mapState(), onElement: () => [], onBroadcast: slow }, { id })),
    ['R-|', 'Ra|'],
  ],
]

describe('an async function ends the attempt, at the first record, whatever the policy for bad records:', () => {
  it.each(mistakes)('%s', (_, operator, pipeline, pictures) => {
    const services = testServices({ onError: 'skip' })
    const { error } = run(pipeline as Pipeline, pictures, { services })
    expect(error).toMatchObject({ code: 'ASYNC_FUNCTION', consequence: 'fatal', where: { operator } })
    expect((error as { hint: string }).hint).toContain('asyncMap')
    expect(services.skipped).toEqual([])
  })
})

it('a promise that an operator of the user emits is refused before the sink', async () => {
  const sink = memorySink<unknown>({ id: 'out' })
  const own = operate<string, unknown>('own', (out) => ({
    record: (record) => out.next(withValue(record, Promise.reject(new Error('unheard')))),
  }))
  const job = defineJob('own', ({ from }) => from(memorySource(['a'])).pipe(own, to(sink)))
  expect(await failure(start(job, { storage: memoryStorage() }))).toMatchObject({
    code: 'ASYNC_FUNCTION',
    where: { operator: 'out' },
  })
  expect(sink.committed).toEqual([])
})
