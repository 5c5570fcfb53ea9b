import { describe, expect, it } from 'vitest'
import { watermark } from '../../src/element.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyed, statefulRules } from '../../src/operators/keyed/keyed.ts'
import { merge } from '../../src/operators/merge.ts'
import { share } from '../../src/operators/share.ts'
import { type SideOutput, sideOutput } from '../../src/operators/sideOutput.ts'
import type { Stream } from '../../src/stream.ts'
import { cold, run } from '../../src/testing/index.ts'

type Letters = Stream<string>

/** Lets small letters pass, and puts large ones aside. */
function sorting(large: SideOutput<string>, id = 'sorting') {
  return (source: Letters): Letters =>
    source.pipe(
      keyBy((letter) => letter),
      keyed<string, string, string>(
        'sorting',
        { id },
        statefulRules,
        ({ out, side }) => {
          const aside = side(large)
          return { record: (record) => (record.value < 'a' ? aside(record) : out.next(record)) }
        },
        [large],
      ),
    )
}

/** What comes by the side output, while somebody listens to the main one. */
function sideOf(picture: string, values = {}) {
  return run(
    (source) => {
      const large = sideOutput<string>()
      sorting(large)(source).subscribe({ error: () => undefined })
      return large
    },
    picture,
    { values },
  )
}

describe('a side output', () => {
  it('has the records that the operator puts there, and all control elements', () => {
    const values = { V: watermark(7) }
    const side = sideOf('R-a-B-1-V-<idle>-C-2-|', values)
    expect(side.marbles).toBe('R---B-1-V-<idle>-C-2-|')
    expect(side.elements.find(({ kind }) => kind === 'barrier')).toMatchObject({ states: [{ operator: 'sorting' }] })
  })

  it('is in step with the main output: both have the same state in their barriers, which counts once', () => {
    const both = run((source) => {
      const large = sideOutput<string>()
      return merge(large, sorting(large)(source))
    }, 'R-a-B-1-c-|')
    expect(both.marbles).toBe('R-a-B-1-c-|')
  })

  it('is of one operator', () => {
    const twice = (source: Letters): Letters => {
      const large = sideOutput<string>()
      const shared = source.pipe(share())
      return merge(large, sorting(large, 'first')(shared), sorting(large, 'second')(shared))
    }
    expect(run(twice, 'R-a-|').error).toMatchObject({
      code: 'SIDE_OUTPUT_TAKEN',
      consequence: 'fatal',
      where: { operator: 'second' },
      message: expect.stringContaining('"first"'),
    })
  })

  it('may be that of the next attempt, when the first is over', () => {
    const large = sideOutput<string>()
    for (let attempt = 0; attempt < 2; attempt++) {
      const main = sorting(large)(cold('Ra'))
      const seen: string[] = []
      const listening = large.subscribe(({ kind }) => seen.push(kind))
      main.subscribe().unsubscribe()
      listening.unsubscribe()
      expect(seen).toEqual(['restore'])
    }
  })

  it('that nobody reads is an error: what is put there would be lost', () => {
    expect(run(sorting(sideOutput<string>()), 'R-A-|')).toMatchObject({
      marbles: '(R#)',
      error: { code: 'SIDE_OUTPUT_UNUSED', consequence: 'fatal', where: { operator: 'sorting' } },
    })
  })
})
