/**
 * Sessions are what they are without a crash, and so are the clicks that come too late. What is late depends on the order in which clicks are
 * read: in one partition that is the order of their offsets, so there is one right output; in two, what holds is that no click is lost or doubled.
 */
import fc from 'fast-check'
import { crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { type Click, sessions, type Visit } from '../../examples/sessions.ts'

const minute = 60_000

/** Each of its own page, so that it is told from all others. `minutes`: of event time, for one click after the other. */
const clicks = (user: string, minutes: readonly number[]): readonly Click[] =>
  minutes.map((at, number) => ({ user, page: `${user}${number}`, at: at * minute }))

const ada = clicks('a', [0, 20, 65, 64.9, 100, 30, 110])
const bob = clicks('b', [5, 34, 66, 12, 101, 40])
const alternately = ada.flatMap((click, at) => [click, ...bob.slice(at, at + 1)])

const inOrder = fc.array(fc.record({ user: fc.constantFrom('a', 'b'), step: fc.integer({ min: -20, max: 35 }) }), {
  minLength: 4,
  maxLength: 12,
})

/** Steps back of a few seconds and of many minutes, so that some come in time and some do not. */
function walk(steps: readonly { readonly user: string; readonly step: number }[]): readonly Click[] {
  let now = 0
  return steps.map(({ user, step }, number) => {
    now += step > 0 ? step * minute : 0
    return { user, page: `${number}`, at: step > -10 ? now : now + step * minute }
  })
}

const pagesOf = ({ visits, late }: { readonly visits: readonly Visit[]; readonly late: readonly Click[] }) =>
  [...visits.flatMap(({ pages }) => pages), ...late.map(({ page }) => page)].sort()

describe('sessions with late clicks, crashed at every step', () => {
  it('are those of the undisturbed run, from one partition', async () => {
    const { runs } = await crashTest(({ source, sink }) => sessions(source('clicks'), sink('visits'), sink('late')), {
      input: { clicks: alternately },
      invariant: undefined,
    })
    console.log(runs)
  }, 120_000)

  it('lose and double no click, from two partitions', async () => {
    await crashTest<{ clicks: Click }, { visits: Visit; late: Click }>(
      ({ source, sink }) => sessions(source('clicks'), sink('visits'), sink('late')),
      {
        input: { clicks: { partitions: [ada, bob] } },
        crashes: 2,
        invariant(output) {
          expect(pagesOf(output)).toEqual([...ada, ...bob].map(({ page }) => page).sort())
        },
      },
    )
  }, 120_000)

  it('whatever the clicks', async () => {
    await fc.assert(
      fc.asyncProperty(inOrder, fc.integer(), async (steps, seed) => {
        await crashTest(({ source, sink }) => sessions(source('clicks'), sink('visits'), sink('late')), {
          input: { clicks: walk(steps) },
          seed,
        })
      }),
      { numRuns: 3, seed: 1 },
    )
  }, 240_000)
})
