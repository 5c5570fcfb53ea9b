/** What a checkpoint has of windows, and what a job with other options makes of it. A frame is a millisecond of event time. */
import { describe, expect, it } from 'vitest'
import { restore } from '../../../src/element.ts'
import {
  type FixedWindows,
  type GlobalWindows,
  globalWindow,
  type KeyedOperator,
  keyBy,
  onCount,
  type SessionWindows,
  session,
  sliding,
  text,
  tumbling,
  type WindowOptions,
  type WindowStateOptions,
  window,
} from '../../../src/index.ts'
import { type StreamRecord, streamRecord } from '../../../src/record.ts'
import { states } from '../../../src/state/states.ts'
import { cold, run, type TestSnapshot, testServices } from '../../../src/testing/index.ts'
import { liveEntries } from './liveEntries.ts'

const L = streamRecord('l' as never, 3, null, [], { topic: 't', partition: 0 }, 0)

type Options = WindowOptions<string> & { readonly state?: Partial<WindowStateOptions<string>> }

function windowsOf(assigner: FixedWindows | SessionWindows | GlobalWindows, options: WindowOptions<string>) {
  if (assigner.kind === 'fixed') return window(assigner, options)
  return assigner.kind === 'session' ? window(assigner, options) : window(assigner, { trigger: onCount(2) })
}

function words(assigner: FixedWindows | SessionWindows | GlobalWindows, { state, ...options }: Options = {}) {
  return windowsOf(assigner, options).reduce<string, string>((a, b) => a + b, { id: 'w', ...state })
}

function lists(assigner: FixedWindows | SessionWindows | GlobalWindows, { state, ...options }: Options = {}) {
  return windowsOf(assigner, options).process<string, string, string>((all) => all.join(''), { id: 'w', ...state })
}

/** The letter b is a key of its own, all others are of one. X stands for aA, and L is an l that has the time 3. */
function play<R>(
  operator: KeyedOperator<string, string, R>,
  picture: string,
  restoreFrom?: TestSnapshot,
  values: Readonly<Record<string, StreamRecord<never>>> = {},
) {
  const keys = keyBy((letter: string) => (letter === 'b' ? 'b' : 'others'))
  const services = testServices({ restoreFrom })
  const out = run((input) => input.pipe(keys, operator), picture, {
    restoreFrom,
    services,
    values: { X: 'aA', L, ...values },
  })
  return { ...out, counted: services.late.length }
}

describe.each([
  ['reduce', words],
  ['process', lists],
])('a restored window (%s)', (_, make) => {
  it('continues with what it had at the barrier', () => {
    const before = play(make(tumbling(10)), 'R-a-1b----W|')
    expect(before.marbles).toBe('R---1-----(abW)|')
    const after = play(make(tumbling(10)), 'R-----A---W|', before.snapshot(1))
    expect(after.marbles).toBe('R---------(XW)|')
  })

  it('knows how far time had come', () => {
    const before = play(make(tumbling(10)), 'R-a------W1|')
    const after = play(make(tumbling(10)), 'R-a---------A------W|', before.snapshot(1))
    expect([after.marbles, after.counted]).toEqual(['R------------------(AW)|', 1])
  })

  it('merges with a session of before', () => {
    const before = play(make(session(5)), 'R-a----1|')
    const after = play(make(session(5)), 'R-----A---W|', before.snapshot(1))
    expect(after.marbles).toBe('R---------(XW)|')
  })

  it('may have grown before its first record, and grows on', () => {
    const before = play(make(session(5)), 'R-----aL1|')
    const after = play(make(session(5)), 'R---------A-----W2|', before.snapshot(1))
    expect(after.marbles).toBe('R---------------(<"alA">W)2|')
    expect(liveEntries(after.snapshot(2), 'w')['map:session accumulators']).toBe(undefined)
    expect(liveEntries(after.snapshot(2), 'w')['map:session lists']).toBe(undefined)
  })

  it('that is over leaves nothing behind', () => {
    for (const assigner of [tumbling(10), sliding(10, 5), session(3)]) {
      const { snapshot } = play(make(assigner), 'R-aAb1------<watermark 13>2-<watermark 99>3|')
      expect(Object.keys(liveEntries(snapshot(1), 'w')).length).toBeGreaterThan(1)
      const left = liveEntries(snapshot(3), 'w')
      expect(Object.keys(left).filter((table) => table !== 'value:arrivals')).toEqual([])
    }
  })
})

