/**
 * Sessions are what they are without a crash, and so are the clicks that come too late. What is late depends on the order in which clicks are
 * read: in one partition that is the order of their offsets, so there is one right output; in two, what holds is that no click is lost or doubled.
 */
import fc from 'fast-check'
import { type CrashEnds, crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { type Click, sessions, type Visit } from '../../examples/sessions.ts'
import { differences, pagesOf, same } from './judging.ts'

const minute = 60_000

/** Each of its own page, so that it can be told from all others. `at`: minutes of event time. */
const clicks: readonly Click[] = (
  [
    ['ada', 0],
    ['bob', 5],
    ['ada', 30.1],
    ['ada', 29.99],
    ['bob', 34],
    ['ada', 65],
    ['bob', 12],
    ['ada', 30],
    ['bob', 66],
    ['ada', 100],
    ['bob', 40],
    ['ada', 110],
  ] as const
).map(([user, at], number) => ({ user, page: `${number}`, at: at * minute }))

const steps = fc.array(fc.record({ user: fc.constantFrom('a', 'b'), step: fc.integer({ min: -20, max: 35 }) }), {
  minLength: 4,
  maxLength: 12,
})

/** Forwards by minutes, and back by seconds, which is in time, or by minutes, which may not be. */
function walk(steps: readonly { readonly user: string; readonly step: number }[]): readonly Click[] {
  let now = 0
  return steps.map(({ user, step }, number) => {
    now += Math.max(0, step) * minute
    const back = step >= 0 ? 0 : step > -10 ? step * 1_000 : step * minute
    return { user, page: `${number}`, at: now + back }
  })
}

const job = ({ source, sink }: CrashEnds<{ clicks: Click }, { visits: Visit; late: Click }>) =>
  sessions(source('clicks'), sink('visits'), sink('late'))

describe('sessions with late clicks, crashed at every step,', { timeout: 240_000 }, () => {
  it('are those of the undisturbed run, from one partition', async () => {
    // A checkpoint before each of the late ones: whether it is late is then known from the checkpoint alone.
    await crashTest(job, { input: { clicks }, checkpointEvery: 1 })
  })

  it('of which some are two that became one, and some clicks are late', async () => {
    await crashTest(job, {
      input: { clicks },
      only: 1,
      invariant({ visits, late }) {
        expect(visits.map(({ pages }) => pages.join(' '))).toEqual(['0 2 3', '1 4', '5', '8', '9 11'])
        expect(late.map(({ page }) => page)).toEqual(['6', '7', '10'])
      },
    })
  })

  it('lose and double no click, from two partitions, crashed again after the restart', async () => {
    await crashTest(job, {
      input: { clicks: { partitions: [clicks.slice(0, 6), clicks.slice(6)] } },
      crashes: 2,
      invariant({ visits, late }) {
        expect(
          differences(
            clicks.map(({ page }) => page),
            pagesOf(visits, late),
          ),
        ).toEqual(same)
      },
    })
  })

  it('are those of the undisturbed run, whatever the clicks', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer(), async (steps, seed) => {
        await crashTest(job, { input: { clicks: walk(steps) }, checkpointEvery: 1, seed })
      }),
      { numRuns: 3 },
    )
  })
})
