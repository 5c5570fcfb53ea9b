import type { CheckpointStorage } from '../../contracts/storage.ts'
import { keepsRules } from './rules.ts'
import { exclusiveRules, storageRules } from './storageRules.ts'

/**
 * Tests what a checkpoint storage promises: bytes come back as they were put, whole or not at all,
 * keys are listed and removed by name; if it says `exclusive`, a key is written once. All rules are
 * tried, and one error lists the broken ones. Needs no test runner.
 *
 *     it('behaves as a storage', () => behavesAsAStorage(async () => {
 *       const folder = await mkdtemp(join(tmpdir(), 'snapshots-'))
 *       return () => fileStorage(folder)
 *     }))
 *
 * @param make called for each rule; returns a function that opens one and the same new, empty
 *   storage, again and again
 * @throws CONTRACT_BROKEN a ContractError, if a rule does not hold
 */
export async function behavesAsAStorage(
  make: () => Promise<() => CheckpointStorage> | (() => CheckpointStorage),
): Promise<void> {
  const made = async () => make()
  const { place, exclusive = false } = (await made())()
  await keepsRules(`storage ${place}`, [...storageRules(made), ...(exclusive ? exclusiveRules(made) : [])])
}