describe('sessions that merge after restarts', () => {
  function merged(make: typeof words): string {
    const first = play(make(session(4)), 'R-a-------c1|')
    const second = play(make(session(4)), 'R--d2|', first.snapshot(1))
    const third = play(make(session(4)), 'R-----e-------W|', second.snapshot(2))
    return third.elements.flatMap((element) => (element.kind === 'record' ? [element.value] : [])).join(' ')
  }

  it('keep all their records in the order in which they came', () => {
    expect(merged(lists)).toBe('acde')
  })

  it('reduce what the earlier and the later one have come to', () => {
    expect(merged(words)).toBe('adce')
  })
})

describe('a job that starts with other options', () => {
  it.each([
    ['reduce', words],
    ['process', lists],
  ])('lets windows of another size live on beside those of its own (%s)', (_, make) => {
    const before = play(make(tumbling(10)), 'R-a-b-1|')
    // [0, 20) is a window of its own while there is [0, 10), and after that.
    const between = play(make(tumbling(20)), 'R-c------Wd---2|', before.snapshot(1))
    expect(between.marbles).toBe('R--------(abW)2|')
    const after = play(make(tumbling(20)), 'R-e----------------W|', between.snapshot(2))
    expect(after.marbles).toBe('R------------------(<"cde">W)|')
  })

  it('goes by the new lateness, for windows of before too', () => {
    const before = play(words(tumbling(10), { allowedLateness: 5 }), 'R-a-------W1|').snapshot(1)
    const longer = play(words(tumbling(10), { allowedLateness: 9 }), 'R-A--------------WL-------WL2|', before)
    expect([longer.marbles, longer.counted]).toEqual(['R-X--------------W<"aAl">-W-2|', 1])
    const shorter = play(words(tumbling(10)), 'R-L-----------W2|', before)
    expect([shorter.marbles, shorter.counted]).toEqual(['R-------------W2|', 1])
    for (const { snapshot } of [longer, shorter]) expect(liveEntries(snapshot(2), 'w')).toEqual({})
  })

  it('fires windows of before as its own trigger says', () => {
    for (const allowedLateness of [0, 50]) {
      const counting = words(tumbling(10), { allowedLateness, trigger: onCount(9) })
      const before = play(counting, 'R-a-1|')
      const after = play(words(tumbling(10), { allowedLateness }), 'R--------W|', before.snapshot(1))
      expect(after.marbles).toBe('R--------(aW)|')
    }
  })

  it('has nothing to say of sessions that another trigger has emptied', () => {
    const before = play(words(session(5), { trigger: onCount(2, { purge: true }) }), 'R-aA1|')
    expect(before.marbles).toBe('R--X1|')
    expect(play(words(session(5)), 'R------------W|', before.snapshot(1)).marbles).toBe('R------------W|')
  })

  it('may have sliding windows instead of tumbling ones', () => {
    const before = play(words(tumbling(10)), 'R-a-1|')
    const after = play(words(sliding(10, 5)), 'R-A--W----W|', before.snapshot(1))
    expect(after.marbles).toBe('R----(AW)-(XW)|')
  })

  it('refuses windows of another kind, and accumulators if it keeps elements', () => {
    const blocks =
      play(words(tumbling(10)), 'R-a-1|')
        .snapshot(1)
        .entries.get('w') ?? []
    const unclaimed = { code: 'STATE_UNCLAIMED', where: { operator: 'w' } }
    for (const other of [words(session(10)), words(globalWindow()), lists(tumbling(10))]) {
      const backend = states()
      const services = { ...testServices(), opened: <W>() => backend as W }
      const keys = keyBy((letter: string) => letter)
      cold('R', { values: { R: restore(1, new Map(), services) } })
        .pipe(keys, other)
        .subscribe()
      const load = () => blocks.map((block) => backend.load('w', block))
      expect(load).toThrow(expect.objectContaining(unclaimed))
    }
  })

  it.each([
    ['accumulators', words],
    ['elements', lists],
  ])('makes new values of old ones: %s', (_, make) => {
    const capitals = {
      encode: (value: string) => Buffer.from(value),
      decode(bytes: Buffer | null) {
        const value = `${bytes}`
        if (value !== value.toUpperCase()) throw new RangeError('no capitals')
        return value
      },
      parse: (bytes: Buffer | null) => `${bytes}`,
    }
    const migrate = { 1: (old: string) => old.toUpperCase() }
    const before = play(make(tumbling(10), { state: { codec: text } }), 'R-a-1|')
    const after = make(tumbling(10), { state: { version: 2, migrate, codec: capitals } })
    expect(play(after, 'R-C------W|', before.snapshot(1)).marbles).toBe('R--------(<"AC">W)|')
  })

  it('makes nothing new of a session that has only its place in time', () => {
    const trigger = onCount(2, { purge: true })
    const migrate = { 1: (old: string) => old.toUpperCase() }
    const before = play(words(session(5), { trigger }), 'R-aA1|')
    const after = words(session(5), { trigger, state: { version: 2, migrate } })
    expect(play(after, 'R-a-a|', before.snapshot(1)).marbles).toBe('R---<"aa">|')
  })
})

