import fc from 'fast-check'
import { merge as together } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { asOfJoin } from '../../src/operators/asOfJoin.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import type { Stream } from '../../src/stream.ts'
import { run, testServices } from '../../src/testing/index.ts'
import { told } from './told.ts'
import { liveEntries } from './windows/liveEntries.ts'

type Letters = Stream<string>
const id = 'j'
/** Capital letters are keyed apart from small ones. */
const byCase = keyBy((letter: string) => letter < 'a')
const joined = (left: Letters, table: Letters) =>
  left.pipe(
    byCase,
    asOfJoin(table.pipe(byCase), (one, version) => `${one}${version ?? '?'}`, { id }),
  )

describe('asOfJoin', () => {
  it('joins each element with the version that was valid at its time, once the watermark is there', () => {
    const { elements } = run(joined, [
      'Ra---b---c--<watermark 13>|', //
      'R--x---y----<watermark 13>|',
    ])
    expect(told(elements)).toBe('a?@1 bx@5 cy@9 W13')
    expect(elements.find(({ kind }) => kind === 'record')).toMatchObject({
      ...{ key: false, headers: [], split: { topic: id, partition: 0 }, offset: -1 },
    })
  })

  it('does not depend on which stream is faster', () => {
    const { elements } = run(joined, [
      'R---------b-<watermark 11>|', //
      'Rx-y--------<watermark 11>|',
    ])
    expect(told(elements)).toBe('by@10 W11')
  })

  it('takes the version of the same time, the last of several', () => {
    expect(told(run(joined, ['R-a----<watermark 9>|', 'R-(xy)-<watermark 9>|']).elements)).toBe('ay@2 W9')
  })

  it('joins equal keys only', () => {
    const { elements } = run(joined, [
      'R--A-b-<watermark 9>|', //
      'Rx-----<watermark 9>|',
    ])
    expect(told(elements)).toBe('A?@3 bx@5 W9')
  })

  it('goes on after a restart with what waits and the versions, of which it keeps the last', () => {
    const before = run(joined, ['R---a-1----', 'Rx----1-y--'])
    const after = run(joined, ['R---b-<watermark 9>|', 'R-----<watermark 9>|'], { restoreFrom: before.snapshot(1) })
    expect(told(after.elements)).toBe('ax@4 bx@4 W9')
    const { snapshot } = run(joined, ['Ra--b-<watermark 9>-1|', 'Rx-y--<watermark 9>-1|'])
    expect(liveEntries(snapshot(1), id)).toEqual({ 'timed map:right': 1 })
  })

  it('fires all that waits at the end of the input', () => {
    expect(told(run(joined, ['R-a--W|', 'Rx---W|']).elements)).toMatch(/^ax@2/)
  })

  it('puts late elements out at the side, or counts them, and takes late versions', () => {
    const late = (left: Letters, table: Letters) => {
      const output = sideOutput<string>()
      const main = left.pipe(
        byCase,
        asOfJoin(table.pipe(byCase), (one, version = '?') => one + version, { id, left: { late: output } }),
      )
      return together(main, output.pipe(keyBy(() => 'late')))
    }
    const pictures = ['R<watermark 99>-a', 'R<watermark 99>x-']
    const { elements } = run(late, pictures)
    expect(elements.find((element) => element.kind === 'record')).toMatchObject({ value: 'a', key: 'late' })
    const services = testServices()
    const counted = run(joined, pictures, { services })
    expect([services.late, told(counted.elements)]).toEqual([[id], 'W99'])
  })

  it('has for each element the version of a plain look-up, however the streams go', () => {
    const moves = fc.array(fc.constantFrom('a', 'x', '-', 'A', 'X'), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(moves, fc.boolean(), (all, restarts) => {
        const end = `<watermark ${all.length + 9}>`
        const left = all.map((one) => (one === 'a' || one === 'A' ? one : '-')).join('')
        const table = all.map((one) => (one === 'x' || one === 'X' ? one : '-')).join('')
        const before = restarts ? run(joined, [`R${left}1`, `R${table}1`]) : null
        const { elements } =
          before === null
            ? run(joined, [`R${left}${end}|`, `R${table}${end}|`])
            : run(joined, [`R${end}|`, `R${end}|`], { restoreFrom: before.snapshot(1) })
        const expected = all.flatMap((one, at) => {
          if (one !== 'a' && one !== 'A') return []
          const table = one === 'a' ? 'x' : 'X'
          return [`${one}${all.slice(0, at).includes(table) ? table : '?'}@${at + 1}`]
        })
        const records = told(elements)
          .split(' ')
          .filter((word) => word.includes('@'))
        expect(records).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('ends the attempt where the function throws', () => {
    const throwing = (left: Letters, table: Letters) =>
      left.pipe(
        byCase,
        asOfJoin(
          table.pipe(byCase),
          () => {
            throw new RangeError('no')
          },
          { id },
        ),
      )
    expect(run(throwing, ['Ra-<watermark 9>|', 'R--<watermark 9>|']).error).toMatchObject({ code: 'OPERATOR_FAILED' })
  })
})
