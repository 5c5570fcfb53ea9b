/** When windows give their results: at counts, and early, by the clock. */
import { describe, expect, it } from 'vitest'
import { type StreamElement, watermark } from '../../../src/element.ts'
import {
  early,
  globalWindow,
  keyBy,
  onCount,
  session,
  sliding,
  tumbling,
  type Windowed,
  type WindowedSessions,
  window,
} from '../../../src/index.ts'
import { streamRecord } from '../../../src/record.ts'
import { player, type Said } from './player.ts'

/** Keys are the first letters; a result has all of its window. */
function played(windows: Windowed<unknown> | WindowedSessions<unknown>) {
  const playing = player<string, string>(() => {
    const operator = windows.reduce<string, string>((a, b) => a + b, { id: 'w' })
    return {
      operator: (input) =>
        input.pipe(
          keyBy((value) => value[0] ?? ''),
          operator,
        ),
    }
  })
  const values = (said: readonly Said<string, string>[]): readonly string[] =>
    said.flatMap(({ element }) => (element.kind === 'record' ? [element.value] : []))
  const play = (element: StreamElement<string>): readonly string[] => values(playing.play(element))
  return {
    at: (timestamp: number, value: string) =>
      play(streamRecord(value, timestamp, null, [], { topic: 't', partition: 0 }, 0)),
    mark: (timestamp: number) => play(watermark(timestamp)),
    pass: (ms: number) => values(playing.pass(ms)),
    /** From where it is, though only so many ms later; until then the old one lives on. */
    restart(ms: number) {
      const snapshot = playing.checkpoint()
      const until = values(playing.pass(ms))
      playing.restart(snapshot())
      return until
    },
  }
}

describe('onCount', () => {
  it('gives a window at each n-th record, with all that it has, and not at its end', () => {
    const { at, mark } = played(window(tumbling(10), { trigger: onCount(2) }))
    const given = ['a', 'a', 'a', 'a', 'a'].map((value, time) => at(time, value))
    expect(given).toEqual([[], ['aa'], [], ['aaaa'], []])
    expect(mark(9)).toEqual([])
  })

  it('lets the window begin anew if it purges', () => {
    const { at, mark } = played(window(tumbling(10), { trigger: onCount(2, { purge: true }) }))
    expect([at(0, 'a1'), at(1, 'a2'), at(2, 'a3'), at(11, 'a4'), at(3, 'a5')]).toEqual([
      ...[[], ['a1a2'], [], []],
      ['a3a5'],
    ])
    expect(mark(99)).toEqual([])
  })

  it('purges the global window, unless it is told not to', () => {
    const purged = played(window(globalWindow(), { trigger: onCount(2) }))
    expect([purged.at(0, 'a'), purged.at(0, 'a'), purged.at(0, 'a'), purged.at(0, 'a')]).toEqual([
      ...[[], ['aa']],
      ...[[], ['aa']],
    ])
    const kept = played(window(globalWindow(), { trigger: onCount(2, { purge: false }) }))
    expect([kept.at(0, 'a'), kept.at(0, 'a'), kept.at(0, 'a'), kept.at(0, 'a')]).toEqual([[], ['aa'], [], ['aaaa']])
  })

  it('counts each key by itself', () => {
    const { at } = played(window(globalWindow(), { trigger: onCount(2) }))
    expect([at(0, 'a'), at(0, 'b'), at(0, 'b'), at(0, 'a')]).toEqual([[], [], ['bb'], ['aa']])
  })

  it('adds the counts of sessions that merge, and a session that was purged keeps its place in time', () => {
    const merged = played(window(session(10), { trigger: onCount(3) }))
    expect([merged.at(0, 'a1'), merged.at(15, 'a2'), merged.at(8, 'a3')]).toEqual([[], [], ['a1a2a3']])
    const purged = played(window(session(10), { trigger: onCount(2, { purge: true }) }))
    expect([purged.at(0, 'a1'), purged.at(5, 'a2'), purged.at(14, 'a3'), purged.mark(9)]).toEqual([
      ...[[], ['a1a2']],
      ...[[], []],
    ])
    // Touches [0, 24) only because the first two still count for where it begins.
    expect(purged.at(-9, 'a4')).toEqual(['a3a4'])
  })

  it('lets sessions merge that have nothing but their place in time', () => {
    for (const times of [
      [0, 0, 15],
      [15, 15, 0],
    ]) {
      const { at } = played(window(session(10), { trigger: onCount(2, { purge: true }) }))
      expect(times.map((time, n) => at(time, `a${n}`))).toEqual([[], ['a0a1'], []])
      expect(at(8, 'a3')).toEqual(['a2a3'])
    }
  })

  it('does not fire at once what comes late', () => {
    const { at, mark } = played(window(tumbling(10), { trigger: onCount(2), allowedLateness: 10 }))
    expect([at(1, 'a'), mark(9), at(2, 'a'), at(3, 'a'), mark(18), at(3, 'a'), mark(19), at(4, 'a')]).toEqual([
      ...[[], [], ['aa'], [], [], ['aaaa']],
      ...[[], []],
    ])
  })
})