describe('what is kept of a window', () => {
  it('goes through the codec of the state, and may be null', () => {
    const make = () =>
      window(tumbling(10)).aggregate<string, string | null, string, string>(
        {
          create: () => null,
          add: (all, letter) => (letter === 'c' ? null : `${all}${letter}`),
          result: (all) => `${all}`,
        },
        {
          id: 'w',
          codec: {
            encode: (value) => (value === null ? null : Buffer.from(`<${value}>`)),
            decode: (bytes) => (bytes === null ? null : bytes.toString().slice(1, -1)),
          },
        },
      )
    const none = play(make(), 'R-a-c-1|')
    const some = play(make(), 'R-a-2|', none.snapshot(1))
    expect(play(make(), 'R-d------W|', some.snapshot(2)).marbles).toBe('R--------(<"nullad">W)|')
  })

  it('is its place in time if a purge has left nothing else', () => {
    const make = () =>
      window(session(5), { trigger: onCount(2, { purge: true }) }).aggregate<string, string, string, string>(
        {
          create: () => '',
          add: (all, letter) => all + letter,
          merge: (a, b) => a + b,
          result: (all, { window: { start, end } }) => `${all} [${start}, ${end})`,
        },
        { id: 'w' },
      )
    const before = play(make(), 'R-aA1|')
    expect(before.elements).toContainEqual(expect.objectContaining({ value: 'aA [2, 8)' }))
    const after = play(make(), 'R------c-d|', before.snapshot(1))
    expect(after.elements).toContainEqual(expect.objectContaining({ value: 'cd [2, 14)' }))
  })

  it('is nothing if a count has purged it, but for a session', () => {
    for (const assigner of [globalWindow(), tumbling(10)]) {
      const purging = words(assigner, { trigger: onCount(2, { purge: true }) })
      const { snapshot } = play(purging, 'R-aA1|')
      const left = Object.keys(liveEntries(snapshot(1), 'w'))
      expect(left.filter((table) => table.endsWith('accumulators'))).toEqual([])
    }
  })

  it('has one timer, however often a session has grown, and two until the first fires if two have merged', () => {
    const grown = play(words(session(5)), 'R-aAaAaAaAaA1|')
    expect(liveEntries(grown.snapshot(1), 'w')).toMatchObject({ 'map:event-timers': 1, 'map:session accumulators': 1 })
    const merged = play(words(session(5)), 'R-a-----c1L2-------W3|')
    expect(merged.marbles).toBe('R--------1-2-------(<"acl">W)3|')
    const timers = [1, 2, 3].map((checkpoint) => liveEntries(merged.snapshot(checkpoint), 'w')['map:event-timers'])
    expect(timers).toEqual([2, 2, undefined])
  })

  it('is written if it has changed: a record is one entry more, however many its window has', () => {
    const { snapshot } = play(lists(tumbling(100_000)), `R${'a'.repeat(5_000)}1c2|`)
    expectFew(snapshot)
  })

  it.each([
    ['the earlier', `Rc${'-'.repeat(20)}${'a'.repeat(5_000)}1L2|`],
    ['the later', `R${'a'.repeat(5_000)}${'-'.repeat(20)}c1M2|`],
  ])('is written where it has changed: sessions merge into the one that has more, where %s has less', (_, input) => {
    const operator = lists(session(15))
    const M = streamRecord('m' as never, 5_010, null, [], { topic: 't', partition: 0 }, 0)
    const { snapshot, elements } = play(operator, input, undefined, {
      L: streamRecord('l' as never, 11, null, [], L.split, 0),
      M,
    })
    expectFew(snapshot)
    expect(elements.length).toBe(3)
    expect(liveEntries(snapshot(2), 'w')).toMatchObject({ 'map:elements': 5_002, 'map:session lists': 1 })
  })
})

/** Beside what has changed before the second snapshot, a fifth of the others goes along in their round. */
function expectFew(snapshot: (checkpoint: number) => TestSnapshot): void {
  const [before = 0, after = 0] = [1, 2].map((checkpoint) => {
    const blocks = snapshot(checkpoint).entries.get('w') ?? []
    return blocks.filter(({ table }) => table === 'map:elements').reduce((sum, { bytes }) => sum + bytes.length, 0)
  })
  expect(after).toBeGreaterThan(before)
  expect(after).toBeLessThan(before * 1.25)
}
