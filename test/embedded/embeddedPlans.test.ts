import { describe, expect, it } from 'vitest'
import { embeddedSession } from '../../src/embedded/embeddedLedger.ts'
import { coreOf } from '../../src/embedded/embeddedLog.ts'
import { embeddedPlans } from '../../src/embedded/embeddedPlans.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'
import { entryOf, genesis, planOf, planStoreContract } from '../contracts/planStoreContract.ts'
import { openLog, temporaryLog } from './temporaryLog.ts'

const probe = () => undefined

planStoreContract('a plan in an embedded log', async () => {
  const log = await temporaryLog()
  return {
    plans: async () => embeddedPlans(coreOf(log), 'job'),
    session: async (shard) => embeddedSession(coreOf(log), { job: 'job', shard, probe }, 1_000),
  }
})

describe('a plan in an embedded log', () => {
  it('is seen by other processes, and by no other job', async () => {
    const log = await temporaryLog()
    await embeddedPlans(coreOf(log), 'job').write(planOf(1, 'a'), genesis())
    const other = coreOf(openLog(log.file))
    expect((await embeddedPlans(other, 'job').read())?.number).toBe(1)
    expect(await embeddedPlans(other, 'job-2').read()).toBeNull()
  })

  it('fences the shards whose entries it replaces, and no others', async () => {
    const core = coreOf(await temporaryLog())
    const sessions = [0, 1].map((shard) => embeddedSession(core, { job: 'job', shard, probe }, 1_000))
    await embeddedPlans(core, 'job').write(planOf(1, 'a'), genesis())
    for (const session of sessions) await session.fence()
    const only = { shards: [1], replace: () => new Map([[1, entryOf(1, 3, { plan: 2 })]]) }
    await embeddedPlans(core, 'job').write(planOf(2, 'a'), only)
    await sessions[0]?.commit(entryOf(0, 1), false)
    const error = await rejectionOf(sessions[1]?.commit(entryOf(1, 1), false) as Promise<void>)
    expect(error).toMatchObject({ code: 'LEDGER_OVERTAKEN', consequence: 'fenced' })
  })
})