describe('early', () => {
  it('gives what there is n ms after the first record that was not given yet, and nothing while there is none', () => {
    const { at, pass } = played(window(tumbling(10), { trigger: early(100) }))
    expect([at(1, 'a'), pass(60), at(2, 'a'), pass(39), pass(1), pass(500)]).toEqual([
      ...[[], [], [], []],
      ...[['aa'], []],
    ])
    expect([at(3, 'a'), pass(99), pass(1)]).toEqual([[], [], ['aaa']])
  })

  it('gives each window by itself, the earlier one first', () => {
    const { at, pass } = played(window(sliding(10, 5), { trigger: early(100) }))
    expect([at(7, 'a'), pass(50), at(12, 'a'), pass(50), pass(50)]).toEqual([[], [], [], ['a', 'aa'], ['a']])
  })

  it('gives it at the watermark too, and then has nothing more to say', () => {
    const { at, mark, pass } = played(window(tumbling(10), { trigger: early(100), allowedLateness: 1_000 }))
    expect([at(1, 'a'), pass(50), mark(9), pass(500)]).toEqual([[], [], ['a'], []])
  })

  it('gives it at the watermark though nothing has changed: that is its last word', () => {
    const { at, mark, pass } = played(window(tumbling(10), { trigger: early(100) }))
    expect([at(1, 'a'), pass(100), mark(9)]).toEqual([[], ['a'], ['a']])
  })

  it('gives late records at once', () => {
    const { at, mark, pass } = played(window(tumbling(10), { trigger: early(100), allowedLateness: 10 }))
    expect([at(1, 'a'), mark(9), at(2, 'a'), pass(500)]).toEqual([[], ['a'], ['aa'], []])
  })

  it.each([
    ['first', [0, 15]],
    ['last', [15, 0]],
  ])('gives sessions that merged at the earlier time of both, be it that of the %s one', (_, [one = 0, other = 0]) => {
    const { at, pass } = played(window(session(10), { trigger: early(100) }))
    expect([at(one, 'a'), pass(30), at(other, 'a'), pass(30), at(8, 'a')]).toEqual([[], [], [], [], []])
    expect([pass(39), pass(1), pass(500)]).toEqual([[], ['aaa'], []])
  })

  it('is as early after a restart, and gives at once what is overdue', () => {
    const { at, pass, restart } = played(window(tumbling(10), { trigger: early(100) }))
    expect([at(1, 'a'), pass(60), restart(0), pass(39), pass(1), pass(500)]).toEqual([
      ...[[], [], [], []],
      ...[['a'], []],
    ])
    expect([at(2, 'a'), restart(500), pass(0), pass(500)]).toEqual([[], ['aa'], ['aa'], []])
  })

  it('begins anew after a restart, if it had been early since the checkpoint before', () => {
    const { at, pass, restart } = played(window(tumbling(10), { trigger: early(100) }))
    expect([at(1, 'a'), restart(0), pass(100), restart(0), at(2, 'a'), pass(100)]).toEqual([
      ...[[], [], ['a'], []],
      ...[[], ['aa']],
    ])
  })
})
