import { describe, expect, test } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import { fileStorage } from '../../src/checkpoint/fileStorage.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { storageLedger } from '../../src/checkpoint/storageLedger.ts'
import type { PlanContext, PlanStore } from '../../src/contracts/plan.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { genesis, type PlanGround, planOf, planStoreContract } from '../contracts/planStoreContract.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const context = { job: 'job' } as PlanContext
const plansIn = (storage: CheckpointStorage) => storageLedger(storage).plans?.(context) as Promise<PlanStore>

const ground = (storage: CheckpointStorage): PlanGround => ({
  plans: () => plansIn(storage),
  session: (shard) => storageLedger(storage).open({ job: 'job', shard, planned: true } as AttemptContext),
})

planStoreContract('a plan in memory', async () => ground(memoryStorage()))
planStoreContract('a plan in a folder', async () => ground(fileStorage(await temporaryFolder())))

describe('a plan in a storage', () => {
  test('is the only key that the first start of a job writes, so that no kill parts it from the entries', async () => {
    const storage = memoryStorage()
    await (await plansIn(storage)).write(planOf(1, 'a'), genesis())
    expect(await storage.list('')).toEqual(['job/plan/00000000000000000001'])
  })

  test('is kept with the one before', async () => {
    const storage = memoryStorage()
    const store = await plansIn(storage)
    for (let number = 1; number < 6; number++)
      await store.write(planOf(number, 'a'), number === 1 ? genesis() : undefined)
    expect(await storage.list('')).toEqual(['job/plan/00000000000000000004', 'job/plan/00000000000000000005'])
  })

  test('of a writer that slept until its number was free again does not count', async () => {
    const storage = memoryStorage()
    const [store, sleeper] = [await plansIn(storage), await plansIn({ ...storage, put: held })]
    let wake = () => {}
    async function held(key: string, bytes: Uint8Array): Promise<void> {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      await storage.put(key, bytes)
    }
    const late = sleeper.write(planOf(1, 'late'), genesis('late')).catch((error) => error)
    for (let number = 1; number < 6; number++)
      await store.write(planOf(number, 'a'), number === 1 ? genesis() : undefined)
    wake()
    expect(await late).toMatchObject({ code: 'PLAN_CHANGED' })
    expect((await store.read())?.number).toBe(5)
  })
})
