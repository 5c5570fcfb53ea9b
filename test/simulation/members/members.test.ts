/** A job in several processes keeps its promise, whatever happens to them: the first schedules. */
import { describe, expect, it } from 'vitest'
import { loadRxweft } from '../core/rxweft.ts'
import { runMembers } from './membersSchedule.ts'

const schedules = 8

describe('a job in several processes', { timeout: 900_000 }, () => {
  it(`counts each record once, and leaves no shard alone, in each of ${schedules} schedules`, async () => {
    const rxweft = await loadRxweft()
    for (let seed = 1; seed <= schedules; seed++) {
      const { problems } = await runMembers(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
    }
  })

  it('is the same again with the same seed', async () => {
    const rxweft = await loadRxweft()
    const [one, other] = [await runMembers(rxweft, 10, true), await runMembers(rxweft, 10, true)]
    expect(one.trace).toEqual(other.trace)
  })
})
